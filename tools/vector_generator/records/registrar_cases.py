"""Checks 4.1, 4.4 and 4.8: rolls, token keys, and how many got tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from psephos.protocol import entries, multipart
from psephos.protocol.entries import Payload
from psephos.simulation.definitions import token_publics
from psephos.simulation.referendum import Referendum
from vector_generator.records.enrolling import Edit, closed_bundle, late, play
from vector_generator.records.record import Case
from vector_generator.records.scenarios import half, plain, rich, whole
from vector_generator.records.signing import Write, by, said

ADDRESSES = {
    "ending-in-a-slash": "https://registrar.example/",
    "of-another-scheme": "ftp://registrar.example",
    "with-a-fragment": "https://registrar.example#post",
    "with-a-question": "https://registrar.example/?post",
    "of-nobody": "https://",
    "with-a-space": "https://registrar.example/a post",
    "in-another-script": "https://реєстр.example",
}


def registrar_cases() -> Iterator[Case]:
    """What registrars say before anybody has a card."""
    yield from _token_keys()
    yield from _places_of_keys()
    yield from _rolls()
    yield from _phases_of_rolls()
    yield from _parts()
    yield from _given()


def keys(number: int, edit: Edit = bytes, address: str = "") -> Write:
    """A registrar's token keys, edited."""

    def write(referendum: Referendum) -> list[bytes]:
        regions, decoys = len(referendum.definition.regions), referendum.definition.decoys
        content = edit(token_publics(referendum.keys, number, regions, decoys))
        closing = entries.TokenKeys(referendum.random(), address, multipart.digest(content))
        return closed_bundle(referendum, content, closing, f"registrar {number}")

    return write


def _token_keys() -> Iterator[Case]:
    """Check 4.4."""
    edits: dict[str, Edit] = {
        "identity": lambda content: bytes(32) + content[32:],
        "not-a-point": lambda content: content[:32] + b"\xff" * 32,
        "one-key-for-both-kinds": lambda content: 2 * content[:32],
        "keys-of-two-regions": lambda content: content + content[::-1],
        "keys-missing": lambda content: content[:32],
        "no-keys": lambda _: b"",
        "keys-and-a-byte": lambda content: content + b"\0",
    }
    for name, edit in edits.items():
        yield Case("4.4", name, whole, "defined", keys(1, edit))
    twice: Edit = lambda content: content[:64] + content[:64]  # noqa: E731
    yield Case("4.4", "keys-of-another-region", rich, "defined", keys(1, twice))
    decoys: Edit = lambda content: content + content[::-1]  # noqa: E731
    yield Case("4.4", "decoy-key-without-decoys", plain, "defined", keys(1, decoys))
    for name, address in ADDRESSES.items():
        yield Case("4.4", f"address-{name}", whole, "defined", keys(1, address=address))
    for name, address in {
        "address": "https://registrar.example/post",
        "port": "http://127.0.0.1:8700",
    }.items():
        yield Case("", f"token-keys-with-an-{name}", whole, "defined", keys(2, address=address))

    def copied_before(referendum: Referendum) -> list[bytes]:
        """Registrar 2 logs the keys of registrar 1, which is not kept out by it."""
        content = token_publics(referendum.keys, 1, 1, referendum.definition.decoys)
        return [*keys(2, lambda _: content)(referendum), *keys(1)(referendum)]

    yield Case("", "token-keys-that-another-logged-first", whole, "defined", copied_before)


def _places_of_keys() -> Iterator[Case]:
    """When token keys come, and what waits for them."""
    yield Case("1.6", "token-keys-again", whole, "token-keys", lambda referendum: referendum.logged[-1:])
    yield Case("1.6", "token-keys-second", whole, "token-keys", keys(2, lambda content: content[::-1]))
    yield Case("1.6", "token-keys-when-complete", whole, "keyed", keys(2))
    yield Case(
        "1.6", "token-keys-without-parts", whole, "defined", lambda referendum: keys(1)(referendum)[-1:]
    )
    wrong: Write = lambda referendum: keys(1, address="ftp://x")(referendum)[-1:]  # noqa: E731
    yield Case("1.6", "token-keys-wrong-and-without-parts", whole, "defined", wrong)

    def with_parts_of_another(referendum: Referendum) -> list[bytes]:
        *parts, closing = keys(1)(referendum)
        return [*by(referendum, "registrar 2", *(entries.decode(part).payload for part in parts)), closing]

    yield Case("1.6", "token-keys-with-parts-of-another", whole, "defined", with_parts_of_another)
    after_a_void_pair: Write = lambda referendum: keys(1, lambda content: 2 * content[:32])(referendum)  # noqa: E731
    right: Callable[[Referendum], None] = lambda referendum: referendum.log(*keys(1)(referendum))  # noqa: E731
    yield Case("4.4", "and-then-right", whole, "defined", after_a_void_pair, then=right)


def _hashes(*firsts: int) -> bytes:
    return b"".join(bytes([first]) + bytes(31) for first in firsts)


GOOD = _hashes(1, 2, 3)


def roll(content: bytes, size: int, region: int = 0, number: int = 1) -> Write:
    """A registrar's roll of these hashes."""
    closing = entries.Roll(region, size, multipart.digest(content))
    return lambda referendum: closed_bundle(referendum, content, closing, f"registrar {number}")


