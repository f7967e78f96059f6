//! The only `unsafe` of the project: entering functions that need instructions which not every processor has.

/// Whether this processor has them, and the operating system keeps their registers.
pub fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

/// `work(argument)`, for a function of this crate that is safe but for `#[target_feature(enable =
/// "avx512f,avx512dq,avx512ifma")]`. Panics where these are not there.
///
/// Such a function is an `unsafe fn` to whoever does not have its features enabled. This crate denies `unsafe_code`
/// everywhere else, so no function in it is unsafe for another reason.
#[allow(unsafe_code)]
pub fn enter<A, T>(work: unsafe fn(A) -> T, argument: A) -> T {
    assert!(available(), "this processor has no AVX-512 IFMA");
    // SAFETY: the features that `work` needs are there: see above.
    unsafe { work(argument) }
}
