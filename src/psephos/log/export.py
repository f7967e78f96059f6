"""A log as static files, in the layout of C2SP tlog-tiles (`spec/log.md#layout`)."""

from __future__ import annotations

import shutil
from pathlib import Path

from psephos.errors import FormatError, LogError
from psephos.files import PUBLIC, replace_whole, sync
from psephos.log import checkpoints, tiles
from psephos.log.checkpoints import TreeHead
from psephos.log.store import LogStore
from psephos.log.tiles import TILE_WIDTH, Tile

CHECKPOINT = "checkpoint"


def export(store: LogStore, directory: Path) -> TreeHead:
    """Write what `directory` lacks of the store's latest checkpoint; the checkpoint itself comes last.

    Who reads meanwhile sees the old log or the new one, whole. Partial tiles go when the full one is there.
    """
    data = store.checkpoint()
    if data is None:
        raise LogError("export: the store has no checkpoint yet")
    checkpoint, _ = checkpoints.read(data)
    old_size = check_published(store, directory)
    if old_size > checkpoint.size:
        raise LogError(
            f"export: {directory} holds {old_size} entries, more than the checkpoint's {checkpoint.size}"
        )
    files = list(tiles.new_tiles(old_size, checkpoint.size))
    changed: set[Path] = set()
    for digest in store.blobs():
        if not (path := directory / "blob" / digest).exists():
            changed.add(_write(path, store.blob(digest)))
    for tile in files:
        changed.add(_write(directory / tile.path, store.tile(tile)))
    for folder in changed:
        sync(folder)  # all that the checkpoint speaks of is on disk before it
    sync(_write(directory / CHECKPOINT, data))
    _remove_partial(directory, files)
    return checkpoint


def check_published(store: LogStore, directory: Path) -> int:
    """How many entries a directory holds of the store's log; LogError where it holds another, or more.

    FormatError where its checkpoint is damaged.
    """
    path = directory / CHECKPOINT
    if not path.exists():
        return 0
    try:
        old, _ = checkpoints.read(path.read_bytes())
    except FormatError as error:
        raise FormatError(
            f"{path} is damaged ({error}): remove it and start again; the log's own copy replaces it"
        ) from error
    if old.origin != store.origin or old.size > store.size or old.root != store.root(old.size):
        raise LogError(f"export: {directory} holds a log that the store's does not extend")
    return old.size


def _write(path: Path, data: bytes) -> Path:
    """Put a file in place whole: written beside, on disk, then renamed; returns what directory to sync."""
    _make_directory(path.parent)
    if path.exists() and path.read_bytes() == data:
        return path.parent  # left over from an export that was cut short
    replace_whole(path, data, PUBLIC, path.with_name(path.name + ".new"))
    return path.parent


def _make_directory(directory: Path) -> None:
    if not directory.is_dir():
        _make_directory(directory.parent)
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)
        sync(directory.parent)


def _remove_partial(directory: Path, files: list[Tile]) -> None:
    for tile in files:
        partial = directory / f"{tile.path}.p"
        if tile.width == TILE_WIDTH and partial.is_dir():
            shutil.rmtree(partial)
