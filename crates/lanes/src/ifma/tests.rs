//! Lanes against curve25519-dalek and against integers; what the processor does not have is not tried.

use super::canonical::words;
use super::dispatch::enter;
use super::encoding::{decode, encode};
use super::field::{D, D2, Field8, INVSQRT_A_MINUS_D, LIMIT, MASK, MINUS_D, SQRT_M1, TIGHT};
use super::point::Point8;
use super::power::Wide;
use crate::Bytes32;
use crate::samples::{bad, points, random, random_bytes};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};

/// Field arithmetic by curve25519-dalek's scalars would be modulo another number: so by integers of 64 bytes.
mod integers {
    const P: [u64; 4] = [u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1];

    /// The least representative of limbs of whatever size.
    pub fn reduce(limbs: &[u64; 5]) -> [u64; 4] {
        let mut sum = [0u64; 6];
        for (i, limb) in limbs.iter().enumerate() {
            add_shifted(&mut sum, *limb, 51 * i);
        }
        finish(sum)
    }

    fn add_shifted(sum: &mut [u64; 6], word: u64, bits: usize) {
        let wide = u128::from(word) << (bits % 64);
        let mut carry = 0u128;
        for (at, part) in [(bits / 64, wide as u64), (bits / 64 + 1, (wide >> 64) as u64)] {
            carry += u128::from(sum[at]) + u128::from(part);
            sum[at] = carry as u64;
            carry >>= 64;
        }
        for word in &mut sum[bits / 64 + 2..] {
            carry += u128::from(*word);
            *word = carry as u64;
            carry >>= 64;
        }
    }

    /// 2^255 is 19.
    fn finish(mut sum: [u64; 6]) -> [u64; 4] {
        for _ in 0..3 {
            let above = sum[3] >> 63 | sum[4] << 1;
            sum[3] &= u64::MAX >> 1;
            sum[4] = 0;
            let mut carry = u128::from(above) * 19;
            for word in &mut sum[..4] {
                carry += u128::from(*word);
                *word = carry as u64;
                carry >>= 64;
            }
        }
        let words = [sum[0], sum[1], sum[2], sum[3]];
        if words.iter().rev().ge(P.iter().rev()) { [words[0] - P[0], 0, 0, 0] } else { words }
    }

    pub fn multiply(x: [u64; 4], y: [u64; 4]) -> [u64; 4] {
        let mut product = [0u64; 8];
        for i in 0..4 {
            let mut carry = 0u128;
            for j in 0..4 {
                carry += u128::from(product[i + j]) + u128::from(x[i]) * u128::from(y[j]);
                product[i + j] = carry as u64;
                carry >>= 64;
            }
            product[i + 4] = carry as u64;
        }
        let (mut sum, mut carry) = ([0; 6], 0u128); // low + 38*high
        for i in 0..4 {
            carry += u128::from(product[i]) + 38 * u128::from(product[i + 4]);
            sum[i] = carry as u64;
            carry >>= 64;
        }
        sum[4] = carry as u64;
        finish(sum)
    }

    pub fn add(x: [u64; 4], y: [u64; 4]) -> [u64; 4] {
        let (mut sum, mut carry) = ([0; 6], 0u128);
        for i in 0..4 {
            carry += u128::from(x[i]) + u128::from(y[i]);
            sum[i] = carry as u64;
            carry >>= 64;
        }
        finish(sum)
    }

    pub fn negate(x: [u64; 4]) -> [u64; 4] {
        let (mut difference, mut borrow) = ([0; 4], false);
        for i in 0..4 {
            let (word, first) = P[i].overflowing_sub(x[i]);
            let (word, second) = word.overflowing_sub(u64::from(borrow));
            (difference[i], borrow) = (word, first | second);
        }
        let words = [difference[0], difference[1], difference[2], difference[3], 0, 0];
        finish(words)
    }
}

/// Elements whose limbs are at their limits, around `p`, and random, below `bound`.
fn elements(bound: u64, n: usize) -> Vec<[u64; 5]> {
    let top = bound - 1;
    let p = [MASK - 18, MASK, MASK, MASK, MASK];
    let mut all = vec![[0; 5], [1, 0, 0, 0, 0], [top; 5], p, [p[0] - 1, p[1], p[2], p[3], p[4]]];
    all.extend([[MASK; 5], [p[0] + 1, p[1], p[2], p[3], p[4]], [1 << 51, 0, 0, 0, 0], [0, 0, 0, 0, top]]);
    all.extend((0..5).map(|limb| core::array::from_fn(|at| if at == limb { 0 } else { top })));
    let mut next = random(3);
    while all.len() < n {
        all.push(core::array::from_fn(|_| {
            let word = next();
            if word.is_multiple_of(4) { top } else { word % bound }
        }));
    }
    all
}

fn difference(x: [u64; 4], y: [u64; 4]) -> [u64; 4] {
    integers::add(x, integers::negate(y))
}

/// `n*x*y + x^2 - y^2`.
fn squares(x: [u64; 4], y: [u64; 4], n: u64) -> [u64; 4] {
    let product = integers::multiply([n, 0, 0, 0], integers::multiply(x, y));
    integers::add(product, difference(integers::multiply(x, x), integers::multiply(y, y)))
}

