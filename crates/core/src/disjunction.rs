//! The zero disjunction (`spec/proofs.md#zero-disjunction`): one of these branches encrypts only zeros.
//!
//! In every use the branches differ by known multiples of one ciphertext: once combined, branch `i` is
//! `D_i = Y - o_i*B` with offsets `o_i` and a base `B`. If branch `t` is the true one, `Y - o_t*B = Enc(0; r)`, so
//! `D_i = Enc(0; r) + (o_t - o_i)*B`. The prover therefore treats all branches alike, with random `e_i` and `k_i`:
//! `(U_i, V_i) = Enc(0; k_i) - e_i*(o_t - o_i)*B` and `z_i = k_i + e_i*r`; the `B` term vanishes for the true branch,
//! whose `e_t` is corrected once the challenge is known. This is the usual simulation, without a branch on `t`.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::batch::{Batch, Point};
use crate::codec::{Bytes32, KeyTable, encode_doubled, scalar};
use crate::labels::field;
use crate::nonces::Nonces;
use crate::transcript::Transcript;

/// Bytes of a proof with `branches` branches.
pub const fn proof_size(branches: usize) -> usize {
    128 * branches - 32
}

/// The combination coefficients of the statement, which `transcript` holds.
pub fn coefficients(transcript: &mut Transcript, ciphertexts: usize) -> Vec<Scalar> {
    transcript.coefficients(field::COMBINATION, ciphertexts)
}

/// Prove that branch `truth` (secret) encrypts zero with the combined `randomness`, where branches differ by multiples of
/// `(0, G)`.
pub fn prove(
    transcript: &mut Transcript,
    key: &KeyTable,
    offsets: &[Scalar],
    truth: u16,
    randomness: &Scalar,
    nonces: &mut Nonces,
) -> Vec<u8> {
    let drawn = Drawn::new(nonces, offsets.len(), truth);
    let mut true_offset = Scalar::ZERO;
    for (i, offset) in offsets.iter().enumerate() {
        true_offset.conditional_assign(offset, drawn.is_true(i));
    }
    let halves: Vec<RistrettoPoint> = (0..offsets.len())
        .flat_map(|i| {
            let fresh = key.zero(&drawn.half_nonces[i]);
            let half_step = (drawn.challenges[i] * (true_offset - offsets[i])).div_by_2();
            [fresh.0, fresh.1 - &half_step * G]
        })
        .collect();
    drawn.complete(transcript, encode_doubled(&halves), randomness)
}

/// What a prover draws for a proof; the true branch's challenge is not yet its own.
pub struct Drawn {
    truth: Zeroizing<u16>,
    pub challenges: Zeroizing<Vec<Scalar>>,
    /// Halves of nonces, because encodings are made of halves.
    pub half_nonces: Zeroizing<Vec<Scalar>>,
}

impl Drawn {
    pub fn new(nonces: &mut Nonces, branches: usize, truth: u16) -> Self {
        Self {
            truth: Zeroizing::new(truth),
            challenges: nonces.scalars(branches),
            half_nonces: nonces.scalars(branches),
        }
    }

    pub fn is_true(&self, branch: usize) -> Choice {
        (branch as u16).ct_eq(&*self.truth)
    }

    /// The proof that begins with these commitments.
    pub fn complete(
        mut self,
        transcript: &mut Transcript,
        commitments: Vec<u8>,
        randomness: &Scalar,
    ) -> Vec<u8> {
        let mut proof = commitments;
        transcript.append(field::COMMITMENTS, &proof);
        let missing = transcript.challenge(field::CHALLENGE) - self.challenges.iter().sum::<Scalar>();
        for i in 0..self.challenges.len() {
            let correction = Scalar::conditional_select(&Scalar::ZERO, &missing, self.is_true(i));
            self.challenges[i] += correction;
        }
        let sent = &self.challenges[..self.challenges.len() - 1];
        proof.extend(sent.iter().flat_map(|e| e.to_bytes()));
        let responses =
            self.half_nonces.iter().zip(self.challenges.iter()).map(|(k, e)| k + k + e * randomness);
        proof.extend(responses.flat_map(|z| z.to_bytes()));
        proof
    }
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
