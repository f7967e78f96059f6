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

/// A panic becomes an exception, and is not written to standard error as well unless a developer asks.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    if std::env::var_os("PSEPHOS_TRACEBACK").is_none() {
        std::panic::set_hook(Box::new(psephos_core::fault::note));
    }
    module.add("VERSION", psephos_core::VERSION)?;
    module.add("MAX_SERIAL", psephos_core::entry::MAX_SERIAL)?;
    module.add_function(wrap_pyfunction!(buffers::lanes, module)?)?;
    module.add_function(wrap_pyfunction!(buffers::set_workers, module)?)?;
    module.add_function(wrap_pyfunction!(buffers::work_apart, module)?)?;
    module.add_function(wrap_pyfunction!(buffers::workers, module)?)?;
    admissions::register(module)?;
    age::register(module)?;
    cards::register(module)?;
    columns::register(module)?;
    counting::register(module)?;
    encoding::register(module)?;
    tokens::register(module)
}
