//! Weighing rows, as many side by side as there are lanes, in constant time.

use curve25519_dalek::Scalar;
use psephos_lanes::{Backend, LANES, Lanes, Multiple, Table, both};
use rayon::prelude::*;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use super::{Place, require_width, row_transcript};
use crate::codec::{self, Bytes32, CIPHERTEXT, Key, KeyTable, count_rows};
use crate::disjunction::{Drawn, coefficients};
use crate::error::{FormatError, Result, require};
use crate::labels::nonces as label;
use crate::nonces::{Nonces, Seed};
use crate::transcript::Transcript;

/// The weighed rows, each with its proof.
pub fn weigh(
    election: &Bytes32,
    key: &Bytes32,
    place: Place,
    rows: &[u8],
    width: usize,
    seed: &Seed,
) -> Result<Vec<u8>> {
    require_width(width)?;
    let key = &*Key::read("key", key)?.table();
    let n = count_rows("rows", rows, CIPHERTEXT * width)?;
    require(u32::try_from(n).is_ok(), || "rows: too many for one chunk".into())?;
    let trustee = Trustee { election, key, place, width, seed };
    let weigh = |(run, rows): (usize, &[u8])| {
        let first = run * LANES;
        let weighed = both("a weighed row", rows.len() / 32, |backend| trustee.weigh(backend, first, rows));
        weighed.map_err(|row| FormatError::row("rows", first + row, codec::BAD_POINT))
    };
    let runs = rows.par_chunks(LANES * CIPHERTEXT * width);
    Ok(runs.enumerate().map(weigh).collect::<Result<Vec<_>>>()?.concat())
}

struct Trustee<'a> {
    election: &'a Bytes32,
    key: &'a KeyTable,
    place: Place,
    width: usize,
    seed: &'a Seed,
}

/// What is drawn for one row.
struct Secrets {
    /// 1 or 0.
    negative: Zeroizing<u8>,
    randomness: Zeroizing<Vec<Scalar>>,
    proof: Drawn,
}

impl Secrets {
    fn negative(&self) -> Choice {
        Choice::from(*self.negative)
    }
}

type SecretScalars = Zeroizing<Vec<Scalar>>;

