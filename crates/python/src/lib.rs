//! `psephos._core`: bytes in, bytes out; nothing else. `src/psephos/_core.pyi` documents every function.

mod admissions;
mod age;
mod buffers;
mod cards;
mod columns;
mod counting;
mod encoding;
mod tokens;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", psephos_core::VERSION)?;
    module.add_function(wrap_pyfunction!(buffers::set_workers, module)?)?;
    admissions::register(module)?;
    age::register(module)?;
    cards::register(module)?;
    columns::register(module)?;
    counting::register(module)?;
    encoding::register(module)?;
    tokens::register(module)
}
