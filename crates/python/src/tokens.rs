//! Blind tokens.

use psephos_core::token;
use pyo3::prelude::*;

use crate::buffers::{Buffer, exactly, run, run_here};

type Bytes = Vec<u8>;

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
fn evaluate(py: Python, secret: Buffer, blinded: Buffer, seed: Buffer) -> PyResult<(Bytes, [u8; 64])> {
    run(py, || token::evaluate(exactly("secret", &secret)?, &blinded, exactly("seed", &seed)?))
}

#[pyfunction]
fn evaluate_each(
    py: Python,
    secrets: Buffer,
    blinded: Buffer,
    counts: Vec<u32>,
    seed: Buffer,
) -> PyResult<(Bytes, Bytes)> {
    run(py, || token::evaluate_each(&secrets, &blinded, &counts, exactly("seed", &seed)?))
}

#[pyfunction]
fn finalize(
    py: Python,
    public: Buffer,
    inputs: Buffer,
    blinds: Buffer,
    evaluated: Buffer,
    blinded: Buffer,
    proof: Buffer,
) -> PyResult<Bytes> {
    run(py, || {
        let (public, proof) = (exactly("public", &public)?, exactly("proof", &proof)?);
        token::finalize(public, &inputs, &blinds, &evaluated, &blinded, proof)
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
    module.add_function(wrap_pyfunction!(evaluate_each, module)?)?;
    module.add_function(wrap_pyfunction!(finalize, module)?)?;
    module.add_function(wrap_pyfunction!(token_outputs, module)?)
}
