//! Schnorr signatures by cards (`spec/proofs.md#signature`), verified in the same batch as the proofs.

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use rayon::prelude::*;

use crate::batch::{Batch, Culprit, Point, Verdict, check_keyless};
use crate::codec::{self, Bytes32, RUN, encode_multiples, expect_rows, rows};
use crate::error::Result;
use crate::labels::{field, nonces as label, protocol};
use crate::nonces::{Nonces, Seed};
use crate::transcript::Transcript;

pub const SIGNATURE: usize = 64;
pub const REASON: &str = "signature";

fn challenge(purpose: &str, key: &Bytes32, nonce: &Bytes32, message: &Bytes32) -> Scalar {
    let mut transcript = Transcript::new(protocol::SIGNATURE);
    transcript
        .append(field::PURPOSE, purpose.as_bytes())
        .append(field::KEY, key)
        .append(field::NONCE, nonce)
        .append(field::MESSAGE, message);
    transcript.challenge(field::CHALLENGE)
}

/// Sign one message; `key` is the encoding of `secret*G`, `row` the place in the batch that `seed` serves.
pub fn sign_one(
    purpose: &str,
    key: &Bytes32,
    message: &Bytes32,
    secret: &Scalar,
    (seed, row): (&Seed, usize),
) -> [u8; SIGNATURE] {
    let inputs: [&[u8]; 4] = [purpose.as_bytes(), key, secret.as_bytes(), message];
    let nonce = Nonces::new(seed, row, label::SIGNATURE, &inputs).scalars(1);
    let commitment = (&nonce[0] * G).compress().to_bytes();
    let response = nonce[0] + challenge(purpose, key, &commitment, message) * secret;
    let mut signature = [0; SIGNATURE];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice(response.as_bytes());
    signature
}

/// Add the claim that `signature` is by `key` over `message`.
pub fn claim(
    (row, batch): (usize, &mut Batch),
    purpose: &str,
    (key, key_point): (&Bytes32, Point),
    message: &Bytes32,
    signature: &[u8; SIGNATURE],
) -> Verdict {
    let (commitment, response) = (&signature.as_chunks::<32>().0[0], &signature.as_chunks::<32>().0[1]);
    let nonce = batch.point(commitment);
    let response = codec::scalar(response)?;
    batch.claim(row, REASON);
    let factor = batch.factor();
    batch.add_generator(factor * response);
    batch.add(-factor, nonce);
    batch.add(-factor * challenge(purpose, key, commitment, message), key_point);
    Ok(())
}

/// Sign `n` 32-byte messages with `n` scalars.
pub fn sign(purpose: &str, messages: &[u8], scalars: &[u8], seed: &Seed) -> Result<Vec<u8>> {
    let messages = rows::<32>("messages", messages)?;
    expect_rows("scalars", scalars, messages.len(), 32)?;
    let secrets = codec::proper_scalars("scalars", scalars)?;
    let keys = encode_multiples(&secrets);
    let keys = rows::<32>("keys", &keys)?;
    let sign = |row| sign_one(purpose, &keys[row], &messages[row], &secrets[row], (seed, row));
    Ok((0..messages.len()).into_par_iter().with_min_len(RUN).flat_map_iter(sign).collect())
}

/// The rows whose signature does not hold, or whose key or signature is not canonical.
pub fn check(purpose: &str, keys: &[u8], messages: &[u8], signatures: &[u8]) -> Result<Vec<Culprit>> {
    let keys = rows::<32>("keys", keys)?;
    expect_rows("messages", messages, keys.len(), 32)?;
    expect_rows("signatures", signatures, keys.len(), SIGNATURE)?;
    let messages = rows::<32>("messages", messages)?;
    let signatures = rows::<SIGNATURE>("signatures", signatures)?;
    Ok(check_keyless(keys.len(), |row, batch| {
        let key = (&keys[row], batch.proper_point(&keys[row])?);
        claim((row, batch), purpose, key, &messages[row], &signatures[row])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_honest_and_rejects_each_mutated_field() {
        let scalars = codec::random_scalars(&[1; 32], 3);
        let keys = codec::base_multiples(&scalars).unwrap();
        let messages = [7; 96];
        let signatures = sign("ballot", &messages, &scalars, &[2; 32]).unwrap();
        let check = |k: &[u8], m: &[u8], s: &[u8]| check("ballot", k, m, s).unwrap();
        assert_eq!(check(&keys, &messages, &signatures), []);
        assert_eq!(super::check("group", &keys, &messages, &signatures).unwrap().len(), 3);
        let mut other = messages;
        other[40] ^= 1;
        assert_eq!(check(&keys, &other, &signatures), [(1, REASON)]);
        let mut swapped = keys.clone();
        swapped[..32].copy_from_slice(&keys[32..64]);
        assert_eq!(check(&swapped, &messages, &signatures), [(0, REASON)]);
        let mut response = signatures.clone();
        response[64 * 2 + 32] ^= 1;
        assert_eq!(check(&keys, &messages, &response), [(2, REASON)]);
        let mut nonce = signatures.clone();
        nonce[64..96].copy_from_slice(&signatures[..32]);
        assert_eq!(check(&keys, &messages, &nonce), [(1, REASON)]);
        let mut large = signatures.clone();
        large[63] |= 0x80;
        assert_eq!(check(&keys, &messages, &large), [(0, codec::BAD_SCALAR)]);
        let mut identity = keys.clone();
        identity[..32].fill(0);
        assert_eq!(check(&identity, &messages, &signatures), [(0, codec::IDENTITY)]);
    }

    #[test]
    fn zero_is_no_secret_and_one_seed_gives_different_nonces() {
        assert!(sign("ballot", &[0; 32], &[0; 32], &[0; 32]).is_err());
        let scalars = codec::random_scalars(&[1; 32], 1);
        let one = sign("ballot", &[1; 32], &scalars, &[0; 32]).unwrap();
        let two = sign("ballot", &[2; 32], &scalars, &[0; 32]).unwrap();
        assert_ne!(one[..32], two[..32]);
    }
}
