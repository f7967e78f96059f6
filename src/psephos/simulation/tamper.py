"""Two forgeries of a finished record: a clumsy one, and one by a board and witnesses that collude."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.export import export
from psephos.log.policy import Policy
from psephos.log.store import LogStore
from psephos.log.tiles import ENTRIES, tile_at
from psephos.protocol import entries
from psephos.protocol.entries import Ballot, Entry
from psephos.simulation.definitions import Keys

_POINT = 32
"""Bytes of a point; a ballot's votes begin with the two of its first ciphertext."""


def change_bytes(record: Path, copy: Path) -> str:
    """Copy an exported record and change one byte of its first bundle; returns that file's name."""
    shutil.copytree(record, copy)
    checkpoint, _ = checkpoints.read((copy / "checkpoint").read_bytes())
    name = tile_at(ENTRIES, 0, checkpoint.size).path
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    return name


def collude(record: Path, copy: Path, policy: Policy, keys: Keys) -> bytes:
    """Re-sign the log with one ballot's ciphertext replaced by another's; returns the card of that ballot.

    Everything that board and witnesses can forge is forged: the tree, every checkpoint, and every checkpoint
    entry. What they cannot forge is the card's signature and the proof over the ciphertext.
    """
    copy.mkdir(parents=True)
    with Client(record) as source:
        tree = source.tree(policy)
        logged = [data for _, bundle in tree.entries() for data in bundle]
    victim, forged = _replace_ciphertext(logged)
    with LogStore(copy / "log.sqlite", tree.checkpoint.origin) as store:
        for index, data in enumerate(logged):
            entry = entries.decode(data)
            if index == victim:
                data = forged
            elif isinstance(entry.payload, entries.CheckpointEntry) and index > victim:
                data = _reissue(store, entry, entry.payload, policy, keys)
            store.append([data]).result()
        latest = TreeHead(store.origin, store.size, store.root(store.size))
        store.save_checkpoint(_cosigned(latest, source.checkpoint(), policy, keys))
        export(store, copy / "record")
    return entries.decode(forged).author


def _ballots(logged: list[bytes]) -> Iterator[tuple[int, Entry, Ballot]]:
    for index, data in enumerate(logged):
        entry = entries.decode(data)
        if isinstance(entry.payload, Ballot):
            yield index, entry, entry.payload


def _replace_ciphertext(logged: list[bytes]) -> tuple[int, bytes]:
    """A ballot in the middle of the log whose first ciphertext becomes that of the ballot before it."""
    ballots = list(_ballots(logged))
    (_, _, earlier), (index, entry, ballot) = ballots[len(ballots) // 2 - 1 : len(ballots) // 2 + 1]
    votes = earlier.votes[: 2 * _POINT] + ballot.votes[2 * _POINT :]
    body = entries.encode_body(replace(ballot, votes=votes), entry.referendum, entry.author)
    return index, entries.seal(body, entry.signature)


def _reissue(
    store: LogStore, entry: Entry, payload: entries.CheckpointEntry, policy: Policy, keys: Keys
) -> bytes:
    """The checkpoint entry as the forged log must have it, at the times of the true one."""
    old, _ = checkpoints.read(payload.note)
    forged = TreeHead(store.origin, old.size, store.root(old.size))
    note = _cosigned(forged, payload.note, policy, keys)
    board = keys.board
    return entries.encode(entries.CheckpointEntry(note), entry.referendum, entry.author, board.sign)


def _cosigned(forged: TreeHead, true_note: bytes, policy: Policy, keys: Keys) -> bytes:
    """The forged checkpoint, signed by the board and the witnesses that cosigned the true one."""
    times = policy.cosigned(checkpoints.read(true_note)[1])
    signed = checkpoints.read(checkpoints.sign(forged, keys.board))[1]
    by_public: dict[bytes, SigningKey] = {key.public.raw: key for key in keys.witnesses}
    lines = [
        cosignature.sign(
            signed.text, time, policy.witnesses[name].name, by_public[policy.witnesses[name].public.raw]
        )
        for name, time in times.items()
    ]
    return signed.with_signatures(lines).encode()
