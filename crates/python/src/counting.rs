//! Weighing, shares, the threshold and the totals.

use psephos_core::error::{FormatError, Result};
use psephos_core::{count, shares, signs, threshold, weighing};
use pyo3::prelude::*;

use crate::buffers::{Buffer, exactly, run, run_here};

type Bytes = Vec<u8>;
/// `(region, day, chunk, position, trustee)`.
type WeighingPlace = (u16, u16, u32, u8, u16);
/// `(stage, trustee, region, day, chunk)`.
type SharesPlace = (u8, u16, u16, u16, u32);

/// Where a weighing takes no other's rows.
const NO_SOURCE: i64 = -1;

fn weighing_place((region, day, chunk, position, trustee): WeighingPlace) -> weighing::Place {
    weighing::Place { region, day, chunk, position, trustee }
}

fn shares_places(places: Vec<SharesPlace>) -> Vec<shares::Place> {
    let place = |(stage, trustee, region, day, chunk)| shares::Place { stage, trustee, region, day, chunk };
    places.into_iter().map(place).collect()
}

#[pyfunction]
fn first_rows(py: Python, weights: Buffer, ciphertexts: Buffer, width: usize) -> PyResult<Bytes> {
    run(py, || weighing::first_rows(&weights, &ciphertexts, width))
}

