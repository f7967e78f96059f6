//! Polynomials shared among trustees, and what any threshold of them can do together (`spec/proofs.md#shares`,
//! `spec/ceremony.md`). Indices of trustees count from 1: index 0 is the secret itself.

use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use zeroize::Zeroizing;

use crate::codec::{self, CIPHERTEXT, RUN, count_rows, encode_points, expect_rows};
use crate::error::{Result, require};
use crate::labels::nonces as label;
use crate::nonces::{Nonces, Seed};

fn require_indices(indices: &[u16]) -> Result<()> {
    let positive = indices.iter().all(|index| *index > 0);
    require(positive && !indices.is_empty(), || "indices: none, or 0 among them".into())?;
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    require(sorted.is_sorted_by(|a, b| a < b), || "indices: one occurs twice".into())
}

/// The Lagrange coefficients at 0 of distinct positive indices.
fn coefficients_at_zero(indices: &[u16]) -> Result<Vec<Scalar>> {
    require_indices(indices)?;
    let coefficient = |own: &u16| {
        let others = indices.iter().filter(|other| *other != own).map(|other| Scalar::from(*other));
        let (above, below) = others.fold((Scalar::ONE, Scalar::ONE), |(above, below), other| {
            (above * other, below * (other - Scalar::from(*own)))
        });
        above * below.invert()
    };
    Ok(indices.iter().map(coefficient).collect())
}

pub fn lagrange(indices: &[u16]) -> Result<Vec<u8>> {
    Ok(coefficients_at_zero(indices)?.iter().flat_map(Scalar::to_bytes).collect())
}

/// A common multiple `D` of the denominators of the Lagrange coefficients at 0, and `D` times each. Of few trustees
/// these are small integers or their opposites; where `D` would be too large it is 1.
pub fn scaled_coefficients(indices: &[u16]) -> Result<(Scalar, Vec<Scalar>)> {
    let coefficients = coefficients_at_zero(indices)?;
    let distances = |own: &u16| {
        let others = indices.iter().filter(|other| *other != own).map(|other| own.abs_diff(*other));
        others.map(u64::from).try_fold(1, u64::checked_mul)
    };
    let denominators: Option<Vec<u64>> = indices.iter().map(distances).collect();
    let multiple = denominators.and_then(|all| all.into_iter().try_fold(1, least_common_multiple));
    let multiple = Scalar::from(multiple.unwrap_or(1));
    Ok((multiple, coefficients.iter().map(|coefficient| multiple * coefficient).collect()))
}

fn least_common_multiple(a: u64, b: u64) -> Option<u64> {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor).checked_mul(b)
}

/// Row by row `sum lambda_j*S_j` of the shares of trustees `indices`.
pub fn combine(shares: &[&[u8]], indices: &[u16]) -> Result<Vec<u8>> {
    let coefficients = coefficients_at_zero(indices)?;
    require(shares.len() == indices.len(), || "shares: not one list an index".into())?;
    let n = count_rows("shares", shares[0], 32)?;
    let shares: Result<Vec<_>> = shares
        .iter()
        .map(|list| {
            expect_rows("shares", list, n, 32)?;
            codec::points("shares", list)
        })
        .collect();
    let shares = shares?;
    let combine =
        |row| RistrettoPoint::vartime_multiscalar_mul(&coefficients, shares.iter().map(|list| list[row]));
    let combined: Vec<_> = (0..n).into_par_iter().with_min_len(RUN).map(combine).collect();
    Ok(encode_points(&combined))
}

/// The messages `m*G`: second components minus the combined shares.
pub fn decrypt(ciphertexts: &[u8], combined: &[u8]) -> Result<Vec<u8>> {
    let n = count_rows("ciphertexts", ciphertexts, CIPHERTEXT)?;
    expect_rows("combined", combined, n, 32)?;
    let points = codec::points("ciphertexts", ciphertexts)?;
    let combined = codec::points("combined", combined)?;
    let messages: Vec<_> =
        points.chunks(2).zip(combined).map(|(pair, combined)| pair[1] - combined).collect();
    Ok(encode_points(&messages))
}

