//! Admission of a card by a registrar (`spec/proofs.md#admission`): its token, encrypted with the weight of its record,
//! and a proof that the two fit.
//!
//! The registrar's half of the statement, `Q`, comes from its secrets, and with it challenge and equations: all of that
//! takes the same time whatever the values. That the weight is a bit is not shown here, but by the record's own proof.

mod check;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::card::RECORD;
use crate::codec::{self, Bytes32, Ciphertext, Key, KeyTable, encode_doubled, expect_rows, rows};
use crate::error::{Result, require};
use crate::labels::{field, nonces as label, protocol};
use crate::nonces::{Nonces, Seed};
use crate::token::card_element;
use crate::transcript::Transcript;
pub use check::check;

/// `F || E`.
pub const SHOWN: usize = 96;
/// `A_1 || .. || A_5 || s_w || s_z || s_r || s_rho`.
pub const PROOF: usize = 288;
const REASON: &str = "admission proof does not hold";

/// Where a card is admitted; `registrar` counts from 1.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub region: u16,
    pub registrar: u8,
}

impl Place {
    fn encode(&self) -> [u8; 3] {
        let [low, high] = self.region.to_le_bytes();
        [low, high, self.registrar]
    }
}

/// What all admissions of one call have in common.
struct Common<'a> {
    election: &'a Bytes32,
    place: Place,
    key: &'a Bytes32,
    /// `V || D`.
    publics: [u8; 64],
}

impl Common<'_> {
    /// `tqf` are the encodings of `T`, `F` and `Q`.
    fn statement(&self, record: &[u8; RECORD], encrypted: &[u8], [t, f, q]: [&[u8]; 3]) -> Transcript {
        let mut transcript = Transcript::new(protocol::ADMISSION);
        transcript
            .append(field::ELECTION, self.election)
            .append(field::POSITION, &self.place.encode())
            .append(field::CARD, &record[..32])
            .append(field::KEY, self.key)
            .append(field::PUBLIC, &self.publics)
            .append_joined(field::CIPHERTEXTS, &[&record[32..96], encrypted])
            .append_joined(field::POINTS, &[t, f, q]);
        transcript
    }
}

/// What a device knows of a card: its weight, the randomness of its ciphertext, its token.
struct Secrets {
    weight: u8,
    randomness: Scalar,
    token: RistrettoPoint,
}

/// For each record, whose `weights` and `randomness` [`crate::card::make`] took and gave, and whose `tokens` the registrar
/// with the keys `publics` (`V || D`) gave: rows `F || E`, and rows of proofs.
#[allow(clippy::too_many_arguments)]
pub fn make(
    election: &Bytes32,
    place: Place,
    key: &Bytes32,
    publics: &[u8; 64],
    records: &[u8],
    weights: &[u8],
    randomness: &[u8],
    tokens: &[u8],
    seed: &Seed,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let table = Key::read("key", key)?.table();
    let keys = codec::proper_points("publics", publics)?;
    let records = rows::<RECORD>("records", records)?;
    let bits = weights.iter().fold(0, |all, weight| all | weight);
    require(weights.len() == records.len(), || "weights: expected one per record".into())?;
    require(bits <= 1, || "weights: each must be 0 or 1".into())?;
    for (name, bytes) in [("randomness", randomness), ("tokens", tokens)] {
        expect_rows(name, bytes, records.len(), 32)?;
    }
    let randomness = codec::scalars("randomness", randomness)?;
    let tokens = Zeroizing::new(codec::proper_points("tokens", tokens)?);
    let common = Common { election, place, key, publics: *publics };
    let prover = Prover { common, table: &table, difference: keys[0] - keys[1] };
    let make = |row: usize| {
        let secrets = Secrets { weight: weights[row], randomness: randomness[row], token: tokens[row] };
        prover.make(&records[row], &secrets, (seed, row))
    };
    let made: Vec<_> = (0..records.len()).into_par_iter().map(make).collect();
    let shown = made.iter().flat_map(|(shown, _)| shown).copied().collect();
    Ok((shown, made.iter().flat_map(|(_, proof)| proof).copied().collect()))
}

struct Prover<'a> {
    common: Common<'a>,
    table: &'a KeyTable,
    /// `Y = V - D`.
    difference: RistrettoPoint,
}

