"""What each of the two verifiers says of a record in `directory/record`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import verify as reference
from batch import Batch
from entries import NotThereError

from psephos.log.client import Client
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import verify


def ours(directory: Path, pin: Pin) -> dict[str, Any]:
    with Client(directory / "record") as log:
        return verify(log, pin).document()


def theirs(directory: Path, pin: Pin) -> dict[str, Any]:
    def read(path: str) -> bytes:
        try:
            return (directory / "record" / path).read_bytes()
        except FileNotFoundError as error:
            raise NotThereError(path) from error

    policy = reference.note.parse_policy(pin.policy.encode())
    runner = reference.Runner(reference.Pin(pin.definition, policy), Batch())
    runner.run(read)
    return json.loads(json.dumps(runner.report()))


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """What both must say, words and counts aside."""
    return {
        "verdict": report["verdict"],
        "phase": report["phase"],
        "checkpoint": report["checkpoint"],
        "ended": [
            (c["check"], c["status"], c.get("culprit"))
            for c in report["checks"]
            if c["status"] in ("failed", "missing")
        ],
        "void": [(v["entry"], v["check"], v["culprit"]) for v in report["void"]],
        "notices": len(report["notices"]),
        "result": report["result"],
    }
