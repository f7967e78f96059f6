//! Rows side by side: the same sums of public multiples for each. In time that depends on the multiples alone.

use super::encoding::{decode, encode};
use super::field::Field8;
use super::point::{Affine8, Point8};
use crate::Bytes32;
use crate::factor::{Factor, schedule};
use crate::rows::Match;
use core::arch::x86_64::*;

/// Rows that are decoded in step: two vectors.
const STEP: usize = 16;

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn match_rows((columns, factors, target): (&[&[Bytes32]], &[Factor], &Bytes32)) -> Vec<Option<Match>> {
    let [target] = decode(&[[*target; 8]]);
    assert_eq!(target.valid, 0xff, "the target is a point");
    let (rows, schedule) = (columns.first().map_or(0, |column| column.len()), schedule(factors));
    let mut matches = Vec::with_capacity(rows.next_multiple_of(STEP));
    for first in (0..rows).step_by(STEP) {
        let (mut valid, mut terms) = ([0xff; 2], [vec![], vec![]]);
        for column in columns {
            for (half, decoded) in decode(&block(&column[first..])).iter().enumerate() {
                valid[half] &= decoded.valid;
                terms[half].push(decoded.point.affine());
            }
        }
        for half in 0..2 {
            let sum = combine(&terms[half], factors, &schedule);
            let (equal, opposite) = compare(&sum, &target.point);
            matches.extend((0..8).map(|lane| matched(lane, valid[half], equal, opposite)));
        }
    }
    matches.truncate(rows);
    matches
}

/// At most sixteen encodings, and the identity's in the place of those that are not there.
fn block(encodings: &[Bytes32]) -> [[Bytes32; 8]; 2] {
    let mut block = [[[0; 32]; 8]; 2];
    let some = &encodings[..encodings.len().min(STEP)];
    block.as_flattened_mut()[..some.len()].copy_from_slice(some);
    block
}

fn matched(lane: usize, valid: u8, equal: u8, opposite: u8) -> Option<Match> {
    let holds = |mask: u8| mask >> lane & 1 == 1;
    holds(valid).then_some(match (holds(equal), holds(opposite)) {
        (true, _) => Match::Equal,
        (_, true) => Match::Opposite,
        _ => Match::Neither,
    })
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn combine(terms: &[Affine8], factors: &[Factor], schedule: &[Vec<usize>]) -> Point8 {
    let mut sum = Point8::neutral();
    for positions in schedule {
        sum = sum.double();
        for at in positions {
            sum = sum.add_affine(&terms[*at], if factors[*at].negative { 0xff } else { 0 });
        }
    }
    sum
}

/// Lanes that are the same elements of the group, and those that are opposite ones (RFC 9496, 4.3.3).
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compare(left: &Point8, right: &Point8) -> (__mmask8, __mmask8) {
    let crossed: [Field8; 2] = [left.x.mul(&right.y), left.y.mul(&right.x)];
    let straight = [left.y.mul(&right.y), left.x.mul(&right.x)];
    let equal = crossed[0].sub(&crossed[1]).is_zero() | straight[0].sub(&straight[1]).is_zero();
    let opposite = crossed[0].add(&crossed[1]).is_zero() | straight[0].add(&straight[1]).is_zero();
    (equal, opposite)
}

/// Firsts and seconds of eight pairs are two vectors in step.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn double_pairs((pairs, less): (&[[Bytes32; 2]], &Bytes32)) -> Vec<Option<[Bytes32; 2]>> {
    let [less] = decode(&[[*less; 8]]);
    assert_eq!(less.valid, 0xff, "what is taken off is a point");
    let less = less.point.affine();
    let mut doubled = Vec::with_capacity(pairs.len().next_multiple_of(8));
    for some in pairs.chunks(8) {
        let mut block = [[[0; 32]; 8]; 2];
        for (lane, pair) in some.iter().enumerate() {
            (block[0][lane], block[1][lane]) = (pair[0], pair[1]);
        }
        let [first, second] = decode(&block);
        let twice = [first.point.double(), second.point.double().add_affine(&less, 0xff)];
        let [firsts, seconds] = encode(&twice);
        let valid = first.valid & second.valid;
        doubled.extend(
            (0..some.len()).map(|lane| (valid >> lane & 1 == 1).then(|| [firsts[lane], seconds[lane]])),
        );
    }
    doubled
}
