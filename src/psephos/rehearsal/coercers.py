"""What those who stood behind voters have in the end: cards, ballots, receipts, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psephos.crypto.card import derive_cards
from psephos.errors import PsephosError
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.protocol import entry as entries
from psephos.protocol.enrolment import token
from psephos.rehearsal.plot import Casting
from psephos.rehearsal.stage import REGISTRAR, Stage
from psephos.rehearsal.story import REGIONS, Coerced


def seen_by_coercers(
    stage: Stage, coerced: Sequence[Coerced], sent: Mapping[Casting, bytes]
) -> list[dict[str, Any]]:
    """Each coercer's cards, all in published batches, and the ballots cast with them, whose receipts verify.

    `sent` has the entry of every ballot.
    """
    policy = Policy.parse(stage.pin.policy.encode())
    record = stage.seen_by(REGISTRAR)
    at = {data: index for index, data in enumerate(stage.board.store.entries(0, record.size))}
    views: list[dict[str, Any]] = []
    for one in coerced:
        secrets = b"".join(one.holder.secrets[card] for card in one.handed)
        _, keys = derive_cards(stage.election, one.holder.region, secrets)
        roster = record.rosters[one.holder.region]
        ballots = []
        for casting in one.castings:
            entry = sent[casting]
            receipt = stage.board.receipt(at[entry])
            LogProof.parse(receipt).verify(entry, policy)
            tracker = entries.decode(entry).body_hash.hex()
            ballots.append({"day": casting.day, "tracker": tracker, "receipt": receipt.decode()})
        listed = [{"key": key.hex(), "in a batch": roster.has(key)} for key in token.rows(keys, 32)]
        views.append({"region": REGIONS[one.holder.region].id, "cards": listed, "ballots": ballots})
    if any(not card["in a batch"] for view in views for card in view["cards"]):
        raise PsephosError("a card that was handed over is in no batch: its holder is found out")
    return views
