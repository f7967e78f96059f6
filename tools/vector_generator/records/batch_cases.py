"""Checks 4.2, 4.3 and 4.5: batches and their cards, and who endorses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from unittest.mock import patch

from psephos.crypto.card import make_cards
from psephos.protocol import entries, multipart
from psephos.protocol.entries import Batch
from psephos.simulation.referendum import Referendum
from vector_generator.records.enrolling import (
    Edit,
    body_hash,
    closed_bundle,
    cut,
    edited,
    endorse,
    in_effect,
    late,
    put,
)
from vector_generator.records.record import Case
from vector_generator.records.scenarios import half, plain, rich, whole
from vector_generator.records.signing import Write, by, flipped


def batch_cases() -> Iterator[Case]:
    """What a lead cuts, and others agree to."""
    yield from _forms()
    yield from _parts()
    yield from _phases()
    yield from _replaced()
    yield from _endorsed()
    yield from _cards()
    yield from _plain()
    yield from _twice()


def _forms() -> Iterator[Case]:
    """Check 4.2."""
    for name, change in {
        "last-2": put(last=2),
        "one-card-fewer": put(cards=4),
        "one-card-more": put(cards=6),
        "unknown-region": put(region=1),
        "region-2-32": put(region=2**32),
    }.items():
        yield Case("4.2", name, whole, "shut", cut(change))
    yield Case("4.2", "no-cards-and-not-last", whole, "shut", cut(groups=[], last=False))
    edits: dict[str, Edit] = {
        "cards-descending": lambda content: content[384:768] + content[:384] + content[768:],
        "card-twice": lambda content: content[:384] + content[:384] + content[768:],
        "byte-more": lambda content: content + b"\0",
        "byte-fewer": lambda content: content[:-1],
        "cards-without-weights": lambda content: content[:96] + content[384:480],
    }
    for name, edit in edits.items():
        yield Case("4.2", name, whole, "shut", cut(edited(edit)))
    yield Case("", "first-of-two", whole, "shut", cut(last=False))
    yield Case("", "last-of-no-cards", whole, "shut", cut(groups=[]))


def _parts() -> Iterator[Case]:
    """A batch and the parts of its bundle."""

    def of_another(content: bytes, batch: Batch) -> tuple[bytes, Batch]:
        return flipped(content), replace(batch, digest=multipart.digest(flipped(content, 0)))

    yield Case("1.6", "batch-with-parts-of-another", whole, "shut", cut(of_another))
    yield Case("1.6", "batch-without-parts", whole, "shut", lambda referendum: cut()(referendum)[-1:])
    wrong: Write = lambda referendum: cut(put(last=2))(referendum)[-1:]  # noqa: E731
    yield Case("1.6", "batch-wrong-and-without-parts", whole, "shut", wrong)
    kept: list[bytes] = []

    def before_its_parts(referendum: Referendum) -> list[bytes]:
        kept[:] = cut()(referendum)
        return kept[-1:]

    yield Case(
        "1.6",
        "batch-before-its-parts-and-behind",
        whole,
        "shut",
        before_its_parts,
        then=lambda referendum: referendum.log(*kept),
    )


def _phases() -> Iterator[Case]:
    """When a batch may come."""
    for name, number in {"batch-0-first": 0, "batch-2-first": 2}.items():
        yield Case("1.6", name, whole, "shut", cut(put(batch=number)))
    yield Case("1.6", "batch-before-the-rolls", whole, "keyed", cut(last=False))
    yield Case("1.6", "batch-before-the-last-roll", whole, "keyed", _before_the_last_roll)
    yield Case("1.6", "batch-last-before-the-close", whole, "given", cut())
    for name, check, seconds in (
        ("batch-just-before-the-close", "1.6", -1),
        ("batch-last-at-the-close", "", 0),
    ):
        yield Case(check, name, whole, "given", _near_the_close(seconds))
    yield Case("", "batch-before-the-close", whole, "given", cut(last=False))
    yield Case("1.6", "batch-after-the-last", whole, "batched", cut())
    yield Case(
        "1.6",
        "batch-after-the-last-without-parts",
        whole,
        "batched",
        lambda referendum: cut()(referendum)[-1:],
    )
    yield Case("1.6", "batch-same-again", whole, "batched", lambda referendum: referendum.logged[-2:-1])
    for stage in ("opened", "sealed", "closing", "closed", "counted"):
        yield Case("1.6", f"batch-when-{stage}", half, stage, cut(region=1))

    def out(referendum: Referendum) -> list[bytes]:
        late(referendum)
        return cut()(referendum)

    yield Case("1.6", "batch-of-a-region-that-is-out", whole, "given", out, notices=1)


def _before_the_last_roll(referendum: Referendum) -> list[bytes]:
    """The lead's roll alone is logged."""
    content = referendum.roll_hashes(0, 3)
    referendum.log(*closed_bundle(referendum, content, entries.Roll(0, 3, multipart.digest(content))))
    return cut(last=False)(referendum)


