//! Ballots: encryption, proof of an allowed pattern, signature, and their columns (`spec/proofs.md#ballot`,
//! `spec/entries.md#ballot`).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::batch::{Batch, Culprit, Verdict, check as check_batch};
use crate::cbor::{Reader, write_array, write_bytes, write_unsigned};
use crate::codec::{
    self, Bytes32, CIPHERTEXT, Key, KeyTable, encode_doubled, encode_multiples, expect_rows, rows,
};
use crate::disjunction::{Base, Proof, coefficients, proof_size, prove};
use crate::error::{FormatError, Result, require};
use crate::labels::{field, nonces as label, protocol, purpose};
use crate::nonces::{Nonces, Seed};
use crate::signature::{self, SIGNATURE, sign_one};
use crate::transcript::Transcript;

/// The choice of no option.
pub const BLANK: u16 = 0xffff;
pub const CONTEST_REASON: &str = "contest proof";
pub const MALFORMED: &str = "not a well-formed ballot";

const VERSION: u64 = 1;
const TYPE: u64 = 17;
const BODY_ELEMENTS: u64 = 8;
const LONGEST_ENTRY: usize = 65_535;
const SERIALS: std::ops::RangeInclusive<u64> = 1..=20;

/// A contest of a style: its position in the definition, its number of options, and whether blank is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Contest {
    pub position: u16,
    pub options: u16,
    pub blank: bool,
}

impl Contest {
    /// The allowed patterns: each option alone, and none where blank is allowed.
    fn patterns(&self) -> usize {
        usize::from(self.options) + usize::from(self.blank)
    }

    fn ciphertexts_size(&self) -> usize {
        CIPHERTEXT * usize::from(self.options)
    }

    fn size(&self) -> usize {
        self.ciphertexts_size() + proof_size(self.patterns())
    }

    /// Combined, `Y - c_a*(0,G)` for option `a`, and `Y` for blank.
    fn offsets(&self, coefficients: &[Scalar]) -> Vec<Scalar> {
        coefficients.iter().copied().chain(self.blank.then_some(Scalar::ZERO)).collect()
    }

    fn transcript(&self, ballot: &Ballot, key: &Bytes32, ciphertexts: &[u8]) -> Transcript {
        let (region, day) = (ballot.region.to_le_bytes(), ballot.day.to_le_bytes());
        let place: [&[u8]; 4] = [&region, &day, &[ballot.serial], &self.position.to_le_bytes()];
        let mut transcript = Transcript::new(protocol::BALLOT_CONTEST);
        transcript
            .append(field::ELECTION, ballot.election)
            .append_joined(field::PLACE, &place)
            .append(field::CARD, ballot.card)
            .append(field::KEY, key)
            .append_joined(field::PATTERNS, &[&self.options.to_le_bytes(), &[u8::from(self.blank)]])
            .append(field::CIPHERTEXTS, ciphertexts);
        transcript
    }
}

/// The contests of a region's ballots, in order.
pub type Style = Vec<Contest>;

fn votes_size(style: &[Contest]) -> usize {
    style.iter().map(Contest::size).sum()
}

fn options(style: &[Contest]) -> usize {
    style.iter().map(|contest| usize::from(contest.options)).sum()
}

pub fn require_style(style: &[Contest]) -> Result<()> {
    let options = style.iter().all(|contest| contest.options > 0);
    require(options, || "contests: a contest has no options".into())?;
    require(votes_size(style) < LONGEST_ENTRY, || "contests: too many for one entry".into())
}

/// The contests of `votes`, which must be as long as the style says: each with its ciphertexts and proof.
fn contests<'a>(
    style: &'a [Contest],
    votes: &'a [u8],
) -> impl Iterator<Item = (&'a Contest, &'a [u8], &'a [u8])> {
    let mut rest = votes;
    style.iter().map(move |contest| {
        let (ciphertexts, after) = rest.split_at(contest.ciphertexts_size());
        let (proof, after) = after.split_at(proof_size(contest.patterns()));
        rest = after;
        (contest, ciphertexts, proof)
    })
}

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
    fn encode(&self) -> Vec<u8> {
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
struct Elements<'a> {
    election: &'a Bytes32,
    card: &'a Bytes32,
    place: [u64; 3],
    votes: &'a [u8],
    signature: Option<&'a [u8; SIGNATURE]>,
}

