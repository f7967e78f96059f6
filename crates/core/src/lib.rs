//! The group, transcript, proofs, batch verification and weighing of Psephos.
//!
//! Bytes, seeds and contexts come in as arguments; nothing here does I/O or knows of Python. The one exception
//! is [`batch`], which draws its verification factors from the operating system.
//!
//! Read in this order: `codec`, `transcript`, `nonces`, `batch`, `disjunction`, `equality`, then what is built of them:
//! `signature`, `card`, `style`, `entry`, `ballot`, `weighing`, `shares`, `threshold`, `signs`, `count`, `token`,
//! `admission`, `column`, `key_set`, `key_index`, `tree`, `ed25519`; and `fault`, what becomes of a panic.
//! The mathematics, statement by statement, is in `spec/proofs.md`; bytes and the transcript are in `spec/encoding.md`.
//! Every module names the section that it follows.
//! Work on secrets takes the same time whatever their values; work on public values does not try to.

pub mod admission;
pub mod ballot;
pub mod batch;
pub mod card;
pub mod cbor;
pub mod codec;
pub mod column;
pub mod count;
mod disjunction;
pub mod ed25519;
pub mod entry;
mod equality;
pub mod error;
pub mod fault;
pub mod key_index;
pub mod key_set;
mod labels;
mod nonces;
pub mod shares;
pub mod signature;
pub mod signs;
pub mod style;
pub mod threshold;
pub mod token;
pub mod transcript;
pub mod tree;
pub mod weighing;

pub use error::FormatError;

/// The version of this crate, which is the version of the whole project.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
