//! Counting: sums of columns, and reading totals off points (`spec/proofs.md#weighing`).

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE as G};
use curve25519_dalek::{RistrettoPoint, Scalar};
use psephos_lanes::Points;
use rayon::prelude::*;
use std::collections::HashMap;

use crate::codec::{self, BAD_POINT, Bytes32, CIPHERTEXT, RUN, count_rows, expect_rows};
use crate::error::{FormatError, Result, require};
use crate::signs::{MINUS, PLUS};

/// Refuse totals whose reading would take more than seconds.
const LARGEST_TOTAL: u64 = 1 << 40;

/// Rows that are read together.
const PART: usize = 512;

/// Rows of points, each added up as it is, or taken off where its sign is minus.
struct Table<'a> {
    name: &'static str,
    rows: &'a [u8],
    signs: Option<&'a [u8]>,
}

impl Table<'_> {
    /// The sums of the columns from `skip` on, over `PART` rows of `size` bytes from row `first` on.
    fn sum_part(&self, first: usize, size: usize, skip: usize) -> Result<Vec<Bytes32>> {
        let rows = self.rows[size * first..].chunks_exact(size).take(PART);
        let sum_column = |column: usize| {
            let encodings: Vec<Bytes32> = rows.clone().map(|row| row.as_chunks::<32>().0[column]).collect();
            let (points, bad) = Points::read(&encodings);
            match bad.first() {
                Some(row) => Err(FormatError::row(self.name, first + row, BAD_POINT)),
                None => Ok(points.sum(|row| self.signs.is_some_and(|signs| signs[first + row] == MINUS))),
            }
        };
        (skip..size / 32).map(sum_column).collect()
    }
}

/// The sums over the rows of all tables, column by column of points from `skip` on.
fn sum_tables(tables: &[Table], width: usize, skip: usize) -> Result<Vec<u8>> {
    let size = CIPHERTEXT * width;
    let firsts = |table: &Table| (0..table.rows.len() / size).step_by(PART);
    let parts: Vec<(&Table, usize)> =
        tables.iter().flat_map(|table| firsts(table).map(move |first| (table, first))).collect();
    let sums = parts.par_iter().map(|(table, first)| table.sum_part(*first, size, skip));
    let sums: Vec<Vec<Bytes32>> = sums.collect::<Result<_>>()?;
    let column = |column: usize| sums.iter().map(|part| part[column]).collect::<Vec<_>>();
    Ok((0..size / 32 - skip).flat_map(|at| Points::read(&column(at)).0.sum(|_| false)).collect())
}

/// `sum sign*last_j + first_j` for the ciphertexts `j = 1..width-1` after the weight: each encrypts twice a total.
/// Without any `first`, `sum sign*last_j`.
pub fn signed_sums(signs: &[u8], last: &[u8], first: &[u8], width: usize) -> Result<Vec<u8>> {
    require(width >= 2, || format!("width: {width} leaves nothing after the weight"))?;
    expect_rows("last", last, signs.len(), CIPHERTEXT * width)?;
    expect_rows("first", first, if first.is_empty() { 0 } else { signs.len() }, CIPHERTEXT * width)?;
    if let Some(row) = signs.iter().position(|sign| ![PLUS, MINUS].contains(sign)) {
        return Err(FormatError::row("signs", row, "neither 1 nor 255"));
    }
    let last = Table { name: "last", rows: last, signs: Some(signs) };
    sum_tables(&[last, Table { name: "first", rows: first, signs: None }], width, 2)
}

/// The sums of each of the `width` ciphertexts of all rows.
pub fn sum_columns(rows: &[u8], width: usize) -> Result<Vec<u8>> {
    count_rows("rows", rows, CIPHERTEXT * width)?;
    sum_tables(&[Table { name: "rows", rows, signs: None }], width, 0)
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
    fn sums_of_many_rows_and_what_cannot_be_read() {
        let logs: Vec<Scalar> = (0..2 * PART as u64 * 2 + 6).map(Scalar::from).collect();
        let mut rows = multiples(&logs);
        let sum = |first: usize| logs.iter().skip(first).step_by(2).sum::<Scalar>();
        assert_eq!(sum_columns(&rows, 1).unwrap(), multiples(&[sum(0), sum(1)]));
        rows[CIPHERTEXT * 700 + 32] |= 1;
        rows[CIPHERTEXT * 700 + 63] |= 0x80;
        assert_eq!(sum_columns(&rows, 1).unwrap_err().0, "rows, row 700: not a canonical point");
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
