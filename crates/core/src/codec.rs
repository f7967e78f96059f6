//! Points, scalars and ciphertexts to and from bytes (`spec/encoding.md#group`).
//!
//! Only canonical encodings are read. `name` in these functions is the caller's name for the argument.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use psephos_lanes::{Points, Table, multiply_generator};
use rayon::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

use crate::error::{FormatError, Result, require};
use crate::labels::nonces as label;
use crate::nonces::{Nonces, Seed};

pub const CIPHERTEXT: usize = 64;

/// Rows too cheap to be worth a task each are taken this many at a time.
pub const RUN: usize = 64;

/// Points that are read together and no more.
const LONG_RUN: usize = 16 * RUN;

/// Why a row is refused.
pub const BAD_POINT: &str = "not a canonical point";
pub const BAD_SCALAR: &str = "not a canonical scalar";
pub const IDENTITY: &str = "the identity is refused here";

pub type Bytes32 = [u8; 32];

/// The one encoding of the identity.
pub const IDENTITY_BYTES: Bytes32 = [0; 32];

/// `(r*G, m*G + r*H)`; by default of zero with no randomness.
#[derive(Clone, Copy, Default)]
pub struct Ciphertext(pub RistrettoPoint, pub RistrettoPoint);

impl Ciphertext {
    pub fn plus(&self, other: &Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    pub fn encode(&self) -> [u8; CIPHERTEXT] {
        let mut bytes = [0; CIPHERTEXT];
        bytes[..32].copy_from_slice(self.0.compress().as_bytes());
        bytes[32..].copy_from_slice(self.1.compress().as_bytes());
        bytes
    }
}

/// The joint key `H` with its encoding, which goes into every statement.
#[derive(Clone)]
pub struct Key {
    pub bytes: Bytes32,
    pub point: RistrettoPoint,
}

/// `H` with its table of multiples, worth its cost for the prover alone.
pub struct KeyTable {
    pub key: Key,
    pub table: Table,
}

static LAST: Mutex<Option<Arc<KeyTable>>> = Mutex::new(None);

impl Key {
    pub fn read(name: &str, bytes: &Bytes32) -> Result<Self> {
        let point = proper_point(bytes).map_err(|why| FormatError::row(name, 0, why))?;
        Ok(Self { bytes: *bytes, point })
    }

    /// Making a table takes as long as several proofs; the last one is kept, for a referendum has one key.
    pub fn table(self) -> Arc<KeyTable> {
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = last.as_ref().filter(|table| table.key.bytes == self.bytes) {
            return table.clone();
        }
        let table = Table::new(&self.point);
        last.insert(Arc::new(KeyTable { key: self, table })).clone()
    }
}

impl KeyTable {
    /// `Enc_H(0; r)`, in constant time.
    pub fn zero(&self, r: &Scalar) -> Ciphertext {
        Ciphertext(r * G, self.table.multiply(r))
    }
}

/// The rows of a table of `N`-byte rows.
pub fn rows<'a, const N: usize>(name: &str, bytes: &'a [u8]) -> Result<&'a [[u8; N]]> {
    let (rows, rest) = bytes.as_chunks::<N>();
    require(rest.is_empty(), || format!("{name}: {} bytes are not whole rows of {N}", bytes.len()))?;
    Ok(rows)
}

/// `Err` unless `bytes` are exactly `count` rows of `width` bytes.
pub fn expect_rows(name: &str, bytes: &[u8], count: usize, width: usize) -> Result<()> {
    let wanted = count.checked_mul(width);
    require(wanted == Some(bytes.len()), || {
        format!("{name}: {} bytes instead of {count} rows of {width}", bytes.len())
    })
}

/// Rows of an argument whose width is known only now, all of them whole.
pub fn count_rows(name: &str, bytes: &[u8], width: usize) -> Result<usize> {
    let whole = width > 0 && bytes.len().is_multiple_of(width);
    require(whole, || format!("{name}: {} bytes are not whole rows of {width}", bytes.len()))?;
    Ok(bytes.len() / width)
}

pub fn point(bytes: &Bytes32) -> std::result::Result<RistrettoPoint, &'static str> {
    CompressedRistretto(*bytes).decompress().ok_or(BAD_POINT)
}

