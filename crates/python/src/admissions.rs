//! Admission of cards by a registrar.

use psephos_core::admission;
use psephos_core::batch::Culprit;
use psephos_core::token;
use pyo3::prelude::*;

use crate::buffers::{Buffer, exactly, run};

type Bytes = Vec<u8>;
/// `(region, registrar)`.
type AdmissionPlace = (u16, u8);

fn admission_place((region, registrar): AdmissionPlace) -> admission::Place {
    admission::Place { region, registrar }
}

#[pyfunction]
fn token_inputs(py: Python, election: Buffer, region: u16, cards: Buffer) -> PyResult<Bytes> {
    run(py, || token::card_inputs(exactly("election", &election)?, region, &cards))
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn make_admissions(
    py: Python,
    election: Buffer,
    place: AdmissionPlace,
    key: Buffer,
    publics: Buffer,
    records: Buffer,
    weights: Buffer,
    randomness: Buffer,
    tokens: Buffer,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes)> {
    run(py, || {
        admission::make(
            exactly("election", &election)?,
            admission_place(place),
            exactly("key", &key)?,
            exactly("publics", &publics)?,
            &records,
            &weights,
            &randomness,
            &tokens,
            exactly("seed", &seed)?,
        )
    })
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn check_admissions(
    py: Python,
    election: Buffer,
    place: AdmissionPlace,
    key: Buffer,
    secrets: Buffer,
    records: Buffer,
    shown: Buffer,
    proofs: Buffer,
) -> PyResult<Vec<Culprit>> {
    run(py, || {
        let (election, key) = (exactly("election", &election)?, exactly("key", &key)?);
        let secrets = exactly("secrets", &secrets)?;
        admission::check(election, admission_place(place), key, secrets, &records, &shown, &proofs)
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(token_inputs, module)?)?;
    module.add_function(wrap_pyfunction!(make_admissions, module)?)?;
    module.add_function(wrap_pyfunction!(check_admissions, module)?)
}
