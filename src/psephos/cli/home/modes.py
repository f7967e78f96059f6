"""Who may read a home: its owner alone, but for what is made to be handed on or published."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_PUBLIC = ("*.json", "record", "evidence")
"""What of a home others may read where it lets them in: public cards, pin, definition; an observer's copy."""
_SECRET = ("home.json", "standing.json")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(place: Path, published: Sequence[Path] = ()) -> None:
    """Take a directory, and all that is in it, from everybody but its owner.

    What is published inside stays readable, and the way there open. A directory that passes its group on
    (chmod 2770) keeps it, as does what is in it: its owner has said so.
    """
    if not place.is_dir():
        return
    inside = [path.resolve() for path in published if path.resolve().is_relative_to(place.resolve())]
    _take(place, stat.S_IXGRP | stat.S_IXOTH if inside else 0)
    for path in _private(place, inside):
        _take(path, 0)


def _private(place: Path, published: Sequence[Path]) -> Iterator[Path]:
    for path in place.iterdir():
        public = any(path.match(pattern) for pattern in _PUBLIC) and path.name not in _SECRET
        if path.is_symlink() or public or path.resolve() in published or _shared(path):
            continue
        yield path
        if path.is_dir():
            yield from _private(path, published)


def _shared(path: Path) -> bool:
    return path.is_dir() and bool(path.stat().st_mode & stat.S_ISGID)


def _take(path: Path, kept: int) -> None:
    """All rights of others but those that are kept; who does not own a file leaves it as it is."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS & ~kept and not _shared(path):
            path.chmod(mode & ~_OTHERS | mode & kept)
