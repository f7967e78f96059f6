//! Hashes of a log's Merkle tree (`spec/log.md`; RFC 6962, 2.1).

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::codec::{Bytes32, RUN, rows};
use crate::error::{FormatError, Result, require};

/// The hash of each entry as a leaf.
pub fn leaf_hashes(entries: &[&[u8]]) -> Vec<u8> {
    let hash =
        |entry: &&[u8]| -> Bytes32 { Sha256::new().chain_update([0]).chain_update(entry).finalize().into() };
    let hashes: Vec<_> = entries.par_iter().with_min_len(min_len(entries)).map(hash).collect();
    hashes.into_flattened()
}

/// The `width` entries of a bundle, each behind its length in two bytes (`spec/log.md#tiles`).
pub fn entries(bundle: &[u8], width: usize) -> Result<Vec<&[u8]>> {
    let mut rest = bundle;
    let mut next = || {
        let (length, behind) = rest.split_first_chunk()?;
        let (entry, behind) = behind.split_at_checked(u16::from_be_bytes(*length).into())?;
        rest = behind;
        (!entry.is_empty()).then_some(entry)
    };
    let cut = |number| next().ok_or_else(|| FormatError(format!("entry {number} is cut short or empty")));
    let entries = (0..width).map(cut).collect::<Result<Vec<_>>>()?;
    require(rest.is_empty(), || format!("{} bytes after the last entry", rest.len()))?;
    Ok(entries)
}

/// Long entries are worth a task each, short ones are not.
fn min_len(entries: &[&[u8]]) -> usize {
    let size: usize = entries.iter().map(|entry| entry.len()).sum();
    (RUN * RUN * entries.len()).checked_div(size).map_or(RUN, |few| few.clamp(1, RUN))
}

/// The root over neighbouring subtrees of one height, of which the last may be smaller. Pairing from below and carrying
/// an odd last hash up gives RFC 6962's tree.
pub fn root(hashes: &[u8]) -> Result<Bytes32> {
    let mut row = rows::<32>("hashes", hashes)?.to_vec();
    require(!row.is_empty(), || "hashes: none".into())?;
    while row.len() > 1 {
        let pair = |pair: &[Bytes32]| match pair {
            [left, right] => {
                Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
            }
            odd => odd[0],
        };
        row = row.chunks(2).map(pair).collect();
    }
    Ok(row[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha256(parts: &[&[u8]]) -> Vec<u8> {
        Sha256::digest(parts.concat()).to_vec()
    }

    #[test]
    fn a_bundle_is_its_entries_and_nothing_else() {
        let bundle = [0, 1, 7, 0, 2, 8, 9];
        assert_eq!(entries(&bundle, 2).unwrap(), [&[7][..], &[8, 9]]);
        assert_eq!(entries(&[], 0).unwrap(), [&[0u8; 0]; 0]);
        let refused = [
            (&bundle[..], 3, "entry 2 is cut short or empty"),
            (&bundle[..6], 2, "entry 1 is cut short or empty"),
            (&bundle[..4], 2, "entry 1 is cut short or empty"),
            (&[0, 0], 1, "entry 0 is cut short or empty"),
            (&bundle, 1, "4 bytes after the last entry"),
        ];
        for (bundle, width, why) in refused {
            assert_eq!(entries(bundle, width).unwrap_err().0, why);
        }
    }

    #[test]
    fn leaves_and_nodes_are_told_apart_and_an_odd_one_is_carried_up() {
        let leaves = leaf_hashes(&[b"a", b"", b"c"]);
        let [a, b, c] = [&leaves[..32], &leaves[32..64], &leaves[64..]];
        assert_eq!(a, sha256(&[&[0], b"a"]));
        assert_eq!(b, sha256(&[&[0]]));
        let left = sha256(&[&[1], a, b]);
        assert_eq!(root(&leaves).unwrap().to_vec(), sha256(&[&[1], &left, c]));
        assert_eq!(root(a).unwrap(), a);
        assert!(root(&[]).is_err() && root(&leaves[1..]).is_err());
        let long = vec![7; 100_000];
        assert_eq!(leaf_hashes(&[&long, &long])[32..], sha256(&[&[0], &long]));
    }
}
