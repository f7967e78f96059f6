"""When an entry came into the log, as far as witnesses can tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psephos.errors import PsephosError
from psephos.language.catalog import N_
from psephos.language.formats import local_span, local_time
from psephos.log.export import CHECKPOINT
from psephos.protocol.setup.pin import policy_text
from psephos.protocol.witnessed import Timeline, Witnessed
from psephos.reader import witnessed
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker


@dataclass(frozen=True)
class LocalTimeline(Timeline):
    """The checkpoints of a log, and a zone in which times are told."""

    zone: str

    def logged_at(self, index: int, speaker: Speaker) -> str:
        """When entry `index` was logged, or between which times; empty where nobody can tell."""
        span = self.span(index)
        if span.after is not None and span.before is not None:
            text = local_time(span.after, self.zone, speaker.language)
            if text == local_time(span.before, self.zone, speaker.language):
                return text
            return local_span(span.after, span.before, self.zone, speaker.language)
        if span.after is None and span.before is None:
            return ""
        said = N_("after %(time)s") if span.before is None else N_("before %(time)s")
        time = local_time(span.after or span.before or 0, self.zone, speaker.language)
        return speaker.gettext(said) % {"time": time}


def times(snapshot: Snapshot, public: Path) -> LocalTimeline:
    """From the checkpoints in the log and the latest that is published; in the regions' zone, or UTC."""
    zones = {figures.region.timezone for figures in snapshot.regions}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    return LocalTimeline(snapshot.checkpoints, _latest(snapshot, public), zone)


def _latest(snapshot: Snapshot, public: Path) -> Witnessed | None:
    """The published checkpoint; None where it is not there, or no quorum has signed it."""
    try:
        note = (public / CHECKPOINT).read_bytes()
        size, root, signed = witnessed(note, policy_text(snapshot.definition))
    except (OSError, PsephosError):
        return None
    return Witnessed.of(size, size, root, signed) if signed else None
