//! Points of the curve behind the group, eight side by side: `-x^2 + y^2 = 1 + d*x^2*y^2` in extended coordinates
//! (Hisil, Wong, Carter, Dawson 2008). The additions are complete: no two points, whoever chose them, are a special
//! case.

use super::field::{D2, Field8, HALF, Product, pack, unpack};
use core::arch::x86_64::*;

/// `x = X/Z`, `y = Y/Z`, `T = XY/Z`.
#[derive(Clone, Copy)]
pub struct Point8 {
    pub x: Field8,
    pub y: Field8,
    pub z: Field8,
    pub t: Field8,
}

/// Affine points as an addition reads them: `y+x`, `y-x`, `2dxy`.
#[derive(Clone, Copy)]
pub struct Affine8 {
    pub plus: Field8,
    pub minus: Field8,
    pub t2d: Field8,
}

/// Points as a sum reads them that are not affine: `y+x`, `y-x`, `2z`, `2dt`.
#[derive(Clone, Copy)]
pub struct Cached8 {
    pub plus: Field8,
    pub minus: Field8,
    pub z2: Field8,
    pub t2d: Field8,
}

/// The limbs of one affine point: `y+x`, `y-x`, `2dxy`, and a word that is not used.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Niels(pub [[u64; 8]; 2]);

/// The limbs of `X`, `Y`, `Z`, `T` of one point, and four words that are not used.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Stored([[u64; 8]; 3]);

impl Niels {
    pub const NEUTRAL: Self = Self([[1, 0, 0, 0, 0, 1, 0, 0], [0; 8]]);
}

impl Stored {
    pub const NEUTRAL: Self = Self([[0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0], [0; 8]]);
}

/// Rows to columns.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn transpose(rows: [__m512i; 8]) -> [__m512i; 8] {
    let low = |i: usize| _mm512_unpacklo_epi64(rows[i], rows[i + 1]);
    let high = |i: usize| _mm512_unpackhi_epi64(rows[i], rows[i + 1]);
    let even = |x, y| _mm512_shuffle_i64x2::<0x88>(x, y);
    let odd = |x, y| _mm512_shuffle_i64x2::<0xdd>(x, y);
    let columns = |pairs: [__m512i; 4]| {
        let (a, b) = (even(pairs[0], pairs[1]), even(pairs[2], pairs[3]));
        let (c, d) = (odd(pairs[0], pairs[1]), odd(pairs[2], pairs[3]));
        [even(a, b), even(c, d), odd(a, b), odd(c, d)]
    };
    let e = columns([low(0), low(2), low(4), low(6)]);
    let o = columns([high(0), high(2), high(4), high(6)]);
    [e[0], o[0], e[1], o[1], e[2], o[2], e[3], o[3]]
}

impl Cached8 {
    /// `other` in the lanes of the mask.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(&self, mask: __mmask8, other: &Self) -> Self {
        Self {
            plus: self.plus.blend(mask, &other.plus),
            minus: self.minus.blend(mask, &other.minus),
            z2: self.z2.blend(mask, &other.z2),
            t2d: self.t2d.blend(mask, &other.t2d),
        }
    }
}

impl Affine8 {
    /// Eight points fetched one by one, each from two cache lines.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn load(points: [&Niels; 8]) -> Self {
        let a = transpose(points.map(|point| pack(point.0[0])));
        let b = transpose(points.map(|point| pack(point.0[1])));
        Self {
            plus: Field8([a[0], a[1], a[2], a[3], a[4]]),
            minus: Field8([a[5], a[6], a[7], b[0], b[1]]),
            t2d: Field8([b[2], b[3], b[4], b[5], b[6]]),
        }
    }

    /// With `Z = 2`, of which sum and difference of `y+x` and `y-x` are multiples.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn point(&self) -> Point8 {
        let (x, y, one) = (self.plus.sub(&self.minus), self.plus.add(&self.minus), Field8::one());
        let t = x.mul(&y).mul(&Field8::constant(&HALF));
        Point8 { x, y, z: one.add(&one), t }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn store(&self) -> [Niels; 8] {
        let (p, m, t) = (&self.plus.0, &self.minus.0, &self.t2d.0);
        let zero = _mm512_setzero_si512();
        let a = transpose([p[0], p[1], p[2], p[3], p[4], m[0], m[1], m[2]]).map(unpack);
        let b = transpose([m[3], m[4], t[0], t[1], t[2], t[3], t[4], zero]).map(unpack);
        core::array::from_fn(|lane| Niels([a[lane], b[lane]]))
    }

    /// The neutral point in the lanes of the mask.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn neutral_where(&self, mask: __mmask8) -> Self {
        let (zero, one) = (Field8::zero(), Field8::one());
        Self {
            plus: self.plus.blend(mask, &one),
            minus: self.minus.blend(mask, &one),
            t2d: self.t2d.blend(mask, &zero),
        }
    }
}

impl Point8 {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn neutral() -> Self {
        let (zero, one) = (Field8::zero(), Field8::one());
        Self { x: zero, y: one, z: one, t: zero }
    }

