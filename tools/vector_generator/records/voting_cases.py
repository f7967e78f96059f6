"""Checks 5.1 to 6.5: windows and ballots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from psephos.crypto.schnorr import sign
from psephos.protocol import entries
from psephos.protocol.entries import Ballot, Entry
from psephos.simulation.referendum import HeldCard, Referendum
from vector_generator.records.record import Case
from vector_generator.records.scenarios import BLANK, cancelled, clocks, half, plain, rich, whole
from vector_generator.records.signing import Write, by, flipped, said


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

    def write(referendum: Referendum) -> list[bytes]:
        window = referendum.definition.regions[0].days[0]
        referendum.reach(window.open if isinstance(turn, entries.Open) else window.seal)
        return by(referendum, "board", turn)

    return write


def _other_region(referendum: Referendum) -> list[bytes]:
    """The first region alone has opened."""
    referendum.open(0, 1)
    return _in_time(entries.Seal(1, 1))(referendum)


def _next_day_while_open(referendum: Referendum) -> list[bytes]:
    referendum.open(0, 1)
    referendum.reach(referendum.definition.regions[0].days[1].open)
    return by(referendum, "board", entries.Open(0, 2))


def _times() -> Iterator[Case]:
    """The times of checks 5.1 to 5.3; tolerance is 300 seconds, and of four witnesses one may be false."""
    yield from _early()
    yield from _late()
    yield from _by_false_clocks()


def turned_at(referendum: Referendum, opens: bool, shift: int, shifts: Sequence[int] = ()) -> list[bytes]:
    """A checkpoint so many seconds after the plan, by clocks that are ahead by `shifts`, and the turn."""
    window = referendum.definition.regions[0].days[0]
    referendum.now = (window.open if opens else window.seal) + shift
    referendum.log(*by(referendum, "board", entries.CheckpointEntry(referendum.note(shifts=shifts))))
    return by(referendum, "board", entries.Open(0, 1) if opens else entries.Seal(0, 1))


def _early() -> Iterator[Case]:
    """Before witnesses saw the time come, an open or seal is nothing."""
    opened, sealed = partial(turned_at, opens=True), partial(turned_at, opens=False)

    def unseen(referendum: Referendum) -> list[bytes]:
        """The board logs no checkpoint until the plan has come."""
        return by(referendum, "board", entries.Open(0, 1))

    def opened_after_all(referendum: Referendum) -> None:
        whole().go_on(referendum, "reviewed")

    def postponed(referendum: Referendum) -> list[bytes]:
        window = referendum.definition.regions[0].days[0]
        later = entries.Amend(0, 1, window.open + 3600, window.seal, "rain")
        referendum.log(*by(referendum, "organiser", later))
        return opened(referendum, shift=0)

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

    def behind_an_old_checkpoint(referendum: Referendum) -> list[bytes]:
        referendum.now = referendum.definition.regions[0].days[0].seal
        note = referendum.note()
        seal = sealed(referendum, shift=301)
        referendum.log(*by(referendum, "board", entries.CheckpointEntry(note)))
        return seal

    def uncovered(referendum: Referendum, size: int) -> list[bytes]:
        """Only a checkpoint that is smaller than the log was at the open; the day had been missed."""
        referendum.now = referendum.definition.regions[0].days[0].seal
        referendum.checkpoint()
        referendum.log(*by(referendum, "board", entries.Open(0, 1)))
        index = len(referendum.logged) - 1
        return by(
            referendum,
            "board",
            entries.CheckpointEntry(referendum.note(size=index + size)),
            entries.Seal(0, 1),
        )

    def go_on(referendum: Referendum) -> None:
        referendum.checkpoint()
        whole().go_on(referendum, "opened")

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


def recast(referendum: Referendum, card: HeldCard, data: bytes, change: Callable[[Entry], Entry]) -> bytes:
    """A ballot changed and signed anew by the card."""
    entry = change(entries.decode(data))
    body = entries.encode_body(entry.payload, entry.referendum, entry.author)
    hashed = entries.decode(entries.seal(body, bytes(64))).body_hash
    return entries.seal(body, sign("ballot", hashed, card.scalar, referendum.random()))


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

    def write(referendum: Referendum) -> list[bytes]:
        card = referendum.cards[0][1]
        return [recast(referendum, card, referendum.ballot(card, (0,)), change)]

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
        lambda referendum: _changed(lambda entry: replace(entry, referendum=referendum.definition.hash))(
            referendum
        ),
    )
    early = whole().after("voted").logged[-1]
    yield Case("6.1", "before-the-ceremony-ends", whole, "confirmed", lambda _: [early])
    yield Case(
        "6.1",
        "of-no-region-when-nothing-is-open",
        whole,
        "keyed",
        lambda referendum: [recast(referendum, _card(referendum), early, _said(region=7))],
    )


def _card(referendum: Referendum) -> HeldCard:
    """A card that is in no batch yet."""
    referendum.make_cards(0, [1])
    return referendum.cards[0].pop()


def _closed_windows() -> Iterator[Case]:
    """Check 6.2."""

    def vote(referendum: Referendum) -> list[bytes]:
        return [referendum.ballot(referendum.cards[0][1], (0,), serial=9)]

    go_on = whole().go_on
    yield Case(
        "6.2", "before-the-open", whole, "reviewed", vote, then=lambda referendum: referendum.open(0, 1)
    )
    yield Case(
        "6.2", "after-the-seal", whole, "sealed", vote, then=lambda referendum: go_on(referendum, "sealed")
    )
    yield Case("6.2", "after-the-close", whole, "closed", vote)
    yield Case("6.2", "after-the-result", whole, "certified", vote)
    yield Case("6.2", "after-cancel", cancelled, "afterwards", vote)
    yield Case(
        "6.2",
        "before-the-batch",
        whole,
        "rolled",
        lambda referendum: [referendum.ballot(_card(referendum), (0,))],
    )
    yield Case(
        "6.2",
        "next-day",
        rich,
        "first-day",
        lambda referendum: [referendum.ballot(referendum.cards[0][1], (0, 0), day=2)],
    )
    yield Case(
        "6.2",
        "day-before",
        rich,
        "weighed",
        lambda referendum: [referendum.ballot(referendum.cards[0][1], (0, 0), day=1)],
    )


def _cards() -> Iterator[Case]:
    """Check 6.3."""
    yield Case(
        "6.3",
        "unknown-card",
        whole,
        "opened",
        lambda referendum: [referendum.ballot(_card(referendum), (0,))],
    )

    def other_region(referendum: Referendum) -> list[bytes]:
        referendum.open(0, 1)
        return [referendum.ballot(referendum.cards[1][0], (0, 0), region=0)]

    yield Case("6.3", "card-of-another-region", rich, "spoken", other_region)

    def identity(referendum: Referendum) -> list[bytes]:
        return _changed(lambda entry: replace(entry, author=bytes(32)))(referendum)

    yield Case("6.3", "identity", whole, "opened", identity)
    yield Case(
        "6.3",
        "unproven-too",
        whole,
        "opened",
        lambda referendum: [flipped(referendum.ballot(_card(referendum), (0,)))],
    )


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

    def forged(referendum: Referendum) -> list[bytes]:
        return [flipped(referendum.ballot(referendum.cards[0][1], (0,)), -40)]

    def unreduced(referendum: Referendum) -> list[bytes]:
        return [referendum.ballot(referendum.cards[0][1], (0,))[:-32] + b"\xff" * 32]

    def copied(referendum: Referendum) -> list[bytes]:
        """Another card's votes under one's own name."""
        thief = referendum.cards[0][0]
        ballot = referendum.ballot(referendum.cards[0][1], (0,))
        return [recast(referendum, thief, ballot, lambda entry: replace(entry, author=thief.key))]

    def one_among_many(referendum: Referendum) -> list[bytes]:
        referendum.log(*(referendum.ballot(referendum.cards[0][index], (index % 2,)) for index in range(5)))
        return forged(referendum)

    yield Case("6.4", "forged-signature", whole, "opened", forged)
    yield Case("6.4", "signature-unreduced", whole, "opened", unreduced)
    yield Case("6.4", "votes-of-another-card", whole, "opened", copied)
    yield Case(
        "6.4",
        "one-among-many",
        whole,
        "opened",
        one_among_many,
        then=lambda referendum: whole().go_on(referendum, "voted"),
    )
    yield Case(
        "6.4",
        "without-decoys",
        plain,
        "opened",
        lambda referendum: [flipped(referendum.ballot(referendum.cards[0][0], (BLANK,)), -40)],
        then=lambda referendum: plain().go_on(referendum, "opened"),
    )


def _repetitions() -> Iterator[Case]:
    """Check 6.5."""

    def again(referendum: Referendum) -> bytes:
        """The last ballot with another signature."""
        return recast(referendum, referendum.cards[0][1], referendum.logged[-1], lambda entry: entry)

    go_on = whole().go_on
    yield Case(
        "6.5",
        "same-bytes",
        whole,
        "voted",
        lambda referendum: referendum.logged[-1:],
        then=lambda referendum: go_on(referendum, "voted"),
    )
    yield Case("6.5", "signed-anew", whole, "voted", lambda referendum: [again(referendum)])
    yield Case(
        "6.5", "wrongly-signed", whole, "voted", lambda referendum: [flipped(referendum.logged[-1], -40)]
    )
    yield Case(
        "6.5",
        "in-another-run",
        whole,
        "voted",
        lambda referendum: [
            referendum.logged[-1],
            *by(referendum, "registrar 1", entries.Statement("A", "en", "B", b"")),
            referendum.logged[-1],
        ],
        also=[(3, "6.5")],
    )
    yield Case(
        "6.4",
        "first-wrongly-signed",
        whole,
        "opened",
        lambda referendum: [flipped(referendum.ballot(referendum.cards[0][1], (0,)), -40)],
        then=_rightly_again,
    )
    yield Case("6.5", "wrong-right-and-again", whole, "opened", _with_right_and_again, also=[(3, "6.4")])


def _with_right_and_again(referendum: Referendum) -> list[bytes]:
    """A ballot wrongly signed, then rightly, then once more."""
    right = referendum.ballot(referendum.cards[0][1], (0,))
    return [flipped(right, -40), right, right]


def _rightly_again(referendum: Referendum) -> None:
    """The ballot last logged, with the right signature, and the seal."""
    referendum.log(flipped(referendum.logged[-1], -40))
    referendum.seal(0, 1)
