//! One secret behind many multiples, one proof for all (`spec/proofs.md#shares`, `spec/proofs.md#tokens`): after Chaum
//! and Pedersen 1992, over a combination whose coefficients hang on the whole statement.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use zeroize::Zeroizing;

use crate::batch::{Batch, Point, Verdict};
use crate::codec::{self, encode_doubled};
use crate::labels::field;
use crate::nonces::Nonces;
use crate::transcript::Transcript;

/// Bytes of `P || Q || z`.
pub const PROOF: usize = 96;

/// Prove the statement that `transcript` holds: its shares are `secret` times these inputs. In constant time but for the
/// combination of the inputs, which are public.
pub fn prove(
    transcript: &mut Transcript,
    inputs: &[RistrettoPoint],
    secret: &Scalar,
    nonces: &mut Nonces,
) -> [u8; PROOF] {
    let coefficients = transcript.coefficients(field::COMBINATION, inputs.len());
    let combined = RistrettoPoint::vartime_multiscalar_mul(&coefficients, inputs);
    let nonce = Zeroizing::new(nonces.scalar());
    let half = Zeroizing::new(nonce.div_by_2());
    let commitments = encode_doubled(&[&*half * G, *half * combined]);
    transcript.append(field::COMMITMENTS, &commitments);
    let response = *nonce + transcript.challenge(field::CHALLENGE) * secret;
    let mut proof = [0; PROOF];
    proof[..64].copy_from_slice(&commitments);
    proof[64..].copy_from_slice(response.as_bytes());
    proof
}

/// Add the equations of a proof as a claim of `row`, which fails for `reason`; `proof` is 96 bytes.
pub fn claim(
    (row, batch, reason): (usize, &mut Batch, &'static str),
    mut transcript: Transcript,
    public: Point,
    (inputs, shares): (Vec<Point>, Vec<Point>),
    proof: &[u8],
) -> Verdict {
    let (commitments, response) = proof.split_at(64);
    let response = codec::scalar(response.first_chunk().expect("a proof"))?;
    let points = batch.points(commitments);
    let coefficients = transcript.coefficients(field::COMBINATION, inputs.len());
    transcript.append(field::COMMITMENTS, commitments);
    let challenge = transcript.challenge(field::CHALLENGE);
    batch.claim(row, reason);
    let (first, second) = (batch.factor(), batch.factor());
    batch.add_generator(first * response);
    batch.add(-first, points[0]);
    batch.add(-first * challenge, public);
    batch.add(-second, points[1]);
    let (times_input, times_share): (Scalar, Scalar) = (second * response, -second * challenge);
    for ((coefficient, input), share) in coefficients.iter().zip(inputs).zip(shares) {
        batch.add(coefficient * times_input, input);
        batch.add(coefficient * times_share, share);
    }
    Ok(())
}
