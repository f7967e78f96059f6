"""Checks 7.1 to 8.2: chains and closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from psephos.protocol.entries import Close, Weighing
from psephos.simulation.referendum import Referendum
from vector_generator.records.record import Case
from vector_generator.records.scenarios import cancelled, rich, whole
from vector_generator.records.signing import Write, by, flipped, said

ROW = 64 * 3 + 224
"""Bytes of a weighed row of `whole`."""


def weighing_cases() -> Iterator[Case]:
    """From the last seal to the close."""
    yield from _places()
    yield from _proofs()
    yield from _closes()
    yield from _wrong_closes()


def weighing(referendum: Referendum, trustee: int, chunk: int = 0) -> Weighing:
    """What a trustee would add to a chain, whoever has weighed it before."""
    weighing_chains = referendum.record.weighing_chains
    if weighing_chains is None:
        raise TypeError("the ceremony is complete")
    return weighing_chains.weigh(list(weighing_chains.chains.values())[chunk], trustee, referendum.random())


def _places() -> Iterator[Case]:
    """Check 7.1."""

    def case(name: str, stage: str, trustee: int, culprit: str = "board", **members: Any) -> Case:
        return Case(
            "7.1",
            name,
            whole,
            stage,
            lambda referendum: by(
                referendum, f"trustee {trustee}", replace(weighing(referendum, trustee), **members)
            ),
            culprit=culprit,
        )

    yield case("position-2-first", "sealed", 1, position=2)
    yield case("position-0", "sealed", 1, position=0)
    yield case("position-2-32", "sealed", 1, position=2**32)
    yield case("weighs-twice", "weighed-once", 1)
    yield case("position-1-again", "weighed-once", 2, position=1)
    yield case("third", "weighed", 3)
    yield case("other-previous", "weighed-once", 2, "trustee 2", previous=bytes(32))
    yield case("unknown-chunk", "sealed", 1, chunk=1)
    yield case("unknown-day", "sealed", 1, day=2)
    yield case("day-0", "sealed", 1, day=0)
    yield case("unknown-region", "sealed", 1, region=1)
    yield case("region-2-32", "sealed", 1, region=2**32)
    yield case("no-rows", "sealed", 1, "trustee 1", rows=b"")
    for name, size in {"short": 3 * ROW - 1, "row-fewer": 2 * ROW, "row-more": 4 * ROW}.items():
        yield case(name, "sealed", 1, "trustee 1", rows=bytes(size))
    yield case("after-the-close", "closed", 3)

    def early(referendum: Referendum) -> list[bytes]:
        return by(referendum, "trustee 1", Weighing(0, 1, 0, 1, bytes(32), bytes(ROW)))

    yield Case("7.1", "before-the-seal", whole, "voted", early, culprit="board")
    yield Case("7.1", "after-cancel", cancelled, "afterwards", early, culprit="board")
    yield Case(
        "7.1",
        "not-a-participant",
        rich,
        "first-day",
        lambda referendum: by(referendum, "trustee 3", replace(weighing(referendum, 3), position=1)),
    )

    def lost_race(referendum: Referendum) -> list[bytes]:
        """Two trustees weigh the same head; the first in the log wins."""
        return [
            entry
            for trustee in (2, 3)
            for entry in by(referendum, f"trustee {trustee}", weighing(referendum, trustee))
        ]

    yield Case("7.1", "lost-race", whole, "sealed", lost_race, then=_finish, culprit="board")


def _finish(referendum: Referendum) -> None:
    """Weigh and count what is left."""
    referendum.weigh((1,))
    whole().go_on(referendum, "weighed")


def _proofs() -> Iterator[Case]:
    """Check 7.2; the vectors of weighings have the rest."""

    def case(name: str, edit: Callable[[bytes], bytes], trustee: int = 1) -> Case:
        def write(referendum: Referendum) -> list[bytes]:
            right = weighing(referendum, trustee)
            return by(referendum, f"trustee {trustee}", replace(right, rows=edit(right.rows)))

        return Case("7.2", name, whole, "sealed", write, then=_others_finish)

    def second_try(referendum: Referendum) -> list[bytes]:
        """A right weighing by who has given a wrong one at this position."""
        right = weighing(referendum, 1)
        wrong = replace(right, rows=flipped(right.rows, -32))
        return by(referendum, "trustee 1", wrong, right)

    yield Case(
        "7.1",
        "second-try",
        whole,
        "sealed",
        second_try,
        then=_others_finish,
        culprit="board",
        also=[(2, "7.2")],
    )

    def at_another_position(referendum: Referendum) -> list[bytes]:
        """Who failed at position 1 may weigh at position 2."""
        right = weighing(referendum, 1)
        return by(referendum, "trustee 1", replace(right, rows=flipped(right.rows, -32)))

    def weigh_second(referendum: Referendum) -> None:
        referendum.weigh((2, 1))
        whole().go_on(referendum, "weighed")

    yield Case("7.2", "then-at-position-2", whole, "sealed", at_another_position, then=weigh_second)

    yield case("last-proof", lambda rows: rows[:-32] + b"\1" + bytes(31))
    yield case("unreduced", lambda rows: rows[:-32] + b"\xff" * 32)
    yield case("not-a-point", lambda rows: b"\xff" * 32 + rows[32:])
    yield case("rows-swapped", lambda rows: rows[ROW : 2 * ROW] + rows[:ROW] + rows[2 * ROW :])
    yield case("ciphertexts-swapped", lambda rows: rows[64:128] + rows[:64] + rows[128:])
    yield Case(
        "7.2",
        "by-another-trustee",
        whole,
        "sealed",
        lambda referendum: by(referendum, "trustee 2", weighing(referendum, 1)),
    )

    def second(referendum: Referendum) -> list[bytes]:
        """Both positions of a chain at once, the second not proven."""
        referendum.weigh((1,))
        wrong = weighing(referendum, 2)
        return by(referendum, "trustee 2", replace(wrong, rows=flipped(wrong.rows, -32)))

    yield Case("7.2", "second-position", whole, "sealed", second)


def _others_finish(referendum: Referendum) -> None:
    referendum.weigh((2, 3))
    whole().go_on(referendum, "weighed")


def right_close(referendum: Referendum) -> Close:
    """What is to be signed."""
    right = referendum.closing.right
    if right is None:
        raise TypeError("the close checkpoint is logged")
    return right


def _closes() -> Iterator[Case]:
    """Check 8.1."""
    go_on = whole().go_on
    changes: dict[str, dict[str, Any]] = {
        "other-size": {"size": 3},
        "other-root": {"root": bytes(32)},
        "other-counting": {"counting": bytes(32)},
    }
    for name, change in changes.items():
        yield _close_of(name, change)
    before_the_seal = said("trustee 1", Close(0, bytes(32), bytes(32)))
    yield Case("8.1", "before-the-seal", whole, "voted", before_the_seal)

    def early(referendum: Referendum) -> list[bytes]:
        """Everything right but that the checkpoint is not logged yet."""
        ahead = whole().after("closing")
        return by(referendum, "trustee 1", right_close(ahead))

    yield Case("8.1", "before-the-close-checkpoint", whole, "weighed", early, culprit="board")
    twice: Write = lambda referendum: 2 * by(referendum, "trustee 1", right_close(referendum))  # noqa: E731
    yield Case("8.1", "twice", whole, "closing", twice, culprit="board")

    def older(referendum: Referendum) -> list[bytes]:
        """The checkpoint after the close checkpoint."""
        referendum.checkpoint()
        size = len(referendum.logged) - 1
        return by(
            referendum, "trustee 1", replace(right_close(referendum), size=size, root=referendum.root(size))
        )

    yield Case(
        "8.1",
        "later-checkpoint",
        whole,
        "closing",
        older,
        then=lambda referendum: go_on(referendum, "closing"),
    )
    yield Case(
        "8.1",
        "not-a-participant",
        rich,
        "closing",
        lambda referendum: by(referendum, "trustee 3", right_close(referendum)),
    )
    yield Case(
        "8.1",
        "twice-after-the-close",
        whole,
        "closed",
        lambda referendum: by(referendum, "trustee 1", right_close(referendum)),
        culprit="board",
    )
    yield Case(
        "8.1",
        "wrong-after-the-close",
        whole,
        "closed",
        lambda referendum: by(referendum, "trustee 3", replace(right_close(referendum), size=3)),
    )
    yield Case(
        "",
        "third-close",
        whole,
        "closed",
        lambda referendum: by(referendum, "trustee 3", right_close(referendum)),
        then=lambda referendum: go_on(referendum, "closed"),
    )


def _close_of(name: str, change: dict[str, Any]) -> Case:
    return Case(
        "8.1",
        name,
        whole,
        "closing",
        lambda referendum: by(referendum, "trustee 3", replace(right_close(referendum), **change)),
        then=lambda referendum: whole().go_on(referendum, "closing"),
    )


def _wrong_closes() -> Iterator[Case]:
    """Check 8.2."""

    def two(referendum: Referendum, *closes: Close) -> list[bytes]:
        referendum.log(*by(referendum, "trustee 1", closes[0]))
        return by(referendum, "trustee 2", closes[-1])

    def closed_and_wrong(referendum: Referendum) -> list[bytes]:
        referendum.log(*by(referendum, "trustee 1", right_close(referendum)))
        return two(referendum, wrong)

    wrong = Close(3, bytes(32), bytes(32))
    yield Case("8.2", "two", whole, "closing", lambda referendum: two(referendum, wrong), also=[(2, "8.1")])
    of_no_such_log: Write = lambda referendum: two(referendum, wrong)  # noqa: E731
    yield Case("8.2", "two-early-of-no-such-log", whole, "opened", of_no_such_log, also=[(2, "8.1")])

    def early_and_right(referendum: Referendum) -> list[bytes]:
        """Two who sign what will be right before the checkpoint that they sign is logged."""
        right = right_close(whole().after("closing"))
        referendum.log(*by(referendum, "trustee 1", right))
        return by(referendum, "trustee 2", right)

    before = [(2, "8.1", "board")]
    yield Case("8.1", "two-early", whole, "weighed", early_and_right, culprit="board", also=before)
    yield Case("8.2", "by-who-has-closed", whole, "closing", closed_and_wrong, also=[(2, "8.1")])
    yield Case(
        "8.1",
        "two-different-ones",
        whole,
        "closing",
        lambda referendum: two(referendum, wrong, replace(wrong, size=4)),
        also=[(2, "8.1")],
    )
    yield Case(
        "8.1",
        "one-twice",
        whole,
        "closing",
        lambda referendum: 2 * by(referendum, "trustee 1", wrong),
        also=[(2, "8.1")],
    )
