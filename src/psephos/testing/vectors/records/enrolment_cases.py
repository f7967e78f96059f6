"""Checks 4.1 to 4.6: rolls, batches, issued hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from psephos.crypto.card import make_cards
from psephos.protocol import bundle
from psephos.protocol import entry as entries
from psephos.protocol.entry import Batch, Payload
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.ceremony_cases import ORDER
from psephos.testing.vectors.records.record import Case
from psephos.testing.vectors.records.saying import by, flipped
from psephos.testing.vectors.records.stories import half, plain, rich, whole

GROUPS = [[0, 1], [1, 0], [0]]
Change = Callable[[bytes, Batch], tuple[bytes, Batch]]


def enrolment_cases() -> Iterator[Case]:
    """From the ceremony to the first open."""
    yield from _rolls()
    yield from _batches()
    yield from _phases()
    yield from _plain()
    yield from _cards()
    yield from _twice()
    yield from _issued()
    yield from _left_out()


def closed_bundle(told: Referendum, content: bytes, closing: Payload) -> list[bytes]:
    """The parts of a content and the registrar's entry that closes them, whatever it says."""
    return by(told, "registrar", *bundle.cut(content), closing)


def _hashes(*firsts: int) -> bytes:
    return b"".join(bytes([first]) + bytes(31) for first in firsts)


def _rolls() -> Iterator[Case]:
    """Check 4.1."""

    def roll(content: bytes, size: int, region: int = 0) -> Callable[[Referendum], list[bytes]]:
        return lambda told: closed_bundle(told, content, entries.Roll(region, size, bundle.digest(content)))

    good = _hashes(1, 2, 3)
    yield Case("1.6", "roll-second", whole, "rolled", roll(good, 3))
    yield Case("1.6", "roll-same-again", whole, "rolled", lambda told: told.logged[-1:])
    yield Case(
        "1.6",
        "roll-without-parts-again",
        whole,
        "rolled",
        lambda told: by(told, "registrar", entries.Roll(0, 3, bytes(32))),
    )
    yield Case("4.1", "unknown-region", whole, "keyed", roll(good, 3, 1))
    yield Case("4.1", "region-2-32", whole, "keyed", roll(good, 3, 2**32))
    yield Case("4.1", "descending", whole, "keyed", roll(_hashes(1, 3, 2), 3))
    yield Case("4.1", "hash-twice", whole, "keyed", roll(_hashes(1, 2, 2), 3))
    yield Case("4.1", "larger-size", whole, "keyed", roll(good, 4))
    yield Case("4.1", "smaller-size", whole, "keyed", roll(good, 2))
    yield Case("4.1", "no-hashes", whole, "keyed", roll(good[:-1], 3))
    yield Case("1.6", "roll-when-voting-is-over", half, "sealed", roll(good, 3, 2))
    yield Case("1.6", "roll-after-the-close-checkpoint", half, "closing", roll(good, 3, 2))
    yield Case("1.6", "roll-after-the-totals", half, "counted", roll(good, 3, 2))
    yield Case("", "while-another-region-votes", half, "voted", roll(good, 3, 2))
    yield Case("", "empty", half, "rolled", roll(b"", 0, 2))
    digest = bundle.digest(good)
    closing = entries.Roll(0, 3, digest)
    for name, parts in {
        "other-content": [(0, 1, _hashes(1, 2, 4))],
        "cut-elsewhere": [(0, 2, good[:32]), (1, 2, good[32:])],
        "last-piece-too-long": [(0, 1, good + bytes(65_000))],
        "first-part-counts": [(0, 1, b""), (0, 1, good)],
    }.items():
        pieces = [entries.Part(digest, *part) for part in parts if len(part[2]) <= 65_000]
        if len(pieces) == len(parts):
            yield Case("4.1", name, whole, "keyed", _parts(*pieces, closing))
    one = entries.Part(digest, 0, 1, good)
    yield Case("1.6", "roll-without-parts", whole, "keyed", _parts(closing))
    first = replace(one, count=2)
    yield Case("1.6", "roll-whose-first-count-counts", whole, "keyed", _parts(first, one, closing))
    yield Case(
        "1.6",
        "roll-before-its-part-and-behind",
        whole,
        "keyed",
        _parts(closing),
        then=lambda told: told.log(*_parts(one, closing)(told)),
    )
    yield Case(
        "1.6",
        "roll-with-parts-of-another",
        whole,
        "keyed",
        lambda told: [*by(told, "board", one), *by(told, "registrar", closing)],
    )
    yield Case(
        "",
        "parts-repeated",
        whole,
        "keyed",
        _parts(one, replace(one, count=7), replace(one, index=9), closing),
    )
    yield Case(
        "", "one-bundle-for-two-rolls", half, "keyed", _parts(one, closing, replace(closing, region=1))
    )


