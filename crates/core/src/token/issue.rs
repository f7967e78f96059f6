//! Evaluating requests: a registrar's half of the tokens, as many side by side as there are lanes, in constant time.

use curve25519_dalek::Scalar;
use psephos_lanes::{Backend, LANES, Lanes, Multiple, Table, both};
use rayon::prelude::*;
use zeroize::Zeroizing;

use super::{NO_ELEMENT, Place, cut, statement, within};
use crate::codec::{self, Bytes32, IDENTITY_BYTES, encode_multiples, expect_rows, multiply_points, rows};
use crate::equality::{self, PROOF};
use crate::error::Result;
use crate::labels::nonces as label;
use crate::nonces::{Nonces, Seed};
use crate::transcript::Transcript;

/// `BlindEvaluate` for many requests: request `i` are the next `counts[i]` elements, evaluated with row `i` of `secrets`.
/// All evaluated elements, and one proof for each request.
pub fn evaluate(
    election: &Bytes32,
    places: &[Place],
    counts: &[u32],
    secrets: &[u8],
    blinded: &[u8],
    seed: &Seed,
) -> Result<(Vec<u8>, Vec<u8>)> {
    expect_rows("secrets", secrets, places.len(), 32)?;
    let secrets = codec::proper_scalars("secrets", secrets)?;
    let requests = cut("blinded", blinded, places, counts)?;
    for (request, blinded) in requests.iter().enumerate() {
        require_proper(blinded).map_err(|why| within(request, why))?;
    }
    let numbers =
        (0..counts.len()).flat_map(|request| std::iter::repeat_n(request, counts[request] as usize));
    let mut each = Zeroizing::new(Vec::with_capacity(blinded.len() / 32)); // grown, it would leave copies behind
    each.extend(numbers.clone().map(|request| secrets[request]));
    let evaluated = multiply_points(rows::<32>("blinded", blinded)?, &each)
        .map_err(|row| within(numbers.clone().nth(row).expect("a row"), codec::BAD_POINT))?;
    let evaluated = evaluated.into_flattened();
    let answers = requests.into_iter().zip(cut("evaluated", &evaluated, places, counts)?).collect();
    let publics = encode_multiples(&secrets);
    let publics = publics.as_chunks::<32>().0;
    let proofs = Issuer { election, places, secrets: &secrets, publics, answers, seed }.prove_all();
    Ok((evaluated, proofs.concat()))
}

/// At least one element, and none the identity; that they are points is seen when they are multiplied.
fn require_proper(elements: &[u8]) -> std::result::Result<(), &'static str> {
    match elements.as_chunks::<32>().0 {
        [] => Err(NO_ELEMENT),
        // Of several faults the first counts.
        rows if rows.contains(&IDENTITY_BYTES) => {
            rows.iter().try_for_each(|row| codec::proper_point(row).map(drop))
        }
        _ => Ok(()),
    }
}

struct Issuer<'a> {
    election: &'a Bytes32,
    places: &'a [Place],
    secrets: &'a [Scalar],
    publics: &'a [Bytes32],
    /// Of each request the elements, and what they were evaluated to.
    answers: Vec<(&'a [u8], &'a [u8])>,
    seed: &'a Seed,
}

impl Issuer<'_> {
    /// Requests of alike sizes are answered side by side.
    fn prove_all(&self) -> Vec<[u8; PROOF]> {
        let mut requests: Vec<usize> = (0..self.answers.len()).collect();
        requests.sort_by_key(|request| self.answers[*request].0.len());
        let prove = |requests: &[usize]| {
            let elements = requests.iter().map(|request| self.answers[*request].0.len() / 32).sum();
            both("a token's proof", elements, |backend| self.prove(backend, requests))
        };
        let proofs: Vec<_> = requests.par_chunks(LANES).flat_map_iter(prove).collect();
        let mut ordered = vec![[0; PROOF]; requests.len()];
        requests.iter().zip(proofs).for_each(|(request, proof)| ordered[*request] = proof);
        ordered
    }

    /// One proof for each of at most [`LANES`] requests.
    fn prove(&self, backend: Backend, requests: &[usize]) -> Vec<[u8; PROOF]> {
        let mut started: Vec<Started> = requests.iter().map(|request| self.start(*request)).collect();
        let elements: Vec<&[Bytes32]> =
            requests.iter().map(|request| self.answers[*request].0.as_chunks::<32>().0).collect();
        let combinations: Vec<Vec<Scalar>> = started
            .iter_mut()
            .zip(&elements)
            .map(|(started, elements)| equality::coefficients(&mut started.transcript, elements.len()))
            .collect();
        let halves: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(started.iter().map(|started| started.nonce.div_by_2()).collect());
        let combined = combine(backend, &elements, &combinations, &halves);
        let fixed = Lanes::sum(backend, &[], &[(Table::generator(), &halves)]);
        let commitments = Lanes::encode_doubled(&[fixed, combined]);
        let complete = |(row, started): (usize, Started)| {
            let commitments = [commitments[0][row], commitments[1][row]];
            equality::complete(started.transcript, commitments, &started.nonce, &self.secrets[requests[row]])
        };
        started.into_iter().enumerate().map(complete).collect()
    }

    fn start(&self, request: usize) -> Started {
        let ((blinded, evaluated), place) = (self.answers[request], &self.places[request]);
        let hedge: [&[u8]; 5] =
            [self.election, &place.encode(), self.secrets[request].as_bytes(), blinded, evaluated];
        let nonce = Zeroizing::new(Nonces::new(self.seed, 0, label::EVALUATE, &hedge).scalar());
        let public = self.publics[request];
        Started { transcript: statement(self.election, place, &public, blinded, evaluated), nonce }
    }
}

/// A proof whose commitments are still to be made.
struct Started {
    transcript: Transcript,
    nonce: Zeroizing<Scalar>,
}

/// In each row `factor` times its points times their coefficients; rows have as many of both, but not all alike.
fn combine(
    backend: Backend,
    points: &[&[Bytes32]],
    coefficients: &[Vec<Scalar>],
    factors: &[Scalar],
) -> Lanes {
    let columns = 0..points.iter().map(|points| points.len()).max().unwrap_or(0);
    let encodings: Vec<Vec<Bytes32>> = columns
        .clone()
        .map(|column| points.iter().map(|row| *row.get(column).unwrap_or(&IDENTITY_BYTES)).collect())
        .collect();
    let scalars: Vec<Vec<Scalar>> = columns
        .map(|column| coefficients.iter().map(|row| *row.get(column).unwrap_or(&Scalar::ZERO)).collect())
        .collect();
    let encodings: Vec<&[Bytes32]> = encodings.iter().map(Vec::as_slice).collect();
    let (lanes, bad) = Lanes::read(backend, &encodings);
    assert!(bad.is_empty(), "points, for they have been multiplied");
    let multiples: Vec<Multiple<Lanes>> =
        lanes.iter().zip(&scalars).map(|(points, scalars)| (points, &scalars[..])).collect();
    Lanes::multiply_combination(backend, &multiples, factors, &[])
}
