//! Weighing: every row multiplied by a fresh secret sign and re-randomised (`spec/proofs.md#weighing`).

mod check;
mod prove;

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
use psephos_lanes::double_pairs;
use rayon::prelude::*;

use crate::codec::{self, Bytes32, CIPHERTEXT, RUN, count_rows, expect_rows};
use crate::disjunction::proof_size;
use crate::error::{FormatError, Result, require};
use crate::labels::{field, protocol};
use crate::transcript::Transcript;

pub use check::{RowCulprit, Weighings, check};
pub use prove::weigh;

pub const REASON: &str = "weighing proof";
const PROOF: usize = proof_size(2);

/// The branches are `row' - row` and `row' + row`.
fn signs() -> [Scalar; 2] {
    [Scalar::ONE, -Scalar::ONE]
}

/// Where in the chains a chunk of rows stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub region: u16,
    pub day: u16,
    pub chunk: u32,
    pub position: u8,
    pub trustee: u16,
}

impl Place {
    fn encode(&self, row: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(15);
        out.extend(self.region.to_le_bytes());
        out.extend(self.day.to_le_bytes());
        out.extend(self.chunk.to_le_bytes());
        out.push(self.position);
        out.extend(self.trustee.to_le_bytes());
        out.extend(row.to_le_bytes());
        out
    }
}

fn require_width(width: usize) -> Result<()> {
    require((2..=1023).contains(&width), || format!("width: {width} ciphertexts a row"))
}

fn row_transcript(
    election: &Bytes32,
    place: &[u8],
    key: &Bytes32,
    before: &[u8],
    after: &[u8],
) -> Transcript {
    let mut transcript = Transcript::new(protocol::WEIGHING_ROW);
    transcript
        .append(field::ELECTION, election)
        .append(field::POSITION, place)
        .append(field::KEY, key)
        .append(field::BEFORE, before)
        .append(field::AFTER, after);
    transcript
}

/// Rows 0: `(2*C - (0,G), Y..)`, for the weight and the `width - 1` ciphertexts of each ballot.
pub fn first_rows(weights: &[u8], ciphertexts: &[u8], width: usize) -> Result<Vec<u8>> {
    require_width(width)?;
    let n = count_rows("weights", weights, CIPHERTEXT)?;
    let rest = CIPHERTEXT * (width - 1);
    expect_rows("ciphertexts", ciphertexts, n, rest)?;
    let pairs = weights.as_chunks::<32>().0.as_chunks::<2>().0;
    let generator = RISTRETTO_BASEPOINT_COMPRESSED.to_bytes();
    let run = |start: usize| {
        let signs = double_pairs(&pairs[start..n.min(start + RUN)], &generator);
        let rows = signs.into_iter().zip(ciphertexts[rest * start..].chunks_exact(rest)).zip(start..);
        let join = |((sign, rest), row): ((Option<[Bytes32; 2]>, &[u8]), usize)| {
            let sign = sign.ok_or_else(|| FormatError::row("weights", row, codec::BAD_POINT))?;
            Ok([sign.as_flattened(), rest].concat())
        };
        Ok(rows.map(join).collect::<Result<Vec<_>>>()?.concat())
    };
    let starts: Vec<usize> = (0..n).step_by(RUN).collect();
    Ok(starts.into_par_iter().map(run).collect::<Result<Vec<_>>>()?.concat())
}

