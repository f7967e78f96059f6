//! Secret multiples of one public point, eight side by side. A window's sixteen multiples lie limb by limb in two
//! registers each, and a permutation of them picks eight: no branch and no address tells which.

use super::encoding::decode;
use super::field::{Field8, splat};
use super::point::{Affine8, Niels, Point8};
use super::secret_digits::SecretDigits;
use crate::Bytes32;
use core::arch::x86_64::*;
use curve25519_dalek::{RistrettoPoint, Scalar};

const BITS: u32 = 5;
/// 255 bits, two more than scalars have.
const WINDOWS: usize = 51;
/// Of each window: the multiples 1, 2, .. 16.
const ENTRIES: usize = 1 << (BITS - 1);
const LIMBS: usize = 15;

/// For each window `k` the multiples of `32^k` times the point: 98 KB.
pub struct Table(Vec<[[[u64; 8]; 2]; LIMBS]>);

impl Table {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn new(point: &RistrettoPoint) -> Self {
        let encodings = encodings(point);
        let multiples: Vec<Niels> =
            encodings.as_chunks::<8>().0.as_chunks::<2>().0.iter().flat_map(|block| read(block)).collect();
        let limb = |window: &[Niels], limb: usize, entry: usize| window[entry].0.as_flattened()[limb];
        let table = |window: &[Niels]| {
            core::array::from_fn(|at| {
                [0, 8].map(|half| core::array::from_fn(|entry| limb(window, at, half + entry)))
            })
        };
        Self(multiples.chunks(ENTRIES).map(table).collect())
    }

    /// A multiple a lane, zero where there is no scalar.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn multiply(&self, scalars: &[Scalar]) -> Point8 {
        let digits = SecretDigits::new(scalars, BITS, WINDOWS);
        let mut sum = Point8::neutral();
        for (window, limbs) in self.0.iter().enumerate() {
            let (magnitudes, negative) = digits.window(window);
            sum = sum.add_affine(&pick(limbs, magnitudes), negative);
        }
        sum
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pick(limbs: &[[[u64; 8]; 2]; LIMBS], magnitudes: __m512i) -> Affine8 {
    let index = _mm512_sub_epi64(magnitudes, splat(1)); // of which four bits are read
    let field = |first: usize| {
        Field8(core::array::from_fn(|limb| {
            let [low, high] = limbs[first + limb].map(bytemuck::must_cast);
            _mm512_permutex2var_epi64(low, index, high)
        }))
    };
    let zero = _mm512_cmpeq_epi64_mask(magnitudes, _mm512_setzero_si512());
    Affine8 { plus: field(0), minus: field(5), t2d: field(10) }.neutral_where(zero)
}

/// The multiples of all windows, by way of their halves: encodings of doubles are made with one inversion for all.
fn encodings(point: &RistrettoPoint) -> Vec<Bytes32> {
    let mut halves = Vec::with_capacity(WINDOWS * ENTRIES);
    let mut half = point * Scalar::ONE.div_by_2();
    for _ in 0..WINDOWS {
        let mut multiple = RistrettoPoint::default();
        for _ in 0..ENTRIES {
            multiple += half;
            halves.push(multiple);
        }
        half = multiple + multiple;
    }
    RistrettoPoint::double_and_compress_batch(&halves).iter().map(|encoding| encoding.to_bytes()).collect()
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn read(encodings: &[[Bytes32; 8]; 2]) -> [Niels; 16] {
    let [first, second] = decode(encodings).map(|decoded| decoded.point.affine().store());
    core::array::from_fn(|at| if at < 8 { first[at] } else { second[at - 8] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ifma::dispatch::enter;
    use crate::ifma::encoding::encode;
    use crate::samples::scalars;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn multiples_are_those_of_the_point() {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn multiples((point, scalars): (&RistrettoPoint, &[Scalar])) -> [Bytes32; 8] {
            encode(&[Table::new(point).multiply(scalars)])[0]
        }
        for log in [Scalar::ONE, Scalar::from(77u8), Scalar::ZERO] {
            let point = &log * G;
            for some in scalars(64).chunks(8).chain([&scalars(3)[1..]]) {
                let multiples = enter(multiples, (&point, some));
                let mut expected = [[0; 32]; 8];
                expected.iter_mut().zip(some).for_each(|(e, s)| *e = (s * point).compress().to_bytes());
                assert_eq!(multiples, expected);
            }
        }
    }
}
