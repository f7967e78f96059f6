//! The least representatives of field elements, what they tell, and their bytes.

use super::field::{Field8, MASK, low, over, pack, plus, splat, under, unpack};
use crate::Bytes32;
use core::arch::x86_64::*;

/// Limbs carried in order; what passes 2^255 comes back times 19.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn ripple(mut x: [__m512i; 5]) -> [__m512i; 5] {
    for i in 0..4 {
        x[i + 1] = plus(x[i + 1], over(x[i]));
        x[i] = under(x[i]);
    }
    x[0] = low(x[0], over(x[4]), splat(19));
    x[4] = under(x[4]);
    x
}

impl Field8 {
    /// The least representative, of limbs below 2^51.
    ///
    /// A first ripple leaves the value below 2^255 + 2^18, all of the excess in limb 0. If the second still passes
    /// 2^255, what is left is below 2^18 + 19; so it ends below 2^255, with every limb below 2^51. `quotient` is 1 where
    /// that is `p` or more, which is where adding 19 would pass 2^255; the last ripple adds these 19 and drops the bit.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn canonical(&self) -> Self {
        let mut x = ripple(ripple(self.0));
        let mut quotient = over(plus(x[0], splat(19)));
        for limb in &x[1..] {
            quotient = over(plus(*limb, quotient));
        }
        x[0] = low(x[0], quotient, splat(19));
        for i in 0..4 {
            x[i + 1] = plus(x[i + 1], over(x[i]));
            x[i] = under(x[i]);
        }
        x[4] = under(x[4]);
        Self(x)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn is_zero(&self) -> __mmask8 {
        let x = &self.canonical().0;
        let or = |x, y| _mm512_or_si512(x, y);
        _mm512_cmpeq_epi64_mask(or(or(or(x[0], x[1]), or(x[2], x[3])), x[4]), _mm512_setzero_si512())
    }

    /// Whether the least representative is odd.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn is_negative(&self) -> __mmask8 {
        _mm512_test_epi64_mask(self.canonical().0[0], splat(1))
    }

    /// The element or its negative, whichever is even.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn abs(&self) -> Self {
        self.blend(self.is_negative(), &self.neg())
    }

    /// Of four little-endian words a lane; bit 255 is ignored.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn from_words(w: &[__m512i; 4]) -> Self {
        let or = |x, y| _mm512_or_si512(x, y);
        Self([
            under(w[0]),
            under(or(_mm512_srli_epi64::<51>(w[0]), _mm512_slli_epi64::<13>(w[1]))),
            under(or(_mm512_srli_epi64::<38>(w[1]), _mm512_slli_epi64::<26>(w[2]))),
            under(or(_mm512_srli_epi64::<25>(w[2]), _mm512_slli_epi64::<39>(w[3]))),
            under(_mm512_srli_epi64::<12>(w[3])),
        ])
    }

    /// The 32 bytes of each least representative.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn to_bytes(self) -> [Bytes32; 8] {
        self.canonical().lanes().map(|x| {
            let words = [
                x[0] | x[1] << 51,
                x[1] >> 13 | x[2] << 38,
                x[2] >> 26 | x[3] << 25,
                x[3] >> 39 | x[4] << 12,
            ];
            bytemuck::must_cast(words.map(u64::to_le))
        })
    }

    pub fn lanes(&self) -> [[u64; 5]; 8] {
        let limbs = self.0.map(unpack);
        core::array::from_fn(|lane| core::array::from_fn(|limb| limbs[limb][lane]))
    }

    #[cfg(test)]
    pub fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self {
        Self(core::array::from_fn(|limb| pack(core::array::from_fn(|lane| lanes[lane][limb]))))
    }
}

/// The four words of each encoding.
#[inline]
pub fn words(encodings: &[Bytes32; 8]) -> [__m512i; 4] {
    let words: [[u64; 4]; 8] =
        encodings.map(|bytes| bytemuck::must_cast::<_, [u64; 4]>(bytes).map(u64::from_le));
    core::array::from_fn(|word| pack(core::array::from_fn(|lane| words[lane][word])))
}

/// Lanes whose words are the least representative of a field element that is not negative.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn is_proper(words: &[__m512i; 4], element: &Field8) -> __mmask8 {
    let mut too_large = _mm512_cmpge_epu64_mask(element.0[0], splat(MASK - 18));
    for limb in &element.0[1..] {
        too_large &= _mm512_cmpeq_epi64_mask(*limb, splat(MASK));
    }
    let odd = _mm512_test_epi64_mask(words[0], splat(1));
    let top = _mm512_test_epi64_mask(words[3], splat(1 << 63));
    !(too_large | odd | top)
}
