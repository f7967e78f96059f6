//! Points read together, by whichever arithmetic is used, and now and then by both.

use crate::backend::Backend;
use crate::{Bytes32, dalek, ifma};
use curve25519_dalek::Scalar;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lanes' first points, and of later ones the task that passes a multiple of so many, are given to curve25519-dalek as
/// well, and with them all that is computed of them: a processor or a build on which lanes are wrong is noticed before
/// much is believed. A block of a check has 2,000 to 7,000 points.
const FIRST: usize = 2_048;
const AGAIN: usize = 2_000_000;

/// What `work`, which is about so many points, gives by the arithmetic that is used, and now and then by both.
///
/// Panics where lanes and curve25519-dalek differ, as [`Points::read`] does.
pub fn both<T: PartialEq>(what: &str, points: usize, work: impl Fn(Backend) -> T) -> T {
    let (lanes, dalek) = again(Backend::current(), points);
    same(what, lanes.then(|| work(Backend::Ifma)), dalek.then(|| work(Backend::Dalek)))
}

/// Whether lanes are to do the next task, which is about so many points, and whether curve25519-dalek.
fn again(backend: Backend, points: usize) -> (bool, bool) {
    static POINTS: AtomicUsize = AtomicUsize::new(0);
    match backend {
        Backend::Dalek => (false, true),
        Backend::Ifma => (true, is_due(POINTS.fetch_add(points, Ordering::Relaxed), points)),
    }
}

fn is_due(before: usize, points: usize) -> bool {
    before < FIRST || before / AGAIN < (before + points) / AGAIN
}

/// Points that are read, and ready to be multiplied by public scalars.
pub struct Points {
    lanes: Option<ifma::Points>,
    dalek: Option<dalek::Points>,
}

impl Points {
    /// The points of these encodings, and the positions, ascending, of those that are not canonical; in their places
    /// stands the identity.
    ///
    /// Here and below, panics where lanes and curve25519-dalek differ: then nothing that this machine computes is to be
    /// believed.
    pub fn read(encodings: &[Bytes32]) -> (Self, Vec<usize>) {
        Self::read_by(again(Backend::current(), encodings.len()), encodings)
    }

    fn read_by((lanes, dalek): (bool, bool), encodings: &[Bytes32]) -> (Self, Vec<usize>) {
        let (lanes, first) = lanes.then(|| ifma::Points::read(encodings)).unzip();
        let (dalek, second) = dalek.then(|| dalek::Points::read(encodings)).unzip();
        let bad = same("which encodings are points", first, second);
        (Self { lanes, dalek }, bad)
    }

    /// Whether the sum of `scalars[i]` times the point `which[i]` is the identity.
    pub fn sums_to_identity(&self, which: &[u32], scalars: &[Scalar]) -> bool {
        assert_eq!(which.len(), scalars.len(), "one scalar a point");
        let lanes = self.lanes.as_ref().map(|points| points.sums_to_identity(which, scalars));
        let dalek = self.dalek.as_ref().map(|points| points.sums_to_identity(which, scalars));
        same("whether a sum of multiples is the identity", lanes, dalek)
    }

    /// The sum of `scalars[i]` times the point `which[i]`.
    pub fn combine(&self, which: &[u32], scalars: &[Scalar]) -> Bytes32 {
        assert_eq!(which.len(), scalars.len(), "one scalar a point");
        let lanes = self.lanes.as_ref().map(|points| points.combine(which, scalars));
        let dalek = self.dalek.as_ref().map(|points| points.combine(which, scalars));
        same("a sum of multiples", lanes, dalek)
    }

    /// The encodings of these points, each times its scalar. In constant time.
    pub fn multiply(&self, which: Range<usize>, scalars: &[Scalar]) -> Vec<Bytes32> {
        assert_eq!(which.len(), scalars.len(), "one scalar a point");
        let lanes = self.lanes.as_ref().map(|points| points.multiply(which.clone(), scalars));
        let dalek = self.dalek.as_ref().map(|points| points.multiply(which, scalars));
        same("a multiple", lanes, dalek)
    }

    /// The sum of all points, minus those for whose positions `negative` holds.
    pub fn sum(&self, negative: impl Fn(usize) -> bool) -> Bytes32 {
        let lanes = self.lanes.as_ref().map(|points| points.sum(&negative));
        let dalek = self.dalek.as_ref().map(|points| points.sum(&negative));
        same("a sum of points", lanes, dalek)
    }
}

