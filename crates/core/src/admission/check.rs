//! Judging admissions: the registrar's half, as many side by side as there are lanes, in constant time.

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use psephos_lanes::{Backend, LANES, Lanes, Multiple, Table, both};
use rayon::prelude::*;
use std::ops::Range;
use zeroize::Zeroizing;

use super::{Common, PROOF, Place, REASON, SHOWN};
use crate::batch::{Culprit, Factors};
use crate::card::RECORD;
use crate::codec::{self, Bytes32, CIPHERTEXT, Key, KeyTable, encode_doubled, expect_rows, rows};
use crate::error::{FormatError, Result, require};
use crate::labels::field;
use crate::token::card_element;

/// Commitments of a proof, and equations.
const EQUATIONS: usize = 5;

/// The rows of `shown` (`F || E`) and `proofs` that are not canonical, or do not hold for their record. `secrets` are the
/// registrar's `v || d`. Records are to be checked before: nothing here shows that a weight is a bit.
#[allow(clippy::too_many_arguments)]
pub fn check(
    election: &Bytes32,
    place: Place,
    key: &Bytes32,
    secrets: &[u8; 64],
    records: &[u8],
    shown: &[u8],
    proofs: &[u8],
) -> Result<Vec<Culprit>> {
    let joint = &*Key::read("key", key)?.table();
    let keys = codec::proper_scalars("secrets", secrets)?;
    let difference = Zeroizing::new(keys[0] - keys[1]);
    require(*difference != Scalar::ZERO, || "secrets: one key for both kinds".into())?;
    let records = rows::<RECORD>("records", records)?;
    expect_rows("shown", shown, records.len(), SHOWN)?;
    expect_rows("proofs", proofs, records.len(), PROOF)?;
    let (shown, proofs) = (rows::<SHOWN>("shown", shown)?, rows::<PROOF>("proofs", proofs)?);
    let publics = encode_doubled(&[&keys[0].div_by_2() * G, &keys[1].div_by_2() * G]);
    let publics = publics.try_into().map_err(|_| FormatError("secrets: not two".into()))?;
    let common = Common { election, place, key, publics };
    let registrar = Registrar { common, joint, decoy: &keys[1], difference: &difference };
    let admissions = Admissions { records, shown, proofs };
    let judge = |factors: &mut Factors, run: usize| {
        let some = admissions.some(run * LANES..records.len().min((run + 1) * LANES));
        let factors: Vec<_> = some.records.iter().map(|_| std::array::from_fn(|_| factors.draw())).collect();
        let points = some.records.len() * POINTS;
        let verdicts = both("an admission", points, |backend| registrar.judge(backend, &some, &factors));
        let refused = |(row, verdict): (usize, Option<&'static str>)| Some((run * LANES + row, verdict?));
        verdicts.into_iter().enumerate().filter_map(refused).collect::<Vec<_>>()
    };
    let runs = (0..records.len().div_ceil(LANES)).into_par_iter();
    Ok(runs.map_init(Factors::from_system, judge).flatten_iter().collect())
}

/// The columns of points: `T`, `F`, the weight's ciphertext, `E_0`, the commitments, `E_1`.
const POINTS: usize = 6 + EQUATIONS;

struct Admissions<'a> {
    records: &'a [[u8; RECORD]],
    shown: &'a [[u8; SHOWN]],
    proofs: &'a [[u8; PROOF]],
}

impl Admissions<'_> {
    fn some(&self, rows: Range<usize>) -> Self {
        let (records, shown, proofs) =
            (&self.records[rows.clone()], &self.shown[rows.clone()], &self.proofs[rows]);
        Self { records, shown, proofs }
    }

    /// `F`, the weight's ciphertext, `E_0`, the commitments and `E_1` of each row.
    fn points(&self) -> Vec<Vec<Bytes32>> {
        let row = |((record, shown), proof): ((&[u8; RECORD], &[u8; SHOWN]), &[u8; PROOF])| {
            let (f, weight) = (&shown[..32], &record[32..][..CIPHERTEXT]);
            let bytes = [f, weight, &shown[32..64], &proof[..32 * EQUATIONS], &shown[64..]].concat();
            bytes.as_chunks::<32>().0.to_vec()
        };
        self.records.iter().zip(self.shown).zip(self.proofs).map(row).collect()
    }

    fn answers(&self) -> Vec<std::result::Result<[Scalar; 4], &'static str>> {
        self.proofs.iter().map(|proof| scalars(&proof[32 * EQUATIONS..])).collect()
    }
}

struct Registrar<'a> {
    common: Common<'a>,
    joint: &'a KeyTable,
    /// `d`.
    decoy: &'a Scalar,
    /// `v - d`.
    difference: &'a Scalar,
}

