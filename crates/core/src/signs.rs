//! Signs opened by a threshold of trustees (`spec/phases.md#release`).

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use psephos_lanes::{Match, match_rows};
use rayon::prelude::*;

use crate::codec::{self, Bytes32, CIPHERTEXT, RUN, expect_rows, rows};
use crate::error::{FormatError, Result, require};
use crate::threshold::scaled_coefficients;

/// A sign as a byte.
pub const PLUS: u8 = 1;
pub const MINUS: u8 = 255;

/// The signs that ciphertexts hold, as bytes; 0 for what is none. `shares` are a list of each of the trustees
/// `indices`, one share a ciphertext.
///
/// `D*m*G` is `D` times the second component minus `D*lambda_j` times each share: with `D` so that all of these
/// factors are small, a few additions.
pub fn open(ciphertexts: &[u8], shares: &[&[u8]], indices: &[u16]) -> Result<Vec<u8>> {
    let (multiple, coefficients) = scaled_coefficients(indices)?;
    let ciphertexts = rows::<CIPHERTEXT>("ciphertexts", ciphertexts)?;
    require(shares.len() == indices.len(), || "shares: not one list an index".into())?;
    shares.iter().try_for_each(|list| expect_rows("shares", list, ciphertexts.len(), 32))?;
    let shares = shares.iter().map(|list| rows::<32>("shares", list)).collect::<Result<Vec<_>>>()?;
    let scalars: Vec<Scalar> = [multiple].into_iter().chain(coefficients.iter().map(|c| -c)).collect();
    let plus = (&multiple * G).compress().to_bytes();
    let open = |first: usize| {
        let rows = first..ciphertexts.len().min(first + RUN);
        let seconds: Vec<Bytes32> = ciphertexts[rows.clone()].iter().map(second).collect();
        let shares = shares.iter().map(|list| &list[rows.clone()]);
        let columns: Vec<&[Bytes32]> = [&seconds[..]].into_iter().chain(shares).collect();
        let matches = match_rows(&columns, &scalars, &plus).into_iter().zip(rows);
        matches.map(|(matched, row)| matched.map(byte).ok_or_else(|| refusal(ciphertexts, row))).collect()
    };
    let starts: Vec<usize> = (0..ciphertexts.len()).step_by(RUN).collect();
    Ok(starts.into_par_iter().map(open).collect::<Result<Vec<Vec<u8>>>>()?.concat())
}

fn second(ciphertext: &[u8; CIPHERTEXT]) -> Bytes32 {
    *ciphertext.last_chunk().expect("a point")
}

fn byte(matched: Match) -> u8 {
    match matched {
        Match::Equal => PLUS,
        Match::Opposite => MINUS,
        Match::Neither => 0,
    }
}

/// Of a row that holds what is no point: in the ciphertext, or else in a share.
fn refusal(ciphertexts: &[[u8; CIPHERTEXT]], row: usize) -> FormatError {
    let name = if codec::point(&second(&ciphertexts[row])).is_err() { "ciphertexts" } else { "shares" };
    FormatError::row(name, row, codec::BAD_POINT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::{combine as combine_shares, decrypt, evaluate, polynomial};

    #[test]
    fn signs_open_as_they_are_decrypted() {
        let indices = [2, 3, 7];
        let secrets = codec::scalars("", &evaluate(&polynomial(&[1; 32], 3), &[2, 3, 7]).unwrap()).unwrap();
        let nonces = codec::scalars("", &codec::random_scalars(&[2; 32], 4)).unwrap().to_vec();
        let joint = codec::scalars("", &polynomial(&[1; 32], 3)).unwrap()[0];
        let messages = [Scalar::ONE, -Scalar::ONE, Scalar::ZERO, Scalar::from(2u8)];
        let encrypt = |(r, m): (&Scalar, &Scalar)| [*r, m + r * joint];
        let logs: Vec<Scalar> = nonces.iter().zip(&messages).flat_map(encrypt).collect();
        let ciphertexts = codec::encode_multiples(&logs);
        let share = |secret: &Scalar| {
            codec::encode_multiples(&nonces.iter().map(|nonce| secret * nonce).collect::<Vec<_>>())
        };
        let shares: Vec<Vec<u8>> = secrets.iter().map(share).collect();
        let mut lists: Vec<&[u8]> = shares.iter().map(|list| &list[..]).collect();
        assert_eq!(open(&ciphertexts, &lists, &indices).unwrap(), [PLUS, MINUS, 0, 0]);
        let points = decrypt(&ciphertexts, &combine_shares(&lists, &indices).unwrap()).unwrap();
        assert_eq!(points, codec::encode_multiples(&messages));
        let mut bad = shares[1].clone();
        bad[32 * 2] |= 1;
        bad[32 * 3 - 1] |= 0x80;
        let refused = open(&ciphertexts, &[lists[0], &bad, lists[2]], &indices).unwrap_err();
        assert_eq!(refused.0, "shares, row 2: not a canonical point");
        lists.swap(0, 1);
        assert_eq!(open(&ciphertexts, &lists, &indices).unwrap(), [0; 4], "shares of others");
        assert!(
            open(&ciphertexts, &lists[1..], &indices).is_err() && open(&[0; 64], &lists, &indices).is_err()
        );
    }
}
