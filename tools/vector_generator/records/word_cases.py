"""Checks 1.5, 1.6 and 2.1 to 2.3: who may say what when; the definition, and what amends it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.setup.head import hash_of
from psephos.protocol.setup.pin import Pin
from psephos.simulation.referendum import Referendum
from vector_generator.definitions import NO_KEYS, changed
from vector_generator.records.log_cases import signed_by
from vector_generator.records.record import Case
from vector_generator.records.scenarios import DAYS, cancelled, rich, whole
from vector_generator.records.signing import OUTSIDER, Write, by, flipped, nothing, said

TITLE = entries.Statement("Title", "en", "Text", b"")


def word_cases() -> Iterator[Case]:
    """What anybody may say wrongly."""
    yield from _authors()
    yield from _phases()
    yield from _definitions()
    yield from _amendments()


def _authors() -> Iterator[Case]:
    """Check 1.5."""

    def outsider(payload: Payload) -> Write:
        return lambda referendum: [referendum.write(payload, OUTSIDER)]

    def forged(referendum: Referendum) -> list[bytes]:
        return [flipped(by(referendum, "organiser", entries.Cancel("forged"))[0])]

    def elsewhere(referendum: Referendum) -> list[bytes]:
        return [
            referendum.write(entries.Cancel(""), referendum.keys.organiser, hashlib.sha256(b"other").digest())
        ]

    def scope(referendum: Referendum) -> list[bytes]:
        return [
            referendum.write(
                entries.Roll(0, 0, bytes(32)), referendum.keys.registrars[0], referendum.record.election
            )
        ]

    def of_definition(referendum: Referendum) -> list[bytes]:
        return [referendum.write(entries.Open(0, 1), referendum.keys.board, referendum.definition.hash)]

    go_on = whole().go_on
    yield Case(
        "1.5",
        "forged-signature",
        whole,
        "weighed",
        forged,
        then=lambda referendum: go_on(referendum, "weighed"),
    )
    yield Case("1.5", "cancelled-by-the-board", whole, "defined", said("board", entries.Cancel("")))
    yield Case("1.5", "other-referendum", whole, "defined", elsewhere)
    yield Case("1.5", "definition-scope-with-election-hash", whole, "keyed", scope)
    yield Case("1.5", "election-scope-with-definition-hash", whole, "issued", of_definition)
    yield Case("1.5", "no-election-yet", whole, "defined", said("board", entries.Open(0, 1)))
    yield Case("1.5", "part-by-a-stranger", whole, "defined", outsider(entries.Part(bytes(32), 0, 1, b"")))
    yield Case("1.5", "statement-by-a-stranger", whole, "defined", outsider(TITLE))
    yield Case("1.5", "statement-by-a-witness", whole, "defined", said("witness 1", TITLE))
    yield Case("1.5", "roll-by-a-trustee", whole, "defined", said("trustee 1", entries.Roll(0, 0, bytes(32))))
    yield Case(
        "1.5", "deadline-by-a-trustee", whole, "defined", said("trustee 1", entries.CeremonyDeadline(1, 1, 0))
    )
    yield Case(
        "1.5",
        "commit-by-the-organiser",
        whole,
        "defined",
        said("organiser", entries.CeremonyCommit(1, bytes(32), bytes(32))),
    )
    yield Case(
        "1.5", "weighing-forged", whole, "sealed", lambda referendum: [flipped(referendum.weighings(1)[0])]
    )

    def early(referendum: Referendum) -> list[bytes]:
        return by(referendum, "trustee 1", entries.Weighing(0, 1, 0, 1, bytes(32), b""))

    yield Case("1.5", "weighing-before-the-ceremony", whole, "defined", early)
    yield Case(
        "",
        "statement-by-an-accredited-observer",
        whole,
        "defined",
        lambda referendum: [
            *by(referendum, "organiser", entries.Grant(OUTSIDER.public.raw, "A", "observer")),
            referendum.write(TITLE, OUTSIDER),
        ],
    )


def _phases() -> Iterator[Case]:
    """Checks 1.9 and 1.6."""
    observer = entries.Grant(OUTSIDER.public.raw, "A", "observer")
    for name, statement in {
        "subject": replace(TITLE, subject=""),
        "language": replace(TITLE, language=""),
        "text": replace(TITLE, text=""),
    }.items():
        yield Case("1.9", f"statement-without-{name}", whole, "defined", said("registrar 1", statement))
    yield Case(
        "1.9",
        "attachment-of-31-bytes",
        whole,
        "defined",
        said("registrar 1", replace(TITLE, attachment=bytes(31))),
    )
    yield Case(
        "1.9",
        "empty-statement-by-an-observer",
        whole,
        "defined",
        lambda referendum: [
            *by(referendum, "organiser", observer),
            referendum.write(replace(TITLE, text=""), OUTSIDER),
        ],
    )
    twice = said("organiser", observer, observer)
    yield Case("1.9", "accredited-twice", whole, "defined", twice, culprit="board")
    yield Case("1.9", "accredits-nobody", whole, "defined", said("organiser", replace(observer, name="")))
    yield Case(
        "1.9", "accredits-for-nothing", whole, "defined", said("organiser", replace(observer, role=""))
    )
    for name, key in NO_KEYS.items():
        yield Case(
            "1.9", f"accredits-{name}", whole, "defined", said("organiser", replace(observer, key=key))
        )
    yield Case(
        "1.9",
        "accredits-a-party",
        whole,
        "defined",
        lambda referendum: by(
            referendum, "organiser", replace(observer, key=referendum.keys.board.public.raw)
        ),
    )
    yield Case(
        "1.6",
        "second-definition",
        whole,
        "defined",
        lambda referendum: by(referendum, "organiser", entries.DefinitionEntry(referendum.document)),
    )
    yield Case("1.6", "result-before-the-totals", whole, "shared", said("organiser", entries.Result(b"{}")))
    for name, party, payload in (
        ("roll", "registrar 1", entries.Roll(0, 0, bytes(32))),
        ("amend", "organiser", entries.Amend(0, 1, DAYS[0][0], DAYS[0][1] + 1, "")),
        ("cancel", "organiser", entries.Cancel("again")),
        ("ceremony-deadline", "organiser", entries.CeremonyDeadline(1, 1, 0)),
        ("booth-manifest", "board", entries.BoothManifest(b"")),
        ("seal", "board", entries.Seal(0, 1)),
        ("result", "organiser", entries.Result(b"{}")),
    ):
        yield Case("1.6", f"{name}-after-cancel", cancelled, "afterwards", said(party, payload))
    yield Case("", "statement-after-cancel", cancelled, "afterwards", said("registrar 1", TITLE))


def _definitions() -> Iterator[Case]:
    """Checks 2.1 and 2.2."""

    def signed(document: bytes, key: SigningKey, scope_hash: bytes | None = None) -> bytes:
        scope = scope_hash or (hash_of(document) or bytes(32))
        return entries.encode(entries.DefinitionEntry(document), scope, key.public.raw, key.sign)

    for name, write in {
        "no-definition": said("organiser", TITLE),
        "by-the-registrar": lambda referendum: [signed(referendum.document, referendum.keys.registrars[0])],
        "forged": lambda referendum: [flipped(signed(referendum.document, referendum.keys.organiser))],
        "other-referendum": lambda referendum: [
            signed(referendum.document, referendum.keys.organiser, bytes(31) + b"1")
        ],
    }.items():
        yield Case("2.1", name, whole, "begun", write)

    def other_definition(referendum: Referendum) -> Pin:
        return replace(Pin.of(referendum.definition), definition=bytes(32))

    def other_log(referendum: Referendum) -> Pin:
        board = replace(referendum.definition.board, key=OUTSIDER.public.raw)
        return replace(
            Pin.of(referendum.definition), policy=Pin.of(replace(referendum.definition, board=board)).policy
        )

    yield Case("2.1", "not-the-pinned-one", whole, "committed", nothing, pin=other_definition)
    yield Case(
        "2.1",
        "not-the-pinned-log",
        whole,
        "committed",
        nothing,
        pin=other_log,
        checkpoint=lambda referendum: signed_by(referendum, OUTSIDER),
    )
    invalid = changed(whole().document, {"decoys": 17})
    yield Case(
        "2.1",
        "neither-pinned-nor-valid",
        whole,
        "begun",
        lambda referendum: [signed(invalid, referendum.keys.organiser)],
    )
    headless: Mapping[str, Mapping[str, object]] = {
        "with-a-whole": {"whole": {}},
        "with-a-region-of-no-name": {"regions.0.name": {}},
        "with-a-style-of-no-id": {"styles.0.id": 1},
        "with-a-language-twice": {"languages": ["en", "en"]},
    }
    for name, change in headless.items():
        yield _headless(name, change, signed)
    for name, edits in {
        "decoys": {"decoys": 17},
        "quorum": {"witnesses.quorum": 1},
        "more": {"more": 1},
    }.items():
        yield _invalid(name, edits, signed)


def _headless(name: str, edits: Mapping[str, object], signed: Callable[..., bytes]) -> Case:
    """A document that has no head, and so no hash that could be pinned."""
    document = changed(whole().document, edits)
    return Case(
        "2.1",
        f"without-a-head-{name}",
        whole,
        "begun",
        lambda referendum: [signed(document, referendum.keys.organiser, bytes(32))],
        pin=lambda referendum: replace(Pin.of(referendum.definition), definition=bytes(32)),
    )


def _invalid(name: str, edits: Mapping[str, object], signed: Callable[[bytes, SigningKey], bytes]) -> Case:
    """A definition that is not valid, though pinned and signed."""
    document = changed(whole().document, edits)
    return Case(
        "2.2",
        name,
        whole,
        "begun",
        lambda referendum: [signed(document, referendum.keys.organiser)],
        pin=lambda referendum: replace(
            Pin.of(referendum.definition), definition=(hash_of(document) or bytes(32))
        ),
    )


def _amendments() -> Iterator[Case]:
    """Check 2.3, and 1.6 where only the position is wrong."""
    (o1, s1), (o2, s2) = DAYS
    for name, amend in {
        "unknown-region": (2, 1, o1, s1 + 1),
        "region-2-32": (2**32, 1, o1, s1 + 1),
        "day-0": (0, 0, o1, s1),
        "day-3": (0, 3, o2, s2),
        "opens-earlier": (0, 1, o1 - 1, s1),
        "seals-earlier": (0, 1, o1, s1 - 1),
        "opens-after-its-seal": (0, 1, s1, s1),
    }.items():
        yield Case("2.3", name, rich, "enrolled", said("organiser", entries.Amend(*amend, "")))
    later, latest = entries.Amend(0, 1, o1, s1 + 60, "rain"), entries.Amend(0, 1, o1, s1 + 600, "a storm")
    yield Case(
        "1.6", "amended-by-an-old-one-again", rich, "enrolled", said("organiser", later, latest, later)
    )
    yield Case("1.6", "amended-in-the-wrong-order", rich, "enrolled", said("organiser", latest, later))
    yield Case("1.6", "amended-by-the-same-again", rich, "enrolled", said("organiser", later, later))
    alike = replace(later, reason="it still rains")
    yield Case("", "amended-twice-alike", rich, "enrolled", said("organiser", later, alike))
    overlapping = entries.Amend(0, 1, o1, o2 + 1, "")
    yield Case("1.6", "amended-to-overlap-the-next", rich, "enrolled", said("organiser", overlapping))
    moved = said("organiser", entries.Amend(0, 1, DAYS[0][0] + 1, DAYS[0][1] + 1, ""))
    yield Case("1.6", "amended-to-open-later-though-open", whole, "opened", moved)
    yield Case(
        "1.6",
        "amends-a-sealed-day",
        rich,
        "first-day",
        said("organiser", entries.Amend(0, 1, o1, s1 + 1, "")),
    )
    late = said("organiser", entries.Amend(0, 1, DAYS[0][0], DAYS[0][1] + 1, ""))
    yield Case("1.6", "amended-after-the-last-seal", whole, "sealed", late)
    yield Case("1.6", "amended-after-the-close", whole, "closed", late)
    yield Case("1.6", "cancelled-after-the-close", whole, "closed", said("organiser", entries.Cancel("")))
    yield Case("1.6", "cancelled-after-the-result", whole, "certified", said("organiser", entries.Cancel("")))
    yield Case("", "extended", whole, "opened", late)
    yield Case("", "cancelled-before-the-close", whole, "closing", said("organiser", entries.Cancel("")))
    yield Case("", "cancelled-in-the-ceremony", whole, "dealt", said("organiser", entries.Cancel("")))
    yield Case("", "up-to-the-next", rich, "enrolled", said("organiser", entries.Amend(0, 1, o1, o2, "")))
