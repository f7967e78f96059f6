"""Checks 1.1 to 1.4, 1.7 and 1.8: the log and its checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from psephos.crypto.signature import SigningKey
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.note import Note, Signature
from psephos.protocol import entries
from psephos.simulation.referendum import Referendum
from vector_generator.records.bundle_cases import several_bundles
from vector_generator.records.record import Case, Files, published
from vector_generator.records.scenarios import whole
from vector_generator.records.signing import OUTSIDER, Write, by, flipped, nothing


def log_cases() -> Iterator[Case]:
    """What the log itself may be found wrong in."""
    yield from _checkpoints()
    yield from _tiles()
    yield from several_bundles()
    yield from _entries()
    yield from _logged_checkpoints()


def signed_by(referendum: Referendum, key: SigningKey) -> bytes:
    """The checkpoint of the log signed by another key in the board's place."""
    checkpoint = TreeHead(
        referendum.definition.board.origin, len(referendum.logged), referendum.root(len(referendum.logged))
    )
    cosigned = Note.parse(referendum.note())
    return Note.parse(checkpoints.sign(checkpoint, key)).with_signatures(cosigned.signatures[1:]).encode()


def _elsewhere(referendum: Referendum) -> bytes:
    size = len(referendum.logged)
    return referendum.cosigned(TreeHead("elsewhere.example", size, referendum.root(size)))


def _wrong_cosignature(referendum: Referendum) -> bytes:
    """All witnesses have cosigned, one of them wrongly."""
    note = Note.parse(referendum.note())
    *lines, last = note.signatures
    wrong = Signature(last.name, last.key_id, flipped(last.value))
    return Note(note.text, (*lines, wrong)).encode()


def _cosigned_twice(referendum: Referendum) -> bytes:
    note = Note.parse(referendum.note(witnesses=[0]))
    return note.with_signatures(note.signatures[1:]).encode()


def _checkpoints() -> Iterator[Case]:
    notes: dict[str, Callable[[Referendum], bytes]] = {
        "not-a-note": lambda _: b"nonsense\n",
        "other-origin": _elsewhere,
        "other-key": lambda referendum: signed_by(referendum, OUTSIDER),
        "other-size": lambda referendum: referendum.note().replace(b"\n1\n", b"\n2\n", 1),
    }
    for name, note in notes.items():
        yield Case("1.1", name, whole, "defined", nothing, checkpoint=note)
    gone: Files = lambda _: {"checkpoint": None}  # noqa: E731
    yield Case("1.1", "missing", whole, "defined", nothing, missing=True, files=gone)
    notes = {
        "nobody": lambda referendum: referendum.note(witnesses=[]),
        "one-of-two": lambda referendum: referendum.note(witnesses=[2]),
        "one-twice": _cosigned_twice,
        "quorum-and-a-wrong-one": _wrong_cosignature,
    }
    for name, note in notes.items():
        yield Case("1.2", name, whole, "defined", nothing, checkpoint=note)
    yield Case(
        "", "two-of-three-witnesses", whole, "defined", nothing, checkpoint=lambda t: t.note(witnesses=[0, 2])
    )
    yield Case("", "empty-log", whole, "begun", nothing)


def _tiles() -> Iterator[Case]:
    def change(kind: str, how: Callable[[bytes], bytes | None]) -> Files:
        def files(referendum: Referendum) -> Mapping[str, bytes | None]:
            ((path, data),) = [
                (p, d) for p, d in published(referendum.logged).items() if p.startswith(f"tile/{kind}/")
            ]
            return {path: how(data)}

        return files

    for kind in ("entries", "0"):
        yield Case("1.3", f"{kind}-changed", whole, "committed", nothing, files=change(kind, flipped))
        yield Case("1.3", f"{kind}-cut", whole, "committed", nothing, files=change(kind, lambda d: d[:-1]))
        yield Case(
            "1.3", f"{kind}-longer", whole, "committed", nothing, files=change(kind, lambda d: d + d[-32:])
        )
        gone = change(kind, lambda _: None)
        yield Case("1.3", f"{kind}-missing", whole, "committed", nothing, files=gone, missing=True)

    def other_root(referendum: Referendum) -> bytes:
        return referendum.cosigned(
            TreeHead(referendum.definition.board.origin, len(referendum.logged), bytes(32))
        )

    yield Case("1.3", "other-root", whole, "committed", nothing, checkpoint=other_root)


