"""Watching a log: each look copies and verifies what is new, and raises what an observer must raise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from psephos.errors import EvidenceMissing, PsephosError, VerificationError
from psephos.observer.copy import Copy
from psephos.observer.view import View, contradiction, seen_at
from psephos.reader import Source
from psephos.verifier.evidence import Exhibit, NotProven
from psephos.verifier.exhibits import exhibits
from psephos.verifier.faults import Failed, Noticed
from psephos.verifier.histories import Rewind
from psephos.verifier.run import Verification, checked


@dataclass
class Sight:
    """What a look has seen: new entries, alarms with what they show, and remarks that accuse nobody."""

    new: int = 0
    alarms: list[tuple[Exhibit, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    """Cosignatures of a time that has not come: an alarm that only its own time can prove."""


class Watch:
    """Follows one log, from where its copy ends."""

    def __init__(self, source: Source, copy: Copy, log: Verification) -> None:
        """`log` is a fresh verification of the pinned log: the copy is verified first."""
        self._source, self._copy, self._log = source, copy, log
        if copy.store.checkpoint() is not None:
            log.follow(copy)

    def look(self, peers: Iterable[str] = (), documents: Path | None = None, now: int | None = None) -> Sight:
        """One pass: history, new entries, peers' checkpoints, and what is promised in a directory's files.

        `now`, in UTC seconds, is what the times of cosignatures are held against.
        """
        sight, before = Sight(), self._copy.store.size
        self._grow(sight)
        sight.new = self._copy.store.size - before
        if self._copy.store.checkpoint() is None:
            return sight
        self._judge(sight)
        if now is not None:
            sight.clocks += self._log.ahead(now)
        for peer in peers:
            self._meet(peer, sight)
        if documents is not None:
            self._hold_to(documents, sight)
        return sight

    def _grow(self, sight: Sight) -> None:
        """Copy what is new, if it extends what is there, and verify it."""
        published = Verification(self._log.pin)
        try:
            tree = published.open(self._source)
            with checked():
                found = self._contradicts(View.of("the log", published.note, tree.hash))
            if found:
                _raise(found, published, sight)
                return
            self._copy.extend(published.note, tree)
        except EvidenceMissing as missing:
            sight.remarks.append(f"nothing to read for now: {missing}")
        except VerificationError as error:
            sight.alarms.append((Failed.of(error, published.note), str(error)))
        else:
            self._log.follow(self._copy)

    def _contradicts(self, new: View) -> Exhibit | None:
        known = self._copy.accepted
        if known is None:
            return None
        if fork := contradiction(known, new):
            return fork
        rewound = new.checkpoint.size < known.checkpoint.size
        return Rewind(known.note, new.note) if rewound else None

    def _judge(self, sight: Sight) -> None:
        """What the verification of the copy has found."""
        note = self._copy.checkpoint()
        if isinstance(self._log.stopped, VerificationError):
            sight.alarms.append((Failed.of(self._log.stopped, note), str(self._log.stopped)))
        elif self._log.stopped is not None:
            sight.remarks.append(f"evidence missing, check {self._log.stopped.check}: {self._log.stopped}")
        for notice in self._log.record.notices:
            _raise(Noticed(notice.message, note), self._log, sight)
        for late in self._log.record.afterwards:
            sight.remarks.append(f"entry {late.entry}, after the result: check {late.check}: {late.message}")

    def _meet(self, peer: str, sight: Sight) -> None:
        """Compare with what another observer was shown."""
        ours = View.of("this observer's copy", self._copy.checkpoint(), self._copy.store.hash)
        try:
            with seen_at(peer, self._log.policy) as theirs:
                if fork := contradiction(ours, theirs):
                    _raise(fork, self._log, sight)
        except (PsephosError, OSError) as error:
            sight.remarks.append(f"{peer}: {error}")

    def _hold_to(self, documents: Path, sight: Sight) -> None:
        """Hold board and registrars to what they signed outside the log."""
        for name, exhibit in exhibits(_files(documents, sight), self._copy.checkpoint()):
            if isinstance(exhibit, PsephosError):
                sight.remarks.append(f"{name}: {exhibit}")
                continue
            try:
                sight.alarms.append((exhibit, exhibit.proves(self._log)))
            except NotProven:
                continue
            except PsephosError as error:
                sight.remarks.append(f"{name}: {error}")


def _raise(exhibit: Exhibit, log: Verification, sight: Sight) -> None:
    """An alarm that the exhibit proves."""
    sight.alarms.append((exhibit, exhibit.proves(log)))


def _files(documents: Path, sight: Sight) -> dict[str, bytes]:
    """A directory's files, but for hidden ones and for what cannot be read."""
    contents = {}
    for path in sorted(documents.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            contents[path.name] = path.read_bytes()
        except OSError as error:
            sight.remarks.append(f"{path.name}: {error}")
    return contents