impl<'a> Elements<'a> {
    fn read(bytes: &'a [u8], signed: bool) -> Option<Self> {
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
struct Entry<'a> {
    ballot: Ballot<'a>,
    signature: &'a [u8; SIGNATURE],
    hash: Bytes32,
}

impl<'a> Entry<'a> {
    fn read(bytes: &'a [u8], election: &Bytes32, styles: &[Style]) -> std::result::Result<Self, Fault> {
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
fn split<'a>(name: &str, joined: &'a [u8], lengths: &[u32]) -> Result<Vec<&'a [u8]>> {
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

fn join(rows: &[Vec<u8>]) -> Rows {
    (rows.concat(), rows.iter().map(|row| row.len() as u32).collect())
}

/// Bodies of `n` ballots of one region, and the randomness of all their ciphertexts. Choices (secret) are positions
/// of options or [`BLANK`], `contests.len()` for each ballot.
#[allow(clippy::too_many_arguments)]
pub fn encrypt(
    election: &Bytes32,
    key: &Bytes32,
    region: u16,
    style: &[Contest],
    (cards, days, serials): (&[u8], &[u16], &[u8]),
    choices: &[u16],
    seed: &Seed,
) -> Result<(Rows, Zeroizing<Vec<u8>>)> {
    require_style(style)?;
    let key = Key::read("key", key)?.table();
    let cards = rows::<32>("keys", cards)?;
    require(days.len() == cards.len() && serials.len() == cards.len(), || {
        "days, serials: not one a key".into()
    })?;
    let range =
        days.iter().all(|day| *day > 0) && serials.iter().all(|serial| SERIALS.contains(&(*serial).into()));
    require(range, || "days, serials: day 0, or serial outside 1..20".into())?;
    require_choices(style, choices, cards.len())?;
    let encrypt = |row: usize| {
        let (card, day, serial) = (&cards[row], days[row], serials[row]);
        let choices = &choices[row * style.len()..][..style.len()];
        let ballot = Ballot { election, card, region, day, serial, votes: &[] };
        encrypt_one(ballot, &key, style, choices, (seed, row))
    };
    let made: Vec<_> = (0..cards.len()).into_par_iter().map(encrypt).collect();
    let randomness =
        made.iter().flat_map(|(_, randomness)| randomness.iter().flat_map(Scalar::to_bytes)).collect();
    let bodies: Vec<_> = made.into_iter().map(|(body, _)| body).collect();
    Ok((join(&bodies), Zeroizing::new(randomness)))
}

/// Every choice is an allowed one; which one it is does not show in the time taken.
fn require_choices(style: &[Contest], choices: &[u16], n: usize) -> Result<()> {
    require(choices.len() == n * style.len(), || "choices: not one a contest".into())?;
    let allowed = choices.iter().zip(style.iter().cycle()).fold(true, |all, (choice, contest)| {
        all & ((*choice < contest.options) | ((*choice == BLANK) & contest.blank))
    });
    require(allowed, || "choices: not an option of the contest".into())
}

fn encrypt_one(
    ballot: Ballot,
    key: &KeyTable,
    style: &[Contest],
    choices: &[u16],
    (seed, row): (&Seed, usize),
) -> (Vec<u8>, Zeroizing<Vec<Scalar>>) {
    let secret: Zeroizing<Vec<u8>> = Zeroizing::new(choices.iter().flat_map(|c| c.to_le_bytes()).collect());
    let shape: Vec<u8> = style
        .iter()
        .flat_map(|c| [c.position, c.options, u16::from(c.blank)].map(u16::to_le_bytes))
        .flatten()
        .collect();
    let inputs: [&[u8]; 4] = [&ballot.encode(), &key.key.bytes, &shape, &secret];
    let mut nonces = Nonces::new(seed, row, label::BALLOT, &inputs);
    let mut randomness = Zeroizing::new(Vec::with_capacity(options(style)));
    let mut votes = Vec::with_capacity(votes_size(style));
    for (contest, choice) in style.iter().zip(choices) {
        let halves = nonces.scalars(contest.options.into());
        let ciphertexts = encode_doubled(&half_ciphertexts(key, &halves, *choice));
        let mut transcript = contest.transcript(&ballot, &key.key.bytes, &ciphertexts);
        let coefficients = coefficients(&mut transcript, contest.options.into());
        let offsets = contest.offsets(&coefficients);
        let combined: Scalar =
            coefficients.iter().zip(halves.iter()).map(|(c, half)| c * (half + half)).sum();
        let truth = u16::conditional_select(choice, &contest.options, choice.ct_eq(&BLANK));
        let statement = (Base::Generator, &offsets[..]);
        let proof = prove(&mut transcript, key, statement, truth, &combined, &mut nonces);
        votes.extend(ciphertexts);
        votes.extend(proof);
        randomness.extend(halves.iter().map(|half| half + half));
    }
    (Ballot { votes: &votes, ..ballot }.encode(), randomness)
}

/// Half the encryptions of 1 for the chosen option and 0 for the others, with half the randomness given.
fn half_ciphertexts(key: &KeyTable, halves: &[Scalar], choice: u16) -> Vec<RistrettoPoint> {
    let half_generator = &Scalar::ONE.div_by_2() * G;
    let encrypt = |(option, half): (usize, &Scalar)| {
        let chosen = (option as u16).ct_eq(&choice);
        let message = RistrettoPoint::conditional_select(&Identity::identity(), &half_generator, chosen);
        let zero = key.zero(half);
        [zero.0, zero.1 + message]
    };
    halves.iter().enumerate().flat_map(encrypt).collect()
}

/// Entries: bodies signed by their cards.
pub fn sign(bodies: &[u8], lengths: &[u32], scalars: &[u8], seed: &Seed) -> Result<Rows> {
    let bodies = split("bodies", bodies, lengths)?;
    expect_rows("scalars", scalars, bodies.len(), 32)?;
    let secrets = codec::proper_scalars("scalars", scalars)?;
    let keys = encode_multiples(&secrets);
    let keys = rows::<32>("keys", &keys)?;
    let sign = |row: usize| {
        let body =
            Elements::read(bodies[row], false).ok_or_else(|| FormatError::row("bodies", row, MALFORMED))?;
        require(*body.card == keys[row], || {
            format!("scalars, row {row}: not the scalar of the ballot's card")
        })?;
        let hash: Bytes32 = Sha256::digest(bodies[row]).into();
        let signature = sign_one(purpose::BALLOT, &keys[row], &hash, &secrets[row], (seed, row));
        let mut entry = bodies[row].to_vec();
        entry[0] += 1;
        write_bytes(&mut entry, &signature);
        Ok(entry)
    };
    let entries: Result<Vec<_>> = (0..bodies.len()).into_par_iter().map(sign).collect();
    Ok(join(&entries?))
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
    let entries = split("entries", entries, lengths)?;
    let read = |bytes: &&[u8]| match Entry::read(bytes, election, styles) {
        Ok(Entry { ballot, hash, .. }) => (0, ballot.region, ballot.day, ballot.serial, *ballot.card, hash),
        Err(fault) => (fault as u8, 0, 0, 0, [0; 32], [0; 32]),
    };
    let parsed: Vec<_> = entries.par_iter().with_min_len(codec::RUN).map(read).collect();
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

/// The entries that are ill-formed, hold points or scalars that are not canonical, or whose proofs or signature do
/// not hold.
pub fn check(
    entries: &[u8],
    lengths: &[u32],
    election: &Bytes32,
    key: &Bytes32,
    styles: &[Style],
) -> Result<Vec<Culprit>> {
    let key = Key::read("key", key)?;
    styles.iter().try_for_each(|style| require_style(style))?;
    let entries = split("entries", entries, lengths)?;
    Ok(check_batch(entries.len(), &key.point, |row, batch| {
        let Entry { ballot, signature, hash } =
            Entry::read(entries[row], election, styles).map_err(|_| MALFORMED)?;
        let card_point = codec::proper_point(ballot.card)?;
        for (contest, ciphertexts, proof) in contests(&styles[usize::from(ballot.region)], ballot.votes) {
            let transcript = contest.transcript(&ballot, &key.bytes, ciphertexts);
            claim_contest((row, batch), transcript, contest, ciphertexts, proof)?;
        }
        signature::claim((row, batch), purpose::BALLOT, (ballot.card, card_point), &hash, signature)
    }))
}

fn claim_contest(
    (row, batch): (usize, &mut Batch),
    mut transcript: Transcript,
    contest: &Contest,
    ciphertexts: &[u8],
    proof: &[u8],
) -> Verdict {
    let ciphertexts = codec::ciphertexts(ciphertexts)?;
    let proof = Proof::read(proof, contest.patterns())?;
    let coefficients = coefficients(&mut transcript, ciphertexts.len());
    batch.claim(row, CONTEST_REASON);
    let multiples = proof.verify(&mut transcript, &contest.offsets(&coefficients), batch)?;
    for (coefficient, ciphertext) in coefficients.iter().zip(&ciphertexts) {
        batch.add(coefficient * multiples.statement[0], ciphertext.0);
        batch.add(coefficient * multiples.statement[1], ciphertext.1);
    }
    batch.add_generator(multiples.base[1]);
    Ok(())
}

/// The ciphertexts of entries that are all of one style, row by row, as they stand in the entries.
pub fn ciphertexts(entries: &[u8], lengths: &[u32], style: &[Contest]) -> Result<Vec<u8>> {
    require_style(style)?;
    let entries = split("entries", entries, lengths)?;
    let mut out = Vec::with_capacity(entries.len() * CIPHERTEXT * options(style));
    for (row, bytes) in entries.iter().enumerate() {
        let votes = Elements::read(bytes, true).map(|elements| elements.votes);
        let votes = votes.filter(|votes| votes.len() == votes_size(style));
        let votes = votes.ok_or_else(|| FormatError::row("entries", row, MALFORMED))?;
        contests(style, votes).for_each(|(_, ciphertexts, _)| out.extend(ciphertexts));
    }
    Ok(out)
}

/// Whether a challenged body encrypts exactly these choices with exactly this randomness.
pub fn check_opening(
    body: &[u8],
    key: &Bytes32,
    style: &[Contest],
    choices: &[u16],
    randomness: &[u8],
) -> Result<bool> {
    require_style(style)?;
    let key = Key::read("key", key)?.table();
    require_choices(style, choices, 1)?;
    expect_rows("randomness", randomness, options(style), 32)?;
    let body = Elements::read(body, false).ok_or_else(|| FormatError::row("body", 0, MALFORMED))?;
    if body.votes.len() != votes_size(style) {
        return Ok(false);
    }
    let randomness = codec::scalars("randomness", randomness)?;
    let mut rest = &randomness[..];
    Ok(contests(style, body.votes).zip(choices).all(|((contest, ciphertexts, _), choice)| {
        let (own, after) = rest.split_at(contest.options.into());
        rest = after;
        let halves: Zeroizing<Vec<_>> = Zeroizing::new(own.iter().map(Scalar::div_by_2).collect());
        encode_doubled(&half_ciphertexts(&key, &halves, *choice)) == ciphertexts
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELECTION: Bytes32 = [9; 32];
    const SEED: Seed = [5; 32];

    fn style() -> Style {
        let contest = |position, options, blank| Contest { position, options, blank };
        vec![contest(2, 2, true), contest(0, 1, false), contest(7, 3, false)]
    }

    fn key() -> Bytes32 {
        codec::base_multiples(&codec::random_scalars(&[3; 32], 1)).unwrap().try_into().unwrap()
    }

    fn bodies(n: usize) -> (Rows, Zeroizing<Vec<u8>>, Vec<u16>, Vec<u8>) {
        let scalars = codec::random_scalars(&[4; 32], n);
        let cards = codec::base_multiples(&scalars).unwrap();
        let days: Vec<u16> = (1..=n as u16).collect();
        let choices: Vec<u16> =
            (0..n as u16).flat_map(|row| [[0, 1, BLANK][row as usize % 3], 0, row % 3]).collect();
        let serials = vec![20; n];
        let place = (&cards[..], &days[..], &serials[..]);
        let (rows, randomness) = encrypt(&ELECTION, &key(), 1, &style(), place, &choices, &SEED).unwrap();
        (rows, randomness, choices, scalars)
    }

    fn entries(n: usize) -> (Vec<Vec<u8>>, [Style; 2]) {
        let ((bodies, lengths), _, _, scalars) = bodies(n);
        let (entries, lengths) = sign(&bodies, &lengths, &scalars, &SEED).unwrap();
        let entries = split("entries", &entries, &lengths).unwrap().into_iter().map(<[u8]>::to_vec).collect();
        (entries, [vec![], style()])
    }

    fn check_all(entries: &[Vec<u8>], styles: &[Style]) -> Vec<Culprit> {
        let (joined, lengths) = join(entries);
        check(&joined, &lengths, &ELECTION, &key(), styles).unwrap()
    }

    #[test]
    fn honest_ballots_are_accepted_and_parsed() {
        let (entries, styles) = entries(30);
        assert_eq!(check_all(&entries, &styles), []);
        let (joined, lengths) = join(&entries);
        let columns = parse(&joined, &lengths, &ELECTION, &styles).unwrap();
        assert_eq!(columns.status, [0; 30]);
        assert_eq!((columns.regions[29], columns.days[29], columns.serials[29]), (1, 30, 20));
        let ((bodies, lengths), ..) = bodies(30);
        let first: Bytes32 = Sha256::digest(&bodies[..lengths[0] as usize]).into();
        assert_eq!(columns.hashes[..32], first);
    }

    #[test]
    fn each_mutated_part_of_the_votes_is_rejected() {
        let (entries, styles) = entries(4);
        let start = entries[1].len() - 66 - votes_size(&style());
        for part in 0..votes_size(&style()) / 32 {
            let mut mutated = entries.clone();
            let from = entries[0].len() - 66 - votes_size(&style()) + 32 * part;
            mutated[1][start + 32 * part..][..32].copy_from_slice(&entries[0][from..][..32]);
            assert_eq!(check_all(&mutated, &styles), [(1, CONTEST_REASON)], "part {part}");
        }
        let mut unsigned = entries.clone();
        let end = unsigned[2].len();
        unsigned[2][end - 32] ^= 1;
        assert_eq!(check_all(&unsigned, &styles), [(2, signature::REASON)]);
        let mut moved = entries.clone();
        moved[3][73] = 5; // another serial
        assert_eq!(check_all(&moved, &styles), [(3, CONTEST_REASON)]);
    }

    #[test]
    fn one_bad_among_many_is_named_whatever_the_threads() {
        let (mut entries, styles) = entries(300);
        let first = entries.clone();
        let end = entries[123].len();
        entries[123][end - 66 - 32..][..32].fill(0);
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| check_all(&entries, &styles)), [(123, CONTEST_REASON)]);
            assert!(pool.install(|| self::entries(300).0 == first));
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let (entries, styles) = entries(1);
        let entry = &entries[0];
        let status = |bytes: &[u8], election: &Bytes32, styles: &[Style]| {
            parse(bytes, &[bytes.len() as u32], election, styles).unwrap().status[0]
        };
        assert_eq!(status(entry, &[8; 32], &styles), Fault::Referendum as u8);
        assert_eq!(status(entry, &ELECTION, &styles[..1]), Fault::Region as u8);
        assert_eq!(status(entry, &ELECTION, &[vec![], style()[1..].to_vec()]), Fault::Votes as u8);
        let at = |index: usize, value: u8| {
            let mut changed = entry.clone();
            changed[index] = value;
            status(&changed, &ELECTION, &styles)
        };
        assert_eq!(at(71, 2), Fault::Region as u8);
        assert_eq!(at(72, 0), Fault::Place as u8);
        assert_eq!(at(73, 0), Fault::Place as u8);
        assert_eq!(at(73, 21), Fault::Place as u8);
        for (index, value) in [(0, 0x88), (1, 2), (2, 16), (3, 0x59), (4, 31), (71, 0x18), (72, 0x40)] {
            assert_eq!(at(index, value), Fault::Encoding as u8, "byte {index}");
        }
        assert_eq!(status(&[&entry[..], &[0]].concat(), &ELECTION, &styles), Fault::Encoding as u8);
        assert_eq!(status(&entry[..entry.len() - 1], &ELECTION, &styles), Fault::Encoding as u8);
        assert_eq!(check_all(&[entry[1..].to_vec()], &styles), [(0, MALFORMED)]);
    }

    #[test]
    fn openings_match_their_body_alone() {
        let ((bodies, lengths), randomness, choices, _) = bodies(2);
        let body = &bodies[..lengths[0] as usize];
        let open = |choices: &[u16], r: &[u8]| check_opening(body, &key(), &style(), choices, r).unwrap();
        assert!(open(&choices[..3], &randomness[..32 * 6]));
        assert!(!open(&choices[3..], &randomness[..32 * 6]));
        assert!(!open(&choices[..3], &randomness[32 * 6..]));
        assert!(check_opening(body, &key(), &style(), &[0, BLANK, 0], &randomness[..32 * 6]).is_err());
    }
}
