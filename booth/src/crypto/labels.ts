// Every protocol name, purpose and field label that a voter's device uses: spec/proofs.md#labels.

export const PSEPHOS = "psephos/1";

/** In front of what institutions sign with Ed25519: spec/entries.md#entries. */
export const ENTRY = "psephos/1 entry\n";

export type Protocol =
  | "election"
  | "card"
  | "card-weight"
  | "card-entry"
  | "cards-commitment"
  | "given"
  | "ballot-contest"
  | "signature"
  | "token"
  | "admission"
  | "roll"
  | "card-name";

export type Purpose = "card-entry" | "admission" | "ballot";

export type Label =
  | typeof PSEPHOS
  | "definition"
  | "attempt"
  | "participants"
  | "key"
  | "token-keys"
  | "election"
  | "registrar"
  | "region"
  | "secret"
  | "scalar"
  | "position"
  | "card"
  | "ciphertext"
  | "ciphertexts"
  | "patterns"
  | "combination"
  | "commitments"
  | "challenge"
  | "points"
  | "public"
  | "inputs"
  | "shares"
  | "purpose"
  | "nonce"
  | "message"
  | "proof"
  | "token"
  | "cards"
  | "salt"
  | "voter"
  | "hash";
