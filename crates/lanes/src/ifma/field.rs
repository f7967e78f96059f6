//! Field elements modulo `p = 2^255 - 19`, eight side by side: five limbs of 51 bits, a lane each.
//!
//! Two bounds on limbs carry everything. A *tight* element has limbs below [`TIGHT`]; every operation but
//! [`Field8::add_loose`] gives tight ones. A multiplication reads limbs below [`LIMIT`], because the instructions
//! multiply the low 52 bits of each lane and ignore the rest. Tight elements are therefore always fit to be
//! multiplied; the sum of two tight ones that was not carried is not. Tests and debug builds assert both.

use core::arch::x86_64::*;

pub const MASK: u64 = (1 << 51) - 1;
/// What a multiplication reads.
pub const LIMIT: u64 = 1 << 52;
/// What [`carry`] leaves, whatever it is given: 51 bits, and 19 times the 13 bits above them.
pub const TIGHT: u64 = (1 << 51) + (1 << 18);

const CHECKED: bool = cfg!(any(test, debug_assertions));

#[derive(Clone, Copy)]
pub struct Field8(pub [__m512i; 5]);

pub const ONE: [u64; 5] = [1, 0, 0, 0, 0];
pub const SQRT_M1: [u64; 5] =
    [1718705420411056, 234908883556509, 2233514472574048, 2117202627021982, 765476049583133];
/// The curve's `d`, `-d` and `2d`.
pub const D: [u64; 5] =
    [929955233495203, 466365720129213, 1662059464998953, 2033849074728123, 1442794654840575];
pub const MINUS_D: [u64; 5] = [MASK - 18 - D[0], MASK - D[1], MASK - D[2], MASK - D[3], MASK - D[4]];
pub const D2: [u64; 5] =
    [1859910466990425, 932731440258426, 1072319116312658, 1815898335770999, 633789495995903];
/// `1/2`, which is `2^254 - 9`.
pub const HALF: [u64; 5] = [MASK - 8, MASK, MASK, MASK, MASK >> 1];
/// `1/sqrt(-1 - d)`.
pub const INVSQRT_A_MINUS_D: [u64; 5] =
    [278908739862762, 821645201101625, 8113234426968, 1777959178193151, 2118520810568447];

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

#[inline]
pub fn pack(words: [u64; 8]) -> __m512i {
    bytemuck::must_cast(words)
}

#[inline]
pub fn unpack(vector: __m512i) -> [u64; 8] {
    bytemuck::must_cast(vector)
}

/// The low and the high half of 104-bit products, added to `sum`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn low(sum: __m512i, x: __m512i, y: __m512i) -> __m512i {
    _mm512_madd52lo_epu64(sum, x, y)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn high(sum: __m512i, x: __m512i, y: __m512i) -> __m512i {
    _mm512_madd52hi_epu64(sum, x, y)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn plus(x: __m512i, y: __m512i) -> __m512i {
    _mm512_add_epi64(x, y)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn twice(x: __m512i) -> __m512i {
    _mm512_slli_epi64::<1>(x)
}

/// What is above 51 bits, and what is not.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn over(x: __m512i) -> __m512i {
    _mm512_srli_epi64::<51>(x)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn under(x: __m512i) -> __m512i {
    _mm512_and_si512(x, splat(MASK))
}

/// One carry of all limbs at once. `over` is below 2^13, so that 19 times it fits 52 bits and is added exactly.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn carry(c: [__m512i; 5]) -> Field8 {
    let carried = Field8([
        low(under(c[0]), over(c[4]), splat(19)),
        plus(under(c[1]), over(c[0])),
        plus(under(c[2]), over(c[1])),
        plus(under(c[3]), over(c[2])),
        plus(under(c[4]), over(c[3])),
    ]);
    carried.assert_below(TIGHT);
    carried
}

/// A product whose limbs are not carried: below [`Product::BOUND`]. Sums of products are carried once.
///
/// Column `k` of a product sums at most five products of limbs, each half of which is below 2^52. In units of 2^52, the
/// columns that come back times 19 hold at most 4 + 2*5 = 14 (column 5), and the largest result is 1 + 19*14 = 267
/// (column 0).
#[derive(Clone, Copy)]
pub struct Product([__m512i; 5]);

impl Product {
    pub const BOUND: u64 = 267 << 52;

    /// Columns `k` weigh 2^(51 k); from the fifth on they come back times 19.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn fold(columns: [__m512i; 10]) -> Self {
        let fold = |k: usize| plus(columns[k], _mm512_mullo_epi64(columns[k + 5], splat(19)));
        let product = Self([fold(0), fold(1), fold(2), fold(3), fold(4)]);
        Field8(product.0).assert_below(Self::BOUND);
        product
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn carry(&self) -> Field8 {
        carry(self.0)
    }

    /// `self + other`, carried.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus(&self, other: &Self) -> Field8 {
        let sum = |k: usize| plus(self.0[k], other.0[k]);
        carry([sum(0), sum(1), sum(2), sum(3), sum(4)])
    }

    /// `self - other`, not carried: 2^10 p is added, whose limbs are above [`Self::BOUND`], so that none falls below
    /// zero and all stay below 2^62.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn minus_loose(&self, other: &Self) -> [__m512i; 5] {
        let (first, rest) = (splat((MASK - 18) << 10), splat(MASK << 10));
        let minus = |k: usize, multiple| _mm512_sub_epi64(plus(self.0[k], multiple), other.0[k]);
        [minus(0, first), minus(1, rest), minus(2, rest), minus(3, rest), minus(4, rest)]
    }

    /// `self - other`, carried.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn minus(&self, other: &Self) -> Field8 {
        carry(self.minus_loose(other))
    }

    /// `self + other - less`, carried: limbs are below 2^62 + 2^61.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_minus(&self, other: &Self, less: &Self) -> Field8 {
        let difference = self.minus_loose(less);
        let sum = |k: usize| plus(difference[k], other.0[k]);
        carry([sum(0), sum(1), sum(2), sum(3), sum(4)])
    }

    /// `2*self + (other - less)`, carried: limbs are below 2^63.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn twice_plus_minus(&self, other: &Self, less: &Self) -> Field8 {
        let difference = other.minus_loose(less);
        let sum = |k: usize| plus(difference[k], twice(self.0[k]));
        carry([sum(0), sum(1), sum(2), sum(3), sum(4)])
    }
}

