//! Ed25519 signatures by parties (RFC 8032 without cofactor; `spec/log.md#notes`), and those of a log's entries
//! (`spec/entries.md`).
//!
//! Each signature is checked by itself: a sum over several would let points of small order cancel out, and its verdict
//! depend on what else is in the batch.

use ed25519_dalek::{Signature, VerifyingKey};
use rayon::prelude::*;

use crate::cbor::{self, Item};
use crate::codec::Bytes32;

pub const SIGNATURE: usize = 64;

const ENTRY_PREFIX: &[u8] = b"psephos/1 entry\n";
/// A signature with its CBOR head, as it ends an entry.
const SEALED: usize = SIGNATURE + 2;
const BALLOT: Item = Item::Unsigned(17);

/// Whether the key is a canonical point A, `sB - kA` encodes to the bytes of R, and s is below the group's order. The
/// message comes in parts.
pub fn holds(key: &Bytes32, message: &[&[u8]], signature: &[u8; SIGNATURE]) -> bool {
    let key = VerifyingKey::from_bytes(key).ok().filter(|read| read.to_edwards().compress().0 == *key);
    let Some(Ok(mut verifier)) = key.map(|key| key.verify_stream(&Signature::from_bytes(signature))) else {
        return false;
    };
    message.iter().for_each(|part| verifier.update(part));
    verifier.finalize_and_verify().is_ok()
}

/// For each entry whether it is a well-formed one whose author's Ed25519 signature holds. Ballots are not looked at:
/// cards sign them otherwise.
pub fn signed(entries: &[&[u8]]) -> Vec<bool> {
    entries.par_iter().map(|entry| is_signed(entry)).collect()
}

fn is_signed(entry: &[u8]) -> bool {
    let Ok(items) = cbor::decode(entry) else { return false };
    let [_, kind, _, Item::Bytes(author), .., Item::Bytes(signature)] = items[..] else { return false };
    let (Ok(author), Ok(signature)) = (author.try_into(), signature.try_into()) else { return false };
    let body = &entry[1..entry.len() - SEALED];
    kind != BALLOT && holds(author, &[ENTRY_PREFIX, &[entry[0] - 1], body], signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::Scalar;
    use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE as B;
    use sha2::{Digest, Sha512};

    /// A signature with a nonce of the test's own choice.
    fn sign(secret: u64, message: &[&[u8]]) -> (Bytes32, [u8; SIGNATURE]) {
        let (secret, nonce) = (Scalar::from(secret), Scalar::from(77u8));
        let (key, commitment) = ((&secret * B).compress().0, (&nonce * B).compress().0);
        let mut hash = Sha512::new().chain_update(commitment).chain_update(key);
        message.iter().for_each(|part| hash.update(part));
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let response = nonce + challenge * secret;
        (key, [commitment, response.to_bytes()].concat().try_into().unwrap())
    }

    #[test]
    fn what_was_signed_holds_and_nothing_else() {
        let (key, signature) = sign(5, &[b"a", b"b"]);
        assert!(holds(&key, &[b"ab"], &signature) && holds(&key, &[b"a", b"b"], &signature));
        assert!(!holds(&key, &[b"ac"], &signature));
        assert!(!holds(&sign(6, &[]).0, &[b"ab"], &signature));
        let mut other = signature;
        other[0] ^= 1;
        assert!(!holds(&key, &[b"ab"], &other));
        let mut above = signature;
        above[63] |= 0x20; // larger than the group's order
        assert!(!holds(&key, &[b"ab"], &above));
    }

    fn entry(kind: u64, secret: u64) -> Vec<u8> {
        let (key, _) = sign(secret, &[]);
        let items = [Item::Unsigned(1), Item::Unsigned(kind), Item::Bytes(&[0; 32]), Item::Bytes(&key)];
        let mut body = cbor::encode(&[&items[..], &[Item::Bytes(&[9; 300])]].concat()).unwrap();
        let (_, signature) = sign(secret, &[ENTRY_PREFIX, &body]);
        body[0] += 1;
        [&body[..], &[0x58, 0x40], &signature].concat()
    }

    #[test]
    fn entries_are_signed_by_whom_they_name() {
        let (good, ballot) = (entry(8, 5), entry(17, 5));
        let mut bad = good.clone();
        bad[120] ^= 1;
        let short = &good[..good.len() - 1];
        let few = cbor::encode(&[Item::Bytes(&good), Item::Bytes(&[0; 64])]).unwrap();
        let entries: [&[u8]; 7] = [&good, &bad, &ballot, short, &few, &[], &good];
        assert_eq!(signed(&entries), [true, false, false, false, false, false, true]);
    }
}
