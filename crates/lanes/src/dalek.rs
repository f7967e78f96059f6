//! The same by curve25519-dalek: where lanes are not to be had, and where they are held against it.

use crate::Bytes32;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};

pub struct Points(Vec<RistrettoPoint>);

impl Points {
    /// The points, the identity where there is none, and where that is.
    pub fn read(encodings: &[Bytes32]) -> (Self, Vec<usize>) {
        let mut bad = vec![];
        let mut read = |(at, encoding): (usize, &Bytes32)| {
            let point = CompressedRistretto(*encoding).decompress();
            point.unwrap_or_else(|| {
                bad.push(at);
                RistrettoPoint::default()
            })
        };
        let points = encodings.iter().enumerate().map(&mut read).collect();
        (Self(points), bad)
    }

    pub fn sums_to_identity(&self, which: &[u32], scalars: &[Scalar]) -> bool {
        let points = which.iter().map(|point| &self.0[*point as usize]);
        RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }

    pub fn sum(&self, negative: &dyn Fn(usize) -> bool) -> Bytes32 {
        let signed = |(at, point): (usize, &RistrettoPoint)| if negative(at) { -point } else { *point };
        self.0.iter().enumerate().map(signed).sum::<RistrettoPoint>().compress().to_bytes()
    }
}
