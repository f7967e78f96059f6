"""Who may read a home: its owner alone, but for what is made to be handed on or published."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

_PUBLIC = ("record", "evidence")
"""What of a home others may read where it lets them in, beside JSON (public cards, pin, definition): an
observer's copy."""
_SECRET = ("home.json", "standing.json")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(place: Path, published: Sequence[Path] = ()) -> None:
    """Take a directory, and all that is in it, from everybody but its owner.

    What is published inside stays readable, and the way there open. A directory that passes its group on
    (chmod 2770) keeps it, as does what is in it: its owner has said so.
    """
    if not place.is_dir():
        return
    root = place.resolve()
    inside = {str(path) for path in map(Path.resolve, published) if path.is_relative_to(root)}
    _take(root, stat.S_IXGRP | stat.S_IXOTH if inside else 0)
    for entry in _private(str(root), inside):
        _take(entry, 0)


def _private(place: str, published: AbstractSet[str]) -> Iterator[os.DirEntry[str]]:
    """What is to be taken; no link is followed on the way, so each path is as it was resolved."""
    with os.scandir(place) as entries:
        for entry in entries:
            public = entry.name in _PUBLIC or (entry.name.endswith(".json") and entry.name not in _SECRET)
            if entry.is_symlink() or public or entry.path in published or _shared(entry):
                continue
            yield entry
            if entry.is_dir():
                yield from _private(entry.path, published)


def _shared(path: Path | os.DirEntry[str]) -> bool:
    return path.is_dir() and bool(path.stat().st_mode & stat.S_ISGID)


def _take(path: Path | os.DirEntry[str], kept: int) -> None:
    """All rights of others but those that are kept; who does not own a file leaves it as it is."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS & ~kept and not _shared(path):
            os.chmod(path, mode & ~_OTHERS | mode & kept)