/// How the panic begins that says so.
pub const DIFFER: &str = "AVX-512 IFMA lanes and curve25519-dalek differ";

/// What either gave, or both. Panics where they differ.
fn same<T: PartialEq>(what: &str, lanes: Option<T>, dalek: Option<T>) -> T {
    match (lanes, dalek) {
        (Some(lanes), Some(dalek)) if lanes != dalek => panic!(
            "{DIFFER} in {what}: this processor or this build cannot be relied on, and no result of it holds; use \
             another machine, or PSEPHOS_LANES=dalek, and report it"
        ),
        (Some(answer), _) | (None, Some(answer)) => answer,
        (None, None) => unreachable!("points of neither"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{bad, log, points, scalars};
    use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_TABLE as G};

    /// Whether lanes read, whether curve25519-dalek.
    const DALEK: (bool, bool) = (false, true);
    const LANES: [(bool, bool); 2] = [(true, false), (true, true)];

    fn what_cannot_be_read_is_named_and_left_out(way: (bool, bool)) {
        let mut encodings = points(40);
        let sum = Points::read_by(DALEK, &encodings).0.sum(|_| false);
        for (at, which) in [(0, 3), (17, 9), (42, 28)] {
            encodings.insert(at, bad()[which]);
        }
        let (points, bad) = Points::read_by(way, &encodings);
        assert_eq!(bad, [0, 17, 42]);
        assert_eq!(points.sum(|_| false), sum);
    }

    #[test]
    fn dalek_names_what_cannot_be_read_and_leaves_it_out() {
        what_cannot_be_read_is_named_and_left_out(DALEK);
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn lanes_name_what_cannot_be_read_and_leave_it_out() {
        LANES.into_iter().for_each(what_cannot_be_read_is_named_and_left_out);
    }

    fn the_points_that_are_meant_are_multiplied(way: (bool, bool)) {
        let (encodings, mut scalars) = (points(50), scalars(50));
        let generator = RISTRETTO_BASEPOINT_COMPRESSED.to_bytes();
        let all: Vec<Bytes32> = [generator].into_iter().chain(encodings).collect();
        let which: Vec<u32> = (1..=50).rev().chain([0]).collect();
        let logarithm: Scalar = scalars.iter().zip((1u64..=50).rev()).map(|(s, at)| s * log(at - 1)).sum();
        scalars.push(-logarithm);
        let points = Points::read_by(way, &all).0;
        assert!(points.sums_to_identity(&which, &scalars) && points.sums_to_identity(&[], &[]));
        assert!(!points.sums_to_identity(&which[2..], &scalars[2..]));
        for range in [0..0, 3..4, 1..10, 11..51] {
            let scalars = &scalars[range.clone()];
            let logarithms = range.clone().zip(scalars).map(|(at, scalar)| log(at as u64 - 1) * scalar);
            let expected: Vec<Bytes32> = logarithms.map(|log| (&log * G).compress().0).collect();
            assert_eq!(points.multiply(range, scalars), expected);
        }
        assert_eq!(points.combine(&which[..50], &scalars[..50]), (&logarithm * G).compress().0);
        assert!(points.sums_to_identity(&[7, 7], &[scalars[3], -scalars[3]]));
    }

    #[test]
    fn dalek_multiplies_the_points_that_are_meant() {
        the_points_that_are_meant_are_multiplied(DALEK);
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn lanes_multiply_the_points_that_are_meant() {
        LANES.into_iter().for_each(the_points_that_are_meant_are_multiplied);
    }

    #[test]
    fn the_first_points_are_read_by_both_however_few_at_a_time_and_then_some() {
        assert!(is_due(0, 2) && is_due(FIRST - 1, 2) && !is_due(FIRST, 2));
        assert!(is_due(AGAIN - 1, 1) && !is_due(AGAIN, 1) && is_due(3 * AGAIN - 4_000, 4_096));
    }

    #[test]
    #[should_panic(expected = "differ in a sum of points")]
    fn a_difference_is_named() {
        same("a sum of points", Some([0; 32]), Some([1; 32]));
    }
}
