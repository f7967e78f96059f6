//! Public scalars as signed digits, for the buckets. In time that depends on them.

use curve25519_dalek::Scalar;

/// The order of the group, as little-endian words.
const ORDER: [u64; 4] = [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000];

/// Digits of `bits` bits, from `-2^(bits-1) + 1` to `2^(bits-1)`.
pub struct Digits {
    pub bits: usize,
    /// Windows that have a digit other than zero, at least one: factors of 128 bits leave half of them empty.
    pub windows: usize,
    scalars: usize,
    all: Vec<i16>,
}

impl Digits {
    /// Shortened scalars are below 2^252, and windows cover 253 bits or more: the last digit, with its carry, is at
    /// most 2^(bits-1), so that nothing is carried out of it.
    pub fn new(scalars: &[Scalar], bits: usize) -> Self {
        let windows = 253usize.div_ceil(bits);
        let mut digits =
            Self { bits, windows: 1, scalars: scalars.len(), all: vec![0; windows * scalars.len()] };
        let mut block = vec![[0; 16]; windows]; // a cache line of each window at a time
        for (first, some) in (0..).step_by(16).zip(scalars.chunks(16)) {
            for (at, scalar) in some.iter().enumerate() {
                let (words, negative) = shorten(scalar);
                recode(words, bits, negative, block.iter_mut().map(|row| &mut row[at]));
            }
            for (window, row) in block.iter().enumerate() {
                digits.put(window, first, &row[..some.len()]);
            }
        }
        digits
    }

    fn put(&mut self, window: usize, first: usize, row: &[i16]) {
        self.all[window * self.scalars + first..][..row.len()].copy_from_slice(row);
        if row.iter().any(|digit| *digit != 0) {
            self.windows = self.windows.max(window + 1);
        }
    }

    /// One digit of each scalar.
    pub fn window(&self, window: usize) -> &[i16] {
        &self.all[window * self.scalars..][..self.scalars]
    }
}

/// `scalar` or, where that is shorter, `-scalar`, which is then said: the negative of a short factor is short again.
fn shorten(scalar: &Scalar) -> ([u64; 4], bool) {
    let words: [u64; 4] = bytemuck::must_cast::<_, [u64; 4]>(*scalar.as_bytes()).map(u64::from_le);
    if words[3] >> 59 == 0 {
        return (words, false);
    }
    let (mut opposite, mut borrow) = ([0; 4], false);
    for i in 0..4 {
        let (difference, below) = ORDER[i].overflowing_sub(words[i]);
        let (difference, further) = difference.overflowing_sub(u64::from(borrow));
        (opposite[i], borrow) = (difference, below | further);
    }
    (opposite, true)
}

fn recode<'a>(words: [u64; 4], bits: usize, negative: bool, digits: impl Iterator<Item = &'a mut i16>) {
    let words = [words[0], words[1], words[2], words[3], 0];
    let (half, sign) = (1 << (bits - 1), if negative { -1 } else { 1 });
    let mut carry = 0;
    for (window, digit) in digits.enumerate() {
        let (word, shift) = (window * bits / 64, window * bits % 64);
        let read = words[word] >> shift | words[word + 1] << 1 << (63 - shift);
        let value = (read & ((1 << bits) - 1)) as i32 + carry;
        carry = i32::from(value > half);
        *digit = (sign * (value - (carry << bits))) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::scalars;

    #[test]
    fn digits_add_up_to_the_scalar_and_short_ones_leave_windows_empty() {
        let scalars = scalars(100);
        for bits in [6, 7, 10, 13] {
            let digits = Digits::new(&scalars, bits);
            let base = Scalar::from(1u64 << bits);
            for (at, scalar) in scalars.iter().enumerate() {
                let sum = (0..digits.windows).rev().fold(Scalar::ZERO, |sum, window| {
                    let digit = digits.window(window)[at];
                    assert!(usize::from(digit.unsigned_abs()) <= 1 << (bits - 1));
                    let size = Scalar::from(digit.unsigned_abs());
                    sum * base + if digit < 0 { -size } else { size }
                });
                assert_eq!(sum, *scalar, "{bits} bits, scalar {at}");
            }
        }
        let short = [Scalar::from(u128::MAX), -Scalar::from(u128::MAX), Scalar::ONE];
        assert_eq!(Digits::new(&short, 8).windows, 17);
        assert_eq!(Digits::new(&[], 8).windows, 1);
    }
}
