//! Columns: cutting tables, looking keys up, sorting records, and each card's last ballot.

use rayon::prelude::*;
use std::cmp::Reverse;
use std::ops::Range;

use crate::codec::{Bytes32, count_rows, expect_rows, rows};
use crate::error::{FormatError, Result, require};

/// What [`match_keys`] gives for a key that is not there.
pub const ABSENT: u32 = u32::MAX;

/// A day that no definition has.
const NEVER: u16 = u16::MAX;

/// Bytes `range` of every row of a table.
pub fn columns(table: &[u8], width: usize, range: Range<usize>) -> Result<Vec<u8>> {
    count_rows("table", table, width)?;
    let inside = range.start <= range.end && range.end <= width;
    require(inside, || format!("columns {range:?} of rows of {width} bytes"))?;
    Ok(table.chunks_exact(width).flat_map(|row| &row[range.clone()]).copied().collect())
}

/// The given rows of a table, in the order given.
pub fn take(table: &[u8], width: usize, rows: &[u32]) -> Result<Vec<u8>> {
    let n = count_rows("table", table, width)?;
    let mut out = Vec::with_capacity(rows.len() * width);
    for row in rows.iter().map(|row| *row as usize) {
        require(row < n, || format!("rows: {row} is not among {n}"))?;
        out.extend(&table[width * row..][..width]);
    }
    Ok(out)
}

/// The positions, ascending, of the rows of `width` bytes that equal `value`.
pub fn rows_where(column: &[u8], width: usize, value: &[u8]) -> Result<Vec<u32>> {
    let n = count_rows("column", column, width)?;
    require(n < ABSENT as usize, || "column: too many rows".into())?;
    require(value.len() == width, || format!("value: {} bytes instead of {width}", value.len()))?;
    let equal = |(row, bytes): (u32, &[u8])| (bytes == value).then_some(row);
    Ok((0..).zip(column.chunks_exact(width)).filter_map(equal).collect())
}

/// The position of each query among strictly ascending keys, or [`ABSENT`]. That they ascend is not looked at, since
/// that would take longer than the search.
pub fn match_keys(sorted_keys: &[u8], queries: &[u8]) -> Result<Vec<u32>> {
    let keys = rows::<32>("sorted_keys", sorted_keys)?;
    require(keys.len() < ABSENT as usize, || "sorted_keys: too many".into())?;
    let find = |query: &Bytes32| keys.binary_search(query).map_or(ABSENT, |position| position as u32);
    Ok(rows::<32>("queries", queries)?.par_iter().with_min_len(1024).map(find).collect())
}

/// Records sorted by their first 32 bytes, and the positions in that order of those that repeat their predecessor's.
pub fn sort_records(records: &[u8], width: usize) -> Result<(Vec<u8>, Vec<usize>)> {
    require(width >= 32, || format!("width: {width} is less than a key"))?;
    count_rows("records", records, width)?;
    let mut sorted: Vec<&[u8]> = records.chunks_exact(width).collect();
    sorted.par_sort_by_key(|record| &record[..32]);
    let repeats = (1..sorted.len()).filter(|row| sorted[row - 1][..32] == sorted[*row][..32]).collect();
    Ok((sorted.concat(), repeats))
}

/// Ascending row numbers by chunks of `size` rows: each chunk that has any, and those in it, counted from its start.
pub fn cut_rows(rows: &[u32], size: u32) -> Result<Vec<(u32, Vec<u32>)>> {
    require(size > 0, || "size: no rows in a chunk".into())?;
    require(rows.is_sorted(), || "rows: not ascending".into())?;
    let chunks = rows.chunk_by(|a, b| a / size == b / size);
    Ok(chunks.map(|chunk| (chunk[0] / size, chunk.iter().map(|row| row % size).collect())).collect())
}

/// For each day the positions, ascending, of the rows whose card is in no later day. `days[d]` are the numbers, below
/// `cards`, of the cards of day `d`'s rows, each of them once.
pub fn latest_rows(days: &[Vec<u32>], cards: usize) -> Result<Vec<Vec<u32>>> {
    require(days.len() < usize::from(NEVER), || "days: too many".into())?;
    let mut seen = vec![NEVER; cards]; // the first day from the end that has the card
    let mut latest = vec![vec![]; days.len()];
    for (day, column) in days.iter().enumerate().rev() {
        for (row, card) in (0..).zip(column) {
            let seen = seen.get_mut(*card as usize);
            let seen =
                seen.ok_or_else(|| FormatError(format!("day {day}: {card} is not among {cards} cards")))?;
            require(usize::from(*seen) != day, || format!("day {day}: card {card} twice"))?;
            if *seen == NEVER {
                *seen = day as u16;
                latest[day].push(row);
            }
        }
    }
    Ok(latest)
}

