"""Logs of a few entries, made by hand: what a board and its witnesses would publish of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.errors import NotThere
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import inclusion_proof, leaf_hash, root_of
from psephos.log.note import Note
from psephos.log.proof import LogProof
from psephos.log.tiles import ENTRIES, TILE_WIDTH, Edge, encode_bundle, tile_at
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import Keys, sample

TIME = 1_900_000_000


@dataclass
class Published:
    """A log's files by path: a `psephos.reader.Source`."""

    files: dict[str, bytes]

    def fetch(self, path: str, limit: int) -> bytes:
        if path not in self.files:
            raise NotThere(f"{path}: not there")
        return self.files[path]

    def checkpoint(self) -> bytes:
        return self.fetch("checkpoint", 1 << 20)

    def write(self, directory: Path) -> Path:
        for path, data in self.files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(data)
        return directory


@dataclass
class SmallLog:
    """The entries of a referendum that begins with a definition by its organiser."""

    definition: Definition
    keys: Keys
    entries: list[bytes] = field(default_factory=list)

    @classmethod
    def begin(cls) -> SmallLog:
        document, keys = sample()
        log = cls(parse(document), keys)
        log.say(entries.DefinitionEntry(document), keys.organiser)
        return log

    @property
    def pin(self) -> Pin:
        return Pin.of(self.definition)

    def say(self, payload: Payload, author: SigningKey) -> None:
        """Append an entry of the definition's scope."""
        self.entries.append(entries.encode(payload, self.definition.hash, author.public.raw, author.sign))

    def checkpoint(self, witnesses: int = 3) -> bytes:
        """The signed checkpoint, cosigned by the first so many witnesses."""
        edge = self._edge()
        board = self.definition.board
        signed = Note.parse(checkpoints.sign(TreeHead(board.origin, edge.size, edge.root()), self.keys.board))
        members = zip(self.definition.witnesses.members, self.keys.witnesses, strict=True)
        lines = [cosignature.sign(signed.text, TIME, party.name, key) for party, key in members]
        return signed.with_signatures(lines[:witnesses]).encode()

    def published(self, witnesses: int = 3) -> Published:
        edge = self._edge()
        files = {tile.path: data for tile, data in edge.partial()}
        for start in range(0, len(self.entries), TILE_WIDTH):
            tile = tile_at(ENTRIES, start // TILE_WIDTH, edge.size)
            files[tile.path] = encode_bundle(self.entries[start : start + TILE_WIDTH])
        files |= {tile.path: data for tile, data in Edge().extend(map(leaf_hash, self.entries))}
        return Published(files | {"checkpoint": self.checkpoint(witnesses)})

    def receipt(self, index: int, *, extra: bool = True, witnesses: int = 3) -> bytes:
        leaves = [leaf_hash(entry) for entry in self.entries]

        def read(level: int, at: int) -> bytes:
            return root_of(leaves[at << level : (at + 1) << level])

        hashes = tuple(inclusion_proof(index, len(leaves), read))
        carried = self.entries[index] if extra else b""
        return LogProof(index, hashes, self.checkpoint(witnesses), carried).encode()

    def _edge(self) -> Edge:
        edge = Edge()
        edge.extend(map(leaf_hash, self.entries))
        return edge
