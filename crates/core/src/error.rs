//! The error of this crate: an argument that has not the form that the specification asks for.

use std::fmt;

/// An argument that is not the one encoding of anything; says which, where and why, and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError(pub String);

pub type Result<T> = std::result::Result<T, FormatError>;

impl FormatError {
    /// Row `row` of argument `name` is refused.
    pub fn row(name: &str, row: usize, why: &str) -> Self {
        Self(format!("{name}, row {row}: {why}"))
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for FormatError {}

/// `Err` unless `holds`.
pub fn require(holds: bool, why: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(FormatError(why())) }
}
