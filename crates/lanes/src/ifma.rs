//! Eight at a time with AVX-512 IFMA (`vpmadd52luq`, `vpmadd52huq`: 52-bit products, added to 64-bit lanes).
//!
//! Functions here name the features they need and are safe (Rust 1.86); loads and stores are casts of arrays. Outside,
//! they are entered by [`dispatch::enter`] alone.

mod buckets;
mod canonical;
mod digits;
mod dispatch;
mod encoding;
mod field;
mod fixed;
mod lanes;
mod point;
mod power;
mod rows;
mod secret_digits;
mod sorting;
mod straus;
#[cfg(test)]
mod tests;

use crate::Bytes32;
use crate::factor::Factor;
use crate::rows::Match;
use curve25519_dalek::Scalar;
pub use dispatch::available;
use dispatch::enter;
use encoding::{decode, encode};
pub use lanes::{Lanes, Table};
use point::{Affine8, Niels, Point8};
use std::ops::Range;

/// Scalars are below `2^253`.
pub const SCALAR_BITS: u32 = 253;

/// Points that are read and ready to be multiplied by public scalars.
pub struct Points(Vec<Niels>);

impl Points {
    /// The points, neutral where there is none, and where that is.
    pub fn read(encodings: &[Bytes32]) -> (Self, Vec<usize>) {
        enter(read, encodings)
    }

    pub fn sums_to_identity(&self, which: &[u32], scalars: &[Scalar]) -> bool {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((points, which, scalars): (&[Niels], &[u32], &[Scalar])) -> bool {
            buckets::multiply(points, which, scalars).is_identity() & 1 == 1
        }
        enter(work, (&self.0, which, scalars))
    }

    pub fn combine(&self, which: &[u32], scalars: &[Scalar]) -> Bytes32 {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((points, which, scalars): (&[Niels], &[u32], &[Scalar])) -> Bytes32 {
            encode(&[buckets::multiply(points, which, scalars)])[0][0]
        }
        enter(work, (&self.0, which, scalars))
    }

    /// As [`super::Points::multiply`].
    pub fn multiply(&self, which: Range<usize>, scalars: &[Scalar]) -> Vec<Bytes32> {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((points, scalars): (&[Niels], &[Scalar])) -> Vec<Bytes32> {
            let mut encodings = Vec::with_capacity(points.len().next_multiple_of(16));
            for (points, scalars) in points.chunks(16).zip(scalars.chunks(16)) {
                let mut block = [Point8::neutral(); 2];
                for (product, (points, scalars)) in
                    block.iter_mut().zip(points.chunks(8).zip(scalars.chunks(8)))
                {
                    *product = straus::sum(&[(Affine8::load(fill(points)).point(), scalars)], SCALAR_BITS);
                }
                encodings.extend(encode(&block).as_flattened());
            }
            encodings.truncate(points.len());
            encodings
        }
        enter(work, (&self.0[which], scalars))
    }

    pub fn sum(&self, negative: &dyn Fn(usize) -> bool) -> Bytes32 {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((points, negative): (&[Niels], &dyn Fn(usize) -> bool)) -> Bytes32 {
            encode(&[buckets::sum(points, negative)])[0][0]
        }
        enter(work, (&self.0[..], negative))
    }
}

pub fn match_rows(columns: &[&[Bytes32]], factors: &[Factor], target: &Bytes32) -> Vec<Option<Match>> {
    enter(rows::match_rows, (columns, factors, target))
}

pub fn double_pairs(pairs: &[[Bytes32; 2]], less: &Bytes32) -> Vec<Option<[Bytes32; 2]>> {
    enter(rows::double_pairs, (pairs, less))
}

/// At most eight points, and neutral ones after them.
fn fill(points: &[Niels]) -> [&Niels; 8] {
    core::array::from_fn(|lane| points.get(lane).unwrap_or(&Niels::NEUTRAL))
}

/// Two vectors in step; the last are filled up with encodings of the identity.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn read(encodings: &[Bytes32]) -> (Points, Vec<usize>) {
    let (mut points, mut bad) = (Vec::with_capacity(encodings.len().next_multiple_of(16)), vec![]);
    for some in encodings.chunks(16) {
        let mut block = [[[0; 32]; 8]; 2];
        block.as_flattened_mut()[..some.len()].copy_from_slice(some);
        for decoded in decode(&block) {
            let first = points.len();
            bad.extend((0..8).filter(|lane| decoded.valid >> lane & 1 == 0).map(|lane| first + lane));
            points.extend(decoded.point.affine().neutral_where(!decoded.valid).store());
        }
    }
    points.truncate(encodings.len());
    (Points(points), bad)
}
