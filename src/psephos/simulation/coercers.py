"""What those who stood behind voters have in the end: cards, ballots, receipts, and whoever works for them.

Both registrars, the board and all trustees but as many as it takes to open what trustees open. What they have
is used in every way that is open to them, to find out which of the cards that were handed over counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psephos.crypto.card import derive_cards
from psephos.crypto.column import columns, rows
from psephos.crypto.threshold import chunk_shares, combine_shares, decrypt, discrete_logs, make_shares
from psephos.errors import PsephosError
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import check_admissions, decode_admissions
from psephos.protocol.setup.dealing import Secret
from psephos.simulation.parties import Simulation
from psephos.simulation.scenario import REGIONS, Coerced
from psephos.simulation.schedule import Casting


def seen_by_coercers(
    simulation: Simulation, coerced: Sequence[Coerced], sent: Mapping[Casting, bytes]
) -> list[dict[str, Any]]:
    """Each coercer's cards, all in published batches, and the ballots cast with them, whose receipts verify.

    `sent` has the entry of every ballot.
    """
    policy = Policy.parse(simulation.pin.policy.encode())
    record = simulation.seen_by("registrar 1")
    positions = {data: index for index, data in enumerate(simulation.board.store.entries(0, record.size))}
    views: list[dict[str, Any]] = []
    for voter in coerced:
        roster = record.rosters[voter.holder.region]
        ballots = []
        for casting in voter.castings:
            entry = sent[casting]
            receipt = simulation.board.receipt(positions[entry])
            LogProof.parse(receipt).verify(entry, policy)
            tracker = entries.decode(entry).body_hash.hex()
            ballots.append({"day": casting.day, "tracker": tracker, "receipt": receipt.decode()})
        listed = [{"key": key.hex(), "in a batch": roster.has(key)} for key in handed_keys(simulation, voter)]
        views.append({"region": REGIONS[voter.holder.region].id, "cards": listed, "ballots": ballots})
    if any(not card["in a batch"] for view in views for card in view["cards"]):
        raise PsephosError("a card that was handed over is in no batch: its holder is found out")
    return views


def handed_keys(simulation: Simulation, coerced: Coerced) -> list[bytes]:
    """K of each card that a voter handed over."""
    secrets = b"".join(coerced.holder.secrets[card] for card in coerced.handed)
    return rows(derive_cards(simulation.election, coerced.holder.region, secrets)[1], 32)


def shares_of(simulation: Simulation, trustees: Sequence[int]) -> dict[int, bytes]:
    """The shares of the key that trustees hold: what they would have to give away."""
    stored = {index: simulation.secret(f"trustee {index}", "ceremony") for index in trustees}
    return {index: Secret.decode(data).share for index, data in stored.items() if data}


def weights_opened(
    simulation: Simulation, region: int, keys: Sequence[bytes], shares: Mapping[int, bytes]
) -> list[int]:
    """What each card weighs, as these shares open it: 0, 1, or -1 where they open nothing."""
    roster = simulation.board.record.rosters[region]
    ciphertexts = roster.weights(roster.places(b"".join(keys)))
    inputs = columns(ciphertexts, 64, 0, 32)
    given = [_applied(simulation, index, inputs, share) for index, share in shares.items()]
    return discrete_logs(decrypt(ciphertexts, combine_shares(given, list(shares))), 1)


def _applied(simulation: Simulation, trustee: int, inputs: bytes, share: bytes) -> bytes:
    """A trustee's decryption shares of anything it likes."""
    count = len(inputs) // 32
    content = make_shares(simulation.election, [(1, trustee, 0, 0, 0)], [count], inputs, share, bytes(32))
    return chunk_shares([count], content)


def judged_alike(simulation: Simulation, delivered: Mapping[int, Sequence[bytes]]) -> int:
    """Judge every admission again with all that its registrar has: nothing but in order may be the answer.

    How many cards each registrar was shown.
    """
    for number, messages in delivered.items():
        admissions, faults = decode_admissions(simulation.setting, number, messages)
        secrets = simulation.registrars[number].secrets
        if faults or check_admissions(simulation.setting, number, secrets.of_region, admissions):
            raise PsephosError(f"registrar {number} tells some cards from the others")
    return max(map(len, delivered.values()))


def look_behind(
    simulation: Simulation,
    coerced: Sequence[Coerced],
    bought: Mapping[int, bytes],
    lacking: Mapping[int, bytes],
) -> tuple[int, int]:
    """Try to open what the coerced voters' cards weigh with the shares that were bought.

    How many cards these shares open, and how many of the right weight as many as it takes do: those bought
    and those that are lacking. The second shows that the first could have been otherwise.
    """
    opened = right = 0
    for voter in coerced:
        keys = handed_keys(simulation, voter)
        kept = voter.holder.secrets[voter.holder.counting or 0]
        keys.append(derive_cards(simulation.election, voter.holder.region, kept)[1])
        wanted = [0] * len(voter.handed) + [1]
        here = voter.holder.region
        opened += sum(weight >= 0 for weight in weights_opened(simulation, here, keys, bought))
        weights = weights_opened(simulation, here, keys, {**bought, **lacking})
        right += sum(a == b for a, b in zip(weights, wanted, strict=True))
    return opened, right
