//! Batch verification (`spec/proofs.md#batch-verification`).
//!
//! Each equation "this sum of multiples of points is the identity" gets its own 128-bit factor; the sum of all is
//! one multiscalar multiplication. When it fails, the batch is halved until the culprits are named.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::{Identity, IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use std::ops::Range;

/// A row and why it is refused.
pub type Culprit = (usize, &'static str);
pub type Verdict = std::result::Result<(), &'static str>;

/// Rows in one multiscalar multiplication: enough to make it cheap, few enough to stay in the cache.
const BLOCK: usize = 256;

/// One equation's terms, or several equations that stand or fall together.
struct Claim {
    culprit: Culprit,
    generator: Scalar,
    key: Scalar,
    terms: Range<usize>,
}

pub struct Batch {
    key: RistrettoPoint,
    claims: Vec<Claim>,
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
    factors: Factors,
}

impl Batch {
    fn new(key: RistrettoPoint, factors: Factors) -> Self {
        Self { key, claims: vec![], scalars: vec![], points: vec![], factors }
    }

    /// Open a claim; the terms that follow are its own. `reason` is what is wrong when it fails.
    pub fn claim(&mut self, row: usize, reason: &'static str) {
        let here = self.points.len();
        let zero = Scalar::ZERO;
        self.claims.push(Claim { culprit: (row, reason), generator: zero, key: zero, terms: here..here });
    }

    /// A fresh factor; every equation needs its own.
    pub fn factor(&mut self) -> Scalar {
        self.factors.draw()
    }

    pub fn add(&mut self, scalar: Scalar, point: RistrettoPoint) {
        self.scalars.push(scalar);
        self.points.push(point);
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

    /// Forget the claims of a row that could not be read to its end.
    fn withdraw(&mut self, row: usize) {
        while self.claims.last().is_some_and(|claim| claim.culprit.0 == row) {
            let claim = self.claims.pop().expect("just seen");
            self.scalars.truncate(claim.terms.start);
            self.points.truncate(claim.terms.start);
        }
    }

    fn holds(&self, claims: &[Claim]) -> bool {
        let (Some(first), Some(last)) = (claims.first(), claims.last()) else { return true };
        let terms = first.terms.start..last.terms.end;
        let generator = claims.iter().map(|claim| claim.generator).sum();
        let key = claims.iter().map(|claim| claim.key).sum();
        let scalars = [generator, key].into_iter().chain(self.scalars[terms.clone()].iter().copied());
        let points = [&RISTRETTO_BASEPOINT_POINT, &self.key].into_iter().chain(&self.points[terms]);
        RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }

    /// The claims among `claims` that fail. `fails`: it is known that some do.
    fn search(&self, claims: &[Claim], fails: bool, culprits: &mut Vec<Culprit>) {
        if !fails && self.holds(claims) {
            return;
        }
        if let [claim] = claims {
            return culprits.push(claim.culprit);
        }
        let (left, right) = claims.split_at(claims.len() / 2);
        let before = culprits.len();
        self.search(left, false, culprits);
        self.search(right, culprits.len() == before, culprits);
    }
}

/// Check `rows` rows: `add` reads one, adds its claims, or says why it cannot be read. Culprits come in order, once
/// each. `key` is the point that `add_key` multiplies.
pub fn check<F>(rows: usize, key: &RistrettoPoint, add: F) -> Vec<Culprit>
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
    check(rows, &RistrettoPoint::identity(), add)
}

fn check_with<F>(rows: usize, key: &RistrettoPoint, add: F, factors: fn() -> Factors) -> Vec<Culprit>
where
    F: Fn(usize, &mut Batch) -> Verdict + Sync,
{
    // As many blocks for each thread as for every other, and all of a size.
    let blocks = rows.div_ceil(BLOCK).next_multiple_of(rayon::current_num_threads());
    let block = rows.div_ceil(blocks.max(1)).max(1);
    let check_block = |index: usize| {
        let mut batch = Batch::new(*key, factors());
        let mut culprits = vec![];
        for row in index * block..rows.min((index + 1) * block) {
            if let Err(reason) = add(row, &mut batch) {
                batch.withdraw(row);
                culprits.push((row, reason));
            }
        }
        batch.search(&batch.claims, false, &mut culprits);
        culprits.sort_by_key(|culprit| culprit.0);
        culprits.dedup_by_key(|culprit| culprit.0);
        culprits
    };
    (0..rows.div_ceil(block)).into_par_iter().flat_map_iter(check_block).collect()
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

    /// Claim `row*G = row*G`, wrongly where `bad`, with a second claim that holds.
    fn add(row: usize, batch: &mut Batch, bad: bool) -> Verdict {
        let value = Scalar::from(row as u64 + 1);
        batch.claim(row, "sum");
        let factor = batch.factor();
        batch.add(-factor, value * RISTRETTO_BASEPOINT_POINT);
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
    fn equal_factors_would_let_errors_cancel_and_fresh_ones_do_not() {
        let cancelling = |row: usize, batch: &mut Batch| {
            batch.claim(row, "sum");
            let factor = batch.factor();
            batch.add_generator(if row == 0 { factor } else { -factor });
            Ok(())
        };
        let key = RistrettoPoint::identity();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        pool.install(|| {
            let ones = || Factors::new(|page| page.fill(1));
            assert_eq!(check_with(2, &key, cancelling, ones), []);
            assert_eq!(check(2, &key, cancelling), [(0, "sum"), (1, "sum")]);
        });
    }
}
