//! The power `(p - 5)/8`, which every square root is made of: 254 squarings, several vectors in step.

use super::field::Field8;

/// `N` vectors in step, so that each multiplies while the others' products are on their way. Two fill the processor;
/// three no longer fit its registers.
#[derive(Clone, Copy)]
pub struct Wide<const N: usize>(pub [Field8; N]);

impl<const N: usize> Wide<N> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(&self, other: &Self) -> Self {
        let mut product = *self;
        for (x, y) in product.0.iter_mut().zip(&other.0) {
            *x = x.mul(y);
        }
        product
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn square(&self) -> Self {
        let mut square = *self;
        for x in &mut square.0 {
            *x = x.square();
        }
        square
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn squares(&self, n: usize) -> Self {
        let mut power = *self;
        for _ in 0..n {
            power = power.square();
        }
        power
    }

    /// `self^((p - 5)/8)`, which is `self^(2^252 - 3)`. `e_n` is `self^(2^n - 1)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn pow_p58(&self) -> Self {
        let x2 = self.square();
        let x9 = x2.squares(2).mul(self);
        let x11 = x9.mul(&x2);
        let e5 = x11.square().mul(&x9);
        let e10 = e5.squares(5).mul(&e5);
        let e20 = e10.squares(10).mul(&e10);
        let e40 = e20.squares(20).mul(&e20);
        let e50 = e40.squares(10).mul(&e10);
        let e100 = e50.squares(50).mul(&e50);
        let e200 = e100.squares(100).mul(&e100);
        let e250 = e200.squares(50).mul(&e50);
        e250.squares(2).mul(self)
    }

    /// `self^3 * (self^7)^((p - 5)/8)`: a root of `1/self` times a fourth root of 1, if there is one at all (RFC 9496,
    /// 4.2, with `u` = 1).
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn inverse_root(&self) -> Self {
        let cube = self.square().mul(self);
        let seventh = cube.square().mul(self);
        cube.mul(&seventh.pow_p58())
    }
}
