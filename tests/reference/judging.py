"""What the tests of whole records share: a report, copies of one rehearsal, entries said again."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import cbor
import entries
import verify
from batch import Batch
from entries import NotThereError
from rehearsal import Rehearsal


def report(rehearsal: Rehearsal, files: dict[str, bytes] | None = None) -> dict[str, Any]:
    """What the verifier says of a record."""
    found = rehearsal.files() if files is None else files

    def read(path: str) -> bytes:
        if path not in found:
            raise NotThereError(path)
        return found[path]

    pin = json.dumps(rehearsal.pin())
    value = json.loads(pin)
    policy = verify.note.parse_policy(value["policy"].encode())
    runner = verify.Runner(verify.Pin(bytes.fromhex(value["definition"]), policy), Batch())
    runner.run(read)
    return runner.report()


def once(build: Callable[[], Rehearsal]) -> Callable[[], Rehearsal]:
    """Each call gives a copy of one rehearsal."""
    built = cache(build)
    return lambda: deepcopy(built())


def resign(rehearsal: Rehearsal, party: str, at: int, **changes: cbor.Item) -> None:
    """Append the entry at an index again with other fields, signed."""
    entry = entries.parse(rehearsal.log_entries[at])
    payload = entry.payload | changes
    rehearsal.write(party, entry.type, *payload.values())


def last(rehearsal: Rehearsal, kind: str) -> int:
    """The index of the last entry of a type."""
    kinds = [entries.parse(entry).type for entry in rehearsal.log_entries]
    return len(kinds) - 1 - kinds[::-1].index(kind)
