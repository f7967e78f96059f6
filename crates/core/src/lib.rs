//! The group, transcript, proofs, batch verification and weighing of Psephos.
//!
//! Bytes, seeds and contexts come in as arguments; nothing here does I/O or knows of Python.

/// The version of this crate, which is the version of the whole project.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
