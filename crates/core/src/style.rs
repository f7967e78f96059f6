//! The contests of a region's ballots and the layout of their votes (`spec/proofs.md#ballot`).

use crate::codec::CIPHERTEXT;
use crate::disjunction::proof_size;
use crate::entry::LONGEST_ENTRY;
use crate::error::{Result, require};

/// A contest of a style: its position in the definition, its number of options, and whether blank is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Contest {
    pub position: u16,
    pub options: u16,
    pub blank: bool,
}

impl Contest {
    /// The allowed patterns: each option alone, and none where blank is allowed.
    pub fn patterns(&self) -> usize {
        usize::from(self.options) + usize::from(self.blank)
    }

    pub fn ciphertexts_size(&self) -> usize {
        CIPHERTEXT * usize::from(self.options)
    }

    fn size(&self) -> usize {
        self.ciphertexts_size() + proof_size(self.patterns())
    }
}

/// The contests of a region's ballots, in order.
pub type Style = Vec<Contest>;

pub fn votes_size(style: &[Contest]) -> usize {
    style.iter().map(Contest::size).sum()
}

pub fn options(style: &[Contest]) -> usize {
    style.iter().map(|contest| usize::from(contest.options)).sum()
}

pub fn require_style(style: &[Contest]) -> Result<()> {
    let options = style.iter().all(|contest| contest.options > 0);
    require(options, || "contests: a contest has no options".into())?;
    require(votes_size(style) < LONGEST_ENTRY, || "contests: too many for one entry".into())
}

/// The contests of `votes`, which must be as long as the style says: each with its ciphertexts and proof.
pub fn contests<'a>(
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