def _entries() -> Iterator[Case]:
    """Check 1.4; the vectors of entries have the rest."""

    def retyped(referendum: Referendum) -> list[bytes]:
        (data,) = by(referendum, "organiser", entries.Cancel(""))
        return [data.replace(b"\x86\x01\x18\x19", b"\x86\x01\x18\x63", 1)]

    def promise(referendum: Referendum) -> list[bytes]:
        return by(referendum, "board", entries.Promise(bytes(32), bytes(32), 0, 1, 0))

    yield Case(
        "1.4", "trailing", whole, "defined", lambda t: [by(t, "organiser", entries.Cancel(""))[0] + b"\0"]
    )
    yield Case("1.4", "unknown-type", whole, "defined", retyped)
    yield Case("1.4", "a-message", whole, "keyed", promise)
    yield Case("1.4", "first-entry", whole, "begun", lambda _: [b"\x80"])
    yield Case("1.4", "short-ballot", whole, "opened", lambda _: [b"\x89\x01\x11" + bytes(60)])

    def forged(referendum: Referendum) -> bytes:
        return flipped(referendum.ballot(referendum.cards[0][0], (0,)), -40)

    def ballots(referendum: Referendum) -> list[bytes]:
        return [forged(referendum), forged(referendum) + b"\0"]

    def short_ballot(referendum: Referendum) -> list[bytes]:
        return [forged(referendum), b"\x89\x01\x11" + bytes(60)]

    yield Case("1.4", "ballot-after-a-void-one", whole, "opened", ballots, also=[(2, "6.4")])
    yield Case("1.4", "short-ballot-after-a-void-one", whole, "opened", short_ballot, also=[(2, "6.4")])

    def weighings(referendum: Referendum) -> list[bytes]:
        (good,) = referendum.weighings(1)
        wrong = flipped(good)
        return [wrong, good + b"\0"]

    yield Case("1.4", "weighing-after-a-void-one", whole, "sealed", weighings, also=[(2, "1.5")])


def _logged_checkpoints() -> Iterator[Case]:
    """Checks 1.7 and 1.8."""

    def noted(note: Callable[[Referendum], bytes]) -> Write:
        return lambda referendum: by(referendum, "board", entries.CheckpointEntry(note(referendum)))

    def checkpoint_at(referendum: Referendum, size: int, root: bytes) -> bytes:
        return referendum.cosigned(TreeHead(referendum.definition.board.origin, size, root))

    for name, note in {
        "other-origin": _elsewhere,
        "other-key": lambda referendum: signed_by(referendum, OUTSIDER),
        "not-a-note": lambda _: b"nonsense\n",
        "other-root": lambda referendum: checkpoint_at(referendum, 2, bytes(32)),
        "larger-than-its-index": lambda referendum: checkpoint_at(
            referendum, len(referendum.logged) + 1, bytes(32)
        ),
        "empty-with-another-root": lambda referendum: checkpoint_at(referendum, 0, bytes(32)),
    }.items():
        yield Case("1.7", name, whole, "committed", noted(note))
    for name, note in {
        "one-of-two": lambda referendum: referendum.note(witnesses=[1]),
        "one-twice": _cosigned_twice,
        "quorum-and-a-wrong-one": _wrong_cosignature,
    }.items():
        yield Case("1.8", name, whole, "committed", noted(note))
    yield Case(
        "1.8", "does-not-release", whole, "closed", noted(lambda referendum: referendum.note(witnesses=[1]))
    )
    yield Case("", "older-checkpoint", whole, "committed", noted(lambda referendum: referendum.note(size=2)))
    yield Case(
        "", "checkpoint-of-nothing", whole, "committed", noted(lambda referendum: referendum.note(size=0))
    )
