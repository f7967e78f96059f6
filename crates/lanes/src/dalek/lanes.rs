//! What [`crate::Lanes`] is made of here: points one after the other.

use crate::lanes::Multiple;
use crate::table::Table;
use crate::{Bytes32, dalek};
use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::traits::{IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use subtle::{Choice, ConditionallyNegatable, ConditionallySelectable};
use zeroize::Zeroizing;

/// One a row; wiped when dropped.
pub struct Lanes(Zeroizing<Vec<RistrettoPoint>>);

impl Lanes {
    fn of(points: impl Iterator<Item = RistrettoPoint>) -> Self {
        Self(Zeroizing::new(points.collect()))
    }

    pub fn read(columns: &[&[Bytes32]]) -> (Vec<Self>, Vec<usize>) {
        let (columns, bad): (Vec<_>, Vec<_>) =
            columns.iter().map(|column| dalek::Points::read(column)).unzip();
        let mut bad = bad.concat();
        bad.sort_unstable();
        bad.dedup();
        (columns.into_iter().map(|column| Self(Zeroizing::new(column.0))).collect(), bad)
    }

    /// A point of a table is cheaper as one term more; alone it is multiplied by its table, and another by itself.
    pub fn sum(columns: &[Multiple<Self>], tables: &[Multiple<Table>], rows: usize) -> Self {
        let sum = |row: usize| {
            match (columns, tables) {
                ([], _) => return tables.iter().map(|(table, scalars)| table.multiply(&scalars[row])).sum(),
                ([(lanes, scalars)], []) => return lanes.0[row] * scalars[row],
                _ => {}
            }
            let scalars = tables.iter().map(|table| table.1).chain(columns.iter().map(|column| column.1));
            let points = tables.iter().map(|(table, _)| table.point());
            let points = points.chain(columns.iter().map(|(lanes, _)| &lanes.0[row]));
            RistrettoPoint::multiscalar_mul(scalars.map(|scalars| &scalars[row]), points)
        };
        Self::of((0..rows).map(sum))
    }

    /// Public scalars, in time that depends on them.
    pub fn combine(columns: &[Multiple<Self>]) -> Self {
        let combine = |row: usize| {
            let (points, scalars) = (columns.iter().map(|c| &c.0.0[row]), columns.iter().map(|c| &c.1[row]));
            RistrettoPoint::vartime_multiscalar_mul(scalars, points)
        };
        Self::of((0..columns[0].0.0.len()).map(combine))
    }

    pub fn rows(&self) -> usize {
        self.0.len()
    }

    pub fn add(&self, other: &Self) -> Self {
        Self::of(self.0.iter().zip(other.0.iter()).map(|(left, right)| left + right))
    }

    pub fn negate_where(&self, chosen: &[u8]) -> Self {
        Self::of(self.0.iter().zip(chosen).map(|(point, choice)| {
            let mut point = *point;
            point.conditional_negate(Choice::from(*choice));
            point
        }))
    }

    pub fn select(&self, other: &Self, chosen: &[u8]) -> Self {
        let pairs = self.0.iter().zip(other.0.iter()).zip(chosen);
        Self::of(
            pairs.map(|((a, b), choice)| RistrettoPoint::conditional_select(a, b, Choice::from(*choice))),
        )
    }

    pub fn identities(&self) -> Vec<bool> {
        self.0.iter().map(IsIdentity::is_identity).collect()
    }

    pub fn encode(columns: &[&Self], doubled: bool) -> Vec<Vec<Bytes32>> {
        if !doubled {
            return columns
                .iter()
                .map(|lanes| lanes.0.iter().map(|point| point.compress().0).collect())
                .collect();
        }
        let rows = columns.first().map_or(0, |lanes| lanes.0.len());
        let mut points = Zeroizing::new(Vec::with_capacity(rows * columns.len())); // grown, it would leave copies
        columns.iter().for_each(|lanes| points.extend_from_slice(&lanes.0));
        let encoded = RistrettoPoint::double_and_compress_batch(&*points);
        encoded.chunks(rows.max(1)).map(|column| column.iter().map(|point| point.0).collect()).collect()
    }
}
