//! Voting cards: derivation, the encrypted weight with its proof, and the record (`spec/proofs.md#card`).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::batch::{Batch, Culprit, Point, Verdict, check as check_batch, check_keyless};
use crate::codec::{
    self, Bytes32, CIPHERTEXT, Key, KeyTable, encode_doubled, encode_multiples, expect_rows, rows,
};
use crate::disjunction::{Proof, coefficients, proof_size, prove};
use crate::error::{FormatError, Result, require};
use crate::labels::{field, nonces as label, protocol, purpose};
use crate::nonces::{Nonces, Seed};
use crate::signature::{self, SIGNATURE, sign_one};
use crate::transcript::Transcript;

/// `K || C || bit proof || signature`, and `K || signature` where cards have no weights.
pub const RECORD: usize = 384;
pub const PLAIN_RECORD: usize = 96;

pub const BIT_REASON: &str = "bit proof";
const BIT_PROOF: usize = proof_size(2);
const SIGNED: usize = RECORD - SIGNATURE;

/// The branches of the bit proof are `C` and `C - (0, G)`.
const BIT_OFFSETS: [Scalar; 2] = [Scalar::ZERO, Scalar::ONE];

/// The scalars and keys of cards, from their 16-byte secrets.
pub fn derive(election: &Bytes32, region: u16, secrets: &[u8]) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let derive_one = |secret: &[u8; 16]| {
        let mut transcript = Transcript::new(protocol::CARD);
        transcript
            .append(field::ELECTION, election)
            .append(field::REGION, &region.to_le_bytes())
            .append(field::SECRET, secret);
        transcript.challenge(field::SCALAR)
    };
    let secrets = rows::<16>("secrets", secrets)?;
    let scalars: Zeroizing<Vec<Scalar>> = Zeroizing::new(secrets.par_iter().map(derive_one).collect());
    if let Some(row) = scalars.iter().position(|scalar| *scalar == Scalar::ZERO) {
        return Err(FormatError::row("secrets", row, "gives the scalar zero"));
    }
    let bytes = scalars.iter().flat_map(|scalar| scalar.to_bytes()).collect();
    Ok((Zeroizing::new(bytes), encode_multiples(&scalars)))
}

fn bit_transcript(
    election: &Bytes32,
    region: u16,
    card: &Bytes32,
    key: &Bytes32,
    weight: &[u8],
) -> Transcript {
    let mut transcript = Transcript::new(protocol::CARD_WEIGHT);
    transcript
        .append(field::ELECTION, election)
        .append(field::POSITION, &region.to_le_bytes())
        .append(field::CARD, card)
        .append(field::KEY, key)
        .append(field::CIPHERTEXT, weight);
    transcript
}

/// What a card signs to be enrolled; `weight` and `proof` are empty where cards have no weights.
fn entry_hash(election: &Bytes32, region: u16, card: &Bytes32, weight: &[u8], proof: &[u8]) -> Bytes32 {
    let mut transcript = Transcript::new(protocol::CARD_ENTRY);
    transcript
        .append(field::ELECTION, election)
        .append(field::REGION, &region.to_le_bytes())
        .append(field::CARD, card)
        .append(field::CIPHERTEXT, weight)
        .append(field::PROOF, proof);
    transcript.hash()
}

/// Records of cards with weights 0 or 1 (secret, one byte each), and the randomness of the weights.
pub fn make(
    election: &Bytes32,
    region: u16,
    key: &Bytes32,
    scalars: &[u8],
    weights: &[u8],
    seed: &Seed,
) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>)> {
    let key = Key::read("key", key)?.table();
    expect_rows("scalars", scalars, weights.len(), 32)?;
    let bits = weights.iter().fold(0, |all, weight| all | weight);
    require(bits <= 1, || "weights: each must be 0 or 1".into())?;
    let scalars = codec::proper_scalars("scalars", scalars)?;
    let make = |row: usize| make_one(election, region, &key, &scalars[row], weights[row], (seed, row));
    let made: Vec<_> = (0..weights.len()).into_par_iter().map(make).collect();
    let records = made.iter().flat_map(|(record, _)| record).copied().collect();
    Ok((records, Zeroizing::new(made.iter().flat_map(|(_, r)| r.to_bytes()).collect())))
}

