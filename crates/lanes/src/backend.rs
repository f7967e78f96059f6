//! Whose arithmetic is used.

use crate::ifma;
use std::sync::OnceLock;

/// The environment variable that says so; else the processor does.
pub const VARIABLE: &str = "PSEPHOS_LANES";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Eight lanes of our own.
    Ifma,
    /// curve25519-dalek.
    Dalek,
}

impl Backend {
    /// What the environment asks for, or else what the processor has. `Err` says why it cannot be.
    pub fn chosen() -> Result<Self, String> {
        static CHOSEN: OnceLock<Result<Backend, String>> = OnceLock::new();
        CHOSEN.get_or_init(|| choose(std::env::var_os(VARIABLE).as_deref(), ifma::available())).clone()
    }

    /// As [`Self::chosen`], which whoever computes has asked before: the command, at its start, and `psephos._core`.
    pub(crate) fn current() -> Self {
        Self::chosen().unwrap_or_else(|why| panic!("{why}"))
    }
}

fn choose(asked: Option<&std::ffi::OsStr>, available: bool) -> Result<Backend, String> {
    match asked.map(|asked| asked.to_string_lossy()).as_deref() {
        None | Some("") => Ok(if available { Backend::Ifma } else { Backend::Dalek }),
        Some("dalek") => Ok(Backend::Dalek),
        Some("ifma") if available => Ok(Backend::Ifma),
        Some("ifma") => Err(format!("{VARIABLE}: this processor has no AVX-512 IFMA; unset it")),
        Some(other) => {
            Err(format!("{VARIABLE}: expected ifma or dalek, found {other:?}; unset it or correct it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_and_then_the_processor() {
        let choose = |asked: Option<&str>, available| super::choose(asked.map(str::as_ref), available);
        assert_eq!(choose(None, true), Ok(Backend::Ifma));
        assert_eq!(choose(Some(""), false), Ok(Backend::Dalek));
        assert_eq!(choose(Some("dalek"), true), Ok(Backend::Dalek));
        assert_eq!(choose(Some("ifma"), true), Ok(Backend::Ifma));
        assert!(choose(Some("ifma"), false).unwrap_err().contains("no AVX-512 IFMA"));
        assert!(choose(Some("avx"), true).unwrap_err().contains("expected ifma or dalek, found \"avx\""));
    }
}
