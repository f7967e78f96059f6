//! Multiscalar multiplication with public scalars by buckets (Pippenger 1976), eight buckets side by side. In time that
//! depends on scalars and points.

use super::digits::Digits;
use super::fill;
use super::point::{Affine8, Niels, Point8, Stored};
use super::sorting::{NONE, Sorted};
use curve25519_dalek::Scalar;

/// Bits of a digit that were the fastest for so many points, as measured; at least eight buckets must remain.
fn bits(points: usize) -> usize {
    match points {
        0..400 => 6,
        400..1_000 => 7,
        1_000..2_500 => 8,
        2_500..6_000 => 9,
        6_000..20_000 => 10,
        20_000..80_000 => 11,
        80_000..200_000 => 12,
        _ => 13,
    }
}

/// What one window comes to: `sum_l (weighted[l] + l * part * run[l])`, where lane `l` had the buckets from
/// `l * part` on, of digits one more.
struct Window {
    run: [Stored; 8],
    weighted: [Stored; 8],
}

/// The sum of `scalars[i] * points[which[i]]`, in lane 0.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn multiply(points: &[Niels], which: &[u32], scalars: &[Scalar]) -> Point8 {
    let digits = Digits::new(scalars, bits(scalars.len()));
    let buckets = 1 << (digits.bits - 1);
    let mut sums = vec![Stored::NEUTRAL; buckets];
    let mut windows = Vec::with_capacity(digits.windows);
    for window in 0..digits.windows {
        accumulate(points, &Sorted::new(digits.window(window), which, buckets), &mut sums);
        windows.push(aggregate(&sums));
    }
    join(&windows, buckets / 8, digits.bits)
}

/// The sum of each bucket's points.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn accumulate(points: &[Niels], sorted: &Sorted, sums: &mut [Stored]) {
    for group in sorted.groups() {
        let mut sum = Point8::neutral();
        for step in 0..sorted.size(group[0]) {
            let entries = group.map(|bucket| sorted.entry(bucket, step));
            let fetch =
                |entry: u32| if entry == NONE { &Niels::NEUTRAL } else { &points[entry as usize >> 1] };
            let mut negative = 0;
            for (lane, entry) in entries.iter().enumerate() {
                negative |= ((entry & 1) as u8) << lane;
            }
            sum = sum.add_affine(&Affine8::load(entries.map(fetch)), negative);
        }
        for (bucket, stored) in group.iter().zip(sum.store()) {
            sums[*bucket as usize] = stored;
        }
    }
}

/// Each lane an eighth of the buckets: their sum, and the sum weighted 1, 2, ..
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn aggregate(sums: &[Stored]) -> Window {
    let part = sums.len() / 8;
    let (mut run, mut weighted) = (Point8::neutral(), Point8::neutral());
    for at in (0..part).rev() {
        let buckets: [&Stored; 8] = core::array::from_fn(|lane| &sums[lane * part + at]);
        run = run.add(&Point8::load(buckets));
        weighted = weighted.add(&run);
    }
    Window { run: run.store(), weighted: weighted.store() }
}

/// Windows in lanes while the eighths of each are added up; then one after the other.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn join(windows: &[Window], part: usize, bits: usize) -> Point8 {
    let mut totals = vec![];
    for group in windows.chunks(8) {
        let total = add_eighths(group, part);
        totals.extend(total.store().into_iter().take(group.len()));
    }
    let mut sum = Point8::neutral();
    for total in totals.iter().rev() {
        for _ in 0..bits {
            sum = sum.double();
        }
        sum = sum.add(&Point8::single(total));
    }
    sum
}

/// At most eight windows, one a lane. `part` is a power of two.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn add_eighths(group: &[Window], part: usize) -> Point8 {
    let run = |eighth: usize| lanes(group, |window| &window.run[eighth]);
    let weighted = |eighth: usize| lanes(group, |window| &window.weighted[eighth]);
    let (mut above, mut total) = (Point8::neutral(), Point8::neutral());
    for eighth in (1..8).rev() {
        above = above.add(&Point8::load(run(eighth)));
        total = total.add(&above);
    }
    for _ in 0..part.ilog2() {
        total = total.double();
    }
    for eighth in 0..8 {
        total = total.add(&Point8::load(weighted(eighth)));
    }
    total
}

fn lanes(group: &[Window], of: impl Fn(&Window) -> &Stored) -> [&Stored; 8] {
    core::array::from_fn(|lane| group.get(lane).map_or(&Stored::NEUTRAL, &of))
}

/// The sum of all points, minus those of which `negative` holds, in lane 0.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn sum(points: &[Niels], negative: &dyn Fn(usize) -> bool) -> Point8 {
    let mut sum = Point8::neutral();
    for first in (0..points.len()).step_by(8) {
        let mut mask = 0;
        for lane in 0..8.min(points.len() - first) {
            mask |= u8::from(negative(first + lane)) << lane;
        }
        let eight = fill(&points[first..points.len().min(first + 8)]);
        sum = sum.add_affine(&Affine8::load(eight), mask);
    }
    sum.sum_lanes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ifma::Points;
    use crate::ifma::dispatch::enter;
    use crate::ifma::encoding::encode;
    use crate::samples::{log, points, scalars};
    use crate::{Bytes32, dalek};
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn product((points, which, scalars): (&Points, &[u32], &[Scalar])) -> Bytes32 {
        encode(&[multiply(&points.0, which, scalars)])[0][0]
    }

    fn expected(which: &[u32], scalars: &[Scalar]) -> Bytes32 {
        let sum: Scalar = which.iter().zip(scalars).map(|(at, scalar)| log((*at).into()) * scalar).sum();
        (&sum * G).compress().to_bytes()
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn products_of_every_size_are_right() {
        let (encodings, scalars) = (points(3000), scalars(3000));
        let all = Points::read(&encodings).0;
        for n in (0..=34).chain([399, 400, 1001, 2999]) {
            let which: Vec<u32> = (0..n).map(|at| (at * 7) % 3000).collect();
            let scalars = &scalars[..n as usize];
            assert_eq!(enter(product, (&all, &which, scalars)), expected(&which, scalars), "{n} points");
        }
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn equal_scalars_and_equal_points_fill_one_bucket() {
        let (encodings, scalars) = (points(40), scalars(40));
        let all = Points::read(&encodings).0;
        for scalar in &scalars[..18] {
            let (which, same): (Vec<u32>, Vec<Scalar>) = ((0..40).collect(), vec![*scalar; 40]);
            assert_eq!(enter(product, (&all, &which, &same)), expected(&which, &same));
            let (which, alternating) = (vec![9; 40], [*scalar, -scalar].repeat(20));
            assert_eq!(enter(product, (&all, &which, &alternating)), [0; 32]);
        }
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn sums_of_every_remainder_of_a_block_are_right() {
        for n in 0..=34 {
            let encodings = points(n);
            for negative in [|_| false, |at| at % 3 == 0, |_| true] {
                let ours = Points::read(&encodings).0.sum(&negative);
                assert_eq!(ours, dalek::Points::read(&encodings).0.sum(&negative), "{n} points");
            }
        }
    }
}
