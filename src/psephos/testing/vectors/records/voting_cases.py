"""Checks 5.1 to 6.5: windows and ballots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from psephos.crypto.schnorr import sign
from psephos.protocol import entry as entries
from psephos.protocol.entry import Ballot, Entry
from psephos.testing.referendum import Card, Referendum
from psephos.testing.vectors.records.record import Case
from psephos.testing.vectors.records.saying import Write, by, flipped, said
from psephos.testing.vectors.records.stories import BLANK, cancelled, clocks, half, plain, rich, whole


def voting_cases() -> Iterator[Case]:
    """From the first open to the last seal."""
    yield from _windows()
    yield from _times()
    yield from _forms()
    yield from _closed_windows()
    yield from _cards()
    yield from _proofs()
    yield from _repetitions()


def _windows() -> Iterator[Case]:
    """Checks 5.1 and 5.2."""
    for name, stage, place in (
        ("day-2-first", "issued", (0, 2)),
        ("day-0", "issued", (0, 0)),
        ("unknown-region", "issued", (1, 1)),
        ("region-2-32", "issued", (2**32, 1)),
        ("before-issued", "batched", (0, 1)),
        ("before-the-batch", "rolled", (0, 1)),
        ("again-while-open", "opened", (0, 1)),
        ("again-when-sealed", "sealed", (0, 1)),
        ("no-such-day", "sealed", (0, 2)),
    ):
        yield Case("5.1", name, whole, stage, said("board", entries.Open(*place)))
    yield Case("1.6", "opened-after-the-close", whole, "closed", said("board", entries.Open(0, 2)))
    yield Case("1.6", "sealed-after-the-close", whole, "closed", said("board", entries.Seal(0, 1)))
    yield Case("5.1", "nobody-enrolled", half, "issued", said("board", entries.Open(1, 1)))
    yield Case(
        "5.1", "next-day-while-open", rich, "spoken", said("board", entries.Open(0, 1), entries.Open(0, 2))
    )
    for name, stage, place in (
        ("not-open", "issued", (0, 1)),
        ("other-day", "opened", (0, 2)),
        ("day-0", "opened", (0, 0)),
        ("day-0-not-open", "issued", (0, 0)),
        ("unknown-region", "opened", (1, 1)),
        ("region-2-32", "opened", (2**32, 1)),
        ("twice", "sealed", (0, 1)),
    ):
        yield Case("5.2", name, whole, stage, said("board", entries.Seal(*place)))
    yield Case("5.2", "other-region", half, "opened", said("board", entries.Seal(1, 1)))


def _times() -> Iterator[Case]:
    """Checks 5.3 and 5.4; tolerance is 300 seconds, and one of three witnesses may be false."""

    def seen(told: Referendum, shift: int) -> None:
        told.now += shift
        told.checkpoint()

    def opened_late(told: Referendum, shift: int) -> list[bytes]:
        seen(told, shift)
        return by(told, "board", entries.Open(0, 1))

    def sealed(told: Referendum, shift: int) -> list[bytes]:
        told.now = told.definition.regions[0].days[0].seal
        seen(told, shift)
        return by(told, "board", entries.Seal(0, 1))

    def early(told: Referendum, stage: str, shift: int) -> list[bytes]:
        """The board opens or seals, and a checkpoint that covers it is witnessed at another time."""
        told.log(*by(told, "board", entries.Open(0, 1) if stage == "issued" else entries.Seal(0, 1)))
        told.now += shift
        return by(told, "board", entries.Checkpoint(told.note()))

    def opened_at(told: Referendum, shifts: Sequence[int]) -> list[bytes]:
        """Each witness has a clock of its own."""
        told.log(*by(told, "board", entries.Open(0, 1)))
        return by(told, "board", entries.Checkpoint(told.note(shifts=shifts)))

    def noted_at(told: Referendum, shifts: Sequence[int]) -> list[bytes]:
        told.log(*by(told, "board", entries.Checkpoint(told.note(shifts=shifts))))
        return by(told, "board", entries.Open(0, 1))

    def uncovered(told: Referendum) -> list[bytes]:
        """A checkpoint between open and seal, smaller than the log was at the open."""
        told.log(*by(told, "board", entries.Open(0, 1)))
        told.now = told.definition.regions[0].days[0].seal
        return by(told, "board", entries.Checkpoint(told.note(size=len(told.logged) - 1)), entries.Seal(0, 1))

    def unseen(told: Referendum) -> list[bytes]:
        return by(told, "board", entries.Open(0, 1), entries.Seal(0, 1))

    def backdated(told: Referendum) -> list[bytes]:
        """A checkpoint logged after the open, of a log that did not hold it yet."""
        note = told.note()
        told.log(*by(told, "board", entries.Open(0, 1), entries.Checkpoint(note)))
        return by(told, "board", entries.Seal(0, 1))

    def go_on(told: Referendum) -> None:
        told.checkpoint()
        whole().go_on(told, "opened")

    yield Case("5.3", "opened-late", whole, "issued", lambda told: opened_late(told, 301), notices=1)
    yield Case("", "opened-at-the-tolerance", whole, "issued", lambda told: opened_late(told, 300))
    yield Case("5.4", "opened-early", whole, "issued", lambda told: early(told, "issued", -301))
    yield Case("", "opened-early-at-the-tolerance", whole, "issued", lambda told: early(told, "issued", -300))
    yield Case("5.3", "sealed-late", whole, "voted", lambda told: sealed(told, 301), notices=1)
    yield Case("5.4", "sealed-early", whole, "voted", lambda told: early(told, "voted", 0))
    for name, check, shifts in (
        ("opened-early-by-one-false-clock", "", (-9000, 0, 0, 0)),
        ("opened-late-by-one-false-clock", "", (9000, 0, 0, 0)),
        ("opened-early-by-two-clocks", "5.4", (-9000, 0, 0, -9000)),
        ("opened-early-and-one-clock-denies-it", "5.4", (-9000, -9000, -9000, 9000)),
    ):
        yield Case(check, name, clocks, "issued", partial(opened_at, shifts=shifts))
    yield Case("", "late-by-one-false-clock", clocks, "issued", partial(noted_at, shifts=(0, 9000, 0, 0)))
    yield Case(
        "5.3", "late-by-two-clocks", clocks, "issued", partial(noted_at, shifts=(0, 9000, 9000, 0)), notices=1
    )
    yield Case("5.3", "sealed-before-its-open-is-covered", whole, "issued", uncovered, notices=1)
    yield Case("5.3", "no-checkpoint-between", whole, "issued", unseen, notices=1)
    yield Case("5.3", "checkpoint-between-is-older", whole, "issued", backdated, notices=1)
    yield Case(
        "5.3",
        "and-still-counted",
        whole,
        "issued",
        lambda told: opened_late(told, 301),
        then=go_on,
        notices=1,
    )


def recast(told: Referendum, card: Card, data: bytes, change: Callable[[Entry], Entry]) -> bytes:
    """A ballot changed and signed anew by the card."""
    entry = change(entries.decode(data))
    body = entries.encode_body(entry.payload, entry.referendum, entry.author)
    hashed = entries.decode(entries.seal(body, bytes(64))).body_hash
    return entries.seal(body, sign("ballot", hashed, card.scalar, told.random()))


def _said(**members: Any) -> Callable[[Entry], Entry]:
    """Another value in the payload."""

    def change(entry: Entry) -> Entry:
        if not isinstance(entry.payload, Ballot):
            raise TypeError("a ballot is wanted")
        return replace(entry, payload=replace(entry.payload, **members))

    return change


def _votes(edit: Callable[[bytes], bytes]) -> Callable[[Entry], Entry]:
    def change(entry: Entry) -> Entry:
        if not isinstance(entry.payload, Ballot):
            raise TypeError("a ballot is wanted")
        return replace(entry, payload=replace(entry.payload, votes=edit(entry.payload.votes)))

    return change


def _changed(change: Callable[[Entry], Entry]) -> Write:
    """A ballot by the card that counts, changed and signed anew."""

    def write(told: Referendum) -> list[bytes]:
        card = told.cards[0][1]
        return [recast(told, card, told.ballot(card, (0,)), change)]

    return write


def _forms() -> Iterator[Case]:
    """Check 6.1."""
    values = {
        "unknown-region": {"region": 1},
        "region-2-16": {"region": 2**16},
        "region-2-32": {"region": 2**32},
        "day-0": {"day": 0},
        "day-2-of-1": {"day": 2},
        "day-2-16": {"day": 2**16 + 1},
        "serial-0": {"serial": 0},
        "serial-21": {"serial": 21},
        "serial-2-8": {"serial": 2**8 + 1},
    }
    for name, members in values.items():
        yield Case("6.1", name, whole, "opened", _changed(_said(**members)))
    yield Case("6.1", "votes-short", whole, "opened", _changed(_votes(lambda votes: votes[:-1])))
    yield Case("6.1", "votes-long", whole, "opened", _changed(_votes(lambda votes: votes + b"\0")))
    yield Case("6.1", "no-votes", whole, "opened", _changed(_votes(lambda _: b"")))
    yield Case(
        "6.1", "other-referendum", whole, "opened", _changed(lambda e: replace(e, referendum=bytes(32)))
    )
    yield Case(
        "6.1",
        "definition-hash",
        whole,
        "opened",
        lambda told: _changed(lambda entry: replace(entry, referendum=told.definition.hash))(told),
    )
    early = whole().at("voted").logged[-1]
    yield Case("6.1", "before-the-ceremony-ends", whole, "confirmed", lambda _: [early])
    yield Case(
        "6.1",
        "of-no-region-when-nothing-is-open",
        whole,
        "keyed",
        lambda told: [recast(told, _card(told), early, _said(region=7))],
    )


def _card(told: Referendum) -> Card:
    """A card that is in no batch yet."""
    told.make_cards(0, [1])
    return told.cards[0].pop()


def _closed_windows() -> Iterator[Case]:
    """Check 6.2."""

    def vote(told: Referendum) -> list[bytes]:
        return [told.ballot(told.cards[0][1], (0,), serial=9)]

    go_on = whole().go_on
    yield Case("6.2", "before-the-open", whole, "issued", vote, then=lambda told: told.open(0, 1))
    yield Case("6.2", "after-the-seal", whole, "sealed", vote, then=lambda told: go_on(told, "sealed"))
    yield Case("6.2", "after-the-close", whole, "closed", vote)
    yield Case("6.2", "after-the-result", whole, "certified", vote)
    yield Case("6.2", "after-cancel", cancelled, "afterwards", vote)
    yield Case("6.2", "before-the-batch", whole, "rolled", lambda told: [told.ballot(_card(told), (0,))])
    yield Case(
        "6.2", "next-day", rich, "first-day", lambda told: [told.ballot(told.cards[0][1], (0, 0), day=2)]
    )
    yield Case(
        "6.2", "day-before", rich, "weighed", lambda told: [told.ballot(told.cards[0][1], (0, 0), day=1)]
    )


def _cards() -> Iterator[Case]:
    """Check 6.3."""
    yield Case("6.3", "unknown-card", whole, "opened", lambda told: [told.ballot(_card(told), (0,))])

    def other_region(told: Referendum) -> list[bytes]:
        told.open(0, 1)
        return [told.ballot(told.cards[1][0], (0, 0), region=0)]

    yield Case("6.3", "card-of-another-region", rich, "spoken", other_region)

    def identity(told: Referendum) -> list[bytes]:
        return _changed(lambda entry: replace(entry, author=bytes(32)))(told)

    yield Case("6.3", "identity", whole, "opened", identity)
    yield Case("6.3", "unproven-too", whole, "opened", lambda told: [flipped(told.ballot(_card(told), (0,)))])


def _proofs() -> Iterator[Case]:
    """Check 6.4; the vectors of ballots have the rest."""
    edits: dict[str, Callable[[bytes], bytes]] = {
        "ciphertext-not-a-point": lambda votes: b"\xff" * 32 + votes[32:],
        "ciphertexts-swapped": lambda votes: votes[64:128] + votes[:64] + votes[128:],
        "identities": lambda votes: bytes(128) + votes[128:],
        "proof-other": lambda votes: votes[:-32] + b"\1" + bytes(31),
        "proof-unreduced": lambda votes: votes[:-32] + b"\xff" * 32,
    }
    for name, edit in edits.items():
        yield Case("6.4", name, whole, "opened", _changed(_votes(edit)))
    yield Case("6.4", "proven-for-another-serial", whole, "opened", _changed(_said(serial=2)))

    def forged(told: Referendum) -> list[bytes]:
        return [flipped(told.ballot(told.cards[0][1], (0,)), -40)]

    def unreduced(told: Referendum) -> list[bytes]:
        return [told.ballot(told.cards[0][1], (0,))[:-32] + b"\xff" * 32]

    def copied(told: Referendum) -> list[bytes]:
        """Another card's votes under one's own name."""
        thief = told.cards[0][0]
        ballot = told.ballot(told.cards[0][1], (0,))
        return [recast(told, thief, ballot, lambda entry: replace(entry, author=thief.key))]

    def one_among_many(told: Referendum) -> list[bytes]:
        told.log(*(told.ballot(told.cards[0][at], (at % 2,)) for at in range(5)))
        return forged(told)

    yield Case("6.4", "forged-signature", whole, "opened", forged)
    yield Case("6.4", "signature-unreduced", whole, "opened", unreduced)
    yield Case("6.4", "votes-of-another-card", whole, "opened", copied)
    yield Case(
        "6.4",
        "one-among-many",
        whole,
        "opened",
        one_among_many,
        then=lambda told: whole().go_on(told, "voted"),
    )
    yield Case(
        "6.4",
        "without-decoys",
        plain,
        "opened",
        lambda told: [flipped(told.ballot(told.cards[0][0], (BLANK,)), -40)],
        then=lambda told: plain().go_on(told, "opened"),
    )


def _repetitions() -> Iterator[Case]:
    """Check 6.5."""

    def again(told: Referendum) -> bytes:
        """The last ballot with another signature."""
        return recast(told, told.cards[0][1], told.logged[-1], lambda entry: entry)

    go_on = whole().go_on
    yield Case(
        "6.5",
        "same-bytes",
        whole,
        "voted",
        lambda told: told.logged[-1:],
        then=lambda told: go_on(told, "voted"),
    )
    yield Case("6.5", "signed-anew", whole, "voted", lambda told: [again(told)])
    yield Case("6.5", "wrongly-signed", whole, "voted", lambda told: [flipped(told.logged[-1], -40)])
    yield Case(
        "6.5",
        "in-another-run",
        whole,
        "voted",
        lambda told: [
            told.logged[-1],
            *by(told, "registrar", entries.Statement("A", "en", "B", b"")),
            told.logged[-1],
        ],
        also=[(3, "6.5")],
    )
    yield Case(
        "6.4",
        "first-wrongly-signed",
        whole,
        "opened",
        lambda told: [flipped(told.ballot(told.cards[0][1], (0,)), -40)],
        then=_rightly_again,
    )
    yield Case("6.5", "wrong-right-and-again", whole, "opened", _with_right_and_again, also=[(3, "6.4")])


def _with_right_and_again(told: Referendum) -> list[bytes]:
    """A ballot wrongly signed, then rightly, then once more."""
    right = told.ballot(told.cards[0][1], (0,))
    return [flipped(right, -40), right, right]


def _rightly_again(told: Referendum) -> None:
    """The ballot last logged, with the right signature, and the seal."""
    told.log(flipped(told.logged[-1], -40))
    told.seal(0, 1)