/// Weighed rows without their proofs.
pub fn strip_proofs(after: &[u8], width: usize) -> Result<Vec<u8>> {
    require_width(width)?;
    count_rows("after", after, CIPHERTEXT * width + PROOF)?;
    let rows = after.chunks_exact(CIPHERTEXT * width + PROOF);
    Ok(rows.flat_map(|row| &row[..CIPHERTEXT * width]).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Key;
    use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE as G};

    const ELECTION: Bytes32 = [9; 32];
    const PLACE: Place = Place { region: 1, day: 2, chunk: 3, position: 1, trustee: 2 };

    fn key() -> (Scalar, Bytes32) {
        let secret = Scalar::from(77u8);
        (secret, (&secret * G).compress().to_bytes())
    }

    /// Rows of encryptions of 1, 0, 1 under `key`.
    fn rows(n: u8) -> Vec<u8> {
        let key = Key::read("key", &key().1).unwrap().table();
        let encrypt = |r: u8, bit: u8| {
            let zero = key.zero(&Scalar::from(r));
            [zero.0, zero.1 + &Scalar::from(bit) * G].map(|point| point.compress().to_bytes()).concat()
        };
        (0..n).flat_map(|r| [encrypt(r, 1), encrypt(r + 1, 0), encrypt(r + 2, 1)].concat()).collect()
    }

    fn check(before: &[u8], after: &[u8], counts: &[u32]) -> Vec<RowCulprit> {
        let place = |chunk| Place { chunk, ..PLACE };
        let places: Vec<_> = (3..).take(counts.len()).map(place).collect();
        let weighings = Weighings { places: &places, counts, sources: &vec![None; counts.len()] };
        super::check(&ELECTION, &key().1, weighings, before, after, 3).unwrap()
    }

    #[test]
    fn both_signs_occur_and_multiply_the_whole_row() {
        let after = weigh(&ELECTION, &key().1, PLACE, &rows(40), 3, &[1; 32]).unwrap();
        assert_eq!(check(&rows(40), &after, &[40]), []);
        let mut seen = [0; 2];
        for row in strip_proofs(&after, 3).unwrap().chunks(3 * CIPHERTEXT) {
            let plain: Vec<_> =
                codec::ciphertexts(row).unwrap().iter().map(|c| c.1 - key().0 * c.0).collect();
            let sign = if plain[0] == RISTRETTO_BASEPOINT_POINT { 0 } else { 1 };
            seen[sign] += 1;
            let expected = signs()[sign] * RISTRETTO_BASEPOINT_POINT;
            assert!(plain[0] == expected && plain[1] == Scalar::ZERO * expected && plain[2] == expected);
        }
        assert!(seen[0] > 5 && seen[1] > 5, "{seen:?}");
    }

    #[test]
    fn each_mutated_part_is_rejected() {
        let before = rows(2);
        let after = weigh(&ELECTION, &key().1, PLACE, &before, 3, &[1; 32]).unwrap();
        let size = after.len() / 2;
        for part in 0..size / 32 {
            let mut mutated = after.clone();
            mutated[size + 32 * part..][..32].copy_from_slice(&after[32 * part..][..32]);
            assert_eq!(check(&before, &mutated, &[2]), [(0, 1, REASON)], "part {part}");
        }
        let mut taken = before.clone();
        taken[32..64].copy_from_slice(&before[96..128]);
        assert_eq!(check(&taken, &after, &[2]), [(0, 0, REASON)]);
        assert_eq!(check(&before, &after, &[1, 1]), [(1, 0, REASON)]);
        let mut bad = after.clone();
        bad[0] |= 1;
        assert_eq!(check(&before, &bad, &[2]), [(0, 0, codec::BAD_POINT)]);
    }

    #[test]
    fn a_zeroed_row_is_no_weighing() {
        let mut after = weigh(&ELECTION, &key().1, PLACE, &rows(1), 3, &[1; 32]).unwrap();
        after[..3 * CIPHERTEXT].fill(0);
        assert_eq!(check(&rows(1), &after, &[1]), [(0, 0, REASON)]);
    }

    #[test]
    fn the_same_bytes_and_verdict_whatever_the_threads() {
        let before = rows(100);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut after = weigh(&ELECTION, &key().1, PLACE, &before, 3, &[1; 32]).unwrap();
                let last = after.len();
                after[last - 32] ^= 1;
                (check(&before, &after, &[100]), after)
            })
        };
        let (culprits, after) = run(1);
        assert_eq!(culprits, [(0, 99, REASON)]);
        assert!(run(2) == (culprits, after));
    }

    #[test]
    fn first_rows_turn_weights_into_signs() {
        let weights = rows(1);
        let first = first_rows(&weights[..128], &weights, 2).err();
        assert!(first.is_some(), "three ciphertexts for two rows of one");
        let first = first_rows(&weights[..128], &weights[..128], 2).unwrap();
        let plain = |at: usize| {
            let c = codec::ciphertexts(&first[at..at + 64]).unwrap()[0];
            c.1 - key().0 * c.0
        };
        assert_eq!(plain(0), RISTRETTO_BASEPOINT_POINT);
        assert_eq!(plain(128), -RISTRETTO_BASEPOINT_POINT);
        assert_eq!(first[64..128], weights[..64]);
        let mut bad = weights[..128].to_vec();
        bad[127] |= 0x80;
        let refused = first_rows(&bad, &weights[..128], 2).unwrap_err();
        assert_eq!(refused.0, "weights, row 1: not a canonical point");
    }
}