def _left_out() -> Iterator[Case]:
    """A region whose last window is over before its enrolment is, is out."""

    def late(told: Referendum, over: int) -> None:
        told.now = told.definition.regions[0].days[-1].seal + told.definition.tolerance + over
        told.checkpoint()

    def batch(told: Referendum) -> list[bytes]:
        late(told, 1)
        return told.batch(0, GROUPS)

    def issued(told: Referendum) -> list[bytes]:
        late(told, 1)
        return told.issue(0, told.roll_hashes(0, 3)[:64])

    def amended(told: Referendum) -> list[bytes]:
        late(told, 1)
        window = told.definition.regions[0].days[0]
        return by(told, "organiser", entries.Amend(0, 1, window.open, told.now + 600, "late"))

    def in_time(told: Referendum) -> list[bytes]:
        late(told, 0)
        return told.issue(0, told.roll_hashes(0, 3)[:64])

    def others_vote(told: Referendum) -> list[bytes]:
        """The registrar never ends the enrolment of a second region."""
        told.log(*told.batch(1, GROUPS, last=False))
        for stage in ("issued", "opened", "voted", "sealed"):
            half().steps[stage](told)
        late(told, 1)
        return []

    def go_on(told: Referendum) -> None:
        half().go_on(told, "sealed")

    yield Case("5.3", "left-out-and-others-counted", half, "batched", others_vote, then=go_on, notices=1)
    yield Case("1.6", "batch-after-its-last-window", whole, "rolled", batch)
    yield Case("1.6", "issued-after-its-last-window", whole, "batched", issued, notices=1)
    yield Case("1.6", "amended-after-its-last-window", whole, "batched", amended, notices=1)
    yield Case("", "issued-at-the-last-moment", whole, "batched", in_time)


def _parts(*payloads: Payload) -> Callable[[Referendum], list[bytes]]:
    return lambda told: by(told, "registrar", *payloads)


def _set(**members: Any) -> Change:
    return lambda content, batch: (content, replace(batch, **members))


def _edit(edit: Callable[[bytes], bytes]) -> Change:
    def change(content: bytes, batch: Batch) -> tuple[bytes, Batch]:
        edited = edit(content)
        return edited, replace(batch, digest=bundle.digest(edited))

    return change


def _batch(
    change: Change, groups: Sequence[Sequence[int]] = GROUPS, region: int = 0, last: bool = True
) -> Callable[[Referendum], list[bytes]]:
    return lambda told: told.batch(region, groups, last, change)


SAME: Change = _edit(lambda content: content)


def _batches() -> Iterator[Case]:
    """Check 4.2: numbers, sizes, order."""
    members: dict[str, dict[str, Any]] = {
        "last-2": {"last": 2},
        "small-2": {"small": 2},
        "small-though-large": {"small": 1},
        "not-one-group-a-voter": {"groups": 1},
        "one-card-fewer": {"cards": 4},
        "one-card-more": {"cards": 6},
        "one-group-more": {"groups": 4},
        "unknown-region": {"region": 1},
        "fewer-cards-than-groups": {"groups": 6},
    }
    for name, change in members.items():
        yield Case("4.2", name, whole, "rolled", _batch(_set(**change)))
    yield Case("4.2", "no-voters", whole, "rolled", _batch(SAME, [[0], [0]]))
    yield Case("4.2", "small-and-not-said", whole, "rolled", _batch(_set(small=0), [[0, 1], [0]]))
    yield Case("4.2", "small-and-not-last", whole, "rolled", _batch(SAME, [[0, 1], [0]], last=False))
    yield Case("4.2", "small-and-second", whole, "rolled", _small_second)
    edits: dict[str, Callable[[bytes], bytes]] = {
        "cards-descending": lambda content: content[384:768] + content[:384] + content[768:],
        "card-twice": lambda content: content[:384] + content[:384] + content[768:],
        "commitments-descending": lambda content: content[:-64] + content[-32:] + content[-64:-32],
        "commitment-twice": lambda content: content[:-32] + content[-64:-32],
        "byte-more": lambda content: content + b"\0",
        "byte-fewer": lambda content: content[:-1],
    }
    for name, edit in edits.items():
        yield Case("4.2", name, whole, "rolled", _batch(_edit(edit)))
    yield Case(
        "1.6",
        "batch-with-parts-of-another",
        whole,
        "rolled",
        _batch(
            lambda content, batch: (
                flipped(content),
                replace(batch, digest=bundle.digest(flipped(content, 0))),
            )
        ),
    )
    yield Case("1.6", "batch-without-parts", whole, "rolled", lambda told: told.batch(0, GROUPS)[-1:])

    def wrong_without_parts(told: Referendum) -> list[bytes]:
        return _batch(_set(voters=0))(told)[-1:]

    yield Case("1.6", "batch-wrong-and-without-parts", whole, "rolled", wrong_without_parts)
    kept: list[bytes] = []

    def before_its_parts(told: Referendum) -> list[bytes]:
        kept[:] = told.batch(0, GROUPS)
        return kept[-1:]

    yield Case(
        "1.6",
        "batch-before-its-parts-and-behind",
        whole,
        "rolled",
        before_its_parts,
        then=lambda told: told.log(*kept),
    )
    yield Case("", "small", whole, "rolled", _batch(SAME, [[0, 1], [0]]))
    yield Case("", "first-of-two", whole, "rolled", _batch(SAME, last=False))