impl Registrar<'_> {
    /// Why each row is refused, if it is.
    fn judge(
        &self,
        backend: Backend,
        some: &Admissions,
        factors: &[[Scalar; EQUATIONS]],
    ) -> Vec<Option<&'static str>> {
        let elements = self.elements(some);
        let rows = some.points();
        let columns: Vec<Vec<Bytes32>> =
            (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect();
        let columns: Vec<&[Bytes32]> =
            std::iter::once(&elements[..]).chain(columns.iter().map(Vec::as_slice)).collect();
        let (points, bad) = Lanes::read(backend, &columns);
        let answers = some.answers();
        let (last, points) = points.split_last().expect("eleven columns");
        let (q, encoded) = self.own_half(backend, [&points[0], &points[1], last]);
        let challenges = self.challenges(some, &elements, &encoded);
        let scalars = |row: usize| {
            let answers = answers[row].unwrap_or([Scalar::ZERO; 4]);
            self.scalars(&factors[row], &answers, &challenges[row])
        };
        let scalars: Vec<Zeroizing<[Scalar; TERMS]>> = (0..rows.len()).map(scalars).collect();
        let term = |at: usize| Zeroizing::new(scalars.iter().map(|row| row[at]).collect::<Vec<_>>());
        let terms: [_; TERMS] = std::array::from_fn(term);
        let multiples: Vec<Multiple<Lanes>> = points
            .iter()
            .chain([&q])
            .zip(&terms[2..])
            .map(|(points, scalars)| (points, &scalars[..]))
            .collect();
        let tables = [(Table::generator(), &terms[0][..]), (&self.joint.table, &terms[1][..])];
        let holds = Lanes::sum(backend, &multiples, &tables).identities();
        let verdict = |row: usize| match answers[row] {
            _ if bad.contains(&row) => Some(codec::BAD_POINT),
            Err(reason) => Some(reason),
            Ok(_) => (!holds[row]).then_some(REASON),
        };
        (0..rows.len()).map(verdict).collect()
    }

    /// `T` of each card.
    fn elements(&self, some: &Admissions) -> Vec<Bytes32> {
        let element = |record: &[u8; RECORD]| {
            let card = record.first_chunk::<32>().expect("a card's key");
            card_element(self.common.election, self.common.place.region, card).compress().to_bytes()
        };
        some.records.iter().map(element).collect()
    }

    /// `Q = d*T + (v - d)*F - E_1`, and its encodings.
    fn own_half(&self, backend: Backend, [element, f, e_1]: [&Lanes; 3]) -> (Lanes, Zeroizing<Vec<Bytes32>>) {
        let rows = element.rows();
        let (decoys, differences) =
            (Zeroizing::new(vec![*self.decoy; rows]), Zeroizing::new(vec![*self.difference; rows]));
        let sum = Lanes::sum(backend, &[(element, &decoys), (f, &differences)], &[]);
        let q = [sum.add(&e_1.negate_where(&vec![1; rows]))];
        let encoded = Zeroizing::new(Lanes::encode(&q).remove(0));
        let [q] = q;
        (q, encoded)
    }

    fn challenges(&self, some: &Admissions, elements: &[Bytes32], own: &[Bytes32]) -> Zeroizing<Vec<Scalar>> {
        let challenge = |row: usize| {
            let (shown, proof) = (&some.shown[row], &some.proofs[row]);
            let points: [&[u8]; 3] = [&elements[row], &shown[..32], &own[row]];
            let mut transcript = self.common.statement(&some.records[row], &shown[32..], points);
            transcript.append(field::COMMITMENTS, &proof[..32 * EQUATIONS]);
            transcript.challenge(field::CHALLENGE)
        };
        Zeroizing::new((0..elements.len()).map(challenge).collect())
    }

    /// What multiplies `G`, `H`, the points of a row in their order, and `Q`, in the sum of all equations, each of which
    /// has its own factor; `Y` is a multiple of `G` that the registrar knows.
    fn scalars(
        &self,
        m: &[Scalar; EQUATIONS],
        [w, z, r, rho]: &[Scalar; 4],
        challenge: &Scalar,
    ) -> Zeroizing<[Scalar; TERMS]> {
        Zeroizing::new([
            m[0] * z + m[1] * r + m[2] * w + m[3] * rho + m[4] * z * self.difference,
            m[2] * r - m[4] * rho,
            m[0] * w,
            -m[0] * challenge,
            -m[1] * challenge,
            -m[2] * challenge,
            -m[3] * challenge,
            -m[0],
            -m[1],
            -m[2],
            -m[3],
            -m[4],
            -m[4] * challenge,
        ])
    }
}

/// `G`, `H`, the points but `E_1`, and `Q`.
const TERMS: usize = 2 + POINTS;

fn scalars(answers: &[u8]) -> std::result::Result<[Scalar; 4], &'static str> {
    let mut found = [Scalar::ZERO; 4];
    for (scalar, bytes) in found.iter_mut().zip(answers.as_chunks::<32>().0) {
        *scalar = codec::scalar(bytes)?;
    }
    Ok(found)
}