impl Field8 {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn constant(limbs: &[u64; 5]) -> Self {
        Self([splat(limbs[0]), splat(limbs[1]), splat(limbs[2]), splat(limbs[3]), splat(limbs[4])])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn zero() -> Self {
        Self([_mm512_setzero_si512(); 5])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn one() -> Self {
        Self::constant(&ONE)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn assert_below(&self, bound: u64) {
        if CHECKED {
            for limb in self.0 {
                assert!(_mm512_cmplt_epu64_mask(limb, splat(bound)) == 0xff, "limbs {:?}", unpack(limb));
            }
        }
    }

    /// Of limbs below [`LIMIT`]. Halves of products are summed where they weigh alike: `lows[k]` 2^(51 k), `highs[k]`
    /// 2^(51 k + 52), twice what `lows[k + 1]` does.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn product(&self, other: &Self) -> Product {
        self.assert_below(LIMIT);
        other.assert_below(LIMIT);
        let zero = _mm512_setzero_si512();
        let (mut lows, mut highs) = ([zero; 10], [zero; 9]);
        for (i, x) in self.0.into_iter().enumerate() {
            for (j, y) in other.0.into_iter().enumerate() {
                lows[i + j] = low(lows[i + j], x, y);
                highs[i + j] = high(highs[i + j], x, y);
            }
        }
        for k in 1..10 {
            lows[k] = plus(lows[k], twice(highs[k - 1]));
        }
        Product::fold(lows)
    }

    /// Of limbs below [`LIMIT`]: the same columns as [`Self::product`]'s. Mixed products count twice. Squares of limbs
    /// do not; but the high half of one weighs twice its column as well, so it joins the mixed ones there.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn squared(&self) -> Product {
        self.assert_below(LIMIT);
        let zero = _mm512_setzero_si512();
        let (mut lows, mut highs) = ([zero; 10], [zero; 9]);
        for (i, x) in self.0.into_iter().enumerate() {
            for (j, y) in self.0.into_iter().enumerate().skip(i + 1) {
                lows[i + j] = low(lows[i + j], x, y);
                highs[i + j] = high(highs[i + j], x, y);
            }
            lows[2 * i + 1] = high(lows[2 * i + 1], x, x);
        }
        for k in 1..10 {
            lows[k] = twice(plus(lows[k], twice(highs[k - 1])));
        }
        for (i, x) in self.0.into_iter().enumerate() {
            lows[2 * i] = low(lows[2 * i], x, x);
        }
        Product::fold(lows)
    }

    /// Of limbs below [`LIMIT`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(&self, other: &Self) -> Self {
        self.product(other).carry()
    }

    /// Of limbs below [`LIMIT`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn square(&self) -> Self {
        self.squared().carry()
    }

    /// Not carried: of two tight ones limbs below 2^52 + 2^19, to be added or taken off, never multiplied.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add_loose(&self, other: &Self) -> Self {
        let (x, y) = (&self.0, &other.0);
        Self([plus(x[0], y[0]), plus(x[1], y[1]), plus(x[2], y[2]), plus(x[3], y[3]), plus(x[4], y[4])])
    }

    /// To be added to products; a loose sum is below their bound.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn uncarried(self) -> Product {
        self.assert_below(Product::BOUND);
        Product(self.0)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add(&self, other: &Self) -> Self {
        carry(self.add_loose(other).0)
    }

    /// `self + 4p - other`, so that no limb falls below zero: of `other`'s limbs at most those of `4p`, which any
    /// loose sum's are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub(&self, other: &Self) -> Self {
        other.assert_below(4 * (MASK - 18) + 1);
        let (x, y) = (&self.0, &other.0);
        let (first, rest) = (splat(4 * (MASK - 18)), splat(4 * MASK));
        let minus = |x, multiple, y| _mm512_sub_epi64(plus(x, multiple), y);
        carry([
            minus(x[0], first, y[0]),
            minus(x[1], rest, y[1]),
            minus(x[2], rest, y[2]),
            minus(x[3], rest, y[3]),
            minus(x[4], rest, y[4]),
        ])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn neg(&self) -> Self {
        Self::zero().sub(self)
    }

    /// `2p - self` in the lanes of the mask, not carried: of tight elements limbs below [`LIMIT`], fit to be
    /// multiplied.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn negate_loose(&self, mask: __mmask8) -> Self {
        self.assert_below(TIGHT);
        let (first, rest) = (splat(2 * (MASK - 18)), splat(2 * MASK));
        let x = &self.0;
        let minus = |x, multiple| _mm512_mask_sub_epi64(x, mask, multiple, x);
        Self([minus(x[0], first), minus(x[1], rest), minus(x[2], rest), minus(x[3], rest), minus(x[4], rest)])
    }

    /// `other` in the lanes of the mask.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(&self, mask: __mmask8, other: &Self) -> Self {
        let blend = |i: usize| _mm512_mask_blend_epi64(mask, self.0[i], other.0[i]);
        Self([blend(0), blend(1), blend(2), blend(3), blend(4)])
    }
}
