//! Ballots as entries of the log: the one CBOR encoding of body and entry, and their columns
//! (`spec/entries.md#ballot`).

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::cbor::{Reader, write_array, write_bytes, write_unsigned};
use crate::codec::{Bytes32, RUN};
use crate::error::{Result, require};
use crate::signature::SIGNATURE;
use crate::style::{Style, require_style, votes_size};

pub const MALFORMED: &str = "not a well-formed ballot";

const VERSION: u64 = 1;
const TYPE: u64 = 17;
const BODY_ELEMENTS: u64 = 8;
pub const LONGEST_ENTRY: usize = 65_535;
/// Ballots of a card on one day have the serials from 1 to this one (`spec/checks.md`, check 6.1).
pub const MAX_SERIAL: u64 = 20;
pub const SERIALS: std::ops::RangeInclusive<u64> = 1..=MAX_SERIAL;

/// A ballot without its signature.
pub struct Ballot<'a> {
    pub election: &'a Bytes32,
    pub card: &'a Bytes32,
    pub region: u16,
    pub day: u16,
    pub serial: u8,
    pub votes: &'a [u8],
}

impl Ballot<'_> {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.votes.len() + 96);
        write_array(&mut out, BODY_ELEMENTS);
        write_unsigned(&mut out, VERSION);
        write_unsigned(&mut out, TYPE);
        write_bytes(&mut out, self.election);
        write_bytes(&mut out, self.card);
        write_unsigned(&mut out, self.region.into());
        write_unsigned(&mut out, self.day.into());
        write_unsigned(&mut out, self.serial.into());
        write_bytes(&mut out, self.votes);
        out
    }
}

/// Why an entry is no ballot of this referendum; the number is its status in [`parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Encoding = 1,
    Referendum = 2,
    Region = 3,
    Votes = 4,
    Place = 5,
}

/// The elements of a body, or of an entry, whose types are right but whose values are not yet judged.
pub struct Elements<'a> {
    pub election: &'a Bytes32,
    pub card: &'a Bytes32,
    pub place: [u64; 3],
    pub votes: &'a [u8],
    pub signature: Option<&'a [u8; SIGNATURE]>,
}

impl<'a> Elements<'a> {
    pub fn read(bytes: &'a [u8], signed: bool) -> Option<Self> {
        let mut reader = Reader::array(bytes, BODY_ELEMENTS + u64::from(signed))?;
        let known =
            reader.unsigned()? == VERSION && reader.unsigned()? == TYPE && bytes.len() <= LONGEST_ENTRY;
        let elements = Self {
            election: reader.array_of()?,
            card: reader.array_of()?,
            place: [reader.unsigned()?, reader.unsigned()?, reader.unsigned()?],
            votes: reader.bytes()?,
            signature: if signed { Some(reader.array_of()?) } else { None },
        };
        reader.end()?;
        known.then_some(elements)
    }

    /// The ballot, if it is one of this referendum and of one of its styles (by region).
    fn judge(&self, election: &Bytes32, styles: &[Style]) -> std::result::Result<Ballot<'a>, Fault> {
        if self.election != election {
            return Err(Fault::Referendum);
        }
        let [region, day, serial] = self.place;
        let region = u16::try_from(region).map_err(|_| Fault::Region)?;
        let style = styles.get(usize::from(region)).ok_or(Fault::Region)?;
        if self.votes.len() != votes_size(style) {
            return Err(Fault::Votes);
        }
        let day = u16::try_from(day).ok().filter(|day| *day > 0).ok_or(Fault::Place)?;
        let serial = if SERIALS.contains(&serial) { serial as u8 } else { return Err(Fault::Place) };
        Ok(Ballot { election: self.election, card: self.card, region, day, serial, votes: self.votes })
    }
}

/// A well-formed entry: the ballot, its signature, and the hash of its body.
pub struct Entry<'a> {
    pub ballot: Ballot<'a>,
    pub signature: &'a [u8; SIGNATURE],
    pub hash: Bytes32,
}

impl<'a> Entry<'a> {
    pub fn read(bytes: &'a [u8], election: &Bytes32, styles: &[Style]) -> std::result::Result<Self, Fault> {
        let elements = Elements::read(bytes, true).ok_or(Fault::Encoding)?;
        let ballot = elements.judge(election, styles)?;
        let signature = elements.signature.ok_or(Fault::Encoding)?;
        // The body is the entry with one element fewer: another first byte, and neither signature nor its head.
        let body = &bytes[1..bytes.len() - SIGNATURE - 2];
        let hash = Sha256::new().chain_update([bytes[0] - 1]).chain_update(body).finalize().into();
        Ok(Self { ballot, signature, hash })
    }
}

/// `joined` cut into rows of the given lengths.
pub fn split<'a>(name: &str, joined: &'a [u8], lengths: &[u32]) -> Result<Vec<&'a [u8]>> {
    let total: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    require(total == joined.len() as u64, || {
        format!("{name}: lengths give {total} bytes, not {}", joined.len())
    })?;
    let mut rest = joined;
    let mut cut = |length: &u32| {
        let (row, after) = rest.split_at(*length as usize);
        rest = after;
        row
    };
    Ok(lengths.iter().map(&mut cut).collect())
}

/// Rows of different lengths, joined, with their lengths.
pub type Rows = (Vec<u8>, Vec<u32>);

pub fn join(rows: &[Vec<u8>]) -> Rows {
    (rows.concat(), rows.iter().map(|row| row.len() as u32).collect())
}

/// Columns of entries; those of ill-formed rows are zero. `status` is 0 or a [`Fault`].
#[derive(Default)]
pub struct Columns {
    pub status: Vec<u8>,
    pub regions: Vec<u16>,
    pub days: Vec<u16>,
    pub serials: Vec<u8>,
    pub keys: Vec<u8>,
    pub hashes: Vec<u8>,
}

pub fn parse(entries: &[u8], lengths: &[u32], election: &Bytes32, styles: &[Style]) -> Result<Columns> {
    styles.iter().try_for_each(|style| require_style(style))?;
    let entries = split("entries", entries, lengths)?;
    let read = |bytes: &&[u8]| match Entry::read(bytes, election, styles) {
        Ok(Entry { ballot, hash, .. }) => (0, ballot.region, ballot.day, ballot.serial, *ballot.card, hash),
        Err(fault) => (fault as u8, 0, 0, 0, [0; 32], [0; 32]),
    };
    let parsed: Vec<_> = entries.par_iter().with_min_len(RUN).map(read).collect();
    let mut columns = Columns::default();
    for (status, region, day, serial, key, hash) in parsed {
        columns.status.push(status);
        columns.regions.push(region);
        columns.days.push(day);
        columns.serials.push(serial);
        columns.keys.extend(key);
        columns.hashes.extend(hash);
    }
    Ok(columns)
}
