"""`psephos receipt`: what the paper or file that a voter keeps is worth."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from psephos.cli.process.stop import FAILED, stopping
from psephos.cli.process.times import utc
from psephos.cli.source import read_file, read_pin
from psephos.errors import FormatError
from psephos.log.proof import LogProof
from psephos.protocol.entries import Ballot
from psephos.verifier.receipt import Receipt, verify_receipt
from psephos.voter.expected import take
from psephos.voter.pasted import read

receipt = App("receipt", help="Check receipts, and show what they say.")


@receipt.command
def verify(file: Path, /, *, pin: Path, entry: Path | None = None) -> int:
    """Verify, offline, that an entry is in the log: exits with 0 if it is, with 1 if that is not shown.

    That it is valid, and so counts, only `psephos verify` on the whole record tells.

    Parameters
    ----------
    file
        The receipt (C2SP tlog-proof), whose extra data is the entry.
    pin
        The referendum's pin, from somebody you trust.
    entry
        The entry, where the receipt does not carry it.
    """
    known = read_pin(pin)
    proof, data = read_file(file), None if entry is None else read_file(entry)
    with stopping(FAILED, str(file)):
        proof = _found(proof)
    with stopping(FAILED):
        found = verify_receipt(proof, known, data)
    print("\n".join(f"{name:<11} {value}" for name, value in _lines(found)))
    return 0


def _found(data: bytes) -> bytes:
    """The receipt in what a mail program or an editor made of it."""
    try:
        LogProof.parse(data)
    except FormatError:
        return take(read(data), "receipt").encode()
    return data


def _lines(found: Receipt) -> list[tuple[str, str]]:
    payload, at = found.entry.payload, found.checkpoint
    lines = [("entry", f"{found.index}, a {payload.type_name()}")]
    if isinstance(payload, Ballot):
        lines.append(("tracker", found.entry.body_hash.hex()))
        lines.append(("ballot", f"region {payload.region}, day {payload.day}, serial {payload.serial}"))
    lines += [("log", at.origin), ("checkpoint", f"size {at.size}, root {at.root.hex()}")]
    return lines + [("witness", f"{name} at {utc(time)}") for name, time in found.cosigned.items()]
