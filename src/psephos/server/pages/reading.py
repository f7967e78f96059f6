"""The log for people: its entries page by page, one of them opened, one found by its tracker."""

from __future__ import annotations

import re
from pathlib import Path

from psephos.language.catalog import N_
from psephos.protocol import entries
from psephos.protocol.entries import Entry
from psephos.protocol.words import attached
from psephos.server.pages.contents import content, kind
from psephos.server.pages.listing import PAGE, ListedEntry, listing
from psephos.server.pages.replies import attribution
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.times import times
from psephos.server.pages.trackers import Trackers

_HASH = 32
_TRACKER = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def number(text: str) -> int | None:
    """The index of an entry, if a text is one."""
    return int(text) if _NUMBER.fullmatch(text) else None


def sought(text: str, trackers: Trackers) -> int | None:
    """The index of the entry that somebody looks for, by its number or its tracker, however that is typed."""
    plain = "".join(text.split()).lower()
    if (index := number(plain)) is not None and len(plain) < 2 * _HASH:
        return index
    return trackers.find(bytes.fromhex(plain)) if _TRACKER.fullmatch(plain) else None


def log(snapshot: Snapshot, speaker: Speaker, public: Path, first: int | None, missing: bool) -> Content:
    """A page of the log with entry `first`, or the last one; `missing` where somebody sought in vain."""
    shown = listing(public, first)
    later = shown.first + PAGE
    return {
        "missing": missing,
        "size": speaker.number(shown.size),
        "lines": [_line(line, snapshot, speaker) for line in shown.lines],
        "earlier": shown.first - PAGE if shown.first else None,
        "later": later if later < shown.size else None,
    }


def opened(snapshot: Snapshot, speaker: Speaker, public: Path, index: int) -> Content | None:
    """An entry with what it says; None where the published log has none with this index."""
    line = listing(public, index).line(index)
    if line is None:
        return None
    said = _line(line, snapshot, speaker) | {
        "when": times(snapshot, public).logged_at(index, speaker),
        "content": list(content(line.entry.payload, snapshot, speaker)) if line.entry else [],
        "language": getattr(line.entry.payload, "language", "") if line.entry else "",
        "attachment": _attachment(line.entry),
        "file": _FILES.get(type(line.entry.payload), "") if line.entry else "",
        "tracker": line.entry.body_hash.hex() if line.entry else "",
        "length": speaker.number(line.length),
        "bundle": line.bundle,
        "tile": line.tile,
    }
    return {"entry": said}


_FILES = {entries.DefinitionEntry: "/definition.json", entries.Result: "/result.json"}
"""Where the content of an entry is to be had by itself."""


def _attachment(entry: Entry | None) -> str:
    return attached(entry.payload).hex() if entry else ""


def _line(line: ListedEntry, snapshot: Snapshot, speaker: Speaker) -> Content:
    if line.entry is None:
        return {"index": line.index, "kind": speaker.gettext(N_("Not an entry")), "who": "", "void": ""}
    return {
        "index": line.index,
        "kind": kind(line.entry.payload, speaker),
        "who": _author(line.entry, snapshot, speaker),
        "void": snapshot.void.get(line.index, ""),
    }


def _author(entry: Entry, snapshot: Snapshot, speaker: Speaker) -> str:
    if isinstance(entry.payload, entries.Ballot):
        return speaker.gettext(N_("a card"))
    known = snapshot.authors.get(entry.author)
    return attribution(known, speaker) if known else speaker.gettext(N_("somebody unknown"))
