//! `psephos._core`: bytes in, bytes out; nothing else.

use pyo3::prelude::*;

/// The core's version.
#[pyfunction]
fn version() -> &'static str {
    psephos_core::VERSION
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(version, module)?)
}
