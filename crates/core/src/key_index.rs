//! Cards by their keys: 40 bytes each, in few ascending runs.

use rayon::prelude::*;
use std::collections::HashMap;

use crate::codec::{Bytes32, rows};
use crate::column::ABSENT;
use crate::error::{Result, require};

/// A card, of which its region had so many before.
#[derive(Clone, Copy, Default)]
struct Card {
    key: Bytes32,
    place: u32,
    region: u16,
}

/// The cards of all regions. What is added together is a run; a run no longer than twice the one behind it is merged
/// with that, so that many small batches cost little more than one large one.
#[derive(Default)]
pub struct KeyIndex {
    runs: Vec<Vec<Card>>,
    sizes: HashMap<u16, u32>,
}

impl KeyIndex {
    /// Add cards of a region by their keys, strictly ascending, none of which is here.
    pub fn add(&mut self, region: u16, keys: &[u8]) -> Result<()> {
        let keys = rows::<32>("keys", keys)?;
        require(keys.is_sorted_by(|a, b| a < b), || "keys: not strictly ascending".into())?;
        let size = self.sizes.entry(region).or_default();
        require(keys.len() < (ABSENT - *size) as usize, || "keys: too many of one region".into())?;
        self.runs.push((*size..).zip(keys).map(|(place, key)| Card { key: *key, place, region }).collect());
        *size += keys.len() as u32;
        while let [.., older, newer] = &mut self.runs[..]
            && older.len() <= 2 * newer.len()
        {
            merge(older, newer);
            self.runs.pop();
        }
        Ok(())
    }

    fn find(&self, key: &Bytes32) -> Option<&Card> {
        let search = |run: &Vec<Card>| run.binary_search_by_key(key, |card| card.key).ok();
        self.runs.iter().find_map(|run| search(run).map(|at| &run[at]))
    }

    /// The place of each key among the cards of a region, or [`ABSENT`].
    pub fn places(&self, region: u16, keys: &[u8]) -> Result<Vec<u32>> {
        let place =
            |key| self.find(key).filter(|card| card.region == region).map_or(ABSENT, |card| card.place);
        Ok(rows::<32>("keys", keys)?.par_iter().with_min_len(1024).map(place).collect())
    }

    /// The lowest region that has a card of one of these keys.
    pub fn region(&self, keys: &[u8]) -> Result<Option<u16>> {
        let region = |key| self.find(key).map(|card| card.region);
        Ok(rows::<32>("keys", keys)?.par_iter().with_min_len(1024).filter_map(region).min())
    }
}

/// Put `newer` into `older`, from the end on, so that nothing is held twice but `newer`.
fn merge(older: &mut Vec<Card>, newer: &[Card]) {
    let (mut old, mut new) = (older.len(), newer.len());
    older.reserve_exact(new);
    older.resize(old + new, Card::default());
    while new > 0 {
        let from = if old > 0 && older[old - 1].key > newer[new - 1].key {
            old -= 1;
            older[old]
        } else {
            new -= 1;
            newer[new]
        };
        older[old + new] = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(firsts: impl IntoIterator<Item = u8>) -> Vec<u8> {
        firsts.into_iter().flat_map(|first| [[first].as_slice(), &[0; 31]].concat()).collect()
    }

    #[test]
    fn cards_are_found_in_their_region_alone_whatever_the_batches() {
        let mut index = KeyIndex::default();
        for step in 0..20u8 {
            index.add(u16::from(step % 2), &keys((0..10).map(|at| at * 20 + step))).unwrap();
        }
        assert!(index.runs.len() < 4);
        for step in 0..20u8 {
            let (own, queries) = (u16::from(step % 2), keys((0..10).map(|at| at * 20 + step)));
            let first = u32::from(step / 2) * 10;
            assert_eq!(index.places(own, &queries).unwrap(), (first..first + 10).collect::<Vec<_>>());
            assert_eq!(index.places(1 - own, &queries).unwrap(), [ABSENT; 10]);
            assert_eq!(index.region(&queries).unwrap(), Some(own));
        }
        assert_eq!(index.region(&keys([200, 250])).unwrap(), None);
        assert_eq!(index.region(&keys([200, 3, 2])).unwrap(), Some(0));
        assert_eq!(index.places(7, &keys([250, 1])).unwrap(), [ABSENT; 2]);
    }

    #[test]
    fn keys_that_do_not_ascend_are_refused() {
        let mut index = KeyIndex::default();
        assert!(index.add(0, &keys([2, 1])).is_err() && index.add(0, &keys([1, 1])).is_err());
        assert!(index.add(0, &[0; 31]).is_err() && index.places(0, &[0; 31]).is_err());
        index.add(0, &[]).unwrap();
        assert_eq!(index.places(0, &keys([1])).unwrap(), [ABSENT]);
    }
}