def _near_the_close(seconds: int) -> Write:
    """A last batch when witnesses have seen a time so close to that of the close."""

    def write(referendum: Referendum) -> list[bytes]:
        referendum.now = referendum.definition.shut(referendum.definition.regions[0]) + seconds
        referendum.checkpoint()
        return cut()(referendum)

    return write


def _replaced() -> Iterator[Case]:
    """The last batch of a number stands."""

    def second_batch(referendum: Referendum) -> list[bytes]:
        referendum.cards[0].clear()
        return cut()(referendum)

    def old_again(referendum: Referendum) -> list[bytes]:
        old = referendum.logged[-1]
        referendum.log(*second_batch(referendum))
        return [old]

    def same_cards(referendum: Referendum) -> list[bytes]:
        referendum.log(*cut(last=False)(referendum))
        standing = entries.decode(referendum.logged[-1]).payload
        if not isinstance(standing, Batch):
            raise TypeError("a batch stands")
        return by(referendum, "registrar 1", replace(standing, last=1))

    go_on = whole().go_on
    yield Case(
        "",
        "another-batch-takes-its-place",
        whole,
        "cut",
        second_batch,
        then=lambda referendum: go_on(referendum, "cut"),
    )
    yield Case("", "cut-again-with-the-same-cards", whole, "shut", same_cards)
    yield Case("1.6", "batch-that-was-replaced-again", whole, "cut", old_again)
    yield Case("1.6", "batch-that-stands-again", whole, "cut", lambda referendum: referendum.logged[-1:])

    def endorses_the_old(referendum: Referendum) -> list[bytes]:
        old = body_hash(referendum.logged[-1])
        referendum.log(*second_batch(referendum))
        return endorse(referendum, "registrar 2", old)

    def half_endorsed(referendum: Referendum) -> list[bytes]:
        """Registrar 2 has endorsed what was replaced, registrar 3 what stands: the next number is still 1."""
        referendum.roll(0, 3)
        referendum.log(*cut(last=False)(referendum))
        referendum.log(*endorse(referendum, "registrar 2", body_hash(referendum.logged[-1])))
        referendum.log(*cut(last=False)(referendum))
        referendum.log(*endorse(referendum, "registrar 3", body_hash(referendum.logged[-1])))
        return cut(put(batch=2), last=False)(referendum)

    yield Case("1.6", "endorses-what-was-replaced", whole, "cut", endorses_the_old)
    yield Case("1.6", "endorsements-go-with-what-they-endorsed", rich, "keyed", half_endorsed)


def _endorsed() -> Iterator[Case]:
    """When an endorsement is in its phase."""

    def changed(region: int = 0, number: int = 1, entry: bytes = b"") -> Write:
        return lambda referendum: endorse(
            referendum, "registrar 2", entry or body_hash(referendum.logged[-1]), region=region, number=number
        )

    yield Case("1.6", "endorses-nothing", whole, "shut", changed(entry=bytes(32)))
    yield Case("1.6", "endorses-another-entry", whole, "cut", changed(entry=bytes(32)))
    yield Case("1.6", "endorses-batch-2", whole, "cut", changed(number=2))
    yield Case("1.6", "endorses-in-no-region", whole, "cut", changed(region=1))
    yield Case("1.6", "endorses-in-region-2-32", whole, "cut", changed(region=2**32))
    yield Case("1.6", "endorsed-in-effect", whole, "batched", lambda referendum: referendum.logged[-1:])
    yield Case(
        "1.5",
        "endorsed-by-the-lead",
        whole,
        "cut",
        lambda referendum: endorse(referendum, "registrar 1", bytes(32)),
    )

    def twice(referendum: Referendum) -> list[bytes]:
        referendum.roll(0, 3)
        referendum.log(*cut(last=False)(referendum))
        return 2 * endorse(referendum, "registrar 3", body_hash(referendum.logged[-1]))

    def by_another(referendum: Referendum) -> list[bytes]:
        *parts, batch = cut()(referendum)
        payloads = [entries.decode(data).payload for data in (*parts, batch)]
        return by(referendum, "registrar 2", *payloads)

    def out(referendum: Referendum) -> list[bytes]:
        late(referendum)
        return endorse(referendum, "registrar 2", body_hash(referendum.logged[-2]))

    yield Case("1.6", "endorsed-twice", rich, "keyed", twice)
    yield Case("1.5", "batch-by-another-registrar", whole, "shut", by_another)
    yield Case("1.6", "endorses-in-a-region-that-is-out", whole, "cut", out, notices=1)


