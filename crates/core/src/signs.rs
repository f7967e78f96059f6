//! Signs opened by a threshold of trustees (`spec/phases.md#release`).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
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
    let factors: Vec<_> =
        [multiple].into_iter().chain(coefficients.iter().map(|c| -c)).map(Factor::new).collect();
    let plus = &multiple * G;
    let open = |row: usize| {
        let read = |name, bytes| codec::point(bytes).map_err(|why| FormatError::row(name, row, why));
        let mut points = vec![read("ciphertexts", ciphertexts[row].last_chunk().expect("a point"))?];
        for list in &shares {
            points.push(read("shares", &list[row])?);
        }
        let sum = combine(&factors, &points);
        Ok(if sum == plus {
            PLUS
        } else if sum == -plus {
            MINUS
        } else {
            0
        })
    };
    (0..ciphertexts.len()).into_par_iter().with_min_len(RUN).map(open).collect()
}

/// A public scalar as sign and magnitude, whichever magnitude is the shorter.
struct Factor {
    negative: bool,
    magnitude: Bytes32,
    bits: usize,
}

impl Factor {
    fn new(scalar: Scalar) -> Self {
        let both = [(false, scalar), (true, -scalar)].map(|(negative, scalar)| {
            let magnitude = scalar.to_bytes();
            let top = magnitude.iter().rposition(|byte| *byte != 0);
            let bits = top.map_or(0, |top| 8 * top + magnitude[top].ilog2() as usize + 1);
            Self { negative, magnitude, bits }
        });
        both.into_iter().min_by_key(|factor| factor.bits).expect("two")
    }

    fn has(&self, bit: usize) -> bool {
        self.magnitude[bit / 8] >> (bit % 8) & 1 == 1
    }
}

/// The sum of public multiples, bit by bit: cheap for short factors, and in time that depends on them.
fn combine(factors: &[Factor], points: &[RistrettoPoint]) -> RistrettoPoint {
    let bits = factors.iter().map(|factor| factor.bits).max().unwrap_or(0);
    let mut sum = RistrettoPoint::identity();
    for bit in (0..bits).rev() {
        sum += sum;
        for (factor, point) in factors.iter().zip(points).filter(|(factor, _)| factor.has(bit)) {
            if factor.negative { sum -= point } else { sum += point }
        }
    }
    sum
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
        lists.swap(0, 1);
        assert_eq!(open(&ciphertexts, &lists, &indices).unwrap(), [0; 4], "shares of others");
        assert!(
            open(&ciphertexts, &lists[1..], &indices).is_err() && open(&[0; 64], &lists, &indices).is_err()
        );
    }

    #[test]
    fn short_factors_multiply_as_scalars_do() {
        let scalars =
            [-Scalar::from(6u8), Scalar::ZERO, -Scalar::ONE, Scalar::from(1u64 << 40), Scalar::from(3u8)];
        let inverse = Scalar::from(7u8).invert();
        let points: Vec<_> = (2u8..8).map(|log| &Scalar::from(log) * G).collect();
        let all: Vec<_> = scalars.into_iter().chain([inverse]).collect();
        let expected: RistrettoPoint = all.iter().zip(&points).map(|(scalar, point)| scalar * point).sum();
        let factors: Vec<_> = all.into_iter().map(Factor::new).collect();
        assert_eq!(factors[..5].iter().map(|factor| factor.bits).collect::<Vec<_>>(), [3, 0, 1, 41, 2]);
        assert_eq!(combine(&factors, &points), expected);
    }
}
