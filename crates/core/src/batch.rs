//! Batch verification (`spec/proofs.md#batch-verification`).
//!
//! Each equation "this sum of multiples of points is the identity" gets its own 128-bit factor; the sum of all is
//! one multiscalar multiplication. When it fails, the batch is halved until the culprits are named.

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
use psephos_lanes::Points;
use rayon::prelude::*;
use std::ops::Range;

use crate::codec::{BAD_POINT, Bytes32, IDENTITY, IDENTITY_BYTES};

/// A row and why it is refused.
pub type Culprit = (usize, &'static str);
pub type Verdict = std::result::Result<(), &'static str>;

/// Rows in one multiscalar multiplication: enough to make it cheap, few enough to stay in the cache.
const BLOCK: usize = 512;

/// A point that a batch is to read, by its place among all of them.
#[derive(Clone, Copy)]
pub struct Point(u32);

const GENERATOR: Point = Point(0);
const KEY: Point = Point(1);

/// One equation's terms, or several equations that stand or fall together.
struct Claim {
    culprit: Culprit,
    generator: Scalar,
    key: Scalar,
    terms: Range<usize>,
}

/// Claims about points that are not read yet: encodings are gathered, and read all at once.
pub struct Batch {
    encodings: Vec<Bytes32>,
    claims: Vec<Claim>,
    terms: Vec<(Scalar, Point)>,
    factors: Factors,
}

impl Batch {
    fn new(key: &Bytes32, factors: Factors) -> Self {
        let encodings = vec![RISTRETTO_BASEPOINT_COMPRESSED.to_bytes(), *key];
        Self { encodings, claims: vec![], terms: vec![], factors }
    }

    /// A point to be read. A row must give its points in the order in which it is judged, among its other reasons to be
    /// refused: of those, the first counts.
    pub fn point(&mut self, encoding: &Bytes32) -> Point {
        self.encodings.push(*encoding);
        Point(self.encodings.len() as u32 - 1)
    }

    /// A point to be read, other than the identity.
    pub fn proper_point(&mut self, encoding: &Bytes32) -> Result<Point, &'static str> {
        if *encoding == IDENTITY_BYTES { Err(IDENTITY) } else { Ok(self.point(encoding)) }
    }

    /// Several points; `encodings` must be whole ones.
    pub fn points(&mut self, encodings: &[u8]) -> Vec<Point> {
        encodings.as_chunks::<32>().0.iter().map(|encoding| self.point(encoding)).collect()
    }

    /// Open a claim; the terms that follow are its own. `reason` is what is wrong when it fails.
    pub fn claim(&mut self, row: usize, reason: &'static str) {
        let here = self.terms.len();
        let zero = Scalar::ZERO;
        self.claims.push(Claim { culprit: (row, reason), generator: zero, key: zero, terms: here..here });
    }

    /// A fresh factor; every equation needs its own.
    pub fn factor(&mut self) -> Scalar {
        self.factors.draw()
    }

    pub fn add(&mut self, scalar: Scalar, point: Point) {
        self.terms.push((scalar, point));
        self.open().terms.end += 1;
    }

    pub fn add_generator(&mut self, scalar: Scalar) {
        self.open().generator += scalar;
    }

    pub fn add_key(&mut self, scalar: Scalar) {
        self.open().key += scalar;
    }

    fn open(&mut self) -> &mut Claim {
        self.claims.last_mut().expect("a claim is open")
    }

    fn holds(&self, points: &Points, claims: &[Claim]) -> bool {
        if claims.is_empty() {
            return true;
        }
        let generator = (claims.iter().map(|claim| claim.generator).sum(), GENERATOR);
        let key = (claims.iter().map(|claim| claim.key).sum(), KEY);
        let own = claims.iter().flat_map(|claim| &self.terms[claim.terms.clone()]);
        let (scalars, which): (Vec<Scalar>, Vec<u32>) =
            [generator, key].iter().chain(own).map(|(scalar, point)| (scalar, point.0)).unzip();
        points.sums_to_identity(&which, &scalars)
    }

    /// The claims among `claims` that fail. `fails`: it is known that some do.
    fn search(&self, points: &Points, claims: &[Claim], fails: bool, culprits: &mut Vec<Culprit>) {
        if !fails && self.holds(points, claims) {
            return;
        }
        if let [claim] = claims {
            return culprits.push(claim.culprit);
        }
        let (left, right) = claims.split_at(claims.len() / 2);
        let before = culprits.len();
        self.search(points, left, false, culprits);
        self.search(points, right, culprits.len() == before, culprits);
    }
}

/// Check `rows` rows: `add` gives one's points, adds its claims, or says why it cannot be read. Culprits come in order,
/// once each. `key` is the encoding of the point that `add_key` multiplies.
pub fn check<F>(rows: usize, key: &Bytes32, add: F) -> Vec<Culprit>
where
    F: Fn(usize, &mut Batch) -> Verdict + Sync,
{
    check_with(rows, key, add, Factors::from_system)
}

/// As [`check`] for claims that are about no joint key.
pub fn check_keyless<F>(rows: usize, add: F) -> Vec<Culprit>
where
    F: Fn(usize, &mut Batch) -> Verdict + Sync,
{
    check(rows, &IDENTITY_BYTES, add)
}

fn check_with<F>(rows: usize, key: &Bytes32, add: F, factors: fn() -> Factors) -> Vec<Culprit>
where
    F: Fn(usize, &mut Batch) -> Verdict + Sync,
{
    // As many blocks for each thread as for every other, and all of a size.
    let blocks = rows.div_ceil(BLOCK).next_multiple_of(rayon::current_num_threads());
    let block = rows.div_ceil(blocks.max(1)).max(1);
    let check_block = |index: usize| {
        check_block(index * block..rows.min((index + 1) * block), Batch::new(key, factors()), &add)
    };
    (0..rows.div_ceil(block)).into_par_iter().flat_map_iter(check_block).collect()
}