type Binary = (&'static str, fn([u64; 4], [u64; 4]) -> [u64; 4], u64, unsafe fn((Field8, Field8)) -> Field8);

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn field_operations_are_those_of_integers_and_give_tight_limbs() {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn mul((x, y): (Field8, Field8)) -> Field8 {
        x.mul(&y)
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn square((x, _): (Field8, Field8)) -> Field8 {
        x.square()
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn add((x, y): (Field8, Field8)) -> Field8 {
        x.add(&y)
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn sub((x, y): (Field8, Field8)) -> Field8 {
        x.sub(&y)
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn plus((x, y): (Field8, Field8)) -> Field8 {
        x.product(&y).plus(&y.squared())
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn minus((x, y): (Field8, Field8)) -> Field8 {
        x.product(&y).minus(&y.squared())
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn plus_minus((x, y): (Field8, Field8)) -> Field8 {
        x.product(&y).plus_minus(&x.squared(), &y.squared())
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn twice_plus_minus((x, y): (Field8, Field8)) -> Field8 {
        x.product(&y).twice_plus_minus(&x.squared(), &y.squared())
    }
    use integers::multiply;
    let operations: [Binary; 8] = [
        ("mul", multiply, LIMIT, mul),
        ("square", |x, _| multiply(x, x), LIMIT, square),
        ("add", integers::add, LIMIT, add),
        ("sub", difference, 4 * (MASK - 18) + 1, sub),
        ("plus", |x, y| integers::add(multiply(x, y), multiply(y, y)), LIMIT, plus),
        ("minus", |x, y| difference(multiply(x, y), multiply(y, y)), LIMIT, minus),
        ("plus_minus", |x, y| squares(x, y, 1), LIMIT, plus_minus),
        ("twice_plus_minus", |x, y| squares(x, y, 2), LIMIT, twice_plus_minus),
    ];
    for (name, expected, bound, operation) in operations {
        let (left, mut right) = (elements(bound, 64), elements(bound, 64));
        for shift in 0..16 {
            right.rotate_left(4 * shift + 1);
            for (x, y) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
                let z = enter(operation, (Field8::from_lanes(x), Field8::from_lanes(y)));
                for (lane, limbs) in z.lanes().iter().enumerate() {
                    let (x, y) = (integers::reduce(&x[lane]), integers::reduce(&y[lane]));
                    assert_eq!(integers::reduce(limbs), expected(x, y), "{name} of {x:x?} and {y:x?}");
                    assert!(limbs.iter().all(|limb| *limb < TIGHT), "{name}: {limbs:x?}");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn least_representatives_and_their_bytes() {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn canonical(x: Field8) -> ([Bytes32; 8], u8, u8, Field8) {
        let bytes = x.to_bytes();
        (bytes, x.is_zero(), x.is_negative(), Field8::from_words(&words(&bytes)))
    }
    for bound in [1 << 51, TIGHT, LIMIT, 1 << 53] {
        for x in elements(bound, 128).as_chunks::<8>().0 {
            let (bytes, zero, negative, again) = enter(canonical, Field8::from_lanes(x));
            for lane in 0..8 {
                let expected = integers::reduce(&x[lane]);
                assert_eq!(bytes[lane], bytemuck::must_cast::<_, Bytes32>(expected), "{:x?}", x[lane]);
                assert_eq!(zero >> lane & 1 == 1, expected == [0; 4]);
                assert_eq!(u64::from(negative >> lane & 1), expected[0] & 1);
                assert_eq!(integers::reduce(&again.lanes()[lane]), expected);
            }
        }
    }
}

#[test]
fn constants_are_what_they_are_said_to_be() {
    let [d, minus_d, d2, root, inverse] =
        [D, MINUS_D, D2, SQRT_M1, INVSQRT_A_MINUS_D].map(|limbs| integers::reduce(&limbs));
    let small = |n: u64| [n, 0, 0, 0];
    assert_eq!(integers::multiply(d, small(121666)), integers::negate(small(121665)));
    assert_eq!(integers::negate(d), minus_d);
    assert_eq!(integers::add(d, d), d2);
    assert_eq!(integers::multiply(root, root), integers::negate(small(1)));
    let difference = integers::add(integers::negate(small(1)), minus_d);
    assert_eq!(integers::multiply(integers::multiply(inverse, inverse), difference), small(1));
}

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn a_root_of_the_inverse_but_for_a_fourth_root_of_one() {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn power(x: [Field8; 2]) -> [Field8; 2] {
        Wide(x).inverse_root().0
    }
    let elements = elements(LIMIT, 16);
    let vector = |at: usize| Field8::from_lanes(elements[at..].first_chunk().unwrap());
    let roots = enter(power, [vector(0), vector(8)]);
    let roots: Vec<[u64; 4]> =
        roots.iter().flat_map(Field8::lanes).map(|limbs| integers::reduce(&limbs)).collect();
    let one = integers::reduce(&super::field::ONE);
    let i = integers::reduce(&SQRT_M1);
    let fourth = [one, integers::negate(one), i, integers::negate(i)];
    for (limbs, root) in elements.iter().zip(roots) {
        let x = integers::reduce(limbs);
        let product = integers::multiply(x, integers::multiply(root, root));
        assert!(if x == [0; 4] { root == x } else { fourth.contains(&product) }, "{x:x?}");
    }
}

/// Encodings of points, of none, and whatever is near: RFC 9496's bad ones, edges around 0 and `p`, random strings.
fn encodings() -> Vec<Bytes32> {
    let mut all = points(256);
    all.extend(bad());
    for first in 0..=255 {
        for (last, fill) in [(0x7f, 0xff), (0xff, 0xff), (0x00, 0x00), (0x80, 0x00), (0x3f, 0xff)] {
            let mut bytes = [fill; 32];
            (bytes[0], bytes[31]) = (first, last);
            all.push(bytes);
        }
    }
    let mut next = random(5);
    all.extend((0..1024).map(|_| {
        let mut bytes = random_bytes(&mut next);
        bytes[0] &= 0xfe;
        bytes[31] &= 0x7f;
        bytes
    }));
    all.extend((0..64).map(|_| random_bytes(&mut next)));
    all.resize(all.len().next_multiple_of(16), [0; 32]);
    all
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn read_and_write(block: &[[Bytes32; 8]; 2]) -> ([u8; 2], [[Bytes32; 8]; 2], [[Bytes32; 8]; 2]) {
    let decoded = decode(block);
    let points = decoded.map(|decoded| decoded.point);
    let doubles = points.map(|point| point.double());
    let sums = [points[0].add(&doubles[0]), points[1].add_affine(&points[1].affine(), 0)];
    (decoded.map(|decoded| decoded.valid), encode(&points), encode(&[sums[0], sums[1]]))
}

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn the_same_encodings_are_points_and_the_same_points() {
    for bad in bad() {
        assert!(CompressedRistretto(bad).decompress().is_none(), "{bad:x?}");
    }
    let mut valid = 0;
    for block in encodings().as_chunks::<8>().0.as_chunks::<2>().0 {
        let (masks, again, sums) = enter(read_and_write, block);
        for (at, encoding) in block.as_flattened().iter().enumerate() {
            let theirs = CompressedRistretto(*encoding).decompress();
            assert_eq!(masks[at / 8] >> (at % 8) & 1 == 1, theirs.is_some(), "{encoding:x?}");
            if let Some(point) = theirs {
                let multiple = Scalar::from(if at < 8 { 3u8 } else { 2 });
                assert_eq!(again.as_flattened()[at], *encoding);
                assert_eq!(sums.as_flattened()[at], (multiple * point).compress().to_bytes());
                valid += 1;
            }
        }
    }
    assert!(valid > 400, "{valid}");
}

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn equal_opposite_and_neutral_points_add_up() {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn sums(block: &[[Bytes32; 8]; 2]) -> [[Bytes32; 8]; 4] {
        let [left, right] = decode(block).map(|decoded| decoded.point);
        let affine = right.affine();
        let whole = left.sum_lanes();
        assert_eq!(left.is_identity(), 0b1000_0001);
        encode(&[left.add(&right), left.add_affine(&affine, 0), left.add_affine(&affine, 0xff), whole])
    }
    let point = |log: i64| {
        let size = Scalar::from(log.unsigned_abs());
        &(if log < 0 { -size } else { size }) * G
    };
    let (left, right) = ([0, 1, 5, -3, 7, 2, -2, 0], [0, 0, 5, 3, -2, 9, 2, 4]);
    let encode = |log: i64| point(log).compress().to_bytes();
    let found = enter(sums, &[left.map(encode), right.map(encode)]);
    for lane in 0..8 {
        let (sum, difference) = (encode(left[lane] + right[lane]), encode(left[lane] - right[lane]));
        assert_eq!([found[0][lane], found[1][lane], found[2][lane]], [sum, sum, difference], "lane {lane}");
    }
    assert_eq!(found[3][0], encode(left.iter().sum()));
}

#[test]
#[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
fn other_representatives_encode_the_same() {
    // Dalek's sums have coordinates of their own; ours come by another way, with other z and other torsion.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn chain(block: &[[Bytes32; 8]; 2]) -> [[Bytes32; 8]; 2] {
        let mut points: [Point8; 2] = decode(block).map(|decoded| decoded.point);
        for _ in 0..5 {
            points = [points[0].add(&points[1]).double(), points[1].double().add(&points[0])];
        }
        encode(&points)
    }
    let all = points(16);
    let block = [*all[..8].first_chunk().unwrap(), *all[8..].first_chunk().unwrap()];
    let found = enter(chain, &block);
    for lane in 0..8 {
        let mut pair: [RistrettoPoint; 2] =
            [block[0][lane], block[1][lane]].map(|bytes| CompressedRistretto(bytes).decompress().unwrap());
        for _ in 0..5 {
            let sum = pair[0] + pair[1];
            pair = [sum + sum, pair[1] + pair[1] + pair[0]];
        }
        assert_eq!([found[0][lane], found[1][lane]], pair.map(|point| point.compress().to_bytes()));
    }
}
