"""Checks 9.1 to 10.2: shares, signs, totals, result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from psephos.crypto.group import sum_points
from psephos.executor.execution import LOCAL
from psephos.executor.release import release
from psephos.log.checkpoints import TreeHead
from psephos.protocol import entries, multipart
from psephos.protocol.encoding import canonical_json
from psephos.simulation.referendum import Referendum
from vector_generator.records.record import Case
from vector_generator.records.scenarios import cancelled, half, plain, rich, unvoted, whole
from vector_generator.records.signing import Write, by, said
from vector_generator.records.weighing_cases import ROW, weighing

Edit = Callable[[bytes], bytes]


def count_cases() -> Iterator[Case]:
    """From the close to the result."""
    yield from _stages()
    yield from _contents()
    yield from _proofs()
    yield from _unproven_weighings()
    yield from _results()
    yield from _afterwards()


def shares(
    trustee: int, edit: Edit = bytes, secret_of: int = 0, stage: int = 0
) -> Callable[[Referendum], list[bytes]]:
    """A trustee's shares for the stage that is due, edited, of another's secret, or called another stage."""

    def write(referendum: Referendum) -> list[bytes]:
        count = referendum.record.count
        if count is None:
            raise TypeError("the referendum is closed")
        secret = referendum.secrets[secret_of or trustee].share
        due, content = release(LOCAL, count, trustee, secret, referendum.random)
        content = edit(content)
        closing = entries.Shares(stage or due, multipart.digest(content))
        return by(referendum, f"trustee {trustee}", *multipart.cut(content), closing)

    return write


def _stages() -> Iterator[Case]:
    """Check 9.1: when shares may come."""
    go_on = whole().go_on

    def unparted(trustee: int, stage: int) -> Write:
        return said(f"trustee {trustee}", entries.Shares(stage, bytes(32)))

    yield Case(
        "9.1",
        "before-the-close",
        whole,
        "sealed",
        said("trustee 1", entries.Shares(1, bytes(32))),
        culprit="board",
    )
    yield Case(
        "9.1",
        "before-the-release",
        whole,
        "closed",
        shares(1),
        then=lambda referendum: go_on(referendum, "closed"),
        culprit="board",
    )
    yield Case("9.1", "stage-2-first", whole, "released", shares(1, stage=2), culprit="board")
    yield Case("9.1", "stage-3", whole, "released", shares(1, stage=3), culprit="board")
    yield Case("9.1", "stage-2-32", whole, "released", shares(1, stage=2**32 + 1), culprit="board")
    yield Case("9.1", "stage-0", whole, "released", unparted(1, 0), culprit="board")
    yield Case("9.1", "stage-1-after-stage-1", whole, "shared", shares(3, stage=1), culprit="board")
    yield Case(
        "9.1",
        "after-the-totals",
        whole,
        "certified",
        said("trustee 3", entries.Shares(2, bytes(32))),
        culprit="board",
    )
    yield Case("9.1", "stage-1-without-decoys", plain, "released", shares(2, stage=1), culprit="board")
    yield Case("9.1", "stage-2-before-the-weights", unvoted, "released", shares(2, stage=2), culprit="board")
    yield Case("9.1", "not-a-participant", rich, "released", said("trustee 3", entries.Shares(1, bytes(32))))

    def failed_again(referendum: Referendum) -> list[bytes]:
        """Shares that failed are not looked at again."""
        referendum.log(*shares(1, secret_of=2)(referendum))
        return referendum.logged[-1:]

    yield Case("9.1", "failed-before", whole, "released", failed_again, culprit="board", also=[(2, "9.2")])

    def twice(referendum: Referendum) -> list[bytes]:
        referendum.log(*shares(1)(referendum))
        return shares(1)(referendum)

    def same_again(referendum: Referendum) -> list[bytes]:
        referendum.log(*shares(1)(referendum))
        return referendum.logged[-1:]

    def twice_without_parts(referendum: Referendum) -> list[bytes]:
        referendum.log(*shares(1)(referendum))
        return said("trustee 1", entries.Shares(1, bytes(32)))(referendum)

    yield Case("9.1", "twice", whole, "released", twice, culprit="board")
    yield Case("9.1", "same-again", whole, "released", same_again, culprit="board")
    yield Case("9.1", "twice-without-parts", whole, "released", twice_without_parts, culprit="board")


def _contents() -> Iterator[Case]:
    """Check 9.1: what is in the bundle."""
    yield Case("9.1", "byte-fewer", whole, "released", shares(1, lambda content: content[:-1]))
    yield Case("9.1", "byte-more", whole, "released", shares(1, lambda content: content + b"\0"))
    yield Case("9.1", "nothing", whole, "released", shares(1, lambda _: b""))
    yield Case(
        "9.1", "no-parts", whole, "released", lambda referendum: shares(1)(referendum)[-1:], culprit="board"
    )
    yield Case(
        "9.1",
        "parts-of-another",
        whole,
        "released",
        lambda referendum: [*shares(1)(referendum)[:-1], shares(2)(referendum)[-1]],
        culprit="board",
    )

    def other_content(referendum: Referendum) -> list[bytes]:
        name = hashlib.sha256(b"another").digest()
        return by(referendum, "trustee 1", entries.Part(name, 0, 1, b"this"), entries.Shares(1, name))

    def malformed_again(referendum: Referendum) -> list[bytes]:
        referendum.log(*other_content(referendum))
        return referendum.logged[-1:]

    yield Case("9.1", "other-content", whole, "released", other_content)
    yield Case(
        "9.1",
        "malformed-again",
        whole,
        "released",
        malformed_again,
        culprit="board",
        also=[(2, "9.1", "trustee 1")],
    )


def _proofs() -> Iterator[Case]:
    """Check 9.2; the vectors of shares have the rest."""

    def then(referendum: Referendum) -> None:
        whole().go_on(referendum, "released")

    yield Case("9.2", "secret-of-another", whole, "released", shares(1, secret_of=2), then=then)
    yield Case("9.2", "proof-unreduced", whole, "released", shares(1, lambda c: c[:-32] + b"\xff" * 32))
    yield Case("9.2", "proof-other", whole, "released", shares(1, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "share-not-a-point", whole, "released", shares(1, lambda c: b"\xff" * 32 + c[32:]))
    yield Case(
        "9.2",
        "shares-swapped",
        whole,
        "released",
        shares(1, lambda c: c[:128] + c[160:192] + c[128:160] + c[192:]),
    )
    yield Case("9.2", "stage-2", whole, "shared", shares(1, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "without-decoys", plain, "released", shares(2, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "no-rows", unvoted, "released", shares(2, lambda c: c[:-32] + b"\1" + bytes(31)))


def _times(point: bytes, factor: int) -> bytes:
    return sum_points(point * factor)


def _multiplied(first: int, factor: int) -> Callable[[Referendum], list[bytes]]:
    """One ciphertext of every row multiplied, in the place of an honest weighing; then on to the shares."""

    def write(referendum: Referendum) -> list[bytes]:
        honest = weighing(referendum, 1)
        rows = b""
        for offset in range(0, len(honest.rows), ROW):
            row = honest.rows[offset : offset + ROW]
            half_one, half_two = row[first : first + 32], row[first + 32 : first + 64]
            rows += row[:first] + _times(half_one, factor) + _times(half_two, factor) + row[first + 64 :]
        referendum.log(*by(referendum, "trustee 1", replace(honest, rows=rows)))
        referendum.weigh((2,))
        referendum.close((1, 2))
        referendum.log(*shares(1)(referendum))
        if first:
            referendum.log(*shares(2)(referendum))
            referendum.log(*shares(1)(referendum))
        return shares(2)(referendum)

    return write


def _unproven_weighings() -> Iterator[Case]:
    """Checks 9.3 and 10.1: what only weighings that are not honest could bring about."""
    yield Case("9.3", "two", whole, "sealed", _multiplied(0, 2), believed="7.2")
    yield Case("9.3", "nothing", whole, "sealed", _multiplied(0, 0), believed="7.2")
    yield Case("10.1", "half-a-vote", whole, "sealed", _multiplied(64, 2), believed="7.2")
    yield Case("10.1", "more-votes-than-voters", whole, "sealed", _multiplied(64, 5), believed="7.2")
    yield Case("10.1", "larger-than-all-ballots", whole, "sealed", _multiplied(64, 63), believed="7.2")


def _results() -> Iterator[Case]:
    """Check 10.2."""

    def result(change: Callable[[dict[str, object]], object]) -> Callable[[Referendum], list[bytes]]:
        def write(referendum: Referendum) -> list[bytes]:
            document = json.loads(referendum.record.result_document())
            change(document)
            return by(referendum, "organiser", entries.Result(canonical_json.encode(document)))

        return write

    def swap(document: dict[str, object]) -> None:
        document["coercion_resistant"] = 0

    yield Case("10.2", "other", whole, "counted", result(swap))
    yield Case(
        "10.2", "cancelled", whole, "counted", result(lambda document: document.update(status="cancelled"))
    )
    yield Case(
        "10.2",
        "spaced",
        whole,
        "counted",
        lambda referendum: by(
            referendum, "organiser", entries.Result(referendum.record.result_document() + b"\n")
        ),
    )
    yield Case("10.2", "not-json", whole, "counted", said("organiser", entries.Result(b"yes")))
    yield Case("10.2", "second", whole, "certified", result(swap))
    yield Case(
        "",
        "result-twice",
        whole,
        "certified",
        lambda referendum: by(referendum, "organiser", entries.Result(referendum.record.result_document())),
    )
    yield Case("10.2", "half", half, "counted", result(swap))


def _afterwards() -> Iterator[Case]:
    """Once the result stands nothing unmakes it."""

    def later(check: str, name: str, entries_: Callable[[Referendum], list[bytes]], culprit: str) -> Case:
        return Case(
            check, f"after-the-result-{name}", whole, "certified", entries_, afterwards=True, culprit=culprit
        )

    def forked(referendum: Referendum) -> list[bytes]:
        other_head = TreeHead(referendum.definition.board.origin, 2, bytes(32))
        return by(referendum, "board", entries.CheckpointEntry(referendum.cosigned(other_head)))

    def wrong_closes(referendum: Referendum) -> list[bytes]:
        wrong = entries.Close(3, bytes(32), bytes(32))
        referendum.log(*by(referendum, "trustee 1", wrong))
        return by(referendum, "trustee 2", wrong)

    yield later("1.4", "garbage", lambda _: [b"\x80"], "board")
    yield later("1.4", "short-ballot", lambda _: [b"\x89\x01\x11" + bytes(60)], "board")
    yield later("1.4", "half-a-weighing", lambda _: [b"\x8b\x01\x12"], "board")
    yield later("1.7", "fork", forked, "board")
    yield Case(
        "8.2",
        "after-the-result-two",
        whole,
        "certified",
        wrong_closes,
        afterwards=True,
        culprit="trustees",
        also=[(2, "8.1")],
    )
    yield Case(
        "1.4",
        "after-the-result-and-then-statements",
        whole,
        "certified",
        lambda _: [b"\x80"],
        afterwards=True,
        culprit="board",
        then=lambda referendum: referendum.log(
            *by(referendum, "registrar 1", entries.Statement("A", "en", "B", b""))
        ),
    )
    yield Case("1.4", "before-the-result-stands", whole, "counted", lambda _: [b"\x80"])
    for name, role, payload in (
        ("opened", "board", entries.Open(0, 1)),
        ("sealed", "board", entries.Seal(0, 1)),
        ("roll", "registrar 1", entries.Roll(0, 3, bytes(32))),
        ("batch", "registrar 1", entries.Batch(0, 2, 1, 1, bytes(32))),
    ):
        yield Case("1.6", f"after-the-result-{name}", whole, "certified", said(role, payload))
    yield Case("1.4", "after-the-cancel", cancelled, "afterwards", lambda _: [b"\x80"], afterwards=True)