fn make_one(
    election: &Bytes32,
    region: u16,
    key: &KeyTable,
    secret: &Scalar,
    weight: u8,
    seed: (&Seed, usize),
) -> (Vec<u8>, Scalar) {
    let place = region.to_le_bytes();
    let inputs: [&[u8]; 5] = [election, &place, &key.key.bytes, secret.as_bytes(), &[weight]];
    let mut nonces = Nonces::new(seed.0, seed.1, label::CARD, &inputs);
    let half = nonces.scalar();
    let randomness = half + half;

    let half_generator = &Scalar::ONE.div_by_2() * G;
    let message =
        RistrettoPoint::conditional_select(&Identity::identity(), &half_generator, weight.ct_eq(&1));
    let zero = key.zero(&half);
    let mut record = encode_doubled(&[&secret.div_by_2() * G, zero.0, zero.1 + message]);

    let card = *record.first_chunk::<32>().expect("a key");
    let mut transcript = bit_transcript(election, region, &card, &key.key.bytes, &record[32..]);
    let statement = &BIT_OFFSETS;
    record.extend(prove(&mut transcript, key, statement, u16::from(weight), &randomness, &mut nonces));
    let hash = entry_hash(election, region, &card, &record[32..96], &record[96..]);
    record.extend(sign_one(purpose::CARD_ENTRY, &card, &hash, secret, seed));
    (record, randomness)
}

/// Records of cards without weights.
pub fn make_plain(election: &Bytes32, region: u16, scalars: &[u8], seed: &Seed) -> Result<Vec<u8>> {
    let scalars = codec::proper_scalars("scalars", scalars)?;
    let keys = encode_multiples(&scalars);
    let keys = rows::<32>("keys", &keys)?;
    let make = |row: usize| {
        let hash = entry_hash(election, region, &keys[row], &[], &[]);
        let signature = sign_one(purpose::CARD_ENTRY, &keys[row], &hash, &scalars[row], (seed, row));
        keys[row].into_iter().chain(signature)
    };
    Ok((0..keys.len()).into_par_iter().flat_map_iter(make).collect())
}

/// The records that are not canonical, or whose bit proof or signature does not hold.
pub fn check(election: &Bytes32, region: u16, key: &Bytes32, records: &[u8]) -> Result<Vec<Culprit>> {
    let key = Key::read("key", key)?;
    let records = rows::<RECORD>("records", records)?;
    Ok(check_batch(records.len(), &key.bytes, |row, batch| {
        let record = &records[row];
        let card = record.first_chunk::<32>().expect("a key");
        let card_point = batch.proper_point(card)?;
        let (weight, proof) = record[32..SIGNED].split_at(CIPHERTEXT);
        let transcript = bit_transcript(election, region, card, &key.bytes, weight);
        let weight_points = batch.points(weight);
        claim_bit((row, batch), transcript, &weight_points, proof)?;
        let hash = entry_hash(election, region, card, weight, proof);
        let signature = record.last_chunk::<SIGNATURE>().expect("a signature");
        signature::claim((row, batch), purpose::CARD_ENTRY, (card, card_point), &hash, signature)
    }))
}

fn claim_bit(
    (row, batch): (usize, &mut Batch),
    mut transcript: Transcript,
    weight: &[Point],
    proof: &[u8],
) -> Verdict {
    debug_assert_eq!(proof.len(), BIT_PROOF);
    let proof = Proof::read(proof, 2, batch);
    coefficients(&mut transcript, 1);
    batch.claim(row, BIT_REASON);
    let multiples = proof.verify(&mut transcript, &BIT_OFFSETS, batch)?;
    batch.add(multiples.statement[0], weight[0]);
    batch.add(multiples.statement[1], weight[1]);
    batch.add_generator(multiples.base[1]);
    Ok(())
}

/// As [`check`] for cards without weights.
pub fn check_plain(election: &Bytes32, region: u16, records: &[u8]) -> Result<Vec<Culprit>> {
    let records = rows::<PLAIN_RECORD>("records", records)?;
    Ok(check_keyless(records.len(), |row, batch| {
        let card = records[row].first_chunk::<32>().expect("a key");
        let hash = entry_hash(election, region, card, &[], &[]);
        let signature = records[row].last_chunk::<SIGNATURE>().expect("a signature");
        let key = (card, batch.proper_point(card)?);
        signature::claim((row, batch), purpose::CARD_ENTRY, key, &hash, signature)
    }))
}

