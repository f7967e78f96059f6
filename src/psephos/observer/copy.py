"""An observer's own copy of a log: what it has seen, nobody can take back."""

from __future__ import annotations

from pathlib import Path

from psephos.errors import EvidenceMissing
from psephos.files import write_whole
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.export import export
from psephos.log.store import LogStore
from psephos.log.tiles import Tile
from psephos.log.tree import Tree
from psephos.observer.view import View
from psephos.verifier.run import gathered


class Copy:
    """The log on disk, as a `psephos.reader.Source`; checkpoints are accepted before they are copied."""

    def __init__(self, directory: Path, origin: str) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.store = LogStore(directory / "log.sqlite", origin)
        self._accepted = directory / "accepted"

    def close(self) -> None:
        """Close the files."""
        self.store.close()

    # -- as a source

    def fetch(self, path: str, limit: int) -> bytes:  # noqa: ARG002
        """A tile or bundle of the copy, which are all within their limits."""
        return self.store.tile(Tile.parse(path))

    def checkpoint(self) -> bytes:
        """The latest checkpoint that is copied whole."""
        note = self.store.checkpoint()
        if note is None:
            raise EvidenceMissing("nothing is copied yet")
        return note

    # -- growing

    @property
    def accepted(self) -> View | None:
        """The latest checkpoint that was believed, even where copying it was cut short."""
        if not self._accepted.exists():
            return None
        note = self._accepted.read_bytes()
        whole = checkpoints.read(note)[0].size <= self.store.size
        return View.of("this observer's copy", note, self.store.hash if whole else None)

    def extend(self, note: bytes, tree: Tree) -> None:
        """Copy what is new under a checkpoint that extends the one accepted last."""
        write_whole(self._accepted, note)
        for entries in gathered(tree, self.store.size):
            self.store.append(entries).result()
        self.store.save_checkpoint(note)

    def publish(self, directory: Path) -> TreeHead:
        """Put the copy into files that anybody can read a log from."""
        return export(self.store, directory)
