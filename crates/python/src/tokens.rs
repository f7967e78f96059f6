//! Blind tokens.

use psephos_core::token;
use pyo3::prelude::*;

use crate::buffers::{Buffer, exactly, run, run_here};

type Bytes = Vec<u8>;
/// `(region, registrar, kind)`.
type TokenPlace = (u16, u8, u8);

fn token_places(places: Vec<TokenPlace>) -> Vec<token::Place> {
    let place = |(region, registrar, kind)| token::Place { region, registrar, kind };
    places.into_iter().map(place).collect()
}

#[pyfunction]
fn token_key(py: Python, seed: Buffer) -> PyResult<([u8; 32], [u8; 32])> {
    run_here(py, || {
        let (secret, public) = token::key(exactly("seed", &seed)?);
        Ok((*secret, public))
    })
}

#[pyfunction]
fn blind(py: Python, inputs: Buffer, seed: Buffer) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        let (blinds, blinded) = token::blind(&inputs, exactly("seed", &seed)?)?;
        Ok((blinds.to_vec(), blinded))
    })
}

#[pyfunction]
fn evaluate(
    py: Python,
    election: Buffer,
    places: Vec<TokenPlace>,
    counts: Vec<u32>,
    secrets: Buffer,
    blinded: Buffer,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        let (election, seed) = (exactly("election", &election)?, exactly("seed", &seed)?);
        token::evaluate(election, &token_places(places), &counts, &secrets, &blinded, seed)
    })
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn finalize(
    py: Python,
    election: Buffer,
    places: Vec<TokenPlace>,
    counts: Vec<u32>,
    publics: Buffer,
    inputs: Buffer,
    blinds: Buffer,
    blinded: Buffer,
    evaluated: Buffer,
    proofs: Buffer,
) -> PyResult<Bytes> {
    run(py, || {
        let answers = token::Evaluations {
            places: &token_places(places),
            counts: &counts,
            publics: &publics,
            blinded: &blinded,
            evaluated: &evaluated,
            proofs: &proofs,
        };
        token::finalize(exactly("election", &election)?, &answers, &inputs, &blinds)
    })
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn unblind(
    py: Python,
    election: Buffer,
    places: Vec<TokenPlace>,
    counts: Vec<u32>,
    publics: Buffer,
    blinds: Buffer,
    blinded: Buffer,
    evaluated: Buffer,
    proofs: Buffer,
) -> PyResult<Bytes> {
    run(py, || {
        let answers = token::Evaluations {
            places: &token_places(places),
            counts: &counts,
            publics: &publics,
            blinded: &blinded,
            evaluated: &evaluated,
            proofs: &proofs,
        };
        Ok(token::unblind(exactly("election", &election)?, &answers, &blinds)?.to_vec())
    })
}

#[pyfunction]
fn token_outputs(py: Python, secret: Buffer, inputs: Buffer) -> PyResult<Bytes> {
    run(py, || token::outputs(exactly("secret", &secret)?, &inputs))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(token_key, module)?)?;
    module.add_function(wrap_pyfunction!(blind, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(finalize, module)?)?;
    module.add_function(wrap_pyfunction!(unblind, module)?)?;
    module.add_function(wrap_pyfunction!(token_outputs, module)?)
}