/// The positions, ascending, of each card's ballot with the highest serial; of several with the lowest hash; of exact
/// duplicates the first. [`ABSENT`] is no card and has none.
pub fn last_ballots(cards: &[u32], serials: &[u8], hashes: &[u8]) -> Result<Vec<u32>> {
    require(serials.len() == cards.len(), || "serials: expected one per card".into())?;
    require(cards.len() < ABSENT as usize, || "cards: too many".into())?;
    expect_rows("hashes", hashes, cards.len(), 32)?;
    let hashes = rows::<32>("hashes", hashes)?;
    let mut order: Vec<usize> = (0..cards.len()).filter(|row| cards[*row] != ABSENT).collect();
    order.par_sort_unstable_by_key(|&row| (cards[row], Reverse(serials[row]), hashes[row], row));
    order.dedup_by_key(|row| cards[*row]);
    order.sort_unstable();
    Ok(order.into_iter().map(|row| row as u32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(firsts: &[u8]) -> Vec<u8> {
        firsts.iter().flat_map(|first| [[*first; 1].as_slice(), &[0; 31]].concat()).collect()
    }

    #[test]
    fn tables_are_cut_both_ways() {
        let table = [1, 2, 3, 4, 5, 6];
        assert_eq!(columns(&table, 3, 1..3).unwrap(), [2, 3, 5, 6]);
        assert_eq!(take(&table, 2, &[2, 0, 0]).unwrap(), [5, 6, 1, 2, 1, 2]);
        assert!(columns(&table, 3, 1..4).is_err() && columns(&table, 4, 0..1).is_err());
        assert!(take(&table, 2, &[3]).is_err() && take(&table, 0, &[]).is_err());
    }

    #[test]
    fn rows_of_a_value_are_found() {
        assert_eq!(rows_where(&[1, 2, 3, 4, 1, 2], 2, &[1, 2]).unwrap(), [0, 2]);
        assert_eq!(rows_where(&[], 1, &[0]).unwrap(), [0; 0]);
        assert!(rows_where(&[1, 2], 2, &[1]).is_err() && rows_where(&[1], 2, &[1, 2]).is_err());
    }

    #[test]
    fn keys_are_found_or_absent() {
        assert_eq!(match_keys(&keys(&[1, 5, 9]), &keys(&[9, 1, 4])).unwrap(), [2, 0, ABSENT]);
        assert!(match_keys(&[0; 33], &[]).is_err() && match_keys(&[], &[0; 31]).is_err());
    }

    #[test]
    fn records_are_sorted_and_repeats_named() {
        let (sorted, repeats) = sort_records(&keys(&[7, 3, 7, 1, 7]), 32).unwrap();
        assert_eq!((sorted, repeats), (keys(&[1, 3, 7, 7, 7]), vec![3, 4]));
        assert!(sort_records(&[0; 65], 33).is_err());
    }

    #[test]
    fn chunks_of_rows() {
        assert_eq!(cut_rows(&[0, 3, 4, 11], 4).unwrap(), [(0, vec![0, 3]), (1, vec![0]), (2, vec![3])]);
        assert_eq!(cut_rows(&[], 4).unwrap(), []);
        assert!(cut_rows(&[1, 0], 4).is_err() && cut_rows(&[0], 0).is_err());
    }

    #[test]
    fn a_card_counts_on_the_last_day_that_has_it() {
        let days = [vec![3, 0, 1], vec![], vec![1, 2, 3]];
        let latest = [vec![1], vec![], vec![0, 1, 2]];
        assert_eq!(latest_rows(&days, 4).unwrap(), latest);
        assert!(latest_rows(&days, 3).is_err() && latest_rows(&[vec![0, 0]], 1).is_err());
        assert_eq!(latest_rows(&[vec![0], vec![0]], 1).unwrap(), [vec![], vec![0]]);
    }

    #[test]
    fn highest_serial_then_lowest_hash_then_first() {
        let hashes = keys(&[4, 3, 2, 2, 9, 1]);
        let last = last_ballots(&[8, 8, 8, 8, 6, ABSENT], &[1, 2, 2, 2, 1, 9], &hashes).unwrap();
        assert_eq!(last, [2, 4]);
    }
}
