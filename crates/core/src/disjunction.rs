//! The zero disjunction (`spec/proofs.md#zero-disjunction`): one of these branches encrypts only zeros.
//!
//! In every use the branches differ by known multiples of one ciphertext: once combined, branch `i` is
//! `D_i = Y - o_i*B` with offsets `o_i` and a base `B`. If branch `t` is the true one, `Y - o_t*B = Enc(0; r)`, so
//! `D_i = Enc(0; r) + (o_t - o_i)*B`. The prover therefore treats all branches alike, with random `e_i` and `k_i`:
//! `(U_i, V_i) = Enc(0; k_i) - e_i*(o_t - o_i)*B` and `z_i = k_i + e_i*r`; the `B` term vanishes for the true branch,
//! whose `e_t` is corrected once the challenge is known. This is the usual simulation, without a branch on `t`. Where
//! multiples of `B` are dear, the true branch and the false one are made first and then put in their places.

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE as G};
use curve25519_dalek::traits::MultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::batch::{Batch, Point};
use crate::codec::{Bytes32, Ciphertext, KeyTable, encode_doubled, scalar};
use crate::labels::field;
use crate::nonces::Nonces;
use crate::transcript::Transcript;

/// What the branches differ by multiples of.
pub enum Base<'a> {
    /// `(0, G)`.
    Generator,
    /// These multiples of these ciphertexts, added up; for two branches, one of which is false.
    Sum(&'a [Scalar], &'a [Ciphertext]),
}

/// Bytes of a proof with `branches` branches.
pub const fn proof_size(branches: usize) -> usize {
    128 * branches - 32
}

/// The combination coefficients of the statement, which `transcript` holds.
pub fn coefficients(transcript: &mut Transcript, ciphertexts: usize) -> Vec<Scalar> {
    transcript.coefficients(field::COMBINATION, ciphertexts)
}

/// Prove that branch `truth` (secret) encrypts zero with the combined `randomness`.
pub fn prove(
    transcript: &mut Transcript,
    key: &KeyTable,
    (base, offsets): (Base, &[Scalar]),
    truth: u16,
    randomness: &Scalar,
    nonces: &mut Nonces,
) -> Vec<u8> {
    let is_true = |i: usize| (i as u16).ct_eq(&truth);
    let mut challenges = nonces.scalars(offsets.len());
    let half_nonces = nonces.scalars(offsets.len());

    let mut true_offset = Scalar::ZERO;
    for (i, offset) in offsets.iter().enumerate() {
        true_offset.conditional_assign(offset, is_true(i));
    }
    let half_step = |i: usize| (challenges[i] * (true_offset - offsets[i])).div_by_2();
    let halves: Vec<RistrettoPoint> = match base {
        Base::Generator => (0..offsets.len())
            .flat_map(|i| {
                let fresh = key.zero(&half_nonces[i]);
                [fresh.0, fresh.1 - &half_step(i) * G]
            })
            .collect(),
        Base::Sum(multiples, ciphertexts) => {
            assert_eq!(offsets.len(), 2, "one false branch");
            let (mut nonce, mut false_nonce) = (half_nonces[0], half_nonces[1]);
            Scalar::conditional_swap(&mut nonce, &mut false_nonce, is_true(1));
            let step = half_step(0) + half_step(1); // the true branch's is zero
            let (mut first, mut second) =
                (key.zero(&nonce), simulate(key, &false_nonce, &step, multiples, ciphertexts));
            RistrettoPoint::conditional_swap(&mut first.0, &mut second.0, is_true(1));
            RistrettoPoint::conditional_swap(&mut first.1, &mut second.1, is_true(1));
            vec![first.0, first.1, second.0, second.1]
        }
    };
    let mut proof = encode_doubled(&halves);

    transcript.append(field::COMMITMENTS, &proof);
    let missing = transcript.challenge(field::CHALLENGE) - challenges.iter().sum::<Scalar>();
    for (i, challenge) in challenges.iter_mut().enumerate() {
        *challenge += Scalar::conditional_select(&Scalar::ZERO, &missing, is_true(i));
    }
    let sent = &challenges[..offsets.len() - 1];
    proof.extend(sent.iter().flat_map(|e| e.to_bytes()));
    let responses = half_nonces.iter().zip(challenges.iter()).map(|(k, e)| k + k + e * randomness);
    proof.extend(responses.flat_map(|z| z.to_bytes()));
    proof
}

/// `Enc(0; nonce) - step*B`, in constant time; `B` are these public multiples of these ciphertexts, added up.
fn simulate(
    key: &KeyTable,
    nonce: &Scalar,
    step: &Scalar,
    multiples: &[Scalar],
    ciphertexts: &[Ciphertext],
) -> Ciphertext {
    let scalars: Zeroizing<Vec<Scalar>> = Zeroizing::new(
        [*nonce].into_iter().chain(multiples.iter().map(|multiple| -(step * multiple))).collect(),
    );
    let first = ciphertexts.iter().map(|ciphertext| ciphertext.0);
    let second = ciphertexts.iter().map(|ciphertext| ciphertext.1);
    Ciphertext(
        RistrettoPoint::multiscalar_mul(&*scalars, [RISTRETTO_BASEPOINT_POINT].into_iter().chain(first)),
        RistrettoPoint::multiscalar_mul(&*scalars, [key.key.point].into_iter().chain(second)),
    )
}

/// A proof as read, its points with the batch, not yet verified.
pub struct Proof<'a> {
    commitment_bytes: &'a [u8],
    commitments: Vec<Point>,
    challenges: &'a [Bytes32],
    responses: &'a [Bytes32],
}

/// What the equations of a proof multiply the combined statement by: `Y` and `B`, each by component.
pub struct Multiples {
    pub statement: [Scalar; 2],
    pub base: [Scalar; 2],
}

impl<'a> Proof<'a> {
    /// `bytes` must be `proof_size(branches)` long.
    pub fn read(bytes: &'a [u8], branches: usize, batch: &mut Batch) -> Self {
        let (commitment_bytes, rest) = bytes.split_at(64 * branches);
        let (challenges, responses) = rest.as_chunks::<32>().0.split_at(branches - 1);
        Self { commitment_bytes, commitments: batch.points(commitment_bytes), challenges, responses }
    }

    /// Add the equations to the claim that is open, but for the statement's own points: the caller adds those, times
    /// the returned multiples and the coefficients.
    pub fn verify(
        &self,
        transcript: &mut Transcript,
        offsets: &[Scalar],
        batch: &mut Batch,
    ) -> Result<Multiples, &'static str> {
        transcript.append(field::COMMITMENTS, self.commitment_bytes);
        let mut rest = transcript.challenge(field::CHALLENGE);
        let zero = [Scalar::ZERO; 2];
        let mut multiples = Multiples { statement: zero, base: zero };
        for (i, offset) in offsets.iter().enumerate() {
            let challenge = if i + 1 < offsets.len() { scalar(&self.challenges[i])? } else { rest };
            rest -= challenge;
            let response = scalar(&self.responses[i])?;
            for component in 0..2 {
                let factor = batch.factor();
                let times = factor * challenge;
                multiples.statement[component] -= times;
                multiples.base[component] += times * offset;
                batch.add(-factor, self.commitments[2 * i + component]);
                match component {
                    0 => batch.add_generator(factor * response),
                    _ => batch.add_key(factor * response),
                }
            }
        }
        Ok(multiples)
    }
}
