//! What [`crate::Lanes`] is made of here: entered one operation at a time, the points in memory in between.

use super::dispatch::enter;
use super::encoding::{decode, encode};
use super::field::Field8;
use super::point::Point8;
use super::{fixed, straus};
use crate::Bytes32;
use curve25519_dalek::{RistrettoPoint, Scalar};
use zeroize::Zeroizing;

/// The limbs of `X`, `Y`, `Z`, `T`, wiped when dropped; the identity in lanes beyond the rows.
pub struct Lanes(Zeroizing<Vec<[u64; 8]>>);

pub struct Table(fixed::Table);

impl Table {
    pub fn new(point: &RistrettoPoint) -> Self {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work(point: &RistrettoPoint) -> Table {
            Table(fixed::Table::new(point))
        }
        enter(work, point)
    }
}

impl Lanes {
    fn store(point: &Point8) -> Self {
        let Point8 { x, y, z, t } = point;
        let limbs = [x.0, y.0, z.0, t.0];
        Self(Zeroizing::new(limbs.as_flattened().iter().map(|limb| bytemuck::must_cast(*limb)).collect()))
    }

    fn load(&self) -> Point8 {
        let field =
            |at: usize| Field8(core::array::from_fn(|limb| bytemuck::must_cast(self.0[5 * at + limb])));
        Point8 { x: field(0), y: field(1), z: field(2), t: field(3) }
    }

    /// The points of each column, neutral where there is none, and a mask of the lanes where that is in any.
    pub fn read(columns: &[&[Bytes32]]) -> (Vec<Self>, u8) {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work(columns: &[&[Bytes32]]) -> (Vec<Lanes>, u8) {
            let (mut lanes, mut bad) = (Vec::with_capacity(columns.len() + 1), 0);
            for some in columns.chunks(2) {
                let mut block = [[[0; 32]; 8]; 2];
                block
                    .iter_mut()
                    .zip(some)
                    .for_each(|(block, column)| block[..column.len()].copy_from_slice(column));
                for decoded in decode(&block) {
                    lanes.push(Lanes::store(&decoded.point.blend(!decoded.valid, &Point8::neutral())));
                    bad |= !decoded.valid;
                }
            }
            lanes.truncate(columns.len());
            (lanes, bad)
        }
        enter(work, columns)
    }

    pub fn sum(terms: &[(&Self, &[Scalar])], fixed: &[(&Table, &[Scalar])], bits: u32) -> Self {
        type Terms<'a, T> = &'a [(&'a T, &'a [Scalar])];
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((terms, fixed, bits): (Terms<Lanes>, Terms<Table>, u32)) -> Lanes {
            let terms: Vec<_> = terms.iter().map(|(point, scalars)| (point.load(), *scalars)).collect();
            let mut sum = straus::sum(&terms, bits);
            for (table, scalars) in fixed {
                sum = sum.add(&table.0.multiply(scalars));
            }
            Lanes::store(&sum)
        }
        enter(work, (terms, fixed, bits))
    }

    pub fn add(&self, other: &Self) -> Self {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((left, right): (&Lanes, &Lanes)) -> Lanes {
            Lanes::store(&left.load().add(&right.load()))
        }
        enter(work, (self, other))
    }

    pub fn negate_where(&self, mask: u8) -> Self {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((lanes, mask): (&Lanes, u8)) -> Lanes {
            Lanes::store(&lanes.load().negate_where(mask))
        }
        enter(work, (self, mask))
    }

    /// The points of `other` in the lanes of the mask.
    pub fn select(&self, other: &Self, mask: u8) -> Self {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((left, right, mask): (&Lanes, &Lanes, u8)) -> Lanes {
            Lanes::store(&left.load().blend(mask, &right.load()))
        }
        enter(work, (self, other, mask))
    }

    pub fn identities(&self) -> u8 {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work(lanes: &Lanes) -> u8 {
            lanes.load().is_identity()
        }
        enter(work, self)
    }

    pub fn encode(columns: &[&Self], doubled: bool) -> Vec<[Bytes32; 8]> {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn work((columns, doubled): (&[&Lanes], bool)) -> Vec<[Bytes32; 8]> {
            let mut encodings = Vec::with_capacity(columns.len() + 1);
            for some in columns.chunks(2) {
                let mut block = [Point8::neutral(); 2];
                for (point, lanes) in block.iter_mut().zip(some) {
                    *point = if doubled { lanes.load().double() } else { lanes.load() };
                }
                encodings.extend(encode(&block));
            }
            encodings.truncate(columns.len());
            encodings
        }
        enter(work, (columns, doubled))
    }
}