fn check_block<F>(rows: Range<usize>, mut batch: Batch, add: &F) -> Vec<Culprit>
where
    F: Fn(usize, &mut Batch) -> Verdict,
{
    let mut read = |row| {
        let first = batch.encodings.len();
        let verdict = add(row, &mut batch);
        (row, first..batch.encodings.len(), verdict)
    };
    let seen: Vec<_> = rows.map(&mut read).collect();
    let (points, bad) = Points::read(&batch.encodings);
    let refused = |(row, own, verdict): (usize, Range<usize>, Verdict)| {
        let unreadable = bad.get(bad.partition_point(|at| *at < own.start)).is_some_and(|at| *at < own.end);
        // Whatever a row has given to be read it gave before it was refused for another reason.
        let verdict = if unreadable { Err(BAD_POINT) } else { verdict };
        verdict.err().map(|reason| (row, reason))
    };
    let mut culprits: Vec<Culprit> = seen.into_iter().filter_map(refused).collect();
    let out = |claim: &Claim| culprits.binary_search_by_key(&claim.culprit.0, |culprit| culprit.0).is_ok();
    batch.claims.retain(|claim| !out(claim));
    batch.search(&points, &batch.claims, false, &mut culprits);
    culprits.sort_by_key(|culprit| culprit.0);
    culprits.dedup_by_key(|culprit| culprit.0);
    culprits
}

/// A source of 128-bit factors, read from the operating system a page at a time.
pub struct Factors {
    fill: fn(&mut [u8]),
    page: Box<[u8; 4096]>,
    used: usize,
}

impl Factors {
    pub fn from_system() -> Self {
        // Without randomness a batch proves nothing, so there is nothing to go on with.
        Self::new(|page| getrandom::fill(page).expect("the operating system gives randomness"))
    }

    fn new(fill: fn(&mut [u8])) -> Self {
        Self { fill, page: Box::new([0; 4096]), used: 4096 }
    }

    pub fn draw(&mut self) -> Scalar {
        if self.used == self.page.len() {
            (self.fill)(&mut self.page[..]);
            self.used = 0;
        }
        let (bytes, _) = self.page[self.used..].split_first_chunk::<16>().expect("pages are whole factors");
        self.used += 16;
        Scalar::from(u128::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::BAD_SCALAR;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;

    const UNREADABLE: Bytes32 = [0xff; 32];

    /// Claim `row*G = row*G`, wrongly where `bad`, with a second claim that holds.
    fn add(row: usize, batch: &mut Batch, bad: bool) -> Verdict {
        let value = Scalar::from(row as u64 + 1);
        let point = batch.point(&(&value * G).compress().to_bytes());
        batch.claim(row, "sum");
        let factor = batch.factor();
        batch.add(-factor, point);
        batch.add_generator(factor * if bad { value + Scalar::ONE } else { value });
        batch.claim(row, "other");
        Ok(())
    }

    #[test]
    fn names_exactly_the_bad_rows() {
        assert_eq!(check_keyless(1000, |row, batch| add(row, batch, false)), []);
        assert_eq!(check_keyless(1000, |row, batch| add(row, batch, row == 617)), [(617, "sum")]);
        let some = [0, 1, 255, 256, 999];
        let found = check_keyless(1000, |row, batch| add(row, batch, some.contains(&row)));
        assert_eq!(found, some.map(|row| (row, "sum")));
        assert_eq!(check_keyless(9, |row, batch| add(row, batch, true)).len(), 9);
        assert_eq!(check_keyless(0, |row, batch| add(row, batch, true)), []);
    }

    #[test]
    fn a_row_that_cannot_be_read_leaves_no_claim_behind() {
        let found = check_keyless(100, |row, batch| {
            add(row, batch, row == 7)?;
            if row == 7 || row == 8 { Err("unreadable") } else { Ok(()) }
        });
        assert_eq!(found, [(7, "unreadable"), (8, "unreadable")]);
    }

    #[test]
    fn of_several_faults_of_a_row_the_first_counts() {
        let found = check_keyless(300, |row, batch| {
            let bad = |at: usize| row % 7 == at;
            add(row, batch, bad(0) || bad(1) || bad(2))?;
            batch.claim(row, "last");
            if bad(1) || bad(3) {
                batch.point(&UNREADABLE);
            }
            if bad(2) || bad(3) || bad(4) {
                return Err(BAD_SCALAR);
            }
            batch.proper_point(if bad(5) { &IDENTITY_BYTES } else { &UNREADABLE }).map(|point| {
                let encoding = if bad(6) || bad(1) { UNREADABLE } else { IDENTITY_BYTES };
                batch.encodings[point.0 as usize] = encoding;
            })
        });
        let reasons = ["sum", BAD_POINT, BAD_SCALAR, BAD_POINT, BAD_SCALAR, IDENTITY, BAD_POINT];
        assert_eq!(found, (0..300).map(|row| (row, reasons[row % 7])).collect::<Vec<_>>());
    }

    #[test]
    fn equal_factors_would_let_errors_cancel_and_fresh_ones_do_not() {
        let cancelling = |row: usize, batch: &mut Batch| {
            batch.claim(row, "sum");
            let factor = batch.factor();
            batch.add_generator(if row == 0 { factor } else { -factor });
            Ok(())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        pool.install(|| {
            let ones = || Factors::new(|page| page.fill(1));
            assert_eq!(check_with(2, &IDENTITY_BYTES, cancelling, ones), []);
            assert_eq!(check_keyless(2, cancelling), [(0, "sum"), (1, "sum")]);
        });
    }
}
