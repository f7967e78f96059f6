//! The same by curve25519-dalek: where lanes are not to be had, and where they are held against it.

mod lanes;

use crate::Bytes32;
use crate::factor::{Factor, schedule};
use crate::rows::Match;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::ops::Range;
use zeroize::Zeroizing;

pub use lanes::Lanes;

pub struct Points(Vec<RistrettoPoint>);

impl Points {
    /// The points, the identity where there is none, and where that is.
    pub fn read(encodings: &[Bytes32]) -> (Self, Vec<usize>) {
        let mut bad = vec![];
        let mut read = |(at, encoding): (usize, &Bytes32)| {
            crate::dalek::read(encoding).unwrap_or_else(|| {
                bad.push(at);
                RistrettoPoint::default()
            })
        };
        let points = encodings.iter().enumerate().map(&mut read).collect();
        (Self(points), bad)
    }

    pub fn sums_to_identity(&self, which: &[u32], scalars: &[Scalar]) -> bool {
        self.sum_of_multiples(which, scalars).is_identity()
    }

    pub fn combine(&self, which: &[u32], scalars: &[Scalar]) -> Bytes32 {
        self.sum_of_multiples(which, scalars).compress().to_bytes()
    }

    /// Encodings of doubles are made with one inversion for all.
    pub fn multiply(&self, which: Range<usize>, scalars: &[Scalar]) -> Vec<Bytes32> {
        let half = |(point, scalar): (&RistrettoPoint, &Scalar)| point * *Zeroizing::new(scalar.div_by_2());
        let halves: Vec<RistrettoPoint> = self.0[which].iter().zip(scalars).map(half).collect();
        let encodings = RistrettoPoint::double_and_compress_batch(&*Zeroizing::new(halves));
        encodings.iter().map(|encoding| encoding.to_bytes()).collect()
    }

    fn sum_of_multiples(&self, which: &[u32], scalars: &[Scalar]) -> RistrettoPoint {
        let points = which.iter().map(|point| &self.0[*point as usize]);
        RistrettoPoint::vartime_multiscalar_mul(scalars, points)
    }

    pub fn sum(&self, negative: &dyn Fn(usize) -> bool) -> Bytes32 {
        let signed = |(at, point): (usize, &RistrettoPoint)| if negative(at) { -point } else { *point };
        self.0.iter().enumerate().map(signed).sum::<RistrettoPoint>().compress().to_bytes()
    }
}

fn read(encoding: &Bytes32) -> Option<RistrettoPoint> {
    CompressedRistretto(*encoding).decompress()
}

pub fn match_rows(columns: &[&[Bytes32]], factors: &[Factor], target: &Bytes32) -> Vec<Option<Match>> {
    let (schedule, target) = (schedule(factors), read(target).expect("the target is a point"));
    let matched = |row: usize| {
        let points = columns.iter().map(|column| read(&column[row])).collect::<Option<Vec<_>>>()?;
        let sum = combine(&points, factors, &schedule);
        Some(match sum {
            _ if sum == target => Match::Equal,
            _ if sum == -target => Match::Opposite,
            _ => Match::Neither,
        })
    };
    (0..columns.first().map_or(0, |column| column.len())).map(matched).collect()
}

/// Bit by bit: cheap for short factors.
fn combine(points: &[RistrettoPoint], factors: &[Factor], schedule: &[Vec<usize>]) -> RistrettoPoint {
    let mut sum = RistrettoPoint::default();
    for positions in schedule {
        sum += sum;
        for at in positions {
            if factors[*at].negative { sum -= points[*at] } else { sum += points[*at] }
        }
    }
    sum
}

/// Encodings of doubles are made with one inversion for all: so the halves of the sums are added up.
pub fn double_pairs(pairs: &[[Bytes32; 2]], less: &Bytes32) -> Vec<Option<[Bytes32; 2]>> {
    let less = read(less).expect("what is taken off is a point") * Scalar::ONE.div_by_2();
    let halves = pairs.iter().map(|pair| Some([read(&pair[0])?, read(&pair[1])? - less]));
    let halves: Vec<Option<[RistrettoPoint; 2]>> = halves.collect();
    let readable: Vec<RistrettoPoint> = halves.iter().flatten().flatten().copied().collect();
    let encodings = RistrettoPoint::double_and_compress_batch(&readable);
    let mut next = encodings.chunks_exact(2).map(|pair| [pair[0].to_bytes(), pair[1].to_bytes()]);
    halves.iter().map(|pair| pair.and_then(|_| next.next())).collect()
}
