//! Ristretto decoding and encoding (RFC 9496, 4.3), eight points a vector, `N` vectors in step. Neither has a branch or
//! an address that depends on what it is given, so both are fit for secrets.

use super::canonical::{is_proper, words};
use super::field::{Field8, INVSQRT_A_MINUS_D, MINUS_D, SQRT_M1};
use super::point::Point8;
use super::power::Wide;
use crate::Bytes32;
use core::arch::x86_64::*;

/// Points with `z = 1`; in lanes whose bit is clear there is none, and the coordinates mean nothing.
#[derive(Clone, Copy)]
pub struct Decoded {
    pub point: Point8,
    pub valid: __mmask8,
}

/// `Decode`: `s` gives `x` and `y` by a root of `1/(v*u2^2)`, where `v` is `-d*u1^2 - u2^2`.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn decode<const N: usize>(encodings: &[[Bytes32; 8]; N]) -> [Decoded; N] {
    let one = Field8::one();
    let (mut s, mut proper) = ([one; N], [0; N]);
    let (mut u1, mut u2, mut v, mut radicands) = ([one; N], [one; N], [one; N], [one; N]);
    for i in 0..N {
        let words = words(&encodings[i]);
        s[i] = Field8::from_words(&words);
        proper[i] = is_proper(&words, &s[i]);
        let square = s[i].square();
        u1[i] = one.sub(&square);
        u2[i] = one.add(&square);
        let u2_square = u2[i].square();
        v[i] = Field8::constant(&MINUS_D).mul(&u1[i].square()).sub(&u2_square);
        radicands[i] = v[i].mul(&u2_square);
    }
    let roots = Wide(radicands).inverse_root();
    let mut decoded = [Decoded { point: Point8::neutral(), valid: 0 }; N];
    for i in 0..N {
        let (root, square) = corrected(&radicands[i], &roots.0[i]);
        let den_x = root.mul(&u2[i]);
        let den_y = root.mul(&den_x.mul(&v[i]));
        let x = s[i].add(&s[i]).mul(&den_x).abs();
        let y = u1[i].mul(&den_y);
        let t = x.mul(&y);
        let valid = proper[i] & square & !t.is_negative() & !y.is_zero();
        decoded[i] = Decoded { point: Point8 { x, y, z: one, t }, valid };
    }
    decoded
}

/// The root of `1/radicand` but for its sign, and the lanes that have one. Where the square of what
/// [`Wide::inverse_root`] gave is `-1/radicand`, it lacks a root of -1; where it is neither, there is no root.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn corrected(radicand: &Field8, root: &Field8) -> (Field8, __mmask8) {
    let check = radicand.mul(&root.square());
    let right = check.sub(&Field8::one()).is_zero();
    let opposite = check.add(&Field8::one()).is_zero();
    (root.blend(opposite, &root.mul(&Field8::constant(&SQRT_M1))), right | opposite)
}

/// `Encode`. For the identity the radicand is zero, and so are its root and the encoding.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn encode<const N: usize>(points: &[Point8; N]) -> [[Bytes32; 8]; N] {
    let one = Field8::one();
    let (mut u1, mut u2, mut radicands) = ([one; N], [one; N], [one; N]);
    for (i, Point8 { x, y, z, .. }) in points.iter().enumerate() {
        u1[i] = z.add(y).mul(&z.sub(y));
        u2[i] = x.mul(y);
        radicands[i] = u1[i].mul(&u2[i].square());
    }
    let roots = Wide(radicands).inverse_root();
    let i_constant = Field8::constant(&SQRT_M1);
    let mut encodings = [[[0; 32]; 8]; N];
    for (i, Point8 { x, y, z, t }) in points.iter().enumerate() {
        let (root, _) = corrected(&radicands[i], &roots.0[i]);
        let den_1 = root.mul(&u1[i]);
        let den_2 = root.mul(&u2[i]);
        let z_inverse = den_1.mul(&den_2).mul(t);
        let rotate = t.mul(&z_inverse).is_negative();
        let rotated_x = x.blend(rotate, &y.mul(&i_constant));
        let rotated_y = y.blend(rotate, &x.mul(&i_constant));
        let den = den_2.blend(rotate, &den_1.mul(&Field8::constant(&INVSQRT_A_MINUS_D)));
        let y = rotated_y.blend(rotated_x.mul(&z_inverse).is_negative(), &rotated_y.neg());
        encodings[i] = den.mul(&z.sub(&y)).abs().to_bytes();
    }
    encodings
}
