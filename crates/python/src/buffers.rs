//! Between Python's buffers and the core's slices, and the pool of workers.

use psephos_core::error::{FormatError as Refusal, Result, require};
use psephos_core::fault::caught;
use psephos_lanes::Backend;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMemoryView};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::cell::Cell;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

pyo3::import_exception!(psephos.errors, Fault);
pyo3::import_exception!(psephos.errors, FormatError);

/// A bytes-like argument: `bytes` as it stands, anything else copied, since it may change while others run.
pub struct Buffer(PyBackedBytes);

impl<'a, 'py> FromPyObject<'a, 'py> for Buffer {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self(PyBackedBytes::from(bytes.to_owned())));
        }
        let copy = PyMemoryView::from(&object)?.call_method0("tobytes")?.cast_into::<PyBytes>()?;
        Ok(Self(PyBackedBytes::from(copy)))
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// `bytes` as exactly `N`.
pub fn exactly<'a, const N: usize>(name: &str, bytes: &'a [u8]) -> Result<&'a [u8; N]> {
    bytes.try_into().map_err(|_| Refusal(format!("{name}: {} bytes instead of {N}", bytes.len())))
}

pub fn read_u16s(name: &str, bytes: &[u8]) -> Result<Vec<u16>> {
    let (chunks, rest) = bytes.as_chunks();
    require(rest.is_empty(), || format!("{name}: {} bytes are not whole u16", bytes.len()))?;
    Ok(chunks.iter().map(|chunk| u16::from_le_bytes(*chunk)).collect())
}

pub fn read_u32s(name: &str, bytes: &[u8]) -> Result<Vec<u32>> {
    let (chunks, rest) = bytes.as_chunks();
    require(rest.is_empty(), || format!("{name}: {} bytes are not whole u32", bytes.len()))?;
    Ok(chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect())
}

pub fn write_u16s(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub fn write_u32s(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The pool of [`set_workers`]; without one, rayon's own with all cores.
static POOL: Pool = Mutex::new(None);

/// Another with as many threads, for who works apart.
static APART: Pool = Mutex::new(None);

type Pool = Mutex<Option<Arc<ThreadPool>>>;

thread_local! {
    static IS_APART: Cell<bool> = const { Cell::new(false) };
}

/// Work with `n` threads from now on; 0 means all cores. The bytes that come out do not depend on it.
#[pyfunction]
pub fn set_workers(n: usize) -> PyResult<()> {
    let pool = pool_of(n)?;
    *APART.lock().unwrap_or_else(PoisonError::into_inner) = None;
    *POOL.lock().unwrap_or_else(PoisonError::into_inner) = Some(pool);
    Ok(())
}

/// Whose arithmetic this process uses, `ifma` or `dalek`.
#[pyfunction]
pub fn lanes() -> PyResult<&'static str> {
    match Backend::chosen().map_err(FormatError::new_err)? {
        Backend::Ifma => Ok("ifma"),
        Backend::Dalek => Ok("dalek"),
    }
}

/// How many threads work.
#[pyfunction]
pub fn workers() -> usize {
    let pool = POOL.lock().unwrap_or_else(PoisonError::into_inner).clone();
    pool.map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads())
}

/// Have the work of this thread done by threads of their own. A pool does what it has begun before anything else: who
/// waits for something small would wait for all that is under way.
#[pyfunction]
pub fn work_apart() -> PyResult<()> {
    let mut apart = APART.lock().unwrap_or_else(PoisonError::into_inner);
    if apart.is_none() {
        *apart = Some(pool_of(workers())?);
    }
    IS_APART.set(true);
    Ok(())
}

fn pool_of(n: usize) -> PyResult<Arc<ThreadPool>> {
    let pool = ThreadPoolBuilder::new().num_threads(n).build();
    pool.map(Arc::new).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Run `work` on the thread's pool without the interpreter's lock.
pub fn run<T: Send>(py: Python, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let pool = if IS_APART.get() { &APART } else { &POOL };
    let pool = pool.lock().unwrap_or_else(PoisonError::into_inner).clone();
    run_here(py, || match pool {
        Some(pool) => pool.install(work),
        None => work(),
    })
}

/// The same on the caller's thread, for work that is not spread: handing it over would cost more than it does.
pub fn run_here<T: Send>(py: Python, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let done = py.detach(|| caught(work)).map_err(|fault| Fault::new_err(fault.0))?;
    done.map_err(|refusal| FormatError::new_err(refusal.0))
}
