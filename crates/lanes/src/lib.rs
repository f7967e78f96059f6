//! Points of ristretto255 many at a time: read, multiplied, added up.
//!
//! With AVX-512 IFMA eight lie side by side in the lanes of registers, by arithmetic of our own ([`ifma`]); without, each
//! is curve25519-dalek's. Both give the same answers, to the byte. [`Backend`] says which is used, and
//! [`Points`] holds the first against the second now and then.
//!
//! What is public here takes time that depends on what it is given, unless it says otherwise.

mod backend;
mod dalek;
mod factor;
#[cfg_attr(not(target_arch = "x86_64"), path = "absent.rs")]
mod ifma;
mod lanes;
mod points;
mod rows;
#[cfg(test)]
mod samples;
mod table;

pub use backend::{Backend, VARIABLE};
pub use lanes::{LANES, Lanes, Multiple, multiply_generator};
pub use points::{DIFFER, Points, both};
pub use rows::{Match, double_pairs, match_rows};
pub use table::Table;

/// An encoding, canonical or not.
pub type Bytes32 = [u8; 32];