/// The coefficients, constant term first, of a random polynomial that `t` points determine.
pub fn polynomial(seed: &Seed, t: usize) -> Zeroizing<Vec<u8>> {
    let coefficients = Nonces::new(seed, 0, label::POLYNOMIAL, &[&(t as u64).to_le_bytes()]).scalars(t);
    Zeroizing::new(coefficients.iter().flat_map(Scalar::to_bytes).collect())
}

/// The polynomial's values at the indices, in constant time.
pub fn evaluate(coefficients: &[u8], indices: &[u16]) -> Result<Zeroizing<Vec<u8>>> {
    require_indices(indices)?;
    let coefficients = codec::scalars("coefficients", coefficients)?;
    let value = |index: &u16| {
        let at = Scalar::from(*index);
        coefficients.iter().rev().fold(Scalar::ZERO, |value, coefficient| value * at + coefficient)
    };
    Ok(Zeroizing::new(indices.iter().flat_map(|index| value(index).to_bytes()).collect()))
}

/// The same in the exponent: from `a_k*G` to `f(index)*G`.
pub fn evaluate_commitments(points: &[u8], indices: &[u16]) -> Result<Vec<u8>> {
    require_indices(indices)?;
    let points = codec::points("points", points)?;
    let value = |index: &u16| {
        let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power * Scalar::from(*index)));
        RistrettoPoint::vartime_multiscalar_mul(powers.take(points.len()).collect::<Vec<_>>(), &points)
    };
    Ok(encode_points(&indices.iter().map(value).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;

    #[test]
    fn any_threshold_of_values_gives_the_constant_term() {
        let coefficients = polynomial(&[1; 32], 3);
        let commitments = codec::base_multiples(&coefficients).unwrap();
        for indices in [[1, 2, 3], [5, 1, 65535], [4, 2, 9]] {
            let values = evaluate(&coefficients, &indices).unwrap();
            let lambda = coefficients_at_zero(&indices).unwrap();
            let values_ = codec::scalars("", &values).unwrap();
            let constant: Scalar = lambda.iter().zip(values_.iter()).map(|(l, v)| l * v).sum();
            assert_eq!(constant.to_bytes(), coefficients[..32]);
            let public = evaluate_commitments(&commitments, &indices).unwrap();
            assert_eq!(public, codec::base_multiples(&values).unwrap());
            let lists: Vec<&[u8]> = public.chunks(32).collect();
            assert_eq!(combine(&lists, &indices).unwrap(), commitments[..32]);
        }
        assert_eq!(scaled_coefficients(&[1, 3]).unwrap(), (2u8.into(), vec![3u8.into(), -Scalar::ONE]));
        let many: Vec<u16> = (1..=40).map(|i| 1000 * i).collect();
        assert_eq!(scaled_coefficients(&many).unwrap(), (Scalar::ONE, coefficients_at_zero(&many).unwrap()));
        assert!(lagrange(&[1, 1]).is_err() && lagrange(&[0, 1]).is_err() && lagrange(&[]).is_err());
        assert_eq!(lagrange(&[1, 2]).unwrap()[..32], Scalar::from(2u8).to_bytes());
        assert_eq!(lagrange(&[1, 2]).unwrap()[32..], (-Scalar::ONE).to_bytes());
    }

    #[test]
    fn decryption_subtracts_the_combined_shares() {
        let secret = Scalar::from(5u8);
        let point = RISTRETTO_BASEPOINT_POINT;
        let ciphertext = encode_points(&[point, point + secret * point]);
        let message = decrypt(&ciphertext, &encode_points(&[secret * point])).unwrap();
        assert_eq!(message, point.compress().to_bytes());
    }
}
