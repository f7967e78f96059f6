"""What `psephos observer watch` does: pass after pass, alarms said and kept, checkpoints cosigned."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from psephos.cli.home.home import Home, HomeOptions, alone
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.source import open_record
from psephos.files import PUBLIC, write_whole
from psephos.log import checkpoints
from psephos.log.merkle import consistency_proof
from psephos.observer.copy import Copy
from psephos.observer.evidence_folder import EvidenceFolder
from psephos.observer.text import plain
from psephos.observer.watch import Watch
from psephos.scratch import Scratch
from psephos.verifier.evidence import Exhibit
from psephos.verifier.run import Verification
from psephos.witness.witness import Witness


@dataclass(frozen=True)
class Station:
    """What a watch works with."""

    home: Home
    log: Verification
    copy: Copy
    watch: Watch


@contextmanager
def watching(record: str, options: HomeOptions) -> Iterator[Station]:
    """A home from which to watch a log; what Psephos refuses inside ends the command."""
    kept = (options.home / "home.json").exists()
    home = Home.read(options, "observer") if kept else Home(options, "observer", "observer", None, {})
    with alone(home.directory), open_record(record) as source, stopping(FAILED):
        home.adopt(options.pin)
        log = Verification(home.pin, Scratch())
        (origin,) = log.policy.logs
        with closing(Copy(home.directory / "copy", origin)) as copy:
            yield Station(home, log, copy, Watch(source, copy, log))


class Passes:
    """Pass after pass, each said in a line."""

    def __init__(
        self, station: Station, peers: tuple[str, ...], documents: Path | None, cosigned: Path | None
    ) -> None:
        self._at, self._peers, self._documents, self._cosigned = station, peers, documents, cosigned
        self._folder = EvidenceFolder(station.home.directory / "evidence", station.log)
        self._said: set[Path] = set()
        self._early: set[str] = set()
        self._next = 0.0
        if documents is not None and not documents.is_dir():
            raise Stop(f"{documents} is no directory", USAGE)

    @property
    def alarmed(self) -> bool:
        """Whether there was an alarm."""
        return bool(self._said or self._early)

    def due(self, every: float) -> None:
        """A pass, unless the last one began less than so many seconds ago."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + every
            self.once()

    def once(self) -> int:
        """A pass; its exit code."""
        sight = self._at.watch.look(self._peers, self._documents, now())
        for remark in sight.remarks:
            print(plain(remark), flush=True)
        for exhibit, shows in sight.alarms:
            path = self._folder.put(exhibit, shows, now())
            if path not in self._said:
                say_alarm(shows, exhibit, path)
            self._said.add(path)
        for clock in sight.clocks:
            self._tell_of(clock)
        if sight.alarms:
            self._publish()
        if sight.alarms or sight.clocks:
            return FAILED
        if not sight.new or self._at.log.stopped is not None:
            return WAITING
        record = self._at.log.record
        new = f"{record.size} entries, {sight.new} of them new"
        print(f"{new}: all is well; phase {record.phase}", flush=True)
        if self._cosigned is not None:
            self._cosign(self._cosigned)
        return 0

    def _tell_of(self, clock: str) -> None:
        """A witness that is ahead of its time, once."""
        witness = clock.partition(" ")[0]
        if witness not in self._early:
            sys.stderr.write(f"ALARM clock: {plain(clock)}\n")
        self._early.add(witness)

    def _publish(self) -> None:
        """Leave the copy as files, for evidence that only the log can prove."""
        if self._at.copy.store.checkpoint() is not None:
            self._at.copy.publish(self._at.home.directory / "record")

    def _cosign(self, file: Path) -> None:
        """Cosign what was just verified."""
        home, copy = self._at.home, self._at.copy
        note = copy.checkpoint()
        new, _ = checkpoints.read(note)
        keys = self._at.log.policy.logs.values()
        with Witness(home.name, home.signing_key(), keys, home.directory / "cosigned.sqlite") as witness:
            last = witness.checkpoint(new.origin)
            old = checkpoints.read(last)[0].size if last else 0
            proof = consistency_proof(old, new.size, copy.store.hash)
            witness.add_checkpoint(old, proof, note, now())
            write_whole(file, witness.checkpoint(new.origin) or b"", PUBLIC)


def now() -> int:
    """UTC seconds."""
    return int(time.time())


def say_alarm(shows: str, exhibit: Exhibit, path: Path) -> None:
    """One line on stderr."""
    sys.stderr.write(f"ALARM {exhibit.kind}: {plain(shows)}; evidence: {path}\n")
