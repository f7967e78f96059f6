"""What the cases of enrolment have in common: bundles a little wrong, and time that passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from psephos.protocol import entries, multipart
from psephos.protocol.entries import Batch, Payload
from psephos.simulation.referendum import Referendum
from vector_generator.records.scenarios import GROUPS, whole
from vector_generator.records.signing import Write, by

Change = Callable[[bytes, Batch], tuple[bytes, Batch]]
Edit = Callable[[bytes], bytes]


def closed_bundle(
    referendum: Referendum, content: bytes, closing: Payload, party: str = "registrar 1"
) -> list[bytes]:
    """The parts of a content and a registrar's entry that closes them, whatever it says."""
    return by(referendum, party, *multipart.cut(content), closing)


def put(**members: Any) -> Change:
    """A batch entry that says something else."""
    return lambda content, batch: (content, replace(batch, **members))


def edited(edit: Edit) -> Change:
    """A batch of other bytes, by their digest."""

    def change(content: bytes, batch: Batch) -> tuple[bytes, Batch]:
        edited_content = edit(content)
        return edited_content, replace(batch, digest=multipart.digest(edited_content))

    return change


SAME: Change = edited(bytes)


def cut(
    change: Change = SAME, groups: Sequence[Sequence[int]] = GROUPS, region: int = 0, last: bool = True
) -> Write:
    """A changed batch of cards that nobody has had."""
    return lambda referendum: referendum.batch(region, groups, last, change)


def in_effect(
    referendum: Referendum, region: int, groups: Sequence[Sequence[int]], last: bool = True
) -> None:
    """Log a batch that all endorse."""
    referendum.log(*referendum.batch(region, groups, last))
    referendum.log(*referendum.endorse(region, referendum.logged[-1]))


def play(referendum: Referendum, first: str, last: str) -> None:
    """Stages of `whole`, from one to another, for region 0."""
    names = list(whole().steps)
    for stage in names[names.index(first) : names.index(last) + 1]:
        whole().steps[stage](referendum)


def late(referendum: Referendum, over: int = 1) -> None:
    """Let witnesses see a time so many seconds after the planned seal of the first window."""
    referendum.now = referendum.definition.regions[0].days[0].seal + over
    referendum.checkpoint()


def endorse(
    referendum: Referendum, party: str, entry: bytes, region: int = 0, number: int = 1
) -> list[bytes]:
    """A registrar's endorsement of a batch entry, by its body hash."""
    return by(referendum, party, entries.Endorse(region, number, entry))


def body_hash(entry: bytes) -> bytes:
    """What endorsements name a batch entry by."""
    return entries.decode(entry).body_hash
