//! Ballots: encryption, proof of an allowed pattern, signature, checks, challenges (`spec/proofs.md#ballot`).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::batch::{Batch, Culprit, Verdict, check as check_batch};
use crate::cbor::write_bytes;
use crate::codec::{
    self, Bytes32, CIPHERTEXT, Key, KeyTable, encode_doubled, encode_multiples, expect_rows, rows,
};
use crate::disjunction::{Proof, coefficients, prove};
use crate::entry::{Ballot, Elements, Entry, MALFORMED, Rows, SERIALS, join, split};
use crate::error::{FormatError, Result, require};
use crate::labels::{field, nonces as label, protocol, purpose};
use crate::nonces::{Nonces, Seed};
use crate::signature::{self, sign_one};
use crate::style::{Contest, Style, contests, options, require_style, votes_size};
use crate::transcript::Transcript;

/// The choice of no option.
pub const BLANK: u16 = 0xffff;
pub const CONTEST_REASON: &str = "contest proof";

/// What contests mean for a proof.
impl Contest {
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
            .append_joined(field::POSITION, &place)
            .append(field::CARD, ballot.card)
            .append(field::KEY, key)
            .append_joined(field::PATTERNS, &[&self.options.to_le_bytes(), &[u8::from(self.blank)]])
            .append(field::CIPHERTEXTS, ciphertexts);
        transcript
    }
}

/// Bodies of `n` ballots of one region, and the randomness of all their ciphertexts. Choices (secret) are positions
/// of options or [`BLANK`], `contests.len()` for each ballot.
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
        "days, serials: expected one of each per key".into()
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
    require(choices.len() == n * style.len(), || "choices: expected one per contest".into())?;
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
        let statement = &offsets;
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
    Ok(check_batch(entries.len(), &key.bytes, |row, batch| {
        let Entry { ballot, signature, hash } =
            Entry::read(entries[row], election, styles).map_err(|_| MALFORMED)?;
        let card_point = batch.proper_point(ballot.card)?;
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
    let points = batch.points(ciphertexts);
    let proof = Proof::read(proof, contest.patterns(), batch);
    let coefficients = coefficients(&mut transcript, points.len() / 2);
    batch.claim(row, CONTEST_REASON);
    let multiples = proof.verify(&mut transcript, &contest.offsets(&coefficients), batch)?;
    for (coefficient, ciphertext) in coefficients.iter().zip(points.chunks_exact(2)) {
        batch.add(coefficient * multiples.statement[0], ciphertext[0]);
        batch.add(coefficient * multiples.statement[1], ciphertext[1]);
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
    use crate::entry::{Fault, parse};

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
