//! The transcript (`spec/encoding.md#transcript`): one running SHAKE128 over labelled, length-prefixed fields.
//!
//! Each use has a protocol name of its own (`spec/proofs.md#labels`). The module that defines a statement starts its transcript
//! and appends the *whole* statement to it. `disjunction` and `equality`, which prove and check,
//! are given that transcript, add the commitments and take the challenge, and never start one. So prover and verifier
//! make one and the same transcript, in one function per statement, and no proof holds for another statement.
//!
//! `squeeze` reads from a copy: what was read changes the state only by its label and its length.

use curve25519_dalek::Scalar;
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};
use zeroize::Zeroize;

use crate::labels::field;

#[derive(Clone)]
pub struct Transcript(Shake128);

impl Transcript {
    pub fn new(protocol: &str) -> Self {
        let mut transcript = Self(Shake128::default());
        transcript.append(field::START, protocol.as_bytes());
        transcript
    }

    /// Absorb `field(label, data)`.
    pub fn append(&mut self, label: &str, data: &[u8]) -> &mut Self {
        self.append_joined(label, &[data])
    }

    /// Absorb one field whose data is `parts` joined.
    pub fn append_joined(&mut self, label: &str, parts: &[&[u8]]) -> &mut Self {
        debug_assert!((1..256).contains(&label.len()) && label.is_ascii());
        self.0.update(&[label.len() as u8]);
        self.0.update(label.as_bytes());
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.0.update(&(length as u64).to_le_bytes());
        for part in parts {
            self.0.update(part);
        }
        self
    }

    /// A stream of bytes from a copy of the state, as `squeeze` of `n` bytes would start.
    pub fn reader(&mut self, label: &str, n: usize) -> Shake128Reader {
        self.append(label, &(n as u64).to_le_bytes());
        self.0.clone().finalize_xof()
    }

    pub fn squeeze(&mut self, label: &str, out: &mut [u8]) {
        self.reader(label, out.len()).read(out);
    }

    /// 64 bytes, little-endian, modulo the group's order.
    pub fn challenge(&mut self, label: &str) -> Scalar {
        read_scalar(&mut self.reader(label, 64))
    }

    /// `n` combination coefficients: 1, then 128-bit integers; none if `n` is 0.
    pub fn coefficients(&mut self, label: &str, n: usize) -> Vec<Scalar> {
        let mut all = vec![Scalar::ONE; n];
        if n > 1 {
            let mut reader = self.reader(label, 16 * (n - 1));
            for coefficient in &mut all[1..] {
                let mut bytes = [0; 16];
                reader.read(&mut bytes);
                *coefficient = Scalar::from(u128::from_le_bytes(bytes));
            }
        }
        all
    }

    /// The 32 bytes of `hash(protocol, fields..)`, the fields having been appended.
    pub fn hash(mut self) -> [u8; 32] {
        let mut out = [0; 32];
        self.squeeze(field::HASH, &mut out);
        out
    }
}

/// The next 64 bytes of a stream as a scalar.
pub fn read_scalar(reader: &mut Shake128Reader) -> Scalar {
    let mut wide = [0; 64];
    reader.read(&mut wide);
    let scalar = Scalar::from_bytes_mod_order_wide(&wide);
    wide.zeroize();
    scalar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squeezing_reads_from_a_copy_and_absorbs_the_request() {
        let mut transcript = Transcript::new("test");
        let (mut first, mut second) = ([0; 32], [0; 32]);
        transcript.squeeze("x", &mut first);
        transcript.squeeze("x", &mut second);
        assert_ne!(first, second);
        let mut by_hand = Shake128::default();
        by_hand.update(b"\x09psephos/1\x04\0\0\0\0\0\0\0test");
        by_hand.update(b"\x01x\x08\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0");
        let mut expected = [0; 32];
        by_hand.finalize_xof().read(&mut expected);
        assert_eq!(first, expected);
    }

    #[test]
    fn field_boundaries_count() {
        let hash = |parts: [&[u8]; 2]| {
            let mut transcript = Transcript::new("test");
            transcript.append("a", parts[0]).append("b", parts[1]);
            transcript.hash()
        };
        assert_ne!(hash([b"xy", b"z"]), hash([b"x", b"yz"]));
    }

    #[test]
    fn a_single_coefficient_is_one_and_squeezes_nothing() {
        let mut transcript = Transcript::new("test");
        let untouched = transcript.clone().hash();
        assert_eq!(transcript.coefficients("combination", 1), [Scalar::ONE]);
        assert_eq!(transcript.hash(), untouched);
    }
}