def _cards() -> Iterator[Case]:
    """Check 4.3."""
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
    for name, (offset, size, value) in places.items():

        def edit(
            content: bytes, offset: int = offset, size: int = size, value: bytes | None = value
        ) -> bytes:
            return (
                content[:offset]
                + (value or content[384 + offset : 384 + offset + size])
                + content[offset + size :]
            )

        yield Case("4.3", name, whole, "shut", cut(edited(edit)))
    yield Case("4.3", "key-is-the-identity", whole, "shut", cut(edited(lambda c: bytes(32) + c[32:])))
    yield Case("4.3", "of-another-region", rich, "keyed", _of_another_region)
    wrong: Edit = lambda content: content[:96] + content[480:704] + content[320:]  # noqa: E731
    yield Case("4.3", "and-then-right", whole, "shut", cut(edited(wrong)), then=_rightly)


def _rightly(referendum: Referendum) -> None:
    referendum.cards[0].clear()
    whole().go_on(referendum, "shut")


def _of_another_region(referendum: Referendum) -> list[bytes]:
    referendum.roll(0, 3)
    records, randomness = referendum.make_cards(1, [0, 1, 1, 0])
    with patch.object(referendum, "make_cards", return_value=(records, randomness)):
        return referendum.batch(0, [[0, 1], [1, 0]], last=False)


def _plain() -> Iterator[Case]:
    """Without decoys."""

    def rolled(edit: Edit, **members: int) -> Write:
        def write(referendum: Referendum) -> list[bytes]:
            referendum.roll(0, 3)

            def change(content: bytes, batch: Batch) -> tuple[bytes, Batch]:
                return edit(content), replace(batch, **members, digest=multipart.digest(edit(content)))

            return referendum.batch(0, [[1]] * 3, False, change)

        return write

    yield Case("4.2", "plain-more-cards", plain, "keyed", rolled(bytes, cards=4))
    yield Case("4.3", "plain-signature", plain, "keyed", rolled(lambda content: flipped(content, 95)))
    yield Case("4.3", "plain-nonce", plain, "keyed", rolled(lambda content: flipped(content, 40)))


def _twice() -> Iterator[Case]:
    """Check 4.5."""

    def known(
        log: Callable[[Referendum], None],
        region: int,
        weights: Sequence[int] = (0, 1, 1, 0),
        spoilt: bool = False,
    ) -> Write:
        """A batch one card of which region 0 has had in its first one; `spoilt` with a wrong proof too."""

        def write(referendum: Referendum) -> list[bytes]:
            referendum.roll(0, 4)
            referendum.roll(1, 4)
            log(referendum)
            _, fresh = (
                referendum.make_cards(region, weights[1:]),
                referendum.cards[region][1 - len(weights) :],
            )
            scalars = referendum.cards[0][0].scalar + b"".join(card.scalar for card in fresh)
            keys = referendum.record.joint_key
            made = make_cards(
                keys.election_hash, region, keys.point, scalars, bytes(weights), referendum.random()
            )
            if spoilt:
                made = flipped(made[0], 230), made[1]
            with patch.object(referendum, "make_cards", return_value=made):
                return referendum.batch(region, [weights], last=False)

        return write

    def stands(referendum: Referendum) -> None:
        referendum.log(*referendum.batch(0, [[0, 1], [1, 0]], last=False))

    def is_in_effect(referendum: Referendum) -> None:
        in_effect(referendum, 0, [[0, 1], [1, 0]], last=False)

    yield Case("4.5", "same-region", rich, "keyed", known(is_in_effect, 0))
    yield Case("4.5", "other-region", rich, "keyed", known(is_in_effect, 1))
    spoilt = known(is_in_effect, 0, spoilt=True)
    yield Case("4.3", "and-a-card-of-another-batch", rich, "keyed", spoilt)
    yield Case("4.5", "other-region-where-it-stands", rich, "keyed", known(stands, 1))
    yield Case("", "card-of-the-batch-that-it-replaces", rich, "keyed", known(stands, 0))