impl Trustee<'_> {
    /// At most [`LANES`] rows, of which this is the first; `Err` is the first that holds what is no point.
    fn weigh(&self, backend: Backend, first: usize, rows: &[u8]) -> std::result::Result<Vec<u8>, usize> {
        let rows: Vec<&[u8]> = rows.chunks_exact(CIPHERTEXT * self.width).collect();
        let columns = columns(&rows);
        let columns: Vec<&[Bytes32]> = columns.iter().map(Vec::as_slice).collect();
        let (before, bad) = Lanes::read(backend, &columns);
        if let Some(row) = bad.first() {
            return Err(*row);
        }
        let secrets: Vec<Secrets> =
            rows.iter().enumerate().map(|(at, row)| self.draw(first + at, row)).collect();
        let mut weighed = self.randomise(backend, &before, &secrets);
        let mut transcripts: Vec<Transcript> = (first..)
            .zip(rows.iter().zip(&weighed))
            .map(|(row, (before, after))| {
                let place = self.place.encode(row as u32);
                row_transcript(self.election, &place, &self.key.key.bytes, before, after)
            })
            .collect();
        let combinations: Vec<_> = transcripts.iter_mut().map(|t| coefficients(t, self.width)).collect();
        let commitments = self.commit(backend, &before, &combinations, &secrets);
        let proofs = secrets.into_iter().zip(&combinations).zip(transcripts.iter_mut().zip(commitments));
        for (weighed, ((secrets, coefficients), (transcript, commitments))) in weighed.iter_mut().zip(proofs)
        {
            let combined = coefficients.iter().zip(&*secrets.randomness).map(|(c, r)| c * r).sum();
            weighed.extend(secrets.proof.complete(transcript, commitments, &combined));
        }
        Ok(weighed.concat())
    }

    fn draw(&self, row: usize, before: &[u8]) -> Secrets {
        let place = self.place.encode(row as u32);
        let inputs: [&[u8]; 4] = [self.election, &place, &self.key.key.bytes, before];
        let mut nonces = Nonces::new(self.seed, row, label::WEIGHING, &inputs);
        let negative = Zeroizing::new(nonces.choice().unwrap_u8());
        let randomness = nonces.scalars(self.width);
        let proof = Drawn::new(&mut nonces, 2, u16::from(*negative));
        Secrets { negative, randomness, proof }
    }

    /// Each row's `sign*C + Enc(0; r)`.
    fn randomise(&self, backend: Backend, before: &[Lanes], secrets: &[Secrets]) -> Vec<Vec<u8>> {
        let signs = signs(secrets);
        let randomise = |(column, points): (usize, &Lanes)| {
            let randomness = gather(secrets, |row| row.randomness[column / 2]);
            let fresh = Lanes::sum(backend, &[], &[(self.base(column % 2), &randomness)]);
            points.negate_where(&signs).add(&fresh)
        };
        join(&Lanes::encode(&before.iter().enumerate().map(randomise).collect::<Vec<_>>()))
    }

    /// Each row's commitments: of the true branch `Enc(0; k)`, of the other `Enc(0; k) - step*B`, where `B` is the
    /// combination of the row; then put in their places.
    fn commit(
        &self,
        backend: Backend,
        before: &[Lanes],
        combinations: &[Vec<Scalar>],
        secrets: &[Secrets],
    ) -> Vec<Vec<u8>> {
        let is_second = signs(secrets); // a negative row's true branch is the second
        let pick = |row: &Secrets, swapped: bool| {
            let nonces = &row.proof.half_nonces;
            Scalar::conditional_select(
                &nonces[usize::from(swapped)],
                &nonces[usize::from(!swapped)],
                row.negative(),
            )
        };
        let (nonces, false_nonces) =
            (gather(secrets, |row| pick(row, false)), gather(secrets, |row| pick(row, true)));
        let steps = gather(secrets, |row| {
            // The false branch's challenge times half of 2 or -2, taken off.
            let challenges = &row.proof.challenges;
            Scalar::conditional_select(&-challenges[1], &challenges[0], row.negative())
        });
        let coefficients: Vec<Vec<Scalar>> =
            (0..self.width).map(|at| combinations.iter().map(|row| row[at]).collect()).collect();
        let half = |half: usize| {
            let points = before.iter().skip(half).step_by(2);
            let combination: Vec<Multiple<Lanes>> =
                points.zip(&coefficients).map(|(points, scalars)| (points, &scalars[..])).collect();
            let base = self.base(half);
            let true_one = Lanes::sum(backend, &[], &[(base, &nonces)]);
            let false_one =
                Lanes::multiply_combination(backend, &combination, &steps, &[(base, &false_nonces)]);
            [true_one.select(&false_one, &is_second), false_one.select(&true_one, &is_second)]
        };
        let [[a, b], [c, d]] = [half(0), half(1)];
        join(&Lanes::encode_doubled(&[a, c, b, d]))
    }

    /// What randomness multiplies in the first or the second half of a ciphertext.
    fn base(&self, half: usize) -> &Table {
        if half == 0 { Table::generator() } else { &self.key.table }
    }
}

/// 1 for each negative row, 0 for the others.
fn signs(secrets: &[Secrets]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(secrets.iter().map(|row| *row.negative).collect())
}

fn gather(secrets: &[Secrets], of: impl Fn(&Secrets) -> Scalar) -> SecretScalars {
    Zeroizing::new(secrets.iter().map(of).collect())
}

/// Rows of encodings as columns of them.
fn columns(rows: &[&[u8]]) -> Vec<Vec<Bytes32>> {
    let rows: Vec<&[Bytes32]> = rows.iter().map(|row| row.as_chunks::<32>().0).collect();
    let width = rows.first().map_or(0, |row| row.len());
    (0..width).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

/// Columns of encodings as rows of them.
fn join(columns: &[Vec<Bytes32>]) -> Vec<Vec<u8>> {
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).map(|row| columns.iter().flat_map(|column| column[row]).collect()).collect()
}