impl Prover<'_> {
    /// Encodings without a square root each are of doubles: so halves of `z`, `rho` and the nonces are drawn.
    fn make(&self, record: &[u8; RECORD], secrets: &Secrets, seed: (&Seed, usize)) -> (Vec<u8>, Vec<u8>) {
        let common = &self.common;
        let (place, token) = (common.place.encode(), Zeroizing::new(secrets.token.compress().to_bytes()));
        let known: [&[u8]; 7] = [
            common.election,
            &place,
            common.key,
            &record[..96],
            &[secrets.weight],
            secrets.randomness.as_bytes(),
            &token[..],
        ];
        let halves = Nonces::new(seed.0, seed.1, label::SHOW, &known).scalars(2);
        let (half_z, half_rho) = (&halves[0], &halves[1]);
        let card = record.first_chunk::<32>().expect("a card's key");
        let element = card_element(common.election, common.place.region, card);
        let bit =
            RistrettoPoint::conditional_select(&Identity::identity(), &element, secrets.weight.ct_eq(&1));
        let half_mask = half_z * G;
        let half_zero = self.table.zero(half_rho);
        let f = (bit + half_mask + half_mask).compress();
        let e = Ciphertext(half_zero.0 + half_zero.0, secrets.token + half_zero.1 + half_zero.1).encode();
        let half_q = half_z * self.difference - half_zero.1;

        let mut hedge = known.to_vec();
        hedge.extend([&f.as_bytes()[..], &e, half_z.as_bytes(), half_rho.as_bytes()]);
        let nonces = Nonces::new(seed.0, seed.1, label::ADMISSION, &hedge).scalars(4);
        let [w, z, r, rho] = [0, 1, 2, 3].map(|i| &nonces[i]);
        let (first, second) = (self.table.zero(r), self.table.zero(rho));
        let encoded = encode_doubled(&[
            half_q,
            w * element + z * G,
            first.0,
            w * G + first.1,
            second.0,
            z * self.difference - second.1,
        ]);
        let (q, commitments) = encoded.split_at(32);
        let points = [element.compress(), f];
        let mut transcript = common.statement(record, &e, [points[0].as_bytes(), points[1].as_bytes(), q]);
        transcript.append(field::COMMITMENTS, commitments);
        let challenge = transcript.challenge(field::CHALLENGE);
        let answer = |half_nonce: &Scalar, secret: &Scalar| half_nonce + half_nonce + challenge * secret;
        let mut proof = commitments.to_vec();
        for answer in [
            answer(w, &Scalar::from(secrets.weight)),
            answer(z, &(half_z + half_z)),
            answer(r, &secrets.randomness),
            answer(rho, &(half_rho + half_rho)),
        ] {
            proof.extend(answer.as_bytes());
        }
        ([f.as_bytes(), &e[..]].concat(), proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{card, token};

    const ELECTION: Bytes32 = [9; 32];
    const PLACE: Place = Place { region: 5, registrar: 2 };

    struct World {
        key: Bytes32,
        secrets: [u8; 64],
        publics: [u8; 64],
        records: Vec<u8>,
        weights: [u8; 3],
        randomness: Zeroizing<Vec<u8>>,
        elements: Vec<RistrettoPoint>,
    }

    fn world() -> World {
        let key = codec::base_multiples(&codec::random_scalars(&[1; 32], 1)).unwrap().try_into().unwrap();
        let secrets: [u8; 64] = codec::random_scalars(&[2; 32], 2).try_into().unwrap();
        let publics = codec::base_multiples(&secrets).unwrap().try_into().unwrap();
        let (scalars, _) = card::derive(&ELECTION, 5, &(0..48).collect::<Vec<u8>>()).unwrap();
        let weights = [1, 0, 1];
        let (records, randomness) = card::make(&ELECTION, 5, &key, &scalars, &weights, &[4; 32]).unwrap();
        let card = |row: usize| records[RECORD * row..][..32].try_into().unwrap();
        let elements = (0..3).map(|row| card_element(&ELECTION, 5, &card(row))).collect();
        World { key, secrets, publics, records, weights, randomness, elements }
    }

    impl World {
        /// Tokens: the multiples of the cards' elements by these scalars.
        fn tokens(&self, multiples: [Scalar; 3]) -> Vec<u8> {
            let points: Vec<_> = self.elements.iter().zip(multiples).map(|(t, by)| t * by).collect();
            codec::encode_points(&points)
        }

        fn secret(&self, kind: usize) -> Scalar {
            codec::scalars("", &self.secrets).unwrap()[1 - kind]
        }

        fn right(&self) -> Vec<u8> {
            self.tokens(self.weights.map(|weight| self.secret(weight.into())))
        }

        fn make(&self, tokens: &[u8], seed: &Seed) -> (Vec<u8>, Vec<u8>) {
            let World { key, publics, records, weights, randomness, .. } = self;
            make(&ELECTION, PLACE, key, publics, records, weights, randomness, tokens, seed).unwrap()
        }

        fn check(&self, shown: &[u8], proofs: &[u8]) -> Vec<usize> {
            let found = check(&ELECTION, PLACE, &self.key, &self.secrets, &self.records, shown, proofs);
            found.unwrap().into_iter().map(|(row, _)| row).collect()
        }
    }

    #[test]
    fn both_weights_are_admitted_and_each_mutated_piece_is_named() {
        let world = world();
        let (shown, proofs) = world.make(&world.right(), &[5; 32]);
        assert_eq!(world.check(&shown, &proofs), [0; 0]);
        let point = codec::base_multiples(&Scalar::from(3u8).to_bytes()).unwrap();
        for part in 0..9 {
            let mut other = shown.clone();
            other[32 * part..][..32].copy_from_slice(&point);
            assert_eq!(world.check(&other, &proofs), [part / 3], "shown {part}");
        }
        for part in 0..27 {
            let mut other = proofs.clone();
            let scalar = Scalar::from(3u8).to_bytes();
            other[32 * part..][..32].copy_from_slice(if part % 9 < 5 { &point } else { &scalar });
            assert_eq!(world.check(&shown, &other), [part / 9], "proof {part}");
        }
    }

    #[test]
    fn other_tokens_admit_nothing() {
        let world = world();
        let (v, d) = (world.secret(1), world.secret(0));
        let wrong = [[d, v, d], [v + v, d + d, v + d], [v - d, -d, v + v - d]];
        for multiples in wrong {
            let (shown, proofs) = world.make(&world.tokens(multiples), &[5; 32]);
            assert_eq!(world.check(&shown, &proofs), [0, 1, 2]);
        }
        let mut swapped = world.right();
        swapped.rotate_left(32);
        let (shown, proofs) = world.make(&swapped, &[5; 32]);
        assert_eq!(world.check(&shown, &proofs), [0, 1, 2], "a token is for one card");
    }

    #[test]
    fn an_admission_is_for_one_registrar_region_election_and_key() {
        let world = world();
        let (shown, proofs) = world.make(&world.right(), &[5; 32]);
        let refused = |election: &Bytes32, place: Place, key: &Bytes32, secrets: &[u8; 64]| {
            check(election, place, key, secrets, &world.records, &shown, &proofs).unwrap().len()
        };
        let mut exchanged = world.secrets;
        exchanged.rotate_left(32);
        assert_eq!(refused(&ELECTION, PLACE, &world.key, &world.secrets), 0);
        assert_eq!(refused(&[8; 32], PLACE, &world.key, &world.secrets), 3);
        assert_eq!(refused(&ELECTION, Place { region: 6, ..PLACE }, &world.key, &world.secrets), 3);
        assert_eq!(refused(&ELECTION, Place { registrar: 1, ..PLACE }, &world.key, &world.secrets), 3);
        assert_eq!(refused(&ELECTION, PLACE, &world.publics[..32].try_into().unwrap(), &world.secrets), 3);
        assert_eq!(refused(&ELECTION, PLACE, &world.key, &exchanged), 3);
        let same = [&world.secrets[..32], &world.secrets[..32]].concat().try_into().unwrap();
        assert!(check(&ELECTION, PLACE, &world.key, &same, &world.records, &shown, &proofs).is_err());
    }

    #[test]
    fn one_seed_gives_other_nonces_to_other_registrars_tokens_and_weights() {
        let world = world();
        let (shown, proofs) = world.make(&world.right(), &[5; 32]);
        let again = world.make(&world.right(), &[5; 32]);
        assert_eq!((&shown, &proofs), (&again.0, &again.1));
        let World { key, publics, records, weights, randomness, .. } = &world;
        let place = Place { registrar: 1, ..PLACE };
        let tokens = world.right();
        let seed = [5; 32];
        let other =
            make(&ELECTION, place, key, publics, records, weights, randomness, &tokens, &seed).unwrap();
        let changed = world.make(&world.tokens([Scalar::ONE; 3]), &[5; 32]);
        let scalars = |proofs: &[u8]| -> Vec<Bytes32> {
            let rows = proofs.as_chunks::<PROOF>().0.iter();
            rows.flat_map(|proof| proof.as_chunks::<32>().0.to_vec()).collect()
        };
        let all = [&proofs, &other.1, &changed.1].map(|proofs| scalars(proofs)).concat();
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "no commitment and no answer comes twice");
    }

    #[test]
    fn evaluated_and_unblinded_tokens_are_admitted() {
        let world = world();
        let keys: Vec<u8> = world.records.chunks(RECORD).flat_map(|record| record[..32].to_vec()).collect();
        let inputs = token::card_inputs(&ELECTION, 5, &keys).unwrap();
        let (blinds, blinded) = token::blind(&inputs, &[6; 32]).unwrap();
        let places = [1, 0, 1].map(|kind| token::Place { region: 5, registrar: 2, kind });
        let rows = |bytes: &[u8], kinds: [usize; 3]| -> Vec<u8> {
            kinds.iter().flat_map(|kind| bytes[32 * (1 - kind)..][..32].to_vec()).collect()
        };
        let (secrets, publics) = (rows(&world.secrets, [1, 0, 1]), rows(&world.publics, [1, 0, 1]));
        let counts = [1, 1, 1];
        let (evaluated, proofs) =
            token::evaluate(&ELECTION, &places, &counts, &secrets, &blinded, &[7; 32]).unwrap();
        let answers = token::Evaluations {
            places: &places,
            counts: &counts,
            publics: &publics,
            blinded: &blinded,
            evaluated: &evaluated,
            proofs: &proofs,
        };
        let tokens = token::unblind(&ELECTION, &answers, &blinds).unwrap();
        assert_eq!(tokens[..], world.right());
        let (shown, proofs) = world.make(&tokens, &[5; 32]);
        assert_eq!(world.check(&shown, &proofs), [0; 0]);
    }
}
