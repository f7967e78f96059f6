"""What Python hashes and signs under, in one place so that no two uses can collide (`spec/proofs.md#labels`).

The core has its own in `labels.rs`; none of these is among them but `CARD_ENTRY`, which both hash.
"""

from __future__ import annotations

# What a transcript is for.
CARD_ENTRY = "card-entry"
CARD_NAME = "card-name"
CARDS_COMMITMENT = "cards-commitment"
CEREMONY_CONSTANT = "ceremony-constant"
CEREMONY_POLYNOMIAL = "ceremony-polynomial"
ELECTION = "election"
GIVEN = "given"
ROLL = "roll"

# What is signed, hashed or encrypted without a transcript begins with one of these.
ENTRY_PREFIX = b"psephos/1 entry\n"
COUNTERSIGNATURE_PREFIX = b"psephos/1 countersignature\n"
COUNTING_SET_PREFIX = b"psephos/1 counting set\n"
COVER_PREFIX = b"psephos/1 cover\n"
SHARE_PREFIX = b"psephos/1 share\n"