def _small_second(told: Referendum) -> list[bytes]:
    told.log(*told.batch(0, GROUPS, last=False))
    return told.batch(0, [[0, 1]])


def _phases() -> Iterator[Case]:
    """When a batch may come."""
    for name, number in {"batch-0-first": 0, "batch-2-first": 2}.items():
        yield Case("1.6", name, whole, "rolled", _batch(_set(batch=number)))
    yield Case("1.6", "batch-before-the-roll", whole, "keyed", _batch(SAME))
    yield Case("1.6", "batch-after-the-last", whole, "batched", _batch(SAME))
    yield Case(
        "1.6", "batch-after-the-last-without-parts", whole, "batched", lambda told: told.batch(0, GROUPS)[-1:]
    )
    yield Case("1.6", "batch-same-again", whole, "batched", lambda told: told.logged[-1:])

    def another_region(told: Referendum) -> list[bytes]:
        return told.batch(1, GROUPS)

    for stage in ("sealed", "closing", "closed", "counted"):
        yield Case("1.6", f"batch-when-{stage}-elsewhere", half, stage, another_region)
    yield Case("", "while-another-region-votes-too", half, "voted", another_region)


def _plain() -> Iterator[Case]:
    """Check 4.2 without decoys."""
    changes: dict[str, dict[str, Any]] = {
        "small": {"small": 1},
        "more-cards": {"cards": 4},
        "more-groups": {"groups": 4},
        "fewer-voters": {"voters": 2},
        "randomness": {"randomness": b"\1" + bytes(31)},
    }
    for name, change in changes.items():
        yield Case("4.2", f"plain-{name}", plain, "keyed", partial(_rolled, members=change))
    yield Case(
        "4.3", "plain-signature", plain, "keyed", lambda told: _rolled(told, {}, lambda c: flipped(c, 95))
    )
    yield Case("4.3", "plain-nonce", plain, "keyed", lambda told: _rolled(told, {}, lambda c: flipped(c, 40)))


def _rolled(told: Referendum, members: dict[str, Any], edit: Callable[[bytes], bytes] = bytes) -> list[bytes]:
    told.roll(0, 3)
    return told.batch(
        0,
        [[1]] * 3,
        True,
        lambda content, batch: (
            edit(content),
            replace(batch, **members, digest=bundle.digest(edit(content))),
        ),
    )


def _cards() -> Iterator[Case]:
    """Checks 4.3 and 4.4."""
    places = {
        "ciphertext-not-a-point": (32, 32, b"\xff" * 32),
        "ciphertext-of-another": (64, 32, None),
        "commitment-not-a-point": (96, 32, b"\xff" * 32),
        "challenge-other": (224, 32, b"\1" + bytes(31)),
        "challenge-unreduced": (224, 32, b"\xff" * 32),
        "proof-of-another": (96, 224, None),
        "signature-of-another": (320, 64, None),
        "signature-unreduced": (352, 32, b"\xff" * 32),
    }
    for name, (at, size, value) in places.items():

        def edit(content: bytes, at: int = at, size: int = size, value: bytes | None = value) -> bytes:
            return content[:at] + (value or content[384 + at : 384 + at + size]) + content[at + size :]

        yield Case("4.3", name, whole, "rolled", _batch(_edit(edit)))
    yield Case("4.3", "key-is-the-identity", whole, "rolled", _batch(_edit(lambda c: bytes(32) + c[32:])))
    yield Case("4.3", "of-another-region", rich, "keyed", _of_another_region)

    def both(content: bytes, batch: Batch) -> tuple[bytes, Batch]:
        edited = content[:96] + content[384 + 96 : 384 + 320] + content[320:]
        return edited, replace(batch, voters=3, digest=bundle.digest(edited))

    yield Case("4.3", "and-one-voter-more", whole, "rolled", _batch(both))
    yield Case("4.4", "one-voter-more", whole, "rolled", _batch(_set(voters=3)))
    yield Case("4.4", "other-randomness", whole, "rolled", _batch(_set(randomness=b"\1" + bytes(31))))
    yield Case(
        "4.4",
        "unreduced-randomness",
        whole,
        "rolled",
        _batch(
            lambda content, batch: (
                content,
                replace(
                    batch,
                    randomness=(int.from_bytes(batch.randomness, "little") + ORDER).to_bytes(32, "little"),
                ),
            )
        ),
    )
    yield Case(
        "4.4",
        "voter-with-two-weights",
        whole,
        "rolled",
        lambda told: told.batch(0, [[1, 1], [1, 0], [0]], True, _set(voters=2)),
    )


