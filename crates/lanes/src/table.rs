//! A public point that many secrets multiply.

use crate::ifma;
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::ristretto::RistrettoBasepointTable;
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::sync::OnceLock;

/// Its multiples, made once: as much work as some hundred multiples.
pub struct Table {
    point: RistrettoPoint,
    dalek: Box<RistrettoBasepointTable>,
    lanes: OnceLock<ifma::Table>,
}

impl Table {
    pub fn new(point: &RistrettoPoint) -> Self {
        let dalek = Box::new(RistrettoBasepointTable::create(point));
        Self { point: *point, dalek, lanes: OnceLock::new() }
    }

    /// Of the group's generator.
    pub fn generator() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Self {
            point: RISTRETTO_BASEPOINT_POINT,
            dalek: Box::new(RISTRETTO_BASEPOINT_TABLE.clone()),
            lanes: OnceLock::new(),
        })
    }

    pub fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// In constant time.
    pub fn multiply(&self, scalar: &Scalar) -> RistrettoPoint {
        scalar * &*self.dalek
    }

    pub(crate) fn lanes(&self) -> &ifma::Table {
        self.lanes.get_or_init(|| ifma::Table::new(&self.point))
    }
}
