"""Every protocol name, purpose and field label: spec/proofs.md#labels."""

from __future__ import annotations

PSEPHOS = "psephos/1"

# Protocol names.
ELECTION = "election"
CARD = "card"
CARD_WEIGHT = "card-weight"
CARD_ENTRY = "card-entry"
TOKEN = "token"
ADMISSION = "admission"
CARDS_COMMITMENT = "cards-commitment"
GIVEN = "given"
BALLOT_CONTEST = "ballot-contest"
WEIGHING_ROW = "weighing-row"
SHARES = "shares"
SIGNATURE = "signature"
TOKEN = "token"
CEREMONY_POLYNOMIAL = "ceremony-polynomial"
CEREMONY_CONSTANT = "ceremony-constant"
ROLL = "roll"
CARD_NAME = "card-name"

# Purposes of signatures not named above.
BALLOT = "ballot"

# Prefixes of what is signed or hashed without a transcript.
ENTRY = b"psephos/1 entry\n"
COUNTERSIGNATURE = b"psephos/1 countersignature\n"
COUNTING_SET = b"psephos/1 counting set\n"
SHARE = b"psephos/1 share\n"
