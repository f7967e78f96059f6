//! Which points go into which bucket, for one window: a counting sort.

/// Points by bucket, and buckets by how many points they have, so that eight neighbours in `order` have about as many.
pub struct Sorted {
    /// Where each bucket's points begin in `entries`, and where the last ends.
    starts: Vec<u32>,
    /// Twice the point's index, and 1 more where it is to be taken off.
    entries: Vec<u32>,
    order: Vec<u32>,
}

/// An entry past the end of a bucket: no point's.
pub const NONE: u32 = u32::MAX;

impl Sorted {
    /// `which[i]` is the point that `digits[i]` multiplies, below 2^31; digits are at most `buckets` in magnitude.
    pub fn new(digits: &[i16], which: &[u32], buckets: usize) -> Self {
        let mut counts = vec![0u32; buckets];
        for digit in digits.iter().filter(|digit| **digit != 0) {
            counts[usize::from(digit.unsigned_abs()) - 1] += 1;
        }
        let starts: Vec<u32> = ends(&counts);
        let mut next = starts.clone();
        let mut entries = vec![0; starts[buckets] as usize];
        for (digit, point) in digits.iter().zip(which).filter(|(digit, _)| **digit != 0) {
            let place = &mut next[usize::from(digit.unsigned_abs()) - 1];
            entries[*place as usize] = point << 1 | u32::from(*digit < 0);
            *place += 1;
        }
        Self { starts, entries, order: by_size(&counts) }
    }

    /// Eight buckets at a time, the largest first.
    pub fn groups(&self) -> impl Iterator<Item = [u32; 8]> {
        self.order.as_chunks::<8>().0.iter().copied()
    }

    pub fn size(&self, bucket: u32) -> u32 {
        self.starts[bucket as usize + 1] - self.starts[bucket as usize]
    }

    pub fn entry(&self, bucket: u32, at: u32) -> u32 {
        let place = self.starts[bucket as usize] + at;
        if place < self.starts[bucket as usize + 1] { self.entries[place as usize] } else { NONE }
    }
}

/// Zero and the sums of the first one, two, .. of these.
fn ends(counts: &[u32]) -> Vec<u32> {
    let mut sum = 0;
    let sums = counts.iter().map(|count| {
        sum += count;
        sum
    });
    [0].into_iter().chain(sums).collect()
}

fn by_size(counts: &[u32]) -> Vec<u32> {
    let most = counts.iter().max().copied().unwrap_or(0);
    let mut sizes = vec![0; most as usize + 1]; // how many buckets lack so many of `most`
    counts.iter().for_each(|count| sizes[(most - count) as usize] += 1);
    let mut next = ends(&sizes);
    let mut order = vec![0; counts.len()];
    for (bucket, count) in (0..).zip(counts) {
        let place = &mut next[(most - count) as usize];
        order[*place as usize] = bucket;
        *place += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_their_points_and_come_by_size() {
        let digits = [3, -1, 0, 8, 3, -8, 3, 1];
        let sorted = Sorted::new(&digits, &[10, 11, 12, 13, 14, 15, 16, 17], 8);
        let bucket = |bucket| (0..sorted.size(bucket)).map(|at| sorted.entry(bucket, at)).collect::<Vec<_>>();
        assert_eq!(bucket(2), [20, 28, 32]);
        assert_eq!((bucket(0), bucket(7)), (vec![23, 34], vec![26, 31]));
        assert_eq!((sorted.entry(2, 3), sorted.entry(5, 0)), (NONE, NONE));
        assert_eq!(sorted.groups().collect::<Vec<_>>(), [[2, 0, 7, 1, 3, 4, 5, 6]]);
    }
}