def _of_another_region(told: Referendum) -> list[bytes]:
    told.roll(0, 3)
    records, randomness = told.make_cards(1, [0, 1, 1, 0])
    with patch.object(told, "make_cards", return_value=(records, randomness)):
        return told.batch(0, [[0, 1], [1, 0]])


def _twice() -> Iterator[Case]:
    """Check 4.5."""

    def again(told: Referendum, region: int) -> list[bytes]:
        """A batch of two groups, one card of which region 0 has had in its first batch."""
        told.roll(0, 4)
        told.roll(1, 4)
        told.log(*told.batch(0, [[0, 1], [1, 0]], last=False))
        _, fresh = told.make_cards(region, [0, 1, 1]), told.cards[region][-3:]
        scalars = told.cards[0][0].scalar + b"".join(card.scalar for card in fresh)
        keys = told.record.keys
        made = make_cards(keys.election_hash, region, keys.key, scalars, bytes([0, 1, 1, 0]), told.random())
        with patch.object(told, "make_cards", return_value=made):
            return told.batch(region, [[0, 1], [1, 0]])

    yield Case("4.5", "same-region", rich, "keyed", lambda told: again(told, 0))
    yield Case("4.5", "other-region", rich, "keyed", lambda told: again(told, 1))


def _issued() -> Iterator[Case]:
    """Check 4.6."""

    def issue(edit: Callable[[bytes], bytes], **members: Any) -> Callable[[Referendum], list[bytes]]:
        def write(told: Referendum) -> list[bytes]:
            content = edit(told.roll_hashes(0, 3))
            closing = entries.Issued(0, len(content) // 32, bundle.digest(content))
            return closed_bundle(told, content, replace(closing, **members))

        return write

    yield Case("4.6", "not-on-the-roll", whole, "batched", issue(lambda c: c[:64] + b"\xff" * 32))
    yield Case(
        "1.6",
        "issued-too-few-without-parts",
        whole,
        "batched",
        lambda told: issue(lambda c: c[:32])(told)[-1:],
    )
    yield Case("4.6", "too-few", whole, "batched", issue(lambda c: c[:32]))
    yield Case("4.6", "descending", whole, "batched", issue(lambda c: c[32:64] + c[:32]))
    yield Case("4.6", "hash-twice", whole, "batched", issue(lambda c: c[:32] + c[:32]))
    yield Case("4.6", "larger-size", whole, "batched", issue(lambda c: c, size=4))
    yield Case("4.6", "unknown-region", whole, "batched", issue(lambda c: c, region=1))
    yield Case("1.6", "issued-before-the-batch", whole, "rolled", issue(lambda c: c))
    yield Case("1.6", "issued-twice", whole, "issued", issue(lambda c: c))
    yield Case("1.6", "issued-same-again", whole, "issued", lambda told: told.logged[-1:])
    yield Case(
        "1.6", "issued-without-parts", whole, "batched", lambda told: issue(lambda c: c[:64])(told)[-1:]
    )
    yield Case("", "whole-roll-issued", whole, "batched", issue(lambda c: c))
    yield Case(
        "", "whole-roll-issued-by-its-own-parts", whole, "batched", lambda told: issue(lambda c: c)(told)[-1:]
    )

    def first_of_two(told: Referendum) -> list[bytes]:
        told.log(*told.batch(0, GROUPS, last=False))
        return issue(lambda c: c)(told)

    yield Case("1.6", "issued-before-the-last-batch", whole, "rolled", first_of_two)
