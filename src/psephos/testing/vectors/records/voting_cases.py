"""Checks 5.1 to 6.5: windows and ballots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from psephos.crypto.schnorr import sign
from psephos.protocol import entries
from psephos.protocol.entries import Ballot, Entry
from psephos.testing.referendum import HeldCard, Referendum
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
        ("day-2-first", "reviewed", (0, 2)),
        ("day-0", "reviewed", (0, 0)),
        ("unknown-region", "reviewed", (1, 1)),
        ("region-2-32", "reviewed", (2**32, 1)),
        ("before-issued", "batched", (0, 1)),
        ("before-the-batch", "rolled", (0, 1)),
        ("again-while-open", "opened", (0, 1)),
        ("again-when-sealed", "sealed", (0, 1)),
        ("no-such-day", "sealed", (0, 2)),
    ):
        yield Case("5.1", name, whole, stage, _in_time(entries.Open(*place)))
    yield Case("1.6", "opened-after-the-close", whole, "closed", said("board", entries.Open(0, 2)))
    yield Case("1.6", "sealed-after-the-close", whole, "closed", said("board", entries.Seal(0, 1)))
    yield Case("5.1", "next-day-while-open", rich, "spoken", _next_day_while_open)
    for name, stage, place in (
        ("not-open", "reviewed", (0, 1)),
        ("other-day", "opened", (0, 2)),
        ("day-0", "opened", (0, 0)),
        ("day-0-not-open", "reviewed", (0, 0)),
        ("unknown-region", "opened", (1, 1)),
        ("region-2-32", "opened", (2**32, 1)),
        ("twice", "sealed", (0, 1)),
    ):
        yield Case("5.2", name, whole, stage, _in_time(entries.Seal(*place)))
    yield Case("5.2", "other-region", half, "reviewed", _other_region)


def _in_time(turn: entries.Open | entries.Seal) -> Write:
    """An open or seal of which only the time is right."""

    def write(told: Referendum) -> list[bytes]:
        window = told.definition.regions[0].days[0]
        told.reach(window.open if isinstance(turn, entries.Open) else window.seal)
        return by(told, "board", turn)

    return write


def _other_region(told: Referendum) -> list[bytes]:
    """The first region alone has opened."""
    told.open(0, 1)
    return _in_time(entries.Seal(1, 1))(told)


def _next_day_while_open(told: Referendum) -> list[bytes]:
    told.open(0, 1)
    told.reach(told.definition.regions[0].days[1].open)
    return by(told, "board", entries.Open(0, 2))


def _times() -> Iterator[Case]:
    """The times of checks 5.1 to 5.3; tolerance is 300 seconds, and of four witnesses one may be false."""
    yield from _early()
    yield from _late()
    yield from _by_false_clocks()


def turned_at(told: Referendum, opens: bool, shift: int, shifts: Sequence[int] = ()) -> list[bytes]:
    """A checkpoint so many seconds after the plan, by clocks that are ahead by `shifts`, and the turn."""
    window = told.definition.regions[0].days[0]
    told.now = (window.open if opens else window.seal) + shift
    told.log(*by(told, "board", entries.CheckpointEntry(told.note(shifts=shifts))))
    return by(told, "board", entries.Open(0, 1) if opens else entries.Seal(0, 1))


def _early() -> Iterator[Case]:
    """Before witnesses saw the time come, an open or seal is nothing."""
    opened, sealed = partial(turned_at, opens=True), partial(turned_at, opens=False)

    def unseen(told: Referendum) -> list[bytes]:
        """The board logs no checkpoint until the plan has come."""
        return by(told, "board", entries.Open(0, 1))

    def opened_after_all(told: Referendum) -> None:
        whole().go_on(told, "reviewed")

    def postponed(told: Referendum) -> list[bytes]:
        window = told.definition.regions[0].days[0]
        later = entries.Amend(0, 1, window.open + 3600, window.seal, "rain")
        told.log(*by(told, "organiser", later))
        return opened(told, shift=0)

    yield Case("5.1", "early", whole, "reviewed", partial(opened, shift=-301))
    yield Case("5.1", "early-and-not-shown", whole, "reviewed", unseen, then=opened_after_all)
    yield Case("5.1", "before-its-amended-plan", whole, "reviewed", postponed)
    yield Case("", "opened-early-at-the-tolerance", whole, "reviewed", partial(opened, shift=-300))
    yield Case("5.2", "early", whole, "voted", partial(sealed, shift=-301))
    yield Case("5.2", "early-and-not-shown", whole, "voted", said("board", entries.Seal(0, 1)))
    yield Case("", "sealed-early-at-the-tolerance", whole, "voted", partial(sealed, shift=-300))


def _late() -> Iterator[Case]:
    """Notices."""
    opened, sealed = partial(turned_at, opens=True), partial(turned_at, opens=False)

    def behind_an_old_checkpoint(told: Referendum) -> list[bytes]:
        told.now = told.definition.regions[0].days[0].seal
        note = told.note()
        seal = sealed(told, shift=301)
        told.log(*by(told, "board", entries.CheckpointEntry(note)))
        return seal

    def uncovered(told: Referendum, size: int) -> list[bytes]:
        """Only a checkpoint that is smaller than the log was at the open; the day had been missed."""
        told.now = told.definition.regions[0].days[0].seal
        told.checkpoint()
        told.log(*by(told, "board", entries.Open(0, 1)))
        at = len(told.logged) - 1
        return by(told, "board", entries.CheckpointEntry(told.note(size=at + size)), entries.Seal(0, 1))

    def go_on(told: Referendum) -> None:
        told.checkpoint()
        whole().go_on(told, "opened")

    yield Case("5.3", "opened-late", whole, "reviewed", partial(opened, shift=301), notices=1)
    yield Case("", "opened-at-the-tolerance", whole, "reviewed", partial(opened, shift=300))
    yield Case("5.3", "sealed-late", whole, "voted", partial(sealed, shift=301), notices=1)
    yield Case("5.3", "sealed-late-behind-an-old-one", whole, "voted", behind_an_old_checkpoint, notices=1)
    yield Case(
        "5.3", "sealed-before-its-open-is-covered", whole, "reviewed", partial(uncovered, size=0), notices=2
    )
    yield Case(
        "5.3", "sealed-with-its-open-covered", whole, "reviewed", partial(uncovered, size=1), notices=1
    )
    late = partial(opened, shift=301)
    yield Case("5.3", "and-still-counted", whole, "reviewed", late, then=go_on, notices=1)


def _by_false_clocks() -> Iterator[Case]:
    for check, name, shift, shifts in (
        ("", "opened-though-one-clock-is-slow", 0, (-9000, 0, 0, 0)),
        ("5.1", "early-though-one-clock-is-fast", -301, (0, 9000, 0, 0)),
        ("", "opened-early-by-two-clocks", -301, (301, 0, 0, 301)),
        ("", "late-by-one-false-clock", 0, (0, 9000, 0, 0)),
        ("5.3", "late-by-two-clocks", 0, (0, 9000, 9000, 0)),
    ):
        entry = partial(turned_at, opens=True, shift=shift, shifts=shifts)
        yield Case(check, name, clocks, "reviewed", entry, notices=int(check == "5.3"))
    three = partial(turned_at, opens=True, shift=0, shifts=(9000, 0, 0))
    yield Case("", "late-by-one-of-three-clocks", whole, "reviewed", three)


def recast(told: Referendum, card: HeldCard, data: bytes, change: Callable[[Entry], Entry]) -> bytes:
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


def _card(told: Referendum) -> HeldCard:
    """A card that is in no batch yet."""
    told.make_cards(0, [1])
    return told.cards[0].pop()


def _closed_windows() -> Iterator[Case]:
    """Check 6.2."""

    def vote(told: Referendum) -> list[bytes]:
        return [told.ballot(told.cards[0][1], (0,), serial=9)]

    go_on = whole().go_on
    yield Case("6.2", "before-the-open", whole, "reviewed", vote, then=lambda told: told.open(0, 1))
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
            *by(told, "registrar 1", entries.Statement("A", "en", "B", b"")),
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
