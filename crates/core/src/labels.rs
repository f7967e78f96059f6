//! Every protocol name and label (`spec/proofs.md#labels`), in one place so that no two uses can collide.

/// What a transcript is for.
pub mod protocol {
    pub const CARD: &str = "card";
    pub const CARD_WEIGHT: &str = "card-weight";
    pub const CARD_ENTRY: &str = "card-entry";
    pub const BALLOT_CONTEST: &str = "ballot-contest";
    pub const WEIGHING_ROW: &str = "weighing-row";
    pub const SHARES: &str = "shares";
    pub const SIGNATURE: &str = "signature";
    pub const TOKEN: &str = "token";
    pub const ADMISSION: &str = "admission";
}

/// What a field of a transcript holds.
pub mod field {
    pub const START: &str = "psephos/1";
    pub const ELECTION: &str = "election";
    pub const REGION: &str = "region";
    pub const SECRET: &str = "secret";
    pub const SCALAR: &str = "scalar";
    pub const POSITION: &str = "position";
    pub const CARD: &str = "card";
    pub const KEY: &str = "key";
    pub const CIPHERTEXT: &str = "ciphertext";
    pub const CIPHERTEXTS: &str = "ciphertexts";
    pub const PATTERNS: &str = "patterns";
    pub const BEFORE: &str = "before";
    pub const AFTER: &str = "after";
    pub const COMBINATION: &str = "combination";
    pub const COMMITMENTS: &str = "commitments";
    pub const CHALLENGE: &str = "challenge";
    pub const PUBLIC: &str = "public";
    pub const INPUTS: &str = "inputs";
    pub const SHARES: &str = "shares";
    pub const PURPOSE: &str = "purpose";
    pub const NONCE: &str = "nonce";
    pub const MESSAGE: &str = "message";
    pub const PROOF: &str = "proof";
    pub const POINTS: &str = "points";
    pub const HASH: &str = "hash";
}

/// What a card signs.
pub mod purpose {
    pub const CARD_ENTRY: &str = "card-entry";
    pub const BALLOT: &str = "ballot";
}

/// Prover's randomness: these transcripts never leave the machine, so the specification does not name them.
pub mod nonces {
    pub const PROTOCOL: &str = "nonces";
    pub const SEED: &str = "seed";
    pub const ROW: &str = "row";
    pub const INPUT: &str = "input";

    pub const SCALARS: &str = "random-scalars";
    pub const CARD: &str = "make-card";
    pub const BALLOT: &str = "make-ballot";
    pub const WEIGHING: &str = "weigh";
    pub const SHARES: &str = "make-shares";
    pub const SIGNATURE: &str = "sign";
    pub const POLYNOMIAL: &str = "polynomial";
    pub const BLIND: &str = "blind";
    pub const EVALUATE: &str = "evaluate";
    pub const SHOW: &str = "show-token";
    pub const ADMISSION: &str = "prove-admission";
}
