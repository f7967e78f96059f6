//! The group, cards, signatures and ballots.

use psephos_core::batch::Culprit;
use psephos_core::error::{Result, require};
use psephos_core::style::{Contest, Style};
use psephos_core::{ballot, card, codec, entry, signature};
use pyo3::prelude::*;

use crate::buffers::{Buffer, exactly, read_u16s, read_u32s, run, run_here, write_u16s, write_u32s};

/// `(position, options, blank)`.
type ContestTuple = (u16, u16, u8);
type Bytes = Vec<u8>;

fn style(contests: Vec<ContestTuple>) -> Result<Style> {
    let contest = |(position, options, blank)| {
        require(blank <= 1, || format!("contests: blank is {blank}, neither 0 nor 1"))?;
        Ok(Contest { position, options, blank: blank == 1 })
    };
    contests.into_iter().map(contest).collect()
}

fn styles(styles: Vec<Vec<ContestTuple>>) -> Result<Vec<Style>> {
    styles.into_iter().map(style).collect()
}

#[pyfunction]
fn base_multiples(py: Python, scalars: Buffer) -> PyResult<Bytes> {
    run(py, || codec::base_multiples(&scalars))
}

#[pyfunction]
fn sum_points(py: Python, points: Buffer) -> PyResult<[u8; 32]> {
    run(py, || codec::sum_points(&points))
}

#[pyfunction]
fn sum_scalars(py: Python, scalars: Buffer) -> PyResult<[u8; 32]> {
    run(py, || codec::sum_scalars(&scalars))
}

#[pyfunction]
fn random_scalars(py: Python, seed: Buffer, n: usize) -> PyResult<Bytes> {
    run_here(py, || Ok(codec::random_scalars(exactly("seed", &seed)?, n)))
}

#[pyfunction]
fn check_points(py: Python, points: Buffer, allow_identity: bool) -> PyResult<Vec<usize>> {
    run(py, || codec::check_points(&points, allow_identity))
}

#[pyfunction]
fn check_signing_keys(py: Python, keys: Buffer) -> PyResult<Vec<usize>> {
    run_here(py, || codec::check_signing_keys(&keys))
}

#[pyfunction]
fn derive_cards(py: Python, election: Buffer, region: u16, secrets: Buffer) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        let (scalars, keys) = card::derive(exactly("election", &election)?, region, &secrets)?;
        Ok((scalars.to_vec(), keys))
    })
}

#[pyfunction]
fn make_cards(
    py: Python,
    election: Buffer,
    region: u16,
    key: Buffer,
    scalars: Buffer,
    weights: Buffer,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        let (election, key, seed) =
            (exactly("election", &election)?, exactly("key", &key)?, exactly("seed", &seed)?);
        let (records, randomness) = card::make(election, region, key, &scalars, &weights, seed)?;
        Ok((records, randomness.to_vec()))
    })
}

#[pyfunction]
fn make_plain_cards(
    py: Python,
    election: Buffer,
    region: u16,
    scalars: Buffer,
    seed: Buffer,
) -> PyResult<Bytes> {
    run(py, || card::make_plain(exactly("election", &election)?, region, &scalars, exactly("seed", &seed)?))
}

#[pyfunction]
fn check_cards(
    py: Python,
    election: Buffer,
    region: u16,
    key: Buffer,
    records: Buffer,
    plain: bool,
) -> PyResult<Vec<Culprit>> {
    run(py, || {
        let (election, key) = (exactly("election", &election)?, exactly("key", &key)?);
        if plain {
            card::check_plain(election, region, &records)
        } else {
            card::check(election, region, key, &records)
        }
    })
}

#[pyfunction]
fn check_sums(
    py: Python,
    key: Buffer,
    ciphertexts: Buffer,
    counts: Vec<u32>,
    randomness: Buffer,
    totals: Vec<u32>,
) -> PyResult<Vec<usize>> {
    run(py, || card::check_sums(exactly("key", &key)?, &ciphertexts, &counts, &randomness, &totals))
}

#[pyfunction]
fn sign(py: Python, purpose: &str, messages: Buffer, scalars: Buffer, seed: Buffer) -> PyResult<Bytes> {
    run(py, || signature::sign(purpose, &messages, &scalars, exactly("seed", &seed)?))
}

