"""Checks 9.1 to 10.2: shares, signs, totals, result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from psephos.crypto.group import sum_points
from psephos.executor.release import release
from psephos.executor.site import HERE
from psephos.protocol import bundle
from psephos.protocol import entry as entries
from psephos.protocol.encoding import canonical_json
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.record import Case
from psephos.testing.vectors.records.saying import by, said
from psephos.testing.vectors.records.stories import half, plain, rich, unvoted, whole
from psephos.testing.vectors.records.weighing_cases import ROW, weighing

Edit = Callable[[bytes], bytes]


def count_cases() -> Iterator[Case]:
    """From the close to the result."""
    yield from _stages()
    yield from _contents()
    yield from _proofs()
    yield from _unproven_weighings()
    yield from _results()


def shares(
    trustee: int, edit: Edit = bytes, secret_of: int = 0, stage: int = 0
) -> Callable[[Referendum], list[bytes]]:
    """A trustee's shares for the stage that is due, edited, of another's secret, or called another stage."""

    def write(told: Referendum) -> list[bytes]:
        count = told.record.count
        if count is None:
            raise TypeError("the referendum is closed")
        secret = told.secrets[secret_of or trustee].share
        due, content = release(HERE, count, trustee, secret, told.random)
        content = edit(content)
        closing = entries.Shares(stage or due, bundle.digest(content))
        return by(told, f"trustee {trustee}", *bundle.cut(content), closing)

    return write


def _stages() -> Iterator[Case]:
    """Check 9.1: when shares may come."""
    go_on = whole().go_on
    yield Case("9.1", "before-the-close", whole, "sealed", said("trustee 1", entries.Shares(1, bytes(32))))
    yield Case(
        "9.1", "before-the-release", whole, "closed", shares(1), then=lambda told: go_on(told, "closed")
    )
    yield Case("9.1", "stage-2-first", whole, "released", shares(1, stage=2))
    yield Case("9.1", "stage-3", whole, "released", shares(1, stage=3))
    yield Case("9.1", "stage-2-32", whole, "released", shares(1, stage=2**32 + 1))
    yield Case("9.1", "stage-0", whole, "released", said("trustee 1", entries.Shares(0, bytes(32))))
    yield Case("9.1", "stage-1-after-stage-1", whole, "shared", shares(3, stage=1))
    yield Case("9.1", "after-the-totals", whole, "certified", said("trustee 3", entries.Shares(2, bytes(32))))
    yield Case("9.1", "stage-1-without-decoys", plain, "released", shares(2, stage=1))
    yield Case("9.1", "stage-1-of-no-rows", unvoted, "released", shares(2, stage=1))
    yield Case("9.1", "not-a-participant", rich, "released", said("trustee 3", entries.Shares(1, bytes(32))))

    def twice(told: Referendum) -> list[bytes]:
        told.log(*shares(1)(told))
        return shares(1)(told)

    def same_again(told: Referendum) -> list[bytes]:
        told.log(*shares(1)(told))
        return told.logged[-1:]

    def twice_without_parts(told: Referendum) -> list[bytes]:
        told.log(*shares(1)(told))
        return said("trustee 1", entries.Shares(1, bytes(32)))(told)

    yield Case("9.1", "twice", whole, "released", twice)
    yield Case("9.1", "same-again", whole, "released", same_again)
    yield Case("9.1", "twice-without-parts", whole, "released", twice_without_parts)


def _contents() -> Iterator[Case]:
    """Check 9.1: what is in the bundle."""
    yield Case("9.1", "byte-fewer", whole, "released", shares(1, lambda content: content[:-1]))
    yield Case("9.1", "byte-more", whole, "released", shares(1, lambda content: content + b"\0"))
    yield Case("9.1", "nothing", whole, "released", shares(1, lambda _: b""))
    yield Case("9.1", "no-parts", whole, "released", lambda told: shares(1)(told)[-1:])
    yield Case(
        "9.1",
        "parts-of-another",
        whole,
        "released",
        lambda told: [*shares(1)(told)[:-1], shares(2)(told)[-1]],
    )

    def other_content(told: Referendum) -> list[bytes]:
        name = hashlib.sha256(b"another").digest()
        return by(told, "trustee 1", entries.Part(name, 0, 1, b"this"), entries.Shares(1, name))

    yield Case("9.1", "other-content", whole, "released", other_content)


def _proofs() -> Iterator[Case]:
    """Check 9.2; the vectors of shares have the rest."""

    def then(told: Referendum) -> None:
        whole().go_on(told, "released")

    yield Case("9.2", "secret-of-another", whole, "released", shares(1, secret_of=2), then=then)
    yield Case("9.2", "proof-unreduced", whole, "released", shares(1, lambda c: c[:-32] + b"\xff" * 32))
    yield Case("9.2", "proof-other", whole, "released", shares(1, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "share-not-a-point", whole, "released", shares(1, lambda c: b"\xff" * 32 + c[32:]))
    yield Case("9.2", "shares-swapped", whole, "released", shares(1, lambda c: c[32:64] + c[:32] + c[64:]))
    yield Case("9.2", "stage-2", whole, "shared", shares(1, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "without-decoys", plain, "released", shares(2, lambda c: c[:-32] + b"\1" + bytes(31)))
    yield Case("9.2", "no-rows", unvoted, "released", shares(2, lambda c: c[:-32] + b"\1" + bytes(31)))


def _times(point: bytes, factor: int) -> bytes:
    return sum_points(point * factor)


def _multiplied(first: int, factor: int) -> Callable[[Referendum], list[bytes]]:
    """One ciphertext of every row multiplied, in the place of an honest weighing; then on to the shares."""

    def write(told: Referendum) -> list[bytes]:
        honest = weighing(told, 1)
        rows = b""
        for at in range(0, len(honest.rows), ROW):
            row = honest.rows[at : at + ROW]
            half_one, half_two = row[first : first + 32], row[first + 32 : first + 64]
            rows += row[:first] + _times(half_one, factor) + _times(half_two, factor) + row[first + 64 :]
        told.log(*by(told, "trustee 1", replace(honest, rows=rows)))
        told.weigh((2,))
        told.close((1, 2))
        told.log(*shares(1)(told))
        if first:
            told.log(*shares(2)(told))
            told.log(*shares(1)(told))
        return shares(2)(told)

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
        def write(told: Referendum) -> list[bytes]:
            document = json.loads(told.record.result_document())
            change(document)
            return by(told, "organiser", entries.Result(canonical_json.encode(document)))

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
        lambda told: by(told, "organiser", entries.Result(told.record.result_document() + b"\n")),
    )
    yield Case("10.2", "not-json", whole, "counted", said("organiser", entries.Result(b"yes")))
    yield Case("10.2", "second", whole, "certified", result(swap))
    yield Case(
        "",
        "result-twice",
        whole,
        "certified",
        lambda told: by(told, "organiser", entries.Result(told.record.result_document())),
    )
    yield Case("10.2", "half", half, "counted", result(swap))
