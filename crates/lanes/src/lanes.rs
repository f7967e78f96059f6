//! Points side by side of which nobody is to learn which they are.

use crate::backend::Backend;
use crate::points::both;
use crate::table::Table;
use crate::{Bytes32, dalek, ifma};
use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

/// Points that lie side by side, at most.
pub const LANES: usize = 8;

/// So many points are multiplied by secrets as they are; more are first added up.
const NARROW: usize = 5;

/// At most eight points, one a row. Everything takes the same time whatever they and scalars are, unless it says
/// otherwise; wiped when dropped.
///
/// Where several are given they must be of one backend and have the same rows; scalars and choices are one a row.
pub struct Lanes(Either);

enum Either {
    Ifma(ifma::Lanes, usize),
    Dalek(dalek::Lanes),
}

/// What multiplies a column of points, or the point of a table.
pub type Multiple<'a, T> = (&'a T, &'a [Scalar]);

impl Lanes {
    /// The points of each column, and the rows, ascending, in which one is not canonical; in its place stands the
    /// identity. In time that depends on which these are.
    pub fn read(backend: Backend, columns: &[&[Bytes32]]) -> (Vec<Self>, Vec<usize>) {
        let rows = columns.first().map_or(0, |column| column.len());
        assert!(
            rows <= LANES && columns.iter().all(|column| column.len() == rows),
            "at most eight rows, all alike"
        );
        match backend {
            Backend::Ifma => {
                let (lanes, bad) = ifma::Lanes::read(columns);
                let lanes = lanes.into_iter().map(|lanes| Self(Either::Ifma(lanes, rows))).collect();
                (lanes, (0..rows).filter(|row| bad >> row & 1 == 1).collect())
            }
            Backend::Dalek => {
                let (lanes, bad) = dalek::Lanes::read(columns);
                (lanes.into_iter().map(|lanes| Self(Either::Dalek(lanes))).collect(), bad)
            }
        }
    }

    /// In each row the sum of these multiples.
    pub fn sum(backend: Backend, columns: &[Multiple<Self>], tables: &[Multiple<Table>]) -> Self {
        let scalars = columns.iter().map(|column| column.1).chain(tables.iter().map(|table| table.1));
        let rows = scalars.clone().next().map_or(0, <[Scalar]>::len);
        assert!(rows <= LANES && scalars.clone().all(|scalars| scalars.len() == rows), "one scalar a row");
        Self(match backend {
            Backend::Ifma => {
                let columns: Vec<_> =
                    columns.iter().map(|(lanes, scalars)| (lanes.ifma(), *scalars)).collect();
                let tables: Vec<_> =
                    tables.iter().map(|(table, scalars)| (table.lanes(), *scalars)).collect();
                Either::Ifma(ifma::Lanes::sum(&columns, &tables, ifma::SCALAR_BITS), rows)
            }
            Backend::Dalek => {
                let columns: Vec<_> =
                    columns.iter().map(|(lanes, scalars)| (lanes.dalek(), *scalars)).collect();
                Either::Dalek(dalek::Lanes::sum(&columns, tables, rows))
            }
        })
    }

    /// In each row `factor * (sum of the columns' points times the column's coefficients)`, and the multiples of tables.
    /// Coefficients are public and below 2^128: in time that depends on points and coefficients, not on factors.
    pub fn multiply_combination(
        backend: Backend,
        columns: &[Multiple<Self>],
        factors: &[Scalar],
        tables: &[Multiple<Table>],
    ) -> Self {
        if columns.len() > NARROW {
            return Self::sum(backend, &[(&Self::combine(columns), factors)], tables);
        }
        let product = |(_, coefficients): &Multiple<Self>| -> Zeroizing<Vec<Scalar>> {
            Zeroizing::new(coefficients.iter().zip(factors).map(|(c, factor)| c * factor).collect())
        };
        let products: Vec<_> = columns.iter().map(product).collect();
        let multiples: Vec<_> =
            columns.iter().zip(&products).map(|((lanes, _), scalars)| (*lanes, &scalars[..])).collect();
        Self::sum(backend, &multiples, tables)
    }

    /// At least one column.
    fn combine(columns: &[Multiple<Self>]) -> Self {
        Self(match &columns[0].0.0 {
            Either::Ifma(_, rows) => {
                let columns: Vec<_> =
                    columns.iter().map(|(lanes, scalars)| (lanes.ifma(), *scalars)).collect();
                Either::Ifma(ifma::Lanes::sum(&columns, &[], 128), *rows)
            }
            Either::Dalek(_) => {
                let columns: Vec<_> =
                    columns.iter().map(|(lanes, scalars)| (lanes.dalek(), *scalars)).collect();
                Either::Dalek(dalek::Lanes::combine(&columns))
            }
        })
    }