    /// Of points with `z = 1`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn affine(&self) -> Affine8 {
        Affine8 {
            plus: self.y.add(&self.x),
            minus: self.y.sub(&self.x),
            t2d: self.t.mul(&Field8::constant(&D2)),
        }
    }

    /// What additions and the doubling end with.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn complete([e, f, g, h]: &[Field8; 4]) -> Self {
        Self { x: e.mul(f), y: g.mul(h), z: f.mul(g), t: e.mul(h) }
    }

    /// `e`, `f`, `g`, `h` of an addition, of `A`, `B`, `C` and `D`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn joined(a: &Product, b: &Product, c: &Product, d: &Product) -> [Field8; 4] {
        [b.minus(a), d.minus(c), d.plus(c), b.plus(a)]
    }

    /// Plus the affine points, minus those of the mask. All that is multiplied is tight, but for a negated `2dxy`
    /// (below the limit); the loose `2z` is only added to and taken from.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add_affine(&self, other: &Affine8, negative: __mmask8) -> Self {
        let [a, b, c] = self.products([&other.plus, &other.minus, &other.t2d], negative);
        Self::complete(&Self::joined(&a, &b, &c, &self.z.add_loose(&self.z).uncarried()))
    }

    /// As [`Self::add_affine`], with a product in the place of `2z`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add_cached(&self, other: &Cached8, negative: __mmask8) -> Self {
        let [a, b, c] = self.products([&other.plus, &other.minus, &other.t2d], negative);
        Self::complete(&Self::joined(&a, &b, &c, &self.z.product(&other.z2)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn products(&self, [plus, minus, t2d]: [&Field8; 3], negative: __mmask8) -> [Product; 3] {
        let a = self.y.sub(&self.x).product(&minus.blend(negative, plus));
        let b = self.y.add(&self.x).product(&plus.blend(negative, minus));
        [a, b, self.t.product(&t2d.negate_loose(negative))]
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn cached(&self) -> Cached8 {
        Cached8 {
            plus: self.y.add(&self.x),
            minus: self.y.sub(&self.x),
            z2: self.z.add(&self.z),
            t2d: self.t.mul(&Field8::constant(&D2)),
        }
    }

    /// The opposite points in the lanes of the mask.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn negate_where(&self, mask: __mmask8) -> Self {
        Self { x: self.x.blend(mask, &self.x.neg()), t: self.t.blend(mask, &self.t.neg()), ..*self }
    }

    /// The points of `other` in the lanes of the mask.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(&self, mask: __mmask8, other: &Self) -> Self {
        Self {
            x: self.x.blend(mask, &other.x),
            y: self.y.blend(mask, &other.y),
            z: self.z.blend(mask, &other.z),
            t: self.t.blend(mask, &other.t),
        }
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add(&self, other: &Self) -> Self {
        self.add_cached(&other.cached(), 0)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn double(&self) -> Self {
        Self::complete(&self.doubled())
    }

    /// `e`, `f`, `g`, `h` of a doubling, all with the sign turned, which leaves their products as they are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn doubled(&self) -> [Field8; 4] {
        let (a, b, c) = (self.x.squared(), self.y.squared(), self.z.squared());
        let e = a.plus_minus(&b, &self.x.add(&self.y).squared());
        [e, c.twice_plus_minus(&a, &b), a.minus(&b), a.plus(&b)]
    }

    /// Sixteen times the points: a doubling does not read `T`, so only the last makes it.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn double_four_times(&self) -> Self {
        let mut sum = *self;
        for _ in 0..3 {
            let [e, f, g, h] = sum.doubled();
            sum = Self { x: e.mul(&f), y: g.mul(&h), z: f.mul(&g), t: sum.t };
        }
        sum.double()
    }

    /// Lanes that are the identity of the group, whose representatives have `x = 0` or `y = 0`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn is_identity(&self) -> __mmask8 {
        self.x.is_zero() | self.y.is_zero()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn store(&self) -> [Stored; 8] {
        let (x, y, z, t) = (&self.x.0, &self.y.0, &self.z.0, &self.t.0);
        let zero = _mm512_setzero_si512();
        let a = transpose([x[0], x[1], x[2], x[3], x[4], y[0], y[1], y[2]]).map(unpack);
        let b = transpose([y[3], y[4], z[0], z[1], z[2], z[3], z[4], t[0]]).map(unpack);
        let c = transpose([t[1], t[2], t[3], t[4], zero, zero, zero, zero]).map(unpack);
        core::array::from_fn(|lane| Stored([a[lane], b[lane], c[lane]]))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn load(points: [&Stored; 8]) -> Self {
        let a = transpose(points.map(|point| pack(point.0[0])));
        let b = transpose(points.map(|point| pack(point.0[1])));
        let c = transpose(points.map(|point| pack(point.0[2])));
        Self {
            x: Field8([a[0], a[1], a[2], a[3], a[4]]),
            y: Field8([a[5], a[6], a[7], b[0], b[1]]),
            z: Field8([b[2], b[3], b[4], b[5], b[6]]),
            t: Field8([b[7], c[0], c[1], c[2], c[3]]),
        }
    }

    /// One point in lane 0, the neutral one in the others.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn single(point: &Stored) -> Self {
        let none = &Stored::NEUTRAL;
        Self::load([point, none, none, none, none, none, none, none])
    }

    /// The sum of all eight, in lane 0.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sum_lanes(&self) -> Self {
        let mut sum = Self::neutral();
        for lane in &self.store() {
            sum = sum.add(&Self::single(lane));
        }
        sum
    }
}
