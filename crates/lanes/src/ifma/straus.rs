//! Sums of secret multiples, each lane its own (Straus 1964), with signed digits of four bits. Every entry of a table is
//! looked at for every digit: no branch and no address tells which is taken.

use super::field::{Field8, splat};
use super::point::{Cached8, Point8};
use super::secret_digits::SecretDigits;
use core::arch::x86_64::*;
use core::hint::black_box;
use curve25519_dalek::Scalar;

const BITS: u32 = 4;

/// The multiples 0, 1, .. 8 of eight points; overwritten when dropped.
struct Multiples([Cached8; 9]);

impl Drop for Multiples {
    fn drop(&mut self) {
        let zero = Field8([bytemuck::must_cast([0u64; 8]); 5]);
        self.0 = [Cached8 { plus: zero, minus: zero, z2: zero, t2d: zero }; 9];
        black_box(&self.0); // else nobody would read what is written
    }
}

impl Multiples {
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn new(point: &Point8) -> Self {
        let first = point.cached();
        let (mut all, mut multiple) = ([Point8::neutral().cached(); 9], *point);
        all[1] = first;
        for entry in &mut all[2..] {
            multiple = multiple.add_cached(&first, 0);
            *entry = multiple.cached();
        }
        Self(all)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn pick(&self, magnitudes: __m512i) -> Cached8 {
        let mut picked = self.0[0];
        for (entry, magnitude) in self.0.iter().zip(0..).skip(1) {
            picked = picked.blend(_mm512_cmpeq_epi64_mask(magnitudes, splat(magnitude)), entry);
        }
        picked
    }
}

/// `sum_j scalars[j][lane] * points[j]`, of scalars below `2^bits`, which is public.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub fn sum(terms: &[(Point8, &[Scalar])], bits: u32) -> Point8 {
    if terms.is_empty() {
        return Point8::neutral();
    }
    let windows = (bits / BITS + 1) as usize;
    let terms: Vec<(Multiples, SecretDigits)> = terms
        .iter()
        .map(|(point, scalars)| (Multiples::new(point), SecretDigits::new(scalars, BITS, windows)))
        .collect();
    let mut sum = Point8::neutral();
    for window in (0..windows).rev() {
        if window + 1 < windows {
            sum = sum.double_four_times();
        }
        for (multiples, digits) in &terms {
            let (magnitudes, negative) = digits.window(window);
            sum = sum.add_cached(&multiples.pick(magnitudes), negative);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes32;
    use crate::ifma::dispatch::enter;
    use crate::ifma::encoding::{decode, encode};
    use crate::samples::{log, points, scalars};
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn sums((points, scalars, bits): (&[Bytes32], &[Scalar], u32)) -> [Bytes32; 8] {
        let read = |block: &[Bytes32; 8]| decode(&[*block])[0].point;
        let points: Vec<Point8> = points.as_chunks::<8>().0.iter().map(read).collect();
        let terms: Vec<_> = points.into_iter().zip(scalars.chunks(8)).collect();
        encode(&[sum(&terms, bits)])[0]
    }

    fn expected(scalars: &[Scalar], lane: usize) -> Bytes32 {
        let terms = scalars.iter().zip(0..).skip(lane).step_by(8);
        let sum: Scalar = terms.map(|(scalar, at)| scalar * log(at)).sum();
        (&sum * G).compress().to_bytes()
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn sums_of_any_number_of_terms_are_right() {
        let (points, scalars) = (points(160), scalars(160));
        for terms in [0, 1, 2, 3, 20] {
            let (points, scalars) = (&points[..8 * terms], &scalars[..8 * terms]);
            let sums = enter(sums, (points, scalars, 253));
            assert_eq!(sums, core::array::from_fn(|lane| expected(scalars, lane)), "{terms} terms");
        }
    }

    #[test]
    #[cfg_attr(not(has_ifma), ignore = "this processor has no AVX-512 IFMA")]
    fn short_scalars_take_fewer_windows() {
        let short: Vec<Scalar> = scalars(24)
            .iter()
            .map(|scalar| Scalar::from(u128::from_le_bytes(*scalar.as_bytes().first_chunk().unwrap())))
            .collect();
        let sums = enter(sums, (&points(24), &short, 128));
        assert_eq!(sums, core::array::from_fn(|lane| expected(&short, lane)));
    }
}