    pub fn rows(&self) -> usize {
        match &self.0 {
            Either::Ifma(_, rows) => *rows,
            Either::Dalek(lanes) => lanes.rows(),
        }
    }

    pub fn add(&self, other: &Self) -> Self {
        Self(match &self.0 {
            Either::Ifma(lanes, rows) => Either::Ifma(lanes.add(other.ifma()), *rows),
            Either::Dalek(lanes) => Either::Dalek(lanes.add(other.dalek())),
        })
    }

    /// The opposite points in the rows whose byte is 1, and not 0.
    pub fn negate_where(&self, chosen: &[u8]) -> Self {
        Self(match &self.0 {
            Either::Ifma(lanes, rows) => Either::Ifma(lanes.negate_where(mask(chosen)), *rows),
            Either::Dalek(lanes) => Either::Dalek(lanes.negate_where(chosen)),
        })
    }

    /// The points of `other` in the rows whose byte is 1, and not 0.
    pub fn select(&self, other: &Self, chosen: &[u8]) -> Self {
        Self(match &self.0 {
            Either::Ifma(lanes, rows) => Either::Ifma(lanes.select(other.ifma(), mask(chosen)), *rows),
            Either::Dalek(lanes) => Either::Dalek(lanes.select(other.dalek(), chosen)),
        })
    }

    /// The rows that hold the identity.
    pub fn identities(&self) -> Vec<bool> {
        match &self.0 {
            Either::Ifma(lanes, rows) => {
                let identities = lanes.identities();
                (0..*rows).map(|row| identities >> row & 1 == 1).collect()
            }
            Either::Dalek(lanes) => lanes.identities(),
        }
    }

    /// The encodings of each column.
    pub fn encode(columns: &[Self]) -> Vec<Vec<Bytes32>> {
        Self::encode_with(columns, false)
    }

    /// The encodings of twice each column's points, which cost curve25519-dalek far less.
    pub fn encode_doubled(columns: &[Self]) -> Vec<Vec<Bytes32>> {
        Self::encode_with(columns, true)
    }

    fn encode_with(columns: &[Self], doubled: bool) -> Vec<Vec<Bytes32>> {
        match columns.first().map(|lanes| &lanes.0) {
            None => vec![],
            Some(Either::Ifma(_, rows)) => {
                let columns: Vec<_> = columns.iter().map(Self::ifma).collect();
                let encoded = ifma::Lanes::encode(&columns, doubled);
                encoded.iter().map(|column| column[..*rows].to_vec()).collect()
            }
            Some(Either::Dalek(_)) => {
                let columns: Vec<_> = columns.iter().map(Self::dalek).collect();
                dalek::Lanes::encode(&columns, doubled)
            }
        }
    }

    fn ifma(&self) -> &ifma::Lanes {
        match &self.0 {
            Either::Ifma(lanes, _) => lanes,
            Either::Dalek(_) => unreachable!("lanes of two backends"),
        }
    }

    fn dalek(&self) -> &dalek::Lanes {
        match &self.0 {
            Either::Dalek(lanes) => lanes,
            Either::Ifma(..) => unreachable!("lanes of two backends"),
        }
    }
}

/// The encodings of each scalar times the generator, in constant time.
///
/// Panics as [`crate::Points::read`] does.
pub fn multiply_generator(scalars: &[Scalar]) -> Vec<Bytes32> {
    let halves = Zeroizing::new(scalars.iter().map(Scalar::div_by_2).collect::<Vec<_>>());
    both("a multiple of the generator", scalars.len(), |backend| {
        let multiply = |halves| Lanes::sum(backend, &[], &[(Table::generator(), halves)]);
        let (whole, rest) = halves.as_chunks::<LANES>();
        let columns: Vec<Lanes> = whole.iter().map(|halves| multiply(halves)).collect();
        let last: Vec<Lanes> = (!rest.is_empty()).then(|| multiply(rest)).into_iter().collect();
        [Lanes::encode_doubled(&columns), Lanes::encode_doubled(&last)].concat().concat()
    })
}

