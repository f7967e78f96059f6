//! In the place of `ifma` where no processor has it: there are no such points.

use crate::Bytes32;
use crate::factor::Factor;
use crate::rows::Match;
use curve25519_dalek::Scalar;

pub enum Points {}

pub fn available() -> bool {
    false
}

impl Points {
    pub fn read(_: &[Bytes32]) -> (Self, Vec<usize>) {
        unreachable!("not available")
    }

    pub fn sums_to_identity(&self, _: &[u32], _: &[Scalar]) -> bool {
        match *self {}
    }

    pub fn sum(&self, _: &dyn Fn(usize) -> bool) -> Bytes32 {
        match *self {}
    }
}

pub fn match_rows(_: &[&[Bytes32]], _: &[Factor], _: &Bytes32) -> Vec<Option<Match>> {
    unreachable!("not available")
}

pub fn double_pairs(_: &[[Bytes32; 2]], _: &Bytes32) -> Vec<Option<[Bytes32; 2]>> {
    unreachable!("not available")
}