/// The groups `i` for which the sum of their `counts[i]` ciphertexts is not `(R*G, total*G + R*H)`.
pub fn check_sums(
    key: &Bytes32,
    ciphertexts: &[u8],
    counts: &[u32],
    randomness: &[u8],
    totals: &[u32],
) -> Result<Vec<usize>> {
    let key = Key::read("key", key)?;
    expect_rows("randomness", randomness, counts.len(), 32)?;
    require(totals.len() == counts.len(), || "totals: not as many as counts".into())?;
    let all: usize = counts.iter().map(|count| *count as usize).sum();
    expect_rows("ciphertexts", ciphertexts, all, CIPHERTEXT)?;
    let randomness = rows::<32>("randomness", randomness)?;
    let ends: Vec<usize> =
        counts.iter().scan(0, |end, count| Some(std::mem::replace(end, *end + *count as usize))).collect();
    let culprits = check_batch(counts.len(), &key.bytes, |group, batch| {
        let bytes = &ciphertexts[CIPHERTEXT * ends[group]..][..CIPHERTEXT * counts[group] as usize];
        let points = batch.points(bytes);
        let randomness = codec::scalar(&randomness[group])?;
        batch.claim(group, "sum");
        let (first, second) = (batch.factor(), batch.factor());
        for ciphertext in points.chunks_exact(2) {
            batch.add(-first, ciphertext[0]);
            batch.add(-second, ciphertext[1]);
        }
        batch.add_generator(first * randomness + second * Scalar::from(totals[group]));
        batch.add_key(second * randomness);
        Ok(())
    });
    Ok(culprits.into_iter().map(|(group, _)| group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELECTION: Bytes32 = [9; 32];

    fn key() -> Bytes32 {
        codec::base_multiples(&codec::random_scalars(&[3; 32], 1)).unwrap().try_into().unwrap()
    }

    fn cards(n: usize) -> (Vec<u8>, Zeroizing<Vec<u8>>) {
        let secrets: Vec<u8> = (0..n as u128).flat_map(u128::to_le_bytes).collect();
        let (scalars, _) = derive(&ELECTION, 4, &secrets).unwrap();
        let weights: Vec<u8> = (0..n).map(|row| u8::from(row % 3 == 0)).collect();
        make(&ELECTION, 4, &key(), &scalars, &weights, &[5; 32]).unwrap()
    }

    #[test]
    fn accepts_honest_and_rejects_each_mutated_field() {
        let (records, _) = cards(3);
        let check = |records: &[u8]| check(&ELECTION, 4, &key(), records).unwrap();
        assert_eq!(check(&records), []);
        // K, C (2), U_1, V_1, U_2, V_2, e_1, z_1, z_2, R, z: each replaced by its neighbour's, which is well formed.
        for part in 0..12 {
            let mut mutated = records.clone();
            mutated[RECORD + 32 * part..][..32].copy_from_slice(&records[32 * part..][..32]);
            let reason = if part < 10 { BIT_REASON } else { signature::REASON };
            assert_eq!(check(&mutated), [(1, reason)], "part {part}");
        }
        for (election, region) in [([8; 32], 4), (ELECTION, 5)] {
            assert_eq!(super::check(&election, region, &key(), &records).unwrap().len(), 3);
        }
    }

    #[test]
    fn one_bad_among_a_thousand_is_named_whatever_the_threads() {
        let (mut records, _) = cards(1000);
        records[RECORD * 345 + 96..][..32].copy_from_slice(&[0; 32]);
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| check(&ELECTION, 4, &key(), &records).unwrap());
            assert_eq!(found, [(345, BIT_REASON)]);
            let again = pool.install(|| cards(100).0);
            assert_eq!(again[..], records[..RECORD * 100]);
        }
    }

    #[test]
    fn weights_must_be_bits_and_sums_must_add_up() {
        let (scalars, _) = derive(&ELECTION, 4, &[1; 32]).unwrap();
        assert!(make(&ELECTION, 4, &key(), &scalars, &[0, 2], &[5; 32]).is_err());
        let (records, randomness) = cards(7);
        let ciphertexts: Vec<u8> =
            records.chunks(RECORD).flat_map(|record| &record[32..96]).copied().collect();
        let sums =
            [&randomness[..96], &randomness[96..]].map(|part| codec::sum_scalars(part).unwrap()).concat();
        let check = |totals: &[u32]| check_sums(&key(), &ciphertexts, &[3, 4], &sums, totals).unwrap();
        assert_eq!(check(&[1, 2]), []);
        assert_eq!(check(&[1, 1]), [1]);
        assert_eq!(check(&[0, 3]), [0, 1]);
    }

    #[test]
    fn plain_records_carry_a_signature_alone() {
        let (scalars, keys) = derive(&ELECTION, 4, &[1; 48]).unwrap();
        let mut records = make_plain(&ELECTION, 4, &scalars, &[5; 32]).unwrap();
        assert_eq!(records[..32], keys[..32]);
        assert_eq!(check_plain(&ELECTION, 4, &records).unwrap(), []);
        assert_eq!(check_plain(&ELECTION, 3, &records).unwrap().len(), 3);
        records[PLAIN_RECORD + 64] ^= 1;
        assert_eq!(check_plain(&ELECTION, 4, &records).unwrap(), [(1, signature::REASON)]);
    }
}
