//! CBOR, labelled hashes, a log's bundles, tree and signatures.

use psephos_core::cbor::{self, Item};
use psephos_core::error::{FormatError as Refusal, require};
use psephos_core::transcript::Transcript;
use psephos_core::{ed25519, tree};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList, PyString};

use crate::buffers::{Buffer, FormatError, exactly, run, run_here};

#[pyfunction]
fn decode_cbor<'py>(py: Python<'py>, data: Buffer) -> PyResult<Bound<'py, PyList>> {
    let items = cbor::decode(&data).map_err(|refusal| FormatError::new_err(refusal.0))?;
    let objects = PyList::empty(py);
    for item in items {
        match item {
            Item::Unsigned(value) => objects.append(value)?,
            Item::Bytes(bytes) => objects.append(PyBytes::new(py, bytes))?,
            Item::Text(text) => objects.append(PyString::new(py, text))?,
        }
    }
    Ok(objects)
}

#[pyfunction]
fn encode_cbor<'py>(py: Python<'py>, items: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
    let items = items.iter().map(item).collect::<PyResult<Vec<_>>>()?;
    let encoded = cbor::encode(&items).map_err(|refusal| FormatError::new_err(refusal.0))?;
    Ok(PyBytes::new(py, &encoded))
}

fn item<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Item<'a>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Item::Bytes(bytes.as_bytes()));
    }
    if let Ok(number) = object.cast::<PyInt>() {
        let outside = |_| FormatError::new_err(format!("integer {number} is outside 0..2^53-1"));
        return number.extract().map(Item::Unsigned).map_err(outside);
    }
    let text = object.cast::<PyString>().map_err(|_| PyTypeError::new_err("neither int, bytes nor str"))?;
    text.to_str().map(Item::Text).map_err(|_| FormatError::new_err("text holds a lone surrogate"))
}

#[pyfunction]
fn transcript_hashes(
    py: Python,
    protocol: &str,
    labels: Vec<String>,
    rows: Vec<Vec<Buffer>>,
) -> PyResult<Vec<u8>> {
    run_here(py, || {
        let mut hashes = Vec::with_capacity(32 * rows.len());
        for (number, row) in rows.iter().enumerate() {
            let whole = row.len() == labels.len();
            require(whole, || Refusal::row("rows", number, "not one field a label").0)?;
            let mut transcript = Transcript::new(protocol);
            for (label, data) in labels.iter().zip(row) {
                transcript.append(label, data);
            }
            hashes.extend(transcript.hash());
        }
        Ok(hashes)
    })
}

#[pyfunction]
fn leaf_hashes(py: Python, entries: Vec<Buffer>) -> PyResult<Vec<u8>> {
    let hashes = || Ok(tree::leaf_hashes(&entries.iter().map(|entry| &entry[..]).collect::<Vec<_>>()));
    if entries.len() > 1 { run(py, hashes) } else { run_here(py, hashes) }
}

/// What Python holds is copied once more; all else happens without the interpreter's lock.
#[pyfunction]
fn bundle_entries<'py>(
    py: Python<'py>,
    bundle: Buffer,
    width: usize,
) -> PyResult<(Bound<'py, PyList>, Vec<u8>)> {
    let (entries, hashes) = run(py, || {
        let entries = tree::entries(&bundle, width)?;
        let hashes = tree::leaf_hashes(&entries);
        Ok((entries, hashes))
    })?;
    Ok((PyList::new(py, entries.iter().map(|entry| PyBytes::new(py, entry)))?, hashes))
}

#[pyfunction]
fn signed_entries(py: Python, entries: Vec<Buffer>) -> PyResult<Vec<u8>> {
    run(py, || {
        let entries: Vec<_> = entries.iter().map(|entry| &entry[..]).collect();
        Ok(ed25519::signed(&entries).into_iter().map(u8::from).collect())
    })
}

#[pyfunction]
fn check_ed25519(py: Python, key: Buffer, message: Buffer, signature: Buffer) -> PyResult<bool> {
    run_here(py, || Ok(ed25519::holds(exactly("key", &key)?, &[&message], exactly("signature", &signature)?)))
}

#[pyfunction]
fn tree_root(py: Python, hashes: Buffer) -> PyResult<[u8; 32]> {
    run_here(py, || tree::root(&hashes))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(decode_cbor, module)?)?;
    module.add_function(wrap_pyfunction!(encode_cbor, module)?)?;
    module.add_function(wrap_pyfunction!(transcript_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(leaf_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(bundle_entries, module)?)?;
    module.add_function(wrap_pyfunction!(signed_entries, module)?)?;
    module.add_function(wrap_pyfunction!(check_ed25519, module)?)?;
    module.add_function(wrap_pyfunction!(tree_root, module)?)
}
