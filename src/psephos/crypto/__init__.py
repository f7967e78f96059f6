"""Typed wrappers over the Rust core: group, transcript, proof, encryption, threshold, signature."""
