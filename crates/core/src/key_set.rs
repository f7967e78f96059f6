//! A growing set of 32-byte keys, which others may have chosen: the standard library's hash is keyed at random.

use std::collections::HashSet;

use crate::codec::{Bytes32, rows};
use crate::error::Result;

#[derive(Default)]
pub struct KeySet(HashSet<Bytes32>);

impl KeySet {
    /// Add keys; for each 1 if it was in the set already, also by an earlier row of `keys`, else 0.
    pub fn add(&mut self, keys: &[u8]) -> Result<Vec<u8>> {
        Ok(rows::<32>("keys", keys)?.iter().map(|key| u8::from(!self.0.insert(*key))).collect())
    }

    /// For each key 1 if it is in the set, else 0.
    pub fn has(&self, keys: &[u8]) -> Result<Vec<u8>> {
        Ok(rows::<32>("keys", keys)?.iter().map(|key| u8::from(self.0.contains(key))).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_seen_before_are_marked() {
        let mut set = KeySet::default();
        assert!(set.is_empty());
        assert_eq!(set.add(&[[1; 32], [2; 32], [1; 32]].concat()).unwrap(), [0, 0, 1]);
        assert_eq!(set.add(&[[3; 32], [2; 32]].concat()).unwrap(), [0, 1]);
        assert_eq!(set.has(&[[4; 32], [2; 32]].concat()).unwrap(), [0, 1]);
        assert!(set.add(&[0; 31]).is_err() && set.has(&[0; 31]).is_err());
        assert_eq!(set.len(), 3);
    }
}
