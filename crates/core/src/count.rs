//! Counting: sums of columns, and reading totals off points (`spec/proofs.md#weighing`).

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE as G};
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use std::collections::HashMap;

use crate::codec::{self, Bytes32, CIPHERTEXT, RUN, count_rows, encode_points, expect_rows};
use crate::error::{FormatError, Result, require};
use crate::signs::{MINUS, PLUS};

/// Refuse totals whose reading would take more than seconds.
const LARGEST_TOTAL: u64 = 1 << 40;

/// Add up, column by column, what `row` adds to the sums for each of `n` rows.
fn sum_rows<F>(n: usize, columns: usize, row: F) -> Result<Vec<u8>>
where
    F: Fn(usize, &mut [RistrettoPoint]) -> Result<()> + Sync,
{
    let zero = || vec![RistrettoPoint::identity(); columns];
    let run = |run: usize| {
        let mut sums = zero();
        (run * RUN..n.min((run + 1) * RUN)).try_for_each(|index| row(index, &mut sums))?;
        Ok(sums)
    };
    let add =
        |a: Vec<RistrettoPoint>, b: Vec<RistrettoPoint>| Ok(a.iter().zip(b).map(|(a, b)| a + b).collect());
    let sums = (0..n.div_ceil(RUN)).into_par_iter().map(run).try_reduce(zero, add)?;
    Ok(encode_points(&sums))
}

fn read_point(name: &str, table: &[u8], width: usize, row: usize, column: usize) -> Result<RistrettoPoint> {
    let bytes = table[CIPHERTEXT * width * row + 32 * column..].first_chunk().expect("whole rows");
    codec::point(bytes).map_err(|why| FormatError::row(name, row, why))
}

/// `sum sign*last_j + first_j` for the ciphertexts `j = 1..width-1` after the weight: each encrypts twice a total.
/// Without any `first`, `sum sign*last_j`.
pub fn signed_sums(signs: &[u8], last: &[u8], first: &[u8], width: usize) -> Result<Vec<u8>> {
    require(width >= 2, || format!("width: {width} leaves nothing after the weight"))?;
    expect_rows("last", last, signs.len(), CIPHERTEXT * width)?;
    expect_rows("first", first, if first.is_empty() { 0 } else { signs.len() }, CIPHERTEXT * width)?;
    sum_rows(signs.len(), 2 * (width - 1), |row, sums| {
        for (j, sum) in sums.iter_mut().enumerate() {
            let last = read_point("last", last, width, row, j + 2)?;
            let signed = match signs[row] {
                PLUS => last,
                MINUS => -last,
                _ => return Err(FormatError::row("signs", row, "neither 1 nor 255")),
            };
            *sum += signed;
            if !first.is_empty() {
                *sum += read_point("first", first, width, row, j + 2)?;
            }
        }
        Ok(())
    })
}

/// The sums of each of the `width` ciphertexts of all rows.
pub fn sum_columns(rows: &[u8], width: usize) -> Result<Vec<u8>> {
    let n = count_rows("rows", rows, CIPHERTEXT * width)?;
    sum_rows(n, 2 * width, |row, sums| {
        for (column, sum) in sums.iter_mut().enumerate() {
            *sum += read_point("rows", rows, width, row, column)?;
        }
        Ok(())
    })
}

/// The logarithm of each point to base `G`, if it is in `0..=maximum`: baby steps and giant steps (Shanks 1971), one
/// table of baby steps for all points. Encodings of doubles are compared, because those are cheap in bulk.
pub fn discrete_logs(points: &[u8], maximum: u64) -> Result<Vec<Option<u64>>> {
    require(maximum <= LARGEST_TOTAL, || format!("maximum: {maximum} is too large"))?;
    let points = codec::points("points", points)?;
    let all = (maximum + 1).saturating_mul(points.len() as u64);
    let babies = all.isqrt().clamp(1, 1 << 20);
    let encode = |points: &[RistrettoPoint]| RistrettoPoint::double_and_compress_batch(points);
    let steps = |from: RistrettoPoint, step: RistrettoPoint, n: usize| {
        let steps: Vec<_> = std::iter::successors(Some(from), |last| Some(last + step)).take(n).collect();
        encode(&steps)
    };
    let baby_run = |first: u64| {
        let run = steps(&Scalar::from(first) * G, RISTRETTO_BASEPOINT_POINT, RUN);
        run.into_iter().zip(first..babies).map(|(point, log)| (point.to_bytes(), log))
    };
    let firsts: Vec<u64> = (0..babies).step_by(RUN).collect();
    let table: HashMap<Bytes32, u64> = firsts.into_par_iter().flat_map_iter(baby_run).collect();
    let giant = -(&Scalar::from(babies) * G);
    let find = |point: &RistrettoPoint| {
        let giants = (maximum / babies) + 1;
        (0..giants).step_by(RUN).find_map(|first| {
            let run = steps(point + Scalar::from(first) * giant, giant, RUN);
            let found = run
                .iter()
                .zip(first..)
                .find_map(|(point, i)| Some(table.get(point.as_bytes())? + i * babies));
            found.filter(|log| *log <= maximum)
        })
    };
    Ok(points.par_iter().map(find).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn multiples(scalars: &[Scalar]) -> Vec<u8> {
        codec::encode_multiples(scalars)
    }

    #[test]
    fn logarithms_within_the_maximum_are_found() {
        let logs = [0u64, 1, 63, 64, 65, 99_999, 100_000, 100_001];
        let mut scalars: Vec<_> = logs.map(Scalar::from).to_vec();
        scalars.push(-Scalar::ONE);
        let found = discrete_logs(&multiples(&scalars), 100_000).unwrap();
        let expected: Vec<_> =
            logs.iter().map(|log| Some(*log).filter(|log| *log <= 100_000)).chain([None]).collect();
        assert_eq!(found, expected);
        assert_eq!(discrete_logs(&multiples(&scalars[..2]), 0).unwrap(), [Some(0), None]);
        assert_eq!(discrete_logs(&[], 5).unwrap(), []);
        assert!(discrete_logs(&[], u64::MAX).is_err());
    }

    #[test]
    fn signs_are_applied() {
        let last = multiples(&[10u8, 11, 2, 3, 10, 11, 4, 5].map(Scalar::from));
        let first = multiples(&[10u8, 11, 20, 30, 10, 11, 40, 50].map(Scalar::from));
        let sums = signed_sums(&[PLUS, MINUS], &last, &first, 2).unwrap();
        assert_eq!(sums, multiples(&[58u8, 78].map(Scalar::from)));
        let sums = signed_sums(&[PLUS, MINUS], &last, &[], 2).unwrap();
        assert_eq!(
            sums,
            multiples(&[Scalar::from(2u8) - Scalar::from(4u8), Scalar::from(3u8) - Scalar::from(5u8)])
        );
        let sums = sum_columns(&last, 2).unwrap();
        assert_eq!(sums, multiples(&[20u8, 22, 6, 8].map(Scalar::from)));
        assert!(signed_sums(&[PLUS, 0], &last, &first, 2).is_err());
        assert_eq!(sum_columns(&[], 1).unwrap(), [0; 64]);
    }
}