#[pyfunction]
fn weigh(
    py: Python,
    election: Buffer,
    key: Buffer,
    place: WeighingPlace,
    rows: Buffer,
    width: usize,
    seed: Buffer,
) -> PyResult<Bytes> {
    run(py, || {
        let (election, key, seed) =
            (exactly("election", &election)?, exactly("key", &key)?, exactly("seed", &seed)?);
        weighing::weigh(election, key, weighing_place(place), &rows, width, seed)
    })
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn check_weighings(
    py: Python,
    election: Buffer,
    key: Buffer,
    places: Vec<WeighingPlace>,
    counts: Vec<u32>,
    sources: Vec<i64>,
    before: Buffer,
    after: Buffer,
    width: usize,
) -> PyResult<Vec<weighing::RowCulprit>> {
    run(py, || {
        let (election, key) = (exactly("election", &election)?, exactly("key", &key)?);
        let places: Vec<_> = places.into_iter().map(weighing_place).collect();
        let sources = sources.into_iter().map(source).collect::<Result<Vec<_>>>()?;
        let weighings = weighing::Weighings { places: &places, counts: &counts, sources: &sources };
        weighing::check(election, key, weighings, &before, &after, width)
    })
}

/// A position in the list of weighings, or [`NO_SOURCE`].
fn source(source: i64) -> Result<Option<usize>> {
    if source == NO_SOURCE {
        return Ok(None);
    }
    usize::try_from(source).map(Some).map_err(|_| FormatError(format!("sources: {source} is no weighing")))
}

#[pyfunction]
fn weighed_rows(py: Python, after: Buffer, width: usize) -> PyResult<Bytes> {
    run_here(py, || weighing::strip_proofs(&after, width))
}

#[pyfunction]
fn make_shares(
    py: Python,
    election: Buffer,
    places: Vec<SharesPlace>,
    counts: Vec<u32>,
    inputs: Buffer,
    secret: Buffer,
    seed: Buffer,
) -> PyResult<Bytes> {
    run(py, || {
        let (election, secret, seed) =
            (exactly("election", &election)?, exactly("secret", &secret)?, exactly("seed", &seed)?);
        shares::make(election, &shares_places(places), &counts, &inputs, secret, seed)
    })
}

#[pyfunction]
fn check_shares(
    py: Python,
    election: Buffer,
    places: Vec<SharesPlace>,
    counts: Vec<u32>,
    inputs: Buffer,
    public: Buffer,
    content: Buffer,
) -> PyResult<Vec<usize>> {
    run(py, || {
        let (election, public) = (exactly("election", &election)?, exactly("public", &public)?);
        shares::check(election, &shares_places(places), &counts, &inputs, public, &content)
    })
}

#[pyfunction]
fn chunk_shares(py: Python, counts: Vec<u32>, content: Buffer) -> PyResult<Bytes> {
    run_here(py, || shares::strip_proofs(&counts, &content))
}

#[pyfunction]
fn lagrange(py: Python, indices: Vec<u16>) -> PyResult<Bytes> {
    run_here(py, || threshold::lagrange(&indices))
}

#[pyfunction]
fn combine_shares(py: Python, shares: Vec<Buffer>, indices: Vec<u16>) -> PyResult<Bytes> {
    run(py, || {
        let shares: Vec<&[u8]> = shares.iter().map(|list| &list[..]).collect();
        threshold::combine(&shares, &indices)
    })
}

#[pyfunction]
fn decrypt(py: Python, ciphertexts: Buffer, combined: Buffer) -> PyResult<Bytes> {
    run(py, || threshold::decrypt(&ciphertexts, &combined))
}

#[pyfunction]
fn open_signs(py: Python, ciphertexts: Buffer, shares: Vec<Buffer>, indices: Vec<u16>) -> PyResult<Bytes> {
    run(py, || {
        let shares: Vec<&[u8]> = shares.iter().map(|list| &list[..]).collect();
        signs::open(&ciphertexts, &shares, &indices)
    })
}

#[pyfunction]
fn signed_sums(py: Python, signs: Buffer, last: Buffer, first: Buffer, width: usize) -> PyResult<Bytes> {
    run(py, || count::signed_sums(&signs, &last, &first, width))
}

#[pyfunction]
fn sum_columns(py: Python, rows: Buffer, width: usize) -> PyResult<Bytes> {
    run(py, || count::sum_columns(&rows, width))
}

#[pyfunction]
fn discrete_logs(py: Python, points: Buffer, maximum: u64) -> PyResult<Vec<i64>> {
    let logs = run(py, || count::discrete_logs(&points, maximum))?;
    Ok(logs.into_iter().map(|log| log.map_or(-1, |log| log as i64)).collect())
}

#[pyfunction]
fn polynomial(py: Python, seed: Buffer, t: usize) -> PyResult<Bytes> {
    run_here(py, || Ok(threshold::polynomial(exactly("seed", &seed)?, t).to_vec()))
}

#[pyfunction]
fn evaluate_polynomial(py: Python, coefficients: Buffer, indices: Vec<u16>) -> PyResult<Bytes> {
    run(py, || Ok(threshold::evaluate(&coefficients, &indices)?.to_vec()))
}

#[pyfunction]
fn evaluate_commitments(py: Python, points: Buffer, indices: Vec<u16>) -> PyResult<Bytes> {
    run(py, || threshold::evaluate_commitments(&points, &indices))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(first_rows, module)?)?;
    module.add_function(wrap_pyfunction!(weigh, module)?)?;
    module.add_function(wrap_pyfunction!(check_weighings, module)?)?;
    module.add_function(wrap_pyfunction!(weighed_rows, module)?)?;
    module.add_function(wrap_pyfunction!(make_shares, module)?)?;
    module.add_function(wrap_pyfunction!(check_shares, module)?)?;
    module.add_function(wrap_pyfunction!(chunk_shares, module)?)?;
    module.add_function(wrap_pyfunction!(lagrange, module)?)?;
    module.add_function(wrap_pyfunction!(combine_shares, module)?)?;
    module.add_function(wrap_pyfunction!(decrypt, module)?)?;
    module.add_function(wrap_pyfunction!(open_signs, module)?)?;
    module.add_function(wrap_pyfunction!(signed_sums, module)?)?;
    module.add_function(wrap_pyfunction!(sum_columns, module)?)?;
    module.add_function(wrap_pyfunction!(discrete_logs, module)?)?;
    module.add_function(wrap_pyfunction!(polynomial, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate_polynomial, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate_commitments, module)?)
}
