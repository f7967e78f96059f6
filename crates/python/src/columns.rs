//! Tables and columns.

use psephos_core::error::Result;
use psephos_core::{column, key_index, key_set};
use pyo3::prelude::*;

use crate::buffers::{Buffer, read_u32s, run, run_here, write_u32s};

type Bytes = Vec<u8>;

#[pyfunction]
fn columns(py: Python, table: Buffer, width: usize, start: usize, end: usize) -> PyResult<Bytes> {
    run_here(py, || column::columns(&table, width, start..end))
}

#[pyfunction]
fn take(py: Python, table: Buffer, width: usize, rows: Buffer) -> PyResult<Bytes> {
    run_here(py, || column::take(&table, width, &read_u32s("rows", &rows)?))
}

#[pyfunction]
fn rows_where(py: Python, column: Buffer, width: usize, value: Buffer) -> PyResult<Bytes> {
    run_here(py, || Ok(write_u32s(&column::rows_where(&column, width, &value)?)))
}

#[pyfunction]
fn match_keys(py: Python, sorted_keys: Buffer, queries: Buffer) -> PyResult<Bytes> {
    run(py, || Ok(write_u32s(&column::match_keys(&sorted_keys, &queries)?)))
}

#[pyfunction]
fn sort_records(py: Python, records: Buffer, width: usize) -> PyResult<(Bytes, Vec<usize>)> {
    run(py, || column::sort_records(&records, width))
}

#[pyfunction]
fn cut_rows(py: Python, rows: Buffer, size: u32) -> PyResult<Vec<(u32, Bytes)>> {
    let chunks = run_here(py, || column::cut_rows(&read_u32s("rows", &rows)?, size))?;
    Ok(chunks.into_iter().map(|(chunk, rows)| (chunk, write_u32s(&rows))).collect())
}

#[pyfunction]
fn latest_rows(py: Python, days: Vec<Buffer>, cards: usize) -> PyResult<Vec<Bytes>> {
    let latest = run_here(py, || {
        let days = days.iter().map(|day| read_u32s("days", day)).collect::<Result<Vec<_>>>()?;
        column::latest_rows(&days, cards)
    })?;
    Ok(latest.iter().map(|rows| write_u32s(rows)).collect())
}

#[pyfunction]
fn last_ballots(py: Python, cards: Buffer, serials: Buffer, hashes: Buffer) -> PyResult<Bytes> {
    run(py, || Ok(write_u32s(&column::last_ballots(&read_u32s("cards", &cards)?, &serials, &hashes)?)))
}

/// A growing set of 32-byte keys.
#[pyclass(module = "psephos._core")]
#[derive(Default)]
struct KeySet(key_set::KeySet);

#[pymethods]
impl KeySet {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, py: Python, keys: Buffer) -> PyResult<Bytes> {
        run_here(py, || self.0.add(&keys))
    }

    fn has(&self, py: Python, keys: Buffer) -> PyResult<Bytes> {
        run_here(py, || self.0.has(&keys))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }
}

/// The cards of all regions by their keys.
#[pyclass(module = "psephos._core")]
#[derive(Default)]
struct KeyIndex(key_index::KeyIndex);

#[pymethods]
impl KeyIndex {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, py: Python, region: u16, keys: Buffer) -> PyResult<()> {
        run_here(py, || self.0.add(region, &keys))
    }

    fn places(&self, py: Python, region: u16, keys: Buffer) -> PyResult<Bytes> {
        run(py, || Ok(write_u32s(&self.0.places(region, &keys)?)))
    }

    fn region(&self, py: Python, keys: Buffer) -> PyResult<Option<u16>> {
        run(py, || self.0.region(&keys))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(columns, module)?)?;
    module.add_function(wrap_pyfunction!(take, module)?)?;
    module.add_function(wrap_pyfunction!(rows_where, module)?)?;
    module.add_function(wrap_pyfunction!(match_keys, module)?)?;
    module.add_function(wrap_pyfunction!(sort_records, module)?)?;
    module.add_function(wrap_pyfunction!(cut_rows, module)?)?;
    module.add_function(wrap_pyfunction!(latest_rows, module)?)?;
    module.add_function(wrap_pyfunction!(last_ballots, module)?)?;
    module.add_class::<KeySet>()?;
    module.add_class::<KeyIndex>()
}
