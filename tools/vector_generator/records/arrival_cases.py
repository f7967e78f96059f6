"""A definition that does not fit entry 0: its parts, in order and not (`spec/entries.md#definition`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries, multipart
from psephos.protocol.entries import Payload
from psephos.protocol.setup.head import hash_of
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from vector_generator.definitions import changed
from vector_generator.records.played import PlayedReferendum, Step
from vector_generator.records.record import Case
from vector_generator.records.scenarios import whole
from vector_generator.records.signing import by, flipped, nothing, said

TITLE = entries.Statement("Title", "en", "Text.", b"")


@cache
def parts() -> PlayedReferendum:
    """A definition of three parts, by wording in many languages; called off at once."""
    short, keys = sample(
        regions=("athens",), questions=(HARBOUR,), registrars=2, min_batch=2, min_region=2, languages=("en",)
    )
    languages = [f"a{letter}" for letter in "abcdefghijklm"]
    texts = {language: language * 2_000 for language in languages}
    document = changed(
        short,
        {
            "styles.0.languages": languages,
            "styles.0.contests.0.question": texts,
            "styles.0.contests.0.options": [texts, texts],
        },
    )
    steps: dict[str, Step] = {
        "begun": lambda _: None,
        "defined": Referendum.publish,
        "cancelled": lambda referendum: referendum.log(
            referendum.write(entries.Cancel("plague"), referendum.keys.organiser)
        ),
        "afterwards": Referendum.checkpoint,
    }
    return PlayedReferendum("parts", document, keys, steps)


def arrival_cases() -> Iterator[Case]:
    """Checks 2.1 and 2.2 of a definition in parts."""
    empty = entries.DefinitionEntry(b"")
    first, second, third = multipart.cut(parts().document, hash_of(parts().document))

    def board(name: str, *written: Payload, by_: str = "organiser") -> Case:
        """Entry 0, then these, of which the last is not what must come."""

        def write(referendum: Referendum) -> list[bytes]:
            begun = by(referendum, "organiser", entries.DefinitionEntry(b""), *written[:-1])
            return [*begun, *by(referendum, by_, written[-1])]

        return Case("2.1", name, parts, "begun", write, culprit="board")

    yield board("part-missing", first, third)
    yield board("part-twice", first, first)
    yield board("part-of-another-bundle", replace(first, digest=bytes(32)))
    yield board("part-of-another-count", first, replace(second, count=4))
    yield board("parts-too-many", replace(first, count=260))
    yield board("part-short", first, replace(second, data=second.data[:-1]))
    yield board("part-empty", first, second, replace(third, data=b""))
    yield board("something-between", first, TITLE)
    yield board("a-second-definition", entries.DefinitionEntry(b""))
    yield board("part-by-the-registrar", first, second, by_="registrar 1")
    yield Case(
        "2.1",
        "part-not-signed",
        parts,
        "begun",
        lambda referendum: [
            *by(referendum, "organiser", empty),
            flipped(by(referendum, "organiser", first)[0]),
        ],
        culprit="board",
    )
    changed = replace(third, data=third.data[:-1] + b" ")
    yield Case(
        "2.1",
        "parts-of-other-bytes",
        parts,
        "begun",
        said("organiser", empty, first, second, changed),
    )
    yield Case("", "parts-to-come", parts, "begun", said("organiser", empty, first, second))
    yield Case("2.1", "parts-not-pinned", parts, "defined", nothing, pin=_pinned(bytes(32)))
    yield from _of_other_documents()


def _of_other_documents() -> Iterator[Case]:
    """What is pinned, but too short, too long, not valid or not the organiser's."""

    def case(check: str, name: str, document: bytes, payloads: Sequence[Payload], party: str) -> Case:
        digest = hash_of(document) or bytes(32)

        def write(referendum: Referendum) -> list[bytes]:
            key = _key(referendum, party)
            return [entries.encode(payload, digest, key.public.raw, key.sign) for payload in payloads]

        return Case(check, name, parts, "begun", write, pin=_pinned(digest), culprit="organiser")

    long, short = parts().document, whole().document
    invalid = changed(long, {"decoys": 17})
    empty = entries.DefinitionEntry(b"")
    fits = changed(short, {"title.en": "\U0001f3db" * 4000, "organiser.name": "\U0001f3db" * 4000})
    fits = changed(fits, {"board.name": "\U0001f3db" * 4000, "registrars.0.name": "\U0001f3db" * 3000})

    def in_parts(document: bytes) -> list[Payload]:
        return [empty, *multipart.cut(document, hash_of(document))]

    yield case("2.1", "short-in-parts", short, in_parts(short), "organiser")
    yield case("2.1", "long-in-entry-0", fits, [entries.DefinitionEntry(fits)], "organiser")
    yield case("2.2", "parts-not-valid", invalid, in_parts(invalid), "organiser")
    yield case("2.1", "all-by-the-registrar", long, in_parts(long), "registrar")


def _key(referendum: Referendum, party: str) -> SigningKey:
    return referendum.keys.organiser if party == "organiser" else referendum.keys.registrars[0]


def _pinned(digest: bytes) -> Callable[[Referendum], Pin]:
    return lambda referendum: replace(Pin.of(referendum.definition), definition=digest)