def _rolls() -> Iterator[Case]:
    """Check 4.1."""
    yield Case("4.1", "unknown-region", whole, "keyed", roll(GOOD, 3, 1))
    yield Case("4.1", "region-2-32", whole, "keyed", roll(GOOD, 3, 2**32))
    yield Case("4.1", "descending", whole, "keyed", roll(_hashes(1, 3, 2), 3))
    yield Case("4.1", "hash-twice", whole, "keyed", roll(_hashes(1, 2, 2), 3))
    yield Case("4.1", "larger-size", whole, "keyed", roll(GOOD, 4))
    yield Case("4.1", "smaller-size", whole, "keyed", roll(GOOD, 2))
    yield Case("4.1", "no-hashes", whole, "keyed", roll(GOOD[:-1], 3))

    def second(content: bytes, size: int) -> Write:
        """Registrar 2's, when the lead has listed three."""

        def write(referendum: Referendum) -> list[bytes]:
            referendum.log(*roll(GOOD, 3)(referendum))
            return roll(content, size, number=2)(referendum)

        return write

    yield Case("4.1", "longer-than-the-leads", whole, "keyed", second(_hashes(1, 2, 3, 4), 4))
    yield Case("4.1", "shorter-than-the-leads", whole, "keyed", second(GOOD[:64], 2))
    yield Case("4.1", "second-descending", whole, "keyed", second(_hashes(5, 4, 6), 3))
    yield Case("", "rolls-with-other-salts", whole, "keyed", second(_hashes(4, 5, 6), 3))
    yield Case("", "rolls-alike", whole, "keyed", second(GOOD, 3))


def _phases_of_rolls() -> Iterator[Case]:
    yield Case("1.6", "roll-second", whole, "rolled", roll(GOOD, 3))
    yield Case("1.6", "roll-same-again", whole, "rolled", lambda referendum: referendum.logged[-1:])
    yield Case("1.6", "roll-before-the-leads", whole, "keyed", roll(GOOD, 3, number=2))
    again = said("registrar 1", entries.Roll(0, 3, bytes(32)))
    yield Case("1.6", "roll-without-parts-again", whole, "rolled", again)
    yield Case("1.6", "roll-when-opened", whole, "opened", roll(GOOD, 3))
    yield Case("1.6", "roll-when-voting-is-over", half, "sealed", roll(GOOD, 3, 2))
    yield Case("1.6", "roll-after-the-totals", half, "counted", roll(GOOD, 3, 2))
    yield Case("", "rolled-before-the-ceremony", whole, "defined", roll(GOOD, 3))

    def out(referendum: Referendum) -> list[bytes]:
        late(referendum)
        return roll(GOOD, 3)(referendum)

    def while_another_region_votes(referendum: Referendum) -> list[bytes]:
        play(referendum, "rolled", "voted")
        return roll(GOOD, 3, 2)(referendum)

    yield Case("1.6", "roll-of-a-region-that-is-out", whole, "keyed", out, notices=1)
    yield Case("", "rolled-while-another-region-votes", half, "keyed", while_another_region_votes)


def _parts() -> Iterator[Case]:
    """The parts of a roll, in form and in place."""
    digest = multipart.digest(GOOD)
    closing, part = entries.Roll(0, 3, digest), entries.Part(digest, 0, 1, GOOD)

    def wrote(*payloads: Payload) -> Write:
        return said("registrar 1", *payloads)

    for name, parts in {
        "other-content": [(0, 1, _hashes(1, 2, 4))],
        "cut-elsewhere": [(0, 2, GOOD[:32]), (1, 2, GOOD[32:])],
        "first-part-counts": [(0, 1, b""), (0, 1, GOOD)],
    }.items():
        pieces = [entries.Part(digest, *part) for part in parts]
        yield Case("4.1", name, whole, "keyed", wrote(*pieces, closing))
    yield Case("1.6", "roll-without-parts", whole, "keyed", wrote(closing))
    first = replace(part, count=2)
    yield Case("1.6", "roll-whose-first-count-counts", whole, "keyed", wrote(first, part, closing))
    yield Case(
        "1.6",
        "roll-before-its-part-and-behind",
        whole,
        "keyed",
        wrote(closing),
        then=lambda referendum: referendum.log(*wrote(part, closing)(referendum)),
    )
    yield Case(
        "1.6",
        "roll-with-parts-of-another",
        whole,
        "keyed",
        lambda referendum: [*by(referendum, "board", part), *by(referendum, "registrar 1", closing)],
    )
    repeated = wrote(part, replace(part, count=7), replace(part, index=9), closing)
    yield Case("", "parts-repeated", whole, "keyed", repeated)
    two_rolls = wrote(part, closing, replace(closing, region=1))
    yield Case("", "one-bundle-for-two-rolls", half, "keyed", two_rolls)


def _given() -> Iterator[Case]:
    """Check 4.8, and how counts grow."""

    def given(*counts: int, number: int = 1) -> Write:
        said_so = (entries.Given(count, bytes(32)) for count in counts)
        return lambda referendum: by(referendum, f"registrar {number}", *said_so)

    yield Case("", "given-to-all", whole, "rolled", given(1, 3))
    yield Case("", "given-while-people-vote", whole, "voted", given(3, number=2))
    yield Case("4.8", "given-to-more-than-its-rolls-list", whole, "rolled", given(4))
    yield Case("4.8", "given-to-2-32-more", whole, "rolled", given(2**32 + 1, number=2))
    yield Case("1.6", "given-before-its-roll", whole, "keyed", given(1))
    yield Case("1.6", "given-to-nobody", whole, "rolled", given(0))
    yield Case("1.6", "given-to-as-many", whole, "rolled", given(2, 2))
    yield Case("1.6", "given-to-fewer", whole, "rolled", given(2, 1))
    yield Case("1.6", "given-again", whole, "given", lambda referendum: referendum.logged[-1:])
    yield Case("1.6", "given-when-voting-is-over", whole, "sealed", given(3))
    yield Case("1.6", "given-after-the-close", whole, "closed", given(3))
