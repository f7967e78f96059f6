"""Where an observer keeps the evidence that it has found (`spec/schemas/evidence.json`)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from psephos.files import PUBLIC, write_whole
from psephos.verifier.evidence import Evidence, Exhibit
from psephos.verifier.run import Verification


class EvidenceFolder:
    """A directory of `<time>-<kind>.json`; what is on it already is not put there again."""

    def __init__(self, directory: Path, log: Verification) -> None:
        """`log` is the pinned log that the evidence is about."""
        self._directory, self._log = directory, log

    def put(self, exhibit: Exhibit, shows: str, now: int) -> Path:
        """The file that shows it, new or from before; `now` in UTC seconds, `shows` one sentence."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._directory.glob(f"*-{exhibit.kind}.json")):
            kept = Evidence.parse(path.read_bytes())
            if (kept.referendum, kept.exhibit.subject) == (self._log.pin.definition, exhibit.subject):
                return path
        path = self._free(now, exhibit.kind)
        write_whole(path, Evidence.of(exhibit, self._log, now, shows).encode(), PUBLIC)
        return path

    def _free(self, now: int, kind: str) -> Path:
        """A name by the time, a second later as long as it is taken."""
        path = self._directory / f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}-{kind}.json"
        return self._free(now + 1, kind) if path.exists() else path
