"""When an entry came into the log, as far as witnesses can tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psephos.errors import PsephosError
from psephos.language.catalog import N_
from psephos.language.formats import local_span, local_time
from psephos.log.export import CHECKPOINT
from psephos.protocol.setup.pin import policy_text
from psephos.reader import witnessed
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker


@dataclass(frozen=True)
class Times:
    """Sizes of the log with times in UTC seconds at which witnesses had seen them, ascending; and a zone."""

    seen: tuple[tuple[int, int], ...]
    zone: str

    def told(self, index: int, speaker: Speaker) -> str:
        """When entry `index` was logged, or between which times; empty where nobody can tell."""
        after = max((time for size, time in self.seen if size <= index), default=None)
        before = min((time for size, time in self.seen if size > index), default=None)
        if after is not None and before is not None:
            told = local_time(after, self.zone, speaker.language)
            if told == local_time(before, self.zone, speaker.language):
                return told
            return local_span(after, before, self.zone, speaker.language)
        if after is None and before is None:
            return ""
        said = N_("after %(time)s") if before is None else N_("before %(time)s")
        time = local_time(after or before or 0, self.zone, speaker.language)
        return speaker.gettext(said) % {"time": time}


def times(snapshot: Snapshot, public: Path) -> Times:
    """From the checkpoints in the log and the latest that is published; in the regions' zone, or UTC."""
    zones = {one.region.timezone for one in snapshot.regions}
    return Times((*snapshot.witnessed, *_latest(snapshot, public)), zones.pop() if len(zones) == 1 else "UTC")


def _latest(snapshot: Snapshot, public: Path) -> list[tuple[int, int]]:
    """Size and time of the published checkpoint; none where it is not there, or no quorum has signed it."""
    try:
        note = (public / CHECKPOINT).read_bytes()
        size, _, signed = witnessed(note, policy_text(snapshot.definition))
    except (OSError, PsephosError):
        return []
    return [(size, sorted(signed)[(len(signed) - 1) // 2])] if signed else []