/// A point other than the identity.
pub fn proper_point(bytes: &Bytes32) -> std::result::Result<RistrettoPoint, &'static str> {
    let point = point(bytes)?;
    if point.is_identity() { Err(IDENTITY) } else { Ok(point) }
}

pub fn scalar(bytes: &Bytes32) -> std::result::Result<Scalar, &'static str> {
    Scalar::from_canonical_bytes(*bytes).into_option().ok_or(BAD_SCALAR)
}

/// Several ciphertexts; `bytes` must be whole ones.
pub fn ciphertexts(bytes: &[u8]) -> std::result::Result<Vec<Ciphertext>, &'static str> {
    let (halves, _) = bytes.as_chunks::<32>();
    halves.chunks_exact(2).map(|pair| Ok(Ciphertext(point(&pair[0])?, point(&pair[1])?))).collect()
}

type Read<T> = fn(&Bytes32) -> std::result::Result<T, &'static str>;

fn read_rows<T: Send>(name: &str, bytes: &[u8], read: Read<T>) -> Result<Vec<T>> {
    let parse = |(row, bytes)| read(bytes).map_err(|why| FormatError::row(name, row, why));
    rows::<32>(name, bytes)?.par_iter().enumerate().with_min_len(RUN).map(parse).collect()
}

pub fn points(name: &str, bytes: &[u8]) -> Result<Vec<RistrettoPoint>> {
    read_rows(name, bytes, point)
}

pub fn proper_points(name: &str, bytes: &[u8]) -> Result<Vec<RistrettoPoint>> {
    read_rows(name, bytes, proper_point)
}

