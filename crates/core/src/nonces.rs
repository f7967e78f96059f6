//! Hedged randomness: everything a prover draws hangs on the caller's seed *and* on the secret and the statement,
//! so that a seed used twice by mistake does not give one nonce to two statements.

use curve25519_dalek::Scalar;
use shake::{Shake128Reader, XofReader};
use subtle::Choice;
use zeroize::{Zeroize, Zeroizing};

use crate::labels::nonces as label;
use crate::transcript::{Transcript, read_scalar};

pub type Seed = [u8; 32];

pub struct Nonces(Shake128Reader);

impl Nonces {
    /// `inputs` must determine the statement and the prover's secret.
    pub fn new(seed: &Seed, row: usize, purpose: &str, inputs: &[&[u8]]) -> Self {
        let mut transcript = Transcript::new(label::PROTOCOL);
        transcript.append(purpose, &[]);
        transcript.append(label::SEED, seed);
        transcript.append(label::ROW, &(row as u64).to_le_bytes());
        for input in inputs {
            transcript.append(label::INPUT, input);
        }
        Self(transcript.reader(label::PROTOCOL, 0))
    }

    pub fn scalar(&mut self) -> Scalar {
        read_scalar(&mut self.0)
    }

    pub fn scalars(&mut self, n: usize) -> Zeroizing<Vec<Scalar>> {
        Zeroizing::new((0..n).map(|_| self.scalar()).collect())
    }

    /// One fair bit.
    pub fn choice(&mut self) -> Choice {
        let mut byte = [0];
        self.0.read(&mut byte);
        let choice = Choice::from(byte[0] & 1);
        byte.zeroize();
        choice
    }
}