#[pyfunction]
fn check_signatures(
    py: Python,
    purpose: &str,
    keys: Buffer,
    messages: Buffer,
    signatures: Buffer,
) -> PyResult<Vec<usize>> {
    let culprits = run(py, || signature::check(purpose, &keys, &messages, &signatures))?;
    Ok(culprits.into_iter().map(|(row, _)| row).collect())
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn encrypt_ballots(
    py: Python,
    election: Buffer,
    key: Buffer,
    region: u16,
    contests: Vec<ContestTuple>,
    keys: Buffer,
    days: Buffer,
    serials: Buffer,
    choices: Buffer,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes, Bytes)> {
    run(py, || {
        let (election, key, seed) =
            (exactly("election", &election)?, exactly("key", &key)?, exactly("seed", &seed)?);
        let (days, choices) = (read_u16s("days", &days)?, read_u16s("choices", &choices)?);
        let cards = (&keys[..], &days[..], &serials[..]);
        let ((bodies, lengths), randomness) =
            ballot::encrypt(election, key, region, &style(contests)?, cards, &choices, seed)?;
        Ok((bodies, write_u32s(&lengths), randomness.to_vec()))
    })
}

#[pyfunction]
fn sign_ballots(
    py: Python,
    bodies: Buffer,
    lengths: Buffer,
    scalars: Buffer,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        let lengths = read_u32s("lengths", &lengths)?;
        let (entries, lengths) = ballot::sign(&bodies, &lengths, &scalars, exactly("seed", &seed)?)?;
        Ok((entries, write_u32s(&lengths)))
    })
}

#[pyfunction]
#[allow(clippy::type_complexity)]
fn parse_ballots(
    py: Python,
    entries: Buffer,
    lengths: Buffer,
    election: Buffer,
    styles: Vec<Vec<ContestTuple>>,
) -> PyResult<(Bytes, Bytes, Bytes, Bytes, Bytes, Bytes)> {
    run(py, || {
        let lengths = read_u32s("lengths", &lengths)?;
        let styles = self::styles(styles)?;
        let columns = entry::parse(&entries, &lengths, exactly("election", &election)?, &styles)?;
        let (regions, days) = (write_u16s(&columns.regions), write_u16s(&columns.days));
        Ok((columns.status, regions, days, columns.serials, columns.keys, columns.hashes))
    })
}

#[pyfunction]
fn check_ballots(
    py: Python,
    entries: Buffer,
    lengths: Buffer,
    election: Buffer,
    key: Buffer,
    styles: Vec<Vec<ContestTuple>>,
) -> PyResult<Vec<Culprit>> {
    run(py, || {
        let (election, key) = (exactly("election", &election)?, exactly("key", &key)?);
        let lengths = read_u32s("lengths", &lengths)?;
        ballot::check(&entries, &lengths, election, key, &self::styles(styles)?)
    })
}

#[pyfunction]
fn ballot_ciphertexts(
    py: Python,
    entries: Buffer,
    lengths: Buffer,
    contests: Vec<ContestTuple>,
) -> PyResult<Bytes> {
    run_here(py, || ballot::ciphertexts(&entries, &read_u32s("lengths", &lengths)?, &style(contests)?))
}

#[pyfunction]
fn check_opening(
    py: Python,
    body: Buffer,
    key: Buffer,
    contests: Vec<ContestTuple>,
    choices: Buffer,
    randomness: Buffer,
) -> PyResult<bool> {
    run_here(py, || {
        let choices = read_u16s("choices", &choices)?;
        ballot::check_opening(&body, exactly("key", &key)?, &style(contests)?, &choices, &randomness)
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(base_multiples, module)?)?;
    module.add_function(wrap_pyfunction!(sum_points, module)?)?;
    module.add_function(wrap_pyfunction!(sum_scalars, module)?)?;
    module.add_function(wrap_pyfunction!(random_scalars, module)?)?;
    module.add_function(wrap_pyfunction!(check_points, module)?)?;
    module.add_function(wrap_pyfunction!(check_signing_keys, module)?)?;
    module.add_function(wrap_pyfunction!(derive_cards, module)?)?;
    module.add_function(wrap_pyfunction!(make_cards, module)?)?;
    module.add_function(wrap_pyfunction!(make_plain_cards, module)?)?;
    module.add_function(wrap_pyfunction!(check_cards, module)?)?;
    module.add_function(wrap_pyfunction!(check_sums, module)?)?;
    module.add_function(wrap_pyfunction!(sign, module)?)?;
    module.add_function(wrap_pyfunction!(check_signatures, module)?)?;
    module.add_function(wrap_pyfunction!(encrypt_ballots, module)?)?;
    module.add_function(wrap_pyfunction!(sign_ballots, module)?)?;
    module.add_function(wrap_pyfunction!(parse_ballots, module)?)?;
    module.add_function(wrap_pyfunction!(check_ballots, module)?)?;
    module.add_function(wrap_pyfunction!(ballot_ciphertexts, module)?)?;
    module.add_function(wrap_pyfunction!(check_opening, module)?)
}