/// Scalars, wiped when dropped.
pub fn scalars(name: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<Scalar>>> {
    read_rows(name, bytes, scalar).map(Zeroizing::new)
}

/// Scalars other than zero, wiped when dropped.
pub fn proper_scalars(name: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<Scalar>>> {
    let all = scalars(name, bytes)?;
    match all.iter().position(|scalar| *scalar == Scalar::ZERO) {
        Some(row) => Err(FormatError::row(name, row, "zero is refused here")),
        None => Ok(all),
    }
}

/// The encodings of twice the given points, with one inversion for all of them. Provers work with halves because
/// encoding one point by itself costs a square root.
pub fn encode_doubled(halves: &[RistrettoPoint]) -> Vec<u8> {
    let encoded = RistrettoPoint::double_and_compress_batch(halves);
    encoded.iter().flat_map(|point| *point.as_bytes()).collect()
}

pub fn encode_points(points: &[RistrettoPoint]) -> Vec<u8> {
    points.par_iter().with_min_len(RUN).flat_map_iter(|point| point.compress().to_bytes()).collect()
}

/// `scalars[i] * points[i]`, in constant time; `Err` is the first position of what is no point.
pub fn multiply_points(points: &[Bytes32], scalars: &[Scalar]) -> std::result::Result<Vec<Bytes32>, usize> {
    let multiply = |(run, (encodings, scalars)): (usize, (&[Bytes32], &[Scalar]))| {
        let (points, bad) = Points::read(encodings);
        bad.first().map_or_else(|| Ok(points.multiply(0..scalars.len(), scalars)), |at| Err(run * RUN + at))
    };
    let runs = points.par_chunks(RUN).zip_eq(scalars.par_chunks(RUN)).enumerate().map(multiply);
    let multiples: Vec<_> = runs.collect();
    Ok(multiples.into_iter().collect::<std::result::Result<Vec<_>, _>>()?.concat())
}

/// `s*G` for each scalar, in constant time.
pub fn encode_multiples(scalars: &[Scalar]) -> Vec<u8> {
    scalars.par_chunks(RUN).flat_map_iter(|run| multiply_generator(run).into_flattened()).collect()
}

pub fn base_multiples(scalars_: &[u8]) -> Result<Vec<u8>> {
    Ok(encode_multiples(&scalars("scalars", scalars_)?))
}

pub fn sum_points(points_: &[u8]) -> Result<Bytes32> {
    let (points, bad) = Points::read(rows::<32>("points", points_)?);
    match bad.first() {
        Some(row) => Err(FormatError::row("points", *row, BAD_POINT)),
        None => Ok(points.sum(|_| false)),
    }
}

pub fn sum_scalars(scalars_: &[u8]) -> Result<Bytes32> {
    Ok(scalars("scalars", scalars_)?.iter().sum::<Scalar>().to_bytes())
}

pub fn random_scalars(seed: &Seed, n: usize) -> Vec<u8> {
    let mut nonces = Nonces::new(seed, 0, label::SCALARS, &[]);
    (0..n).flat_map(|_| nonces.scalar().to_bytes()).collect()
}

/// The rows that are not canonical points, or are the identity where it is refused.
pub fn check_points(points: &[u8], allow_identity: bool) -> Result<Vec<usize>> {
    let rows = rows::<32>("points", points)?;
    let run = |(run, encodings): (usize, &[Bytes32])| {
        let mut bad = Points::read(encodings).1;
        let identities = (0..encodings.len()).filter(|row| encodings[*row] == IDENTITY_BYTES);
        bad.extend(identities.filter(|_| !allow_identity));
        bad.sort_unstable();
        bad.into_iter().map(move |row| row + run * LONG_RUN)
    };
    Ok(rows.par_chunks(LONG_RUN).enumerate().flat_map_iter(run).collect())
}

/// The rows that are not canonical encodings of edwards25519 points, or are of small order: no Ed25519 keys of a
/// definition (spec/definition.md#validity).
pub fn check_signing_keys(keys: &[u8]) -> Result<Vec<usize>> {
    let proper = |bytes: &Bytes32| {
        let point = CompressedEdwardsY(*bytes).decompress();
        point.is_some_and(|point| point.compress().0 == *bytes && !point.is_small_order())
    };
    let rows = rows::<32>("keys", keys)?.iter().enumerate();
    Ok(rows.filter(|(_, bytes)| !proper(bytes)).map(|(row, _)| row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;

    #[test]
    fn only_canonical_encodings_are_read() {
        assert_eq!(point(&[0xff; 32]).unwrap_err(), BAD_POINT);
        let negative = RISTRETTO_BASEPOINT_POINT.compress().to_bytes();
        assert!(point(&negative).is_ok());
        assert_eq!(point(&[1; 32]).unwrap_err(), BAD_POINT);
        assert_eq!(proper_point(&[0; 32]).unwrap_err(), IDENTITY);
        let order = (-Scalar::ONE).to_bytes();
        assert!(scalar(&order).is_ok());
        let mut above = order;
        above[0] += 1;
        assert_eq!(scalar(&above).unwrap_err(), BAD_SCALAR);
    }

    #[test]
    fn refusals_name_argument_and_row() {
        let bytes = [[0; 32], [0xff; 32]].concat();
        assert_eq!(points("keys", &bytes).unwrap_err().0, "keys, row 1: not a canonical point");
        assert!(points("keys", &bytes[1..]).is_err());
        assert_eq!(check_points(&bytes, true).unwrap(), [1]);
        assert_eq!(check_points(&bytes, false).unwrap(), [0, 1]);
    }

    #[test]
    fn keys_of_small_order_or_in_another_encoding_are_refused() {
        let base = curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED.0;
        let identity = {
            let mut bytes = [0; 32];
            bytes[0] = 1;
            bytes
        };
        let above = {
            let mut bytes = [0xff; 32];
            bytes[0] = 0xee;
            bytes[31] = 0x7f;
            bytes
        }; // 1, written as p + 1
        let negative_zero = {
            let mut bytes = identity;
            bytes[31] = 0x80;
            bytes
        };
        let keys = [base, identity, above, negative_zero, [0xff; 32]].concat();
        assert_eq!(check_signing_keys(&keys).unwrap(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_table_is_of_the_key_that_is_asked_for() {
        let key = |log: u8| Key::read("key", &(&Scalar::from(log) * G).compress().to_bytes()).unwrap();
        for log in [5, 7, 7, 5] {
            let zero = key(log).table().zero(&Scalar::from(3u8));
            assert_eq!((zero.0, zero.1), (&Scalar::from(3u8) * G, &Scalar::from(3 * log) * G));
        }
    }

    #[test]
    fn doubled_encodings_are_those_of_the_doubles_even_of_the_identity() {
        let scalars = [Scalar::from(5u8), Scalar::ZERO, -Scalar::ONE];
        let expected: Vec<u8> = scalars.iter().flat_map(|s| (s * G).compress().to_bytes()).collect();
        assert_eq!(encode_multiples(&scalars), expected);
    }
}
