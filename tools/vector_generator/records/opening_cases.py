"""Checks 4.6, 4.7 and 5.1: who got tokens, and what lets a region open, or leaves it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psephos.protocol import entries, multipart
from psephos.simulation.definitions import token_secrets
from psephos.simulation.referendum import Referendum
from vector_generator.records.ceremony_cases import ORDER
from vector_generator.records.enrolling import Edit, closed_bundle, cut, in_effect, late, play
from vector_generator.records.record import Case
from vector_generator.records.scenarios import half, plain, whole
from vector_generator.records.signing import Write, by

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

    def write(referendum: Referendum) -> list[bytes]:
        content = edit(referendum.roll_hashes(0, 3, number))
        shown = secrets(token_secrets(referendum.keys, number, 0, referendum.definition.decoys))
        closing = entries.Issued(region, shown, len(content) // 32 + more, multipart.digest(content))
        return closed_bundle(referendum, content, closing, f"registrar {number}")

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
    of_another: Write = lambda referendum: issue(lambda _: referendum.roll_hashes(0, 3))(referendum)  # noqa: E731

    def listed_by_another(referendum: Referendum) -> list[bytes]:
        return issue(lambda _: referendum.roll_hashes(0, 3)[:64], number=2)(referendum)

    yield Case("4.6", "on-the-roll-of-another-registrar", whole, "batched", listed_by_another)
    yield Case("", "whole-roll-issued", whole, "batched", of_another)
    by_its_parts: Write = lambda referendum: issue()(referendum)[-1:]  # noqa: E731
    yield Case("", "whole-roll-issued-by-its-own-parts", whole, "batched", by_its_parts)
    yield Case("", "issued-to-nobody", whole, "batched", issue(lambda _: b""))

    def fewer_than_cards(referendum: Referendum) -> list[bytes]:
        referendum.roll(0, 3)
        referendum.shut(0)
        in_effect(referendum, 0, [[1]] * 3)
        return issue(lambda content: content[:64])(referendum)

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

    def of_another(referendum: Referendum) -> list[bytes]:
        return issue(secrets=lambda _: token_secrets(referendum.keys, 1, 0, 4), number=2)(referendum)

    yield Case("4.6", "secrets-of-another-registrar", whole, "batched", of_another)


def _unreduced(scalar: bytes) -> bytes:
    return (int.from_bytes(scalar, "little") + ORDER).to_bytes(32, "little")


def _again() -> Iterator[Case]:
    """A later entry of the same registrar and region."""

    def then(first: Edit, second: Edit) -> Write:
        def write(referendum: Referendum) -> list[bytes]:
            referendum.log(*issue(first)(referendum))
            return issue(second)(referendum)

        return write

    one_hash, two_hashes, three_hashes = (lambda c: c[:32]), (lambda c: c[:64]), (lambda c: c[:96])
    yield Case("", "issued-to-more", whole, "batched", then(one_hash, three_hashes))
    yield Case("4.6", "issued-to-others", whole, "batched", then(one_hash, lambda c: c[32:]))
    yield Case("1.6", "issued-to-as-many", whole, "batched", then(two_hashes, lambda c: c[32:]))
    yield Case("1.6", "issued-to-fewer", whole, "batched", then(two_hashes, one_hash))
    yield Case("1.6", "issued-same-again", whole, "issued", lambda referendum: referendum.logged[-1:])


def _phases() -> Iterator[Case]:
    """When hashes are listed."""
    yield Case("1.6", "issued-before-the-batch", whole, "shut", issue())
    yield Case("1.6", "issued-before-the-batch-is-in-effect", whole, "cut", issue())
    yield Case(
        "1.6",
        "issued-without-parts",
        whole,
        "batched",
        lambda referendum: issue(lambda c: c[:64])(referendum)[-1:],
    )
    wrong: Write = lambda referendum: issue(lambda _: NOBODY, lambda _: b"")(referendum)[-1:]  # noqa: E731
    yield Case("1.6", "issued-wrong-and-without-parts", whole, "batched", wrong)
    yield Case("1.6", "issued-when-opened", whole, "opened", issue())

    def first_of_two(referendum: Referendum) -> list[bytes]:
        in_effect(referendum, 0, [[0, 1], [1, 0]], last=False)
        return issue()(referendum)

    def out(referendum: Referendum) -> list[bytes]:
        late(referendum)
        return issue()(referendum)

    yield Case("1.6", "issued-before-the-last-batch", whole, "shut", first_of_two)
    yield Case("1.6", "issued-in-a-region-that-is-out", whole, "batched", out, notices=1)


def opened(referendum: Referendum, *times: int) -> list[bytes]:
    """Checkpoints at times before and after the first planned open, and then the open."""
    for time in times:
        referendum.now = referendum.definition.regions[0].days[0].open + time
        referendum.checkpoint()
    return by(referendum, "board", entries.Open(0, 1))


def _openings() -> Iterator[Case]:
    """Check 5.1: the review, and whose entries it waits for."""

    def case(name: str, stage: str, *times: int, check: str = "5.1") -> Case:
        return Case(check, name, whole, stage, lambda referendum: opened(referendum, *times))

    yield case("before-a-registrar-has-issued", "issued-once", -700, 0)
    yield case("before-the-batch-is-endorsed", "cut", -700, 0)
    yield case("before-its-review-is-over", "issued", -600, -1)
    yield case("reviewed-by-one-checkpoint-alone", "issued", 0)
    yield case("opened-when-its-review-is-over", "issued", -600, 0, check="")

    def covered_late(referendum: Referendum) -> list[bytes]:
        """A checkpoint behind the entry that does not cover it."""
        referendum.now = referendum.definition.regions[0].days[0].open - 600
        referendum.log(
            *by(
                referendum, "board", entries.CheckpointEntry(referendum.note(size=len(referendum.logged) - 1))
            )
        )
        return opened(referendum, 0)

    def listed_later(referendum: Referendum) -> list[bytes]:
        """Somebody more does not begin the review anew."""
        referendum.give(1)
        opened(referendum, -600)
        for number in (1, 2):
            referendum.log(*issue(number=number)(referendum))
        return opened(referendum, 0)

    yield Case("5.1", "before-its-issued-hashes-are-covered", whole, "issued", covered_late)
    yield Case(
        "",
        "issued-to-more-during-the-review",
        whole,
        "issued",
        listed_later,
        then=_go_on,
    )

    def at_the_planned_seal(referendum: Referendum) -> list[bytes]:
        late(referendum, 0)
        return by(referendum, "board", entries.Open(0, 1))

    def out(referendum: Referendum) -> list[bytes]:
        late(referendum)
        return by(referendum, "board", entries.Open(0, 1))

    yield Case("5.3", "opened-at-its-planned-seal", whole, "reviewed", at_the_planned_seal, notices=1)
    yield Case("5.1", "out", whole, "reviewed", out, notices=1)


def _go_on(referendum: Referendum) -> None:
    referendum.checkpoint()
    whole().go_on(referendum, "opened")


def _left_out() -> Iterator[Case]:
    """Check 4.7: a region that never opens holds nobody back."""

    def left_out_after(stage: str) -> Case:
        def waits(referendum: Referendum) -> list[bytes]:
            late(referendum)
            return []

        return Case("4.7", f"out-when-{stage}", whole, stage, waits, notices=1)

    for stage in ("defined", "token-keys", "confirmed", "keyed", "rolled", "cut", "batched", "issued-once"):
        yield left_out_after(stage)

    def others_vote(referendum: Referendum) -> list[bytes]:
        """Registrar 2 never endorses anything in one region, and nobody lists anybody in another."""
        referendum.roll(1, 3)
        referendum.log(*cut(region=1, last=False)(referendum))
        play(referendum, "rolled", "sealed")
        late(referendum)
        return []

    def postponed(referendum: Referendum) -> list[bytes]:
        window = referendum.definition.regions[0].days[0]
        referendum.log(
            *by(referendum, "organiser", entries.Amend(0, 1, window.open, window.seal + 60, "rain"))
        )
        late(referendum, 60)
        return by(referendum, "board", entries.Open(0, 1))

    def cancelled_before(referendum: Referendum) -> list[bytes]:
        referendum.log(*by(referendum, "organiser", entries.Cancel("plague")))
        late(referendum)
        return []

    def go_on(referendum: Referendum) -> None:
        half().go_on(referendum, "sealed")

    yield Case("4.7", "out-and-others-counted", half, "keyed", others_vote, then=go_on, notices=1)
    yield Case("5.3", "opened-late-by-its-amended-plan", whole, "reviewed", postponed, notices=1)
    yield Case("", "cancelled-before-it-is-out", whole, "keyed", cancelled_before)
    amended = _amended_when_out
    yield Case("1.6", "amended-when-out", whole, "keyed", amended, notices=1)


def _amended_when_out(referendum: Referendum) -> list[bytes]:
    late(referendum)
    window = referendum.definition.regions[0].days[0]
    return by(referendum, "organiser", entries.Amend(0, 1, window.open, referendum.now + 600, "late"))


def _noticed() -> Iterator[Case]:
    """Check 4.7 at an open."""

    def case(name: str, given: int, batches: int, then: Callable[[Referendum], None] | None = None) -> Case:
        def write(referendum: Referendum) -> list[bytes]:
            referendum.give(given)
            referendum.shut(0)
            for _ in range(batches - 1):
                in_effect(referendum, 0, [[0]], last=False)
            referendum.cards.clear()
            play(referendum, "cut", "reviewed")
            referendum.reach(referendum.definition.regions[0].days[0].open)
            return by(referendum, "board", entries.Open(0, 1))

        return Case("4.7", name, whole, "rolled", write, then=then, notices=1)

    yield case("counted-one-more-than-issued", 3, 1, _go_on)
    yield case("counted-one-fewer-than-issued", 1, 1)
    yield case("more-batches-than-voters-make", 2, 2, _go_on)
