//! Public scalars that are hoped to be short.

use crate::Bytes32;
use curve25519_dalek::Scalar;

/// A public scalar as sign and magnitude, whichever magnitude is the shorter.
pub struct Factor {
    pub negative: bool,
    pub bits: usize,
    magnitude: Bytes32,
}

impl Factor {
    pub fn new(scalar: &Scalar) -> Self {
        let both = [(false, *scalar), (true, -scalar)].map(|(negative, scalar)| {
            let magnitude = scalar.to_bytes();
            let top = magnitude.iter().rposition(|byte| *byte != 0);
            let bits = top.map_or(0, |top| 8 * top + magnitude[top].ilog2() as usize + 1);
            Self { negative, magnitude, bits }
        });
        both.into_iter().min_by_key(|factor| factor.bits).expect("two")
    }

    pub fn has(&self, bit: usize) -> bool {
        self.magnitude[bit / 8] >> (bit % 8) & 1 == 1
    }
}

/// What to add up, from the highest bit down, the sum being doubled before each: the positions of factors that have it.
pub fn schedule(factors: &[Factor]) -> Vec<Vec<usize>> {
    let bits = factors.iter().map(|factor| factor.bits).max().unwrap_or(0);
    let with = |bit| (0..factors.len()).filter(|at| factors[*at].has(bit)).collect();
    (0..bits).rev().map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_of_a_scalar_and_its_opposite() {
        let scalars =
            [-Scalar::from(6u8), Scalar::ZERO, -Scalar::ONE, Scalar::from(1u64 << 40), Scalar::from(3u8)];
        let factors = scalars.map(|scalar| Factor::new(&scalar));
        assert_eq!(factors.each_ref().map(|factor| factor.bits), [3, 0, 1, 41, 2]);
        assert_eq!(factors.each_ref().map(|factor| factor.negative), [true, false, true, false, false]);
        let last = &schedule(&factors)[38..];
        assert_eq!(last, [vec![0], vec![0, 4], vec![2, 4]]);
    }
}