fn mask(chosen: &[u8]) -> u8 {
    chosen.iter().zip(0..).fold(0, |mask, (chosen, row)| mask | (chosen & 1) << row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{bad, log, points, scalars};
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;

    #[test]
    fn points_one_after_the_other_are_what_is_asked_for() {
        everything(Backend::Dalek);
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn points_in_lanes_are_what_is_asked_for() {
        everything(Backend::Ifma);
    }

    fn everything(backend: Backend) {
        rows_that_cannot_be_read_are_named_once_and_hold_the_identity(backend);
        for rows in [0, 1, 5, 8] {
            (0..4).for_each(|terms| sums_of_multiples_are_right_in_every_row(backend, terms, rows));
        }
        for width in [1, 3, NARROW + 1, 20] {
            combinations_are_multiplied_whether_narrow_or_wide(backend, width);
        }
        chosen_rows_alone_are_turned_or_taken(backend);
    }

    fn multiples(logarithms: impl IntoIterator<Item = Scalar>) -> Vec<Bytes32> {
        logarithms.into_iter().map(|logarithm| (&logarithm * G).compress().to_bytes()).collect()
    }

    /// Columns of so many rows, the point in column `c` and row `r` being `log(rows*c + r)`.
    fn columns(backend: Backend, columns: usize, rows: usize) -> Vec<Lanes> {
        let encodings = points((columns * rows) as u64);
        let columns: Vec<&[Bytes32]> = (0..columns).map(|at| &encodings[at * rows..][..rows]).collect();
        let (lanes, bad) = Lanes::read(backend, &columns);
        assert!(bad.is_empty() && lanes.iter().all(|lanes| lanes.rows() == rows));
        lanes
    }

    fn rows_that_cannot_be_read_are_named_once_and_hold_the_identity(backend: Backend) {
        let (mut first, mut second) = (points(7), points(7));
        (first[2], first[6], second[2]) = (bad()[0], bad()[28], bad()[9]);
        let (lanes, bad) = Lanes::read(backend, &[&first, &second, &points(7)]);
        assert_eq!(bad, [2, 6]);
        (first[2], first[6], second[2]) = ([0; 32], [0; 32], [0; 32]);
        assert_eq!(Lanes::encode(&lanes), [first, second, points(7)]);
    }

    fn sums_of_multiples_are_right_in_every_row(backend: Backend, terms: usize, rows: usize) {
        let (scalars, table) = (scalars(8 * 9), Table::new(&(&log(77) * G)));
        let lanes = columns(backend, terms, rows);
        let scalars: Vec<&[Scalar]> = scalars.chunks(8).map(|some| &some[..rows]).collect();
        let multiples_: Vec<_> = lanes.iter().zip(scalars.iter().copied()).collect();
        let sum = Lanes::sum(backend, &multiples_, &[(&table, scalars[7]), (Table::generator(), scalars[8])]);
        let expected = |row: usize| {
            let fixed = scalars[7][row] * log(77) + scalars[8][row];
            (0..terms).map(|at| scalars[at][row] * log((at * rows + row) as u64)).sum::<Scalar>() + fixed
        };
        assert_eq!(Lanes::encode(&[sum]).concat(), multiples((0..rows).map(expected)), "{terms} terms");
    }

    fn combinations_are_multiplied_whether_narrow_or_wide(backend: Backend, width: usize) {
        let factors = scalars(8);
        let short = |at: usize| match at {
            0 => Scalar::ONE,
            1 => Scalar::from(u128::MAX),
            _ => Scalar::from(u128::MAX / at as u128),
        };
        let lanes = columns(backend, width, 8);
        let coefficients: Vec<Vec<Scalar>> =
            (0..width).map(|at| (0..8).map(|row| short(at + row)).collect()).collect();
        let columns: Vec<_> = lanes.iter().zip(&coefficients).map(|(l, c)| (l, &c[..])).collect();
        let product =
            Lanes::multiply_combination(backend, &columns, &factors, &[(Table::generator(), &factors)]);
        let expected = |row: usize| {
            let sum: Scalar = (0..width).map(|at| short(at + row) * log((8 * at + row) as u64)).sum();
            factors[row] * (sum + Scalar::ONE)
        };
        assert_eq!(Lanes::encode(&[product]).concat(), multiples((0..8).map(expected)), "width {width}");
    }

    fn chosen_rows_alone_are_turned_or_taken(backend: Backend) {
        let chosen = [1, 0, 0, 1, 1, 0, 1];
        let lanes = columns(backend, 2, 7);
        let (turned, taken) = (lanes[0].negate_where(&chosen), lanes[0].select(&lanes[1], &chosen));
        let sum = lanes[0].add(&turned);
        let is_chosen = |row: u64| chosen[row as usize] == 1;
        let taken_log = |row| if is_chosen(row) { log(7 + row) } else { log(row) };
        let sum_log = |row| if is_chosen(row) { Scalar::ZERO } else { log(row) + log(row) };
        assert_eq!(Lanes::encode(&[taken]).concat(), multiples((0..7).map(taken_log)));
        assert_eq!(sum.identities(), (0..7).map(|row| row == 0 || is_chosen(row)).collect::<Vec<_>>());
        assert_eq!(Lanes::encode(&[sum]).concat(), multiples((0..7).map(sum_log)));
        let doubled = Lanes::encode_doubled(&lanes);
        assert_eq!(doubled.concat(), multiples((0..14).map(|at| log(at) + log(at))));
    }

    #[test]
    fn multiples_of_the_generator_are_right_whatever_their_number() {
        let scalars = scalars(21);
        for n in [0, 1, 8, 13, 21] {
            assert_eq!(multiply_generator(&scalars[..n]), multiples(scalars[..n].iter().copied()));
        }
    }
}
