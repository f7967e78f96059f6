"""Records as vectors: an accepted one whole, others by their differences (`vectors/README.md#records`)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from unittest.mock import patch

from psephos.errors import EvidenceMissing, VerificationError
from psephos.log.merkle import leaf_hash
from psephos.log.tiles import encode_bundle
from psephos.protocol import entry as entries
from psephos.protocol.checks import CHECKS
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.pin import Pin
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.story import Story
from psephos.testing.vectors.vector import Vector, accepted, rejected

Culprits = Mapping[str, str]
CULPRITS: Culprits = {"1.5": "board", "1.6": "board", "1.8": "witnesses"} | {
    "2.1": "organiser",
    "2.2": "organiser",
    "6.2": "board",
    "6.5": "board",
    "1.2": "witnesses",
    "3.4": "trustees",
    "8.2": "trustees",
    "9.3": "trustees",
    "10.1": "trustees",
    "10.2": "organiser",
}
"""Who fails a check where that is neither the author nor, of 1, 4 and 5, board or registrar."""
_ACCUSING = ("void", "fatal", "afterwards")
OF_GROUP = {"1": "board", "4": "registrar", "5": "board"}


@dataclass(frozen=True)
class Case:
    """A record that a check refuses: a story up to a stage, then entries of which the last is at fault.

    `then` goes on from there, where the entry is void; `missing` is a check whose evidence is not there.
    `published` changes what is published of the log, `pin` the pin; `believed` takes the proofs of that
    check to hold, because nobody could make such a record otherwise.
    """

    check: str
    name: str
    story: Callable[[], Story]
    stage: str
    entries: Callable[[Referendum], Sequence[bytes]]
    then: Callable[[Referendum], None] | None = None
    missing: bool = False
    believed: str = ""
    checkpoint: Callable[[Referendum], bytes] = Referendum.note
    pin: Callable[[Referendum], Pin] = field(default=lambda told: Pin.of(told.definition))
    files: Callable[[Referendum], Mapping[str, bytes | None]] = field(default=lambda _: {})
    notices: int = 0
    also: Sequence[tuple[int, str]] = ()
    """Other void entries, counted back from the one at fault, and the checks they fail."""
    culprit: str = ""
    """Who is to blame, where that is not whom the check names, or the author."""
    afterwards: bool = False
    """Whether the result stands already, so that nothing is fatal."""

    @property
    def severity(self) -> str:
        """What follows when the check fails; without a check the record is another accepted one."""
        if self.afterwards:
            return "afterwards"
        return "missing" if self.missing else CHECKS[self.check].severity if self.check else "nothing"


def whole_record(story: Story) -> Vector:
    """An accepted record."""
    told = story.at(list(story.steps)[-1])
    return accepted(
        "record",
        story.name,
        culprit=None,
        verdict="passed",
        void=[],
        notices=0,
        afterwards=[],
        believed=None,
        pin=_pin(Pin.of(told.definition)),
        checkpoint=told.note().decode(),
        entries=[_text(data) for data in told.logged],
        files={},
        result=json.loads(told.record.result_document()),
    )


def changed_record(case: Case, parent: Vector) -> Vector:
    """What a case makes of a story."""
    story = case.story()
    told = story.at(case.stage)
    believing = patch.object(Proofs, "check_weighings", return_value=[])
    with believing if case.believed else nullcontext():
        added = case.entries(told)
        at = len(told.logged) + len(added)
        try:
            told.log(*added)
            if case.then:
                case.then(told)
        except (VerificationError, EvidenceMissing):
            told.logged[at:] = []
    void = [(at - back, check) for back, check in case.also]
    void += [(at - 1, case.check)] if case.severity == "void" else []
    ended = {"fatal": "failed", "missing": "missing"}.get(case.severity)
    passed = "passed-with-notices" if case.notices else "passed"
    reached = passed if told.record.phase in ("counted", "cancelled") else "open"
    culprit = case.culprit or _culprit(told, case.check, at - 1) if case.severity in _ACCUSING else None
    vector = rejected(
        parent,
        f"{case.check or 'accepted'}-{case.name}",
        case.check or None,
        culprit=culprit,
        verdict=ended or reached,
        void=[
            [index, check, culprit if index == at - 1 else _culprit(told, check, index)]
            for index, check in void
        ],
        notices=case.notices,
        afterwards=[[at - 1, case.check, culprit]] if case.afterwards else [],
        believed=case.believed or None,
        pin=_pin(case.pin(told)),
        checkpoint=case.checkpoint(told).decode(errors="surrogateescape"),
        entries=_differences(told.logged, story.logged),
        files={path: data and _text(data) for path, data in case.files(told).items()},
        result=None,
    )
    vector["valid"] = case.severity == "nothing"
    return {name: value for name, value in vector.items() if name != "pin" or value != parent["pin"]}


def _culprit(told: Referendum, check: str, index: int) -> str:
    """Who is to blame where the entry at an index fails a check."""
    known = CULPRITS.get(check) or OF_GROUP.get(check.split(".")[0])
    if known and check != "1.9":
        return known
    author = entries.decode(told.logged[index]).author
    return f"card {author.hex()}" if check.startswith("6.") else told.record.authors.culprit(author)


def _pin(pin: Pin) -> dict[str, object]:
    return {"version": 1, "definition": pin.definition.hex(), "policy": pin.policy}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _differences(logged: Sequence[bytes], parent: Sequence[bytes]) -> list[object]:
    """Entries in base64, runs of the parent's as `[from, to]`."""
    places = {data: index for index, data in enumerate(parent)}
    found: list[object] = []
    for data in logged:
        index = places.get(data)
        if index is None:
            found.append(_text(data))
        elif found and isinstance(found[-1], list) and found[-1][1] == index:
            found[-1][1] += 1
        else:
            found.append([index, index + 1])
    return found


def published(logged: Sequence[bytes]) -> dict[str, bytes]:
    """The files, but for the checkpoint, of a log of at most 255 entries."""
    if not logged:
        return {}
    width = len(logged)
    tile = b"".join(map(leaf_hash, logged))
    return {f"tile/0/000.p/{width}": tile, f"tile/entries/000.p/{width}": encode_bundle(logged)}
