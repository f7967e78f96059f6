"""Records as vectors: what is published, the pin, what a verifier must find (`vectors/README.md#records`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from intermediate import values

from psephos.errors import EvidenceMissing, NotThere, VerificationError
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.tiles import ENTRIES, TILE_HEIGHT, encode_bundle, new_tiles
from psephos.protocol import entries
from psephos.protocol.checks import CHECKS
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.pin import Pin
from psephos.simulation.referendum import Referendum
from psephos.verifier.report import Report
from psephos.verifier.run import verify
from vector_generator.records.played import PlayedReferendum

Culprits = Mapping[str, str]
Files = Callable[[Referendum], Mapping[str, bytes | None]]
"""Published files that differ: path and bytes, or None where the file is not there."""
CULPRITS: Culprits = {"1.5": "board", "1.6": "board", "1.8": "board"} | {
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
"""Who fails a check where that is neither the author nor, of 1 and 5, the board."""
_ACCUSING = ("void", "fatal", "afterwards")
OF_GROUP = {"1": "board", "5": "board"}


@dataclass(frozen=True)
class Case:
    """A record that a check refuses: a scenario up to a stage, then entries of which the last is at fault.

    `then` goes on from there, where the entry is void; `missing` is a check whose evidence is not there.
    `published` changes what is published of the log, `pin` the pin; `believed` takes the proofs of that
    check to hold, because nobody could make such a record otherwise.
    """

    check: str
    name: str
    scenario: Callable[[], PlayedReferendum]
    stage: str
    entries: Callable[[Referendum], Sequence[bytes]]
    then: Callable[[Referendum], None] | None = None
    goes_on: Callable[[Referendum], None] | None = None
    """What the log holds behind an entry with which all judging has ended."""
    missing: bool = False
    believed: str = ""
    checkpoint: Callable[[Referendum], bytes] = Referendum.note
    pin: Callable[[Referendum], Pin] = field(default=lambda referendum: Pin.of(referendum.definition))
    files: Files = field(default=lambda _: {})
    notices: int = 0
    also: Sequence[tuple[int, str] | tuple[int, str, str]] = ()
    """Other void entries, counted back from the one at fault, the checks they fail, and through whom."""
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


@dataclass(frozen=True)
class RecordVector:
    """A record as it is published, its pin, and the finding that every verifier must come to."""

    name: str
    pin: bytes
    files: Mapping[str, bytes]
    expected: Mapping[str, Any]
    values: Mapping[str, Any] | None = None
    """Intermediate values, of a record that is counted and has nothing wrong."""

    def write(self, directory: Path) -> None:
        """As a directory: `record/`, `pin.json`, `expected.json` and perhaps `values.json`."""
        place = directory / self.name
        for path, data in self.files.items():
            (place / "record" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "record" / path).write_bytes(data)
        place.mkdir(parents=True, exist_ok=True)
        (place / "pin.json").write_bytes(self.pin)
        stated = {"expected.json": self.expected, "values.json": self.values}
        for file, content in stated.items():
            if content is not None:
                (place / file).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def whole_record(scenario: PlayedReferendum) -> RecordVector:
    """A record in which nothing is wrong."""
    referendum = scenario.after(list(scenario.steps)[-1])
    files = published(referendum.logged) | {"checkpoint": referendum.note()}
    report = judged(files, Pin.of(referendum.definition), None)
    if report.verdict != "passed" or report.void:
        raise AssertionError(f"{scenario.name}: {report.verdict} {report.stopped} {report.void}")
    about = {"valid": 1, "mutates": None, "check": None, "culprit": None, "believed": None}
    counted = values(referendum.record) if report.phase == "counted" else None
    name, pin = f"{scenario.name}/{COMPLETE}", Pin.of(referendum.definition).encode()
    return RecordVector(name, pin, files, about | finding(report), counted)


def changed_record(case: Case) -> RecordVector:
    """What a case makes of a scenario; what a verifier finds in it must be what the case says."""
    referendum = case.scenario().after(case.stage)
    added: Sequence[bytes] = ()
    with believing(case.believed):
        added = case.entries(referendum)
        end = len(referendum.logged) + len(added)
        try:
            referendum.log(*added)
            if case.then:
                case.then(referendum)
        except (VerificationError, EvidenceMissing):
            referendum.logged[end:] = []
        if case.goes_on:
            case.goes_on(referendum)
        changed = case.files(referendum)
        files = published(referendum.logged) | {"checkpoint": case.checkpoint(referendum)}
        files |= {path: data for path, data in changed.items() if data is not None}
        files = {path: data for path, data in files.items() if changed.get(path, b"") is not None}
        report = judged(files, case.pin(referendum), case.believed or None)
    intended = _intended(case, referendum, end)
    findings = finding(report)
    if {name: findings[name] for name in _STATED} != {name: intended[name] for name in _STATED}:
        raise AssertionError(f"{case.check}-{case.name}: {intended} intended, {findings} found")
    about = {
        "valid": int(case.severity == "nothing"),
        "mutates": f"{case.scenario().name}/{COMPLETE}",
        "check": case.check or None,
        "culprit": intended["culprit"],
        "believed": case.believed or None,
    }
    name = f"{case.scenario().name}/{case.check or 'accepted'}-{case.name}"
    return RecordVector(name, case.pin(referendum).encode(), files, about | findings)


COMPLETE = "complete"
_STATED = ("verdict", "stopped", "void", "afterwards")


def _intended(case: Case, referendum: Referendum, end: int) -> dict[str, Any]:
    """What a case says of its record."""
    culprit = (
        case.culprit or _culprit(referendum, case.check, end - 1) if case.severity in _ACCUSING else None
    )
    ended = {"fatal": "failed", "missing": "missing"}.get(case.severity)
    passed = "passed-with-notices" if case.notices else "passed"
    reached = passed if referendum.record.phase in ("counted", "cancelled") else "open"
    void = [(end - back, check, "".join(culprits)) for back, check, *culprits in case.also]
    void += [(end - 1, case.check, culprit or "")] if case.severity == "void" else []
    return {
        "culprit": culprit,
        "verdict": ended or reached,
        "stopped": {"check": case.check, "culprit": culprit} if ended else None,
        "void": [[i, check, named or _culprit(referendum, check, i)] for i, check, named in void],
        "afterwards": [[end - 1, case.check, culprit]] if case.afterwards else [],
    }


def finding(report: Report) -> dict[str, Any]:
    """What a report says that is the same of every verifier: all but titles and messages."""
    stop = report.stopped
    return {
        "verdict": report.verdict,
        "phase": report.phase,
        "stopped": stop and {"check": stop.check, "culprit": stop.culprit or None},
        "void": [[void.entry, void.check, void.culprit] for void in report.void],
        "notices": [[notice.entry, notice.check] for notice in report.notices],
        "afterwards": [[late.entry, late.check, late.culprit] for late in report.afterwards],
        "checks": {
            check.check: [check.status, check.count]
            for check in report.checks
            if check.status != "not reached"
        },
        "result": report.result and json.loads(report.result),
    }


@contextmanager
def believing(check: str | None) -> Iterator[None]:
    """Proofs of a check are taken to hold whatever they are: of 7.2, or of none."""
    if not check:
        yield
        return
    with patch.object(Proofs, "check_weighings", return_value=[]):
        yield


@dataclass(frozen=True)
class Published:
    """A record that is read from memory."""

    files: Mapping[str, bytes]

    def fetch(self, path: str, _limit: int) -> bytes:
        """The file at a path; NotThere where there is none."""
        if path not in self.files:
            raise NotThere(path)
        return self.files[path]

    def checkpoint(self) -> bytes:
        """The published checkpoint."""
        return self.fetch("checkpoint", 0)


def judged(files: Mapping[str, bytes], pin: Pin, believed: str | None) -> Report:
    """What the verifier says of a record."""
    with believing(believed):
        return verify(Published(files), pin)


def _culprit(referendum: Referendum, check: str, index: int) -> str:
    """Who is to blame where the entry at an index fails a check."""
    known = CULPRITS.get(check) or OF_GROUP.get(check.split(".")[0])
    if known and check != "1.9":
        return known
    if isinstance(entries.decode(referendum.logged[index]).payload, entries.Request):
        return "board"
    author = entries.decode(referendum.logged[index]).author
    return f"card {author.hex()}" if check.startswith("6.") else referendum.record.authors.culprit(author)


def published(logged: Sequence[bytes]) -> dict[str, bytes]:
    """The files of a log but for its checkpoint."""
    levels = [[leaf_hash(entry) for entry in logged]]
    while len(below := levels[-1]) >> TILE_HEIGHT:
        full = len(below) >> TILE_HEIGHT
        levels.append([root_of(below[256 * index : 256 * index + 256]) for index in range(full)])
    files = {}
    for tile in new_tiles(0, len(logged)):
        first = 256 * tile.index
        if tile.level == ENTRIES:
            files[tile.path] = encode_bundle(logged[first : first + tile.width])
        else:
            files[tile.path] = b"".join(levels[tile.level][first : first + tile.width])
    return files
