//! In the place of `ifma` where no processor has it: there are no such points.

use crate::Bytes32;
use crate::factor::Factor;
use crate::rows::Match;
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::ops::Range;

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

    pub fn multiply(&self, _: Range<usize>, _: &[Scalar]) -> Vec<Bytes32> {
        match *self {}
    }

    pub fn combine(&self, _: &[u32], _: &[Scalar]) -> Bytes32 {
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

pub const SCALAR_BITS: u32 = 253;

pub enum Table {}

impl Table {
    pub fn new(_: &RistrettoPoint) -> Self {
        unreachable!("not available")
    }
}

pub enum Lanes {}

impl Lanes {
    pub fn read(_: &[&[Bytes32]]) -> (Vec<Self>, u8) {
        unreachable!("not available")
    }

    pub fn sum(_: &[(&Self, &[Scalar])], _: &[(&Table, &[Scalar])], _: u32) -> Self {
        unreachable!("not available")
    }

    pub fn add(&self, _: &Self) -> Self {
        match *self {}
    }

    pub fn negate_where(&self, _: u8) -> Self {
        match *self {}
    }

    pub fn select(&self, _: &Self, _: u8) -> Self {
        match *self {}
    }

    pub fn identities(&self) -> u8 {
        match *self {}
    }

    pub fn encode(_: &[&Self], _: bool) -> Vec<[Bytes32; 8]> {
        unreachable!("not available")
    }
}
