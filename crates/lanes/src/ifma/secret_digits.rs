//! Secret scalars as signed digits, eight side by side. Nothing here branches on them, or uses them as an address.

use super::field::{plus, splat};
use core::arch::x86_64::*;
use curve25519_dalek::Scalar;
use zeroize::{Zeroize, Zeroizing};

/// Digits from `-2^(bits-1)` to `2^(bits-1) - 1`, the least first; wiped when dropped, and never moved as they grow.
pub struct SecretDigits {
    magnitudes: Zeroizing<Vec<[u64; 8]>>,
    negative: Zeroizing<Vec<u8>>,
}

impl SecretDigits {
    /// As many digits as windows, which must leave a bit free above the scalars: the last digit takes the carry.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn new(scalars: &[Scalar], bits: u32, windows: usize) -> Self {
        let words = words(scalars);
        let (mut magnitudes, mut negative) = (Vec::with_capacity(windows), Vec::with_capacity(windows));
        let (below, half) = (splat((1 << bits) - 1), splat(1 << (bits - 1)));
        let count = _mm_cvtsi32_si128(bits.cast_signed());
        let mut carry = _mm512_setzero_si512();
        for window in 0..windows {
            let unsigned = plus(_mm512_and_si512(shifted(&words, window * bits as usize), below), carry);
            carry = _mm512_srl_epi64(plus(unsigned, half), count);
            let digit = _mm512_sub_epi64(unsigned, _mm512_sll_epi64(carry, count));
            magnitudes.push(bytemuck::must_cast(_mm512_abs_epi64(digit)));
            negative.push(_mm512_movepi64_mask(digit));
        }
        Self { magnitudes: Zeroizing::new(magnitudes), negative: Zeroizing::new(negative) }
    }

    /// The magnitudes of one window's digits, and the lanes in which they are negative.
    #[inline]
    pub fn window(&self, window: usize) -> (__m512i, __mmask8) {
        (bytemuck::must_cast(self.magnitudes[window]), self.negative[window])
    }
}

/// At most eight scalars, as four words each; zero in the other lanes.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn words(scalars: &[Scalar]) -> [__m512i; 4] {
    let mut words = [[0u64; 8]; 4];
    for (lane, scalar) in scalars.iter().enumerate() {
        for (word, bytes) in words.iter_mut().zip(scalar.as_bytes().as_chunks::<8>().0) {
            word[lane] = u64::from_le_bytes(*bytes);
        }
    }
    let vectors = words.map(bytemuck::must_cast);
    words.zeroize();
    vectors
}

/// The words from this bit on, of which the lowest is right to the bits of a digit.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn shifted(words: &[__m512i; 4], bit: usize) -> __m512i {
    let at = |word: usize| words.get(word).copied().unwrap_or(_mm512_setzero_si512());
    let (word, offset) = (bit / 64, bit as u64 % 64);
    let (low, high) = (_mm512_srlv_epi64(at(word), splat(offset)), at(word + 1));
    _mm512_or_si512(low, _mm512_sllv_epi64(high, splat(64 - offset))) // by 64 and more: zero
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ifma::dispatch::enter;
    use crate::samples::scalars;

    /// Digits put together again, lane by lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn joined((scalars, bits, windows): (&[Scalar], u32, usize)) -> [Scalar; 8] {
        let digits = SecretDigits::new(scalars, bits, windows);
        let mut sums = [Scalar::ZERO; 8];
        for window in (0..windows).rev() {
            let (magnitudes, negative) = digits.window(window);
            let magnitudes: [u64; 8] = bytemuck::must_cast(magnitudes);
            for (lane, sum) in sums.iter_mut().enumerate() {
                assert!(magnitudes[lane] <= 1 << (bits - 1));
                let digit = Scalar::from(magnitudes[lane]);
                let signed = if negative >> lane & 1 == 1 { -digit } else { digit };
                *sum = *sum * Scalar::from(1u64 << bits) + signed;
            }
        }
        sums
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn digits_give_the_scalar_again() {
        for some in scalars(80).chunks(8) {
            for (bits, windows) in [(4, 64), (5, 51)] {
                let sums = enter(joined, (some, bits, windows));
                assert_eq!(sums, *some);
            }
        }
        let short = [Scalar::from(u128::MAX), Scalar::from(1u128 << 127), Scalar::from(7u128 << 61)];
        let sums = enter(joined, (&short, 4, 33));
        assert_eq!((&sums[..3], sums[3]), (&short[..], Scalar::ZERO));
    }
}
