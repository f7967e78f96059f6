//! Tells tests whether the processor that builds has lanes: where it has none, theirs are ignored, and say so by name.
//!
//! No other code asks for this: what is built is the same everywhere, and decides at run time (`src/backend.rs`).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(has_ifma)");
    // Built for another machine, tests would run there.
    if std::env::var_os("HOST") == std::env::var_os("TARGET") && has_ifma() {
        println!("cargo::rustc-cfg=has_ifma");
    }
}

#[cfg(target_arch = "x86_64")]
fn has_ifma() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_ifma() -> bool {
    false
}
