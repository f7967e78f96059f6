"""Checks 4.6, 4.7 and 5.1: who got tokens, and what lets a region open, or leaves it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psephos.protocol import entries, multipart
from psephos.testing.definitions import token_secrets
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.ceremony_cases import ORDER
from psephos.testing.vectors.records.enrolling import Edit, closed_bundle, cut, in_effect, late, play
from psephos.testing.vectors.records.record import Case
from psephos.testing.vectors.records.saying import Write, by
from psephos.testing.vectors.records.stories import half, plain, whole

NOBODY = b"\xff" * 32
"""A hash that is on no roll."""


def opening_cases() -> Iterator[Case]:
    """From the last batch to the first open."""
    yield from _issued()
    yield from _secrets()
    yield from _again()
    yield from _phases()
    yield from _openings()
    yield from _left_out()
    yield from _noticed()


def issue(
    edit: Edit = bytes, secrets: Edit = bytes, number: int = 1, region: int = 0, more: int = 0
) -> Write:
    """A registrar's entry about its roll of region 0, edited; `more` is added to the size it states."""

    def write(told: Referendum) -> list[bytes]:
        content = edit(told.roll_hashes(0, 3, number))
        shown = secrets(token_secrets(told.keys, number, 0, told.definition.decoys))
        closing = entries.Issued(region, shown, len(content) // 32 + more, multipart.digest(content))
        return closed_bundle(told, content, closing, f"registrar {number}")

    return write


def _issued() -> Iterator[Case]:
    """Check 4.6: who is listed."""
    yield Case("4.6", "not-on-the-roll", whole, "batched", issue(lambda c: c[:64] + NOBODY))
    yield Case("4.6", "descending", whole, "batched", issue(lambda c: c[32:64] + c[:32]))
    yield Case("4.6", "hash-twice", whole, "batched", issue(lambda c: c[:32] + c[:32]))
    yield Case("4.6", "larger-size", whole, "batched", issue(more=1))
    yield Case("4.6", "smaller-size", whole, "batched", issue(more=-1))
    yield Case("4.6", "unknown-region", whole, "batched", issue(region=1))
    yield Case("4.6", "region-2-32", whole, "batched", issue(region=2**32))
    of_another: Write = lambda told: issue(lambda _: told.roll_hashes(0, 3))(told)  # noqa: E731

    def listed_by_another(told: Referendum) -> list[bytes]:
        return issue(lambda _: told.roll_hashes(0, 3)[:64], number=2)(told)

    yield Case("4.6", "on-the-roll-of-another-registrar", whole, "batched", listed_by_another)
    yield Case("", "whole-roll-issued", whole, "batched", of_another)
    by_its_parts: Write = lambda told: issue()(told)[-1:]  # noqa: E731
    yield Case("", "whole-roll-issued-by-its-own-parts", whole, "batched", by_its_parts)
    yield Case("", "issued-to-nobody", whole, "batched", issue(lambda _: b""))

    def fewer_than_cards(told: Referendum) -> list[bytes]:
        told.roll(0, 3)
        told.shut(0)
        in_effect(told, 0, [[1]] * 3)
        return issue(lambda content: content[:64])(told)

    yield Case("4.6", "fewer-than-cards-without-decoys", plain, "keyed", fewer_than_cards)


def _secrets() -> Iterator[Case]:
    """Check 4.6: the secrets of the region's token keys."""
    edits: dict[str, Edit] = {
        "changed-places": lambda secrets: secrets[32:] + secrets[:32],
        "zero": lambda secrets: secrets[:32] + bytes(32),
        "unreduced": lambda secrets: secrets[:32] + _unreduced(secrets[32:]),
        "voters-alone": lambda secrets: secrets[:32],
        "and-a-byte": lambda secrets: secrets + b"\0",
        "none": lambda _: b"",
        "other": lambda _: b"\1" + bytes(31) + b"\2" + bytes(31),
    }
    for name, edit in edits.items():
        yield Case("4.6", f"secrets-{name}", whole, "batched", issue(secrets=edit))

    def of_another(told: Referendum) -> list[bytes]:
        return issue(secrets=lambda _: token_secrets(told.keys, 1, 0, 4), number=2)(told)

    yield Case("4.6", "secrets-of-another-registrar", whole, "batched", of_another)


def _unreduced(scalar: bytes) -> bytes:
    return (int.from_bytes(scalar, "little") + ORDER).to_bytes(32, "little")


def _again() -> Iterator[Case]:
    """A later entry of the same registrar and region."""

    def then(first: Edit, second: Edit) -> Write:
        def write(told: Referendum) -> list[bytes]:
            told.log(*issue(first)(told))
            return issue(second)(told)

        return write

    one, two, three = (lambda c: c[:32]), (lambda c: c[:64]), (lambda c: c[:96])
    yield Case("", "issued-to-more", whole, "batched", then(one, three))
    yield Case("4.6", "issued-to-others", whole, "batched", then(one, lambda c: c[32:]))
    yield Case("1.6", "issued-to-as-many", whole, "batched", then(two, lambda c: c[32:]))
    yield Case("1.6", "issued-to-fewer", whole, "batched", then(two, one))
    yield Case("1.6", "issued-same-again", whole, "issued", lambda told: told.logged[-1:])


def _phases() -> Iterator[Case]:
    """When hashes are listed."""
    yield Case("1.6", "issued-before-the-batch", whole, "shut", issue())
    yield Case("1.6", "issued-before-the-batch-is-in-effect", whole, "cut", issue())
    yield Case(
        "1.6", "issued-without-parts", whole, "batched", lambda told: issue(lambda c: c[:64])(told)[-1:]
    )
    wrong: Write = lambda told: issue(lambda _: NOBODY, lambda _: b"")(told)[-1:]  # noqa: E731
    yield Case("1.6", "issued-wrong-and-without-parts", whole, "batched", wrong)
    yield Case("1.6", "issued-when-opened", whole, "opened", issue())

    def first_of_two(told: Referendum) -> list[bytes]:
        in_effect(told, 0, [[0, 1], [1, 0]], last=False)
        return issue()(told)

    def out(told: Referendum) -> list[bytes]:
        late(told)
        return issue()(told)

    yield Case("1.6", "issued-before-the-last-batch", whole, "shut", first_of_two)
    yield Case("1.6", "issued-in-a-region-that-is-out", whole, "batched", out, notices=1)


def opened(told: Referendum, *times: int) -> list[bytes]:
    """Checkpoints at times before and after the first planned open, and then the open."""
    for time in times:
        told.now = told.definition.regions[0].days[0].open + time
        told.checkpoint()
    return by(told, "board", entries.Open(0, 1))


def _openings() -> Iterator[Case]:
    """Check 5.1: the review, and whose entries it waits for."""

    def case(name: str, stage: str, *times: int, check: str = "5.1") -> Case:
        return Case(check, name, whole, stage, lambda told: opened(told, *times))

    yield case("before-a-registrar-has-issued", "issued-once", -700, 0)
    yield case("before-the-batch-is-endorsed", "cut", -700, 0)
    yield case("before-its-review-is-over", "issued", -600, -1)
    yield case("reviewed-by-one-checkpoint-alone", "issued", 0)
    yield case("opened-when-its-review-is-over", "issued", -600, 0, check="")

    def covered_late(told: Referendum) -> list[bytes]:
        """A checkpoint behind the entry that does not cover it."""
        told.now = told.definition.regions[0].days[0].open - 600
        told.log(*by(told, "board", entries.CheckpointEntry(told.note(size=len(told.logged) - 1))))
        return opened(told, 0)

    def listed_later(told: Referendum) -> list[bytes]:
        """Somebody more does not begin the review anew."""
        told.give(1)
        opened(told, -600)
        for number in (1, 2):
            told.log(*issue(number=number)(told))
        return opened(told, 0)

    yield Case("5.1", "before-its-issued-hashes-are-covered", whole, "issued", covered_late)
    yield Case(
        "",
        "issued-to-more-during-the-review",
        whole,
        "issued",
        listed_later,
        then=_go_on,
    )

    def at_the_planned_seal(told: Referendum) -> list[bytes]:
        late(told, 0)
        return by(told, "board", entries.Open(0, 1))

    def out(told: Referendum) -> list[bytes]:
        late(told)
        return by(told, "board", entries.Open(0, 1))

    yield Case("5.3", "opened-at-its-planned-seal", whole, "reviewed", at_the_planned_seal, notices=1)
    yield Case("5.1", "out", whole, "reviewed", out, notices=1)


def _go_on(told: Referendum) -> None:
    told.checkpoint()
    whole().go_on(told, "opened")


def _left_out() -> Iterator[Case]:
    """Check 4.7: a region that never opens holds nobody back."""

    def at(stage: str) -> Case:
        def waits(told: Referendum) -> list[bytes]:
            late(told)
            return []

        return Case("4.7", f"out-when-{stage}", whole, stage, waits, notices=1)

    for stage in ("defined", "token-keys", "confirmed", "keyed", "rolled", "cut", "batched", "issued-once"):
        yield at(stage)

    def others_vote(told: Referendum) -> list[bytes]:
        """Registrar 2 never endorses anything in one region, and nobody lists anybody in another."""
        told.roll(1, 3)
        told.log(*cut(region=1, last=False)(told))
        play(told, "rolled", "sealed")
        late(told)
        return []

    def postponed(told: Referendum) -> list[bytes]:
        window = told.definition.regions[0].days[0]
        told.log(*by(told, "organiser", entries.Amend(0, 1, window.open, window.seal + 60, "rain")))
        late(told, 60)
        return by(told, "board", entries.Open(0, 1))

    def cancelled_before(told: Referendum) -> list[bytes]:
        told.log(*by(told, "organiser", entries.Cancel("plague")))
        late(told)
        return []

    def go_on(told: Referendum) -> None:
        half().go_on(told, "sealed")

    yield Case("4.7", "out-and-others-counted", half, "keyed", others_vote, then=go_on, notices=1)
    yield Case("5.3", "opened-late-by-its-amended-plan", whole, "reviewed", postponed, notices=1)
    yield Case("", "cancelled-before-it-is-out", whole, "keyed", cancelled_before)
    amended = _amended_when_out
    yield Case("1.6", "amended-when-out", whole, "keyed", amended, notices=1)


def _amended_when_out(told: Referendum) -> list[bytes]:
    late(told)
    window = told.definition.regions[0].days[0]
    return by(told, "organiser", entries.Amend(0, 1, window.open, told.now + 600, "late"))


def _noticed() -> Iterator[Case]:
    """Check 4.7 at an open."""

    def case(name: str, given: int, batches: int, then: Callable[[Referendum], None] | None = None) -> Case:
        def write(told: Referendum) -> list[bytes]:
            told.give(given)
            told.shut(0)
            for _ in range(batches - 1):
                in_effect(told, 0, [[0]], last=False)
            told.cards.clear()
            play(told, "cut", "reviewed")
            told.reach(told.definition.regions[0].days[0].open)
            return by(told, "board", entries.Open(0, 1))

        return Case("4.7", name, whole, "rolled", write, then=then, notices=1)

    yield case("counted-one-more-than-issued", 3, 1, _go_on)
    yield case("counted-one-fewer-than-issued", 1, 1)
    yield case("more-batches-than-voters-make", 2, 2, _go_on)
