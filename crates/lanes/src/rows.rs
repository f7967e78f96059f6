//! The same sum for every row of a table, eight rows side by side.

use crate::backend::Backend;
use crate::factor::Factor;
use crate::points::both;
use crate::{Bytes32, dalek, ifma};
use curve25519_dalek::Scalar;

/// How a row's sum stands to the point that it is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Equal,
    Opposite,
    Neither,
}

/// For each row `i` how the sum of `scalars[j] * columns[j][i]` stands to `target`, which must be a point other than the
/// identity; none for a row that holds what is no point. Fast for short scalars and their opposites.
///
/// Panics where lanes and curve25519-dalek differ, as [`crate::Points::read`] does.
pub fn match_rows(columns: &[&[Bytes32]], scalars: &[Scalar], target: &Bytes32) -> Vec<Option<Match>> {
    let factors: Vec<Factor> = scalars.iter().map(Factor::new).collect();
    assert!(columns.len() == scalars.len() && columns.iter().all(|column| column.len() == columns[0].len()));
    let points = columns.iter().map(|column| column.len()).sum();
    both("a sum of multiples", points, |backend| match backend {
        Backend::Ifma => ifma::match_rows(columns, &factors, target),
        Backend::Dalek => dalek::match_rows(columns, &factors, target),
    })
}

/// For each pair twice its points, the second less `less`: encodings again. None for a pair that holds what is no point.
///
/// Panics as [`match_rows`] does.
pub fn double_pairs(pairs: &[[Bytes32; 2]], less: &Bytes32) -> Vec<Option<[Bytes32; 2]>> {
    both("a doubled point", 2 * pairs.len(), |backend| match backend {
        Backend::Ifma => ifma::double_pairs(pairs, less),
        Backend::Dalek => dalek::double_pairs(pairs, less),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{bad, log, points};
    use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_COMPRESSED as G, RISTRETTO_BASEPOINT_TABLE};

    type MatchRows = fn(&[&[Bytes32]], &[Factor], &Bytes32) -> Vec<Option<Match>>;
    type DoublePairs = fn(&[[Bytes32; 2]], &Bytes32) -> Vec<Option<[Bytes32; 2]>>;

    #[test]
    fn dalek_matches_rows_whatever_their_number() {
        rows_are_matched(dalek::match_rows);
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn lanes_match_rows_whatever_their_number() {
        rows_are_matched(ifma::match_rows);
    }

    fn rows_are_matched(match_rows: MatchRows) {
        let target = &log(40) * RISTRETTO_BASEPOINT_TABLE;
        let scalars = [Scalar::from(3u8), -Scalar::from(2u8), log(9)];
        let factors = scalars.each_ref().map(Factor::new);
        let (first, third) = (points(40), points(40));
        // 3*a - 2*b + c*log(9) is 40, -40, or another number of `log(1)`s.
        let wanted = [40u64, 0, 7];
        let second: Vec<Bytes32> = (0..40)
            .map(|at| {
                let rest = log(at) * scalars[0] + log(at) * scalars[2];
                let sum = if at % 3 == 1 { -log(40) } else { log(wanted[at as usize % 3]) };
                (&((rest - sum) * Scalar::from(2u8).invert()) * RISTRETTO_BASEPOINT_TABLE)
                    .compress()
                    .to_bytes()
            })
            .collect();
        let expected = [Match::Equal, Match::Opposite, Match::Neither];
        let expected: Vec<_> = (0..40).map(|at| (at != 11).then_some(expected[at % 3])).collect();
        for n in [0, 1, 7, 8, 16, 17, 40] {
            let mut second = second[..n].to_vec();
            second.iter_mut().skip(11).take(1).for_each(|point| *point = bad()[20]);
            let columns: [&[Bytes32]; 3] = [&first[..n], &second, &third[..n]];
            let target = target.compress().to_bytes();
            assert_eq!(match_rows(&columns, &factors, &target), expected[..n]);
        }
    }

    #[test]
    fn dalek_doubles_pairs_whatever_their_number() {
        pairs_are_doubled(dalek::double_pairs);
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn lanes_double_pairs_whatever_their_number() {
        pairs_are_doubled(ifma::double_pairs);
    }

    fn pairs_are_doubled(double_pairs: DoublePairs) {
        let mut pairs: Vec<[Bytes32; 2]> = points(36).as_chunks::<2>().0.to_vec();
        let expected = |at: u64| {
            let logs = [log(2 * at) + log(2 * at), log(2 * at + 1) + log(2 * at + 1) - Scalar::ONE];
            (at != 3).then(|| logs.map(|log| (&log * RISTRETTO_BASEPOINT_TABLE).compress().to_bytes()))
        };
        let expected: Vec<_> = (0..18).map(expected).collect();
        pairs[3][1] = bad()[5];
        for n in [0, 1, 7, 8, 9, 18] {
            assert_eq!(double_pairs(&pairs[..n], &G.to_bytes()), expected[..n]);
        }
    }
}
