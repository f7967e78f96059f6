//! One secret behind many multiples, one proof for all (`spec/proofs.md#shares`, `spec/proofs.md#tokens`): after Chaum
//! and Pedersen 1992, over a combination whose coefficients hang on the whole statement.

use curve25519_dalek::Scalar;

use crate::batch::{Batch, Point, Verdict};
use crate::codec::{self, Bytes32};
use crate::labels::field;
use crate::transcript::Transcript;

/// Bytes of `P || Q || z`.
pub const PROOF: usize = 96;

/// What the inputs of the statement that `transcript` holds are combined with; the first is 1.
pub fn coefficients(transcript: &mut Transcript, inputs: usize) -> Vec<Scalar> {
    transcript.coefficients(field::COMBINATION, inputs)
}

/// The proof that the shares of that statement are `secret` times its inputs, whose `commitments` are `nonce` times `G`
/// and the combined inputs.
pub fn complete(
    mut transcript: Transcript,
    commitments: [Bytes32; 2],
    nonce: &Scalar,
    secret: &Scalar,
) -> [u8; PROOF] {
    transcript.append(field::COMMITMENTS, commitments.as_flattened());
    let response = nonce + transcript.challenge(field::CHALLENGE) * secret;
    let mut proof = [0; PROOF];
    proof[..64].copy_from_slice(commitments.as_flattened());
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
    let coefficients = coefficients(&mut transcript, inputs.len());
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
