"""`psephos result`: what a referendum decided, once everything that leads to it is verified."""

from __future__ import annotations

import sys
from pathlib import Path

from psephos.cli.process.stop import FAILED, Stop, stopping
from psephos.cli.process.terminal import show
from psephos.cli.source import first_use, open_record, read_pin
from psephos.cli.verify import Switch, Workers, verify_log
from psephos.observer.report import stopped_at
from psephos.observer.result import show_result
from psephos.protocol.setup.pin import Pin


def result(record: str, /, *, pin: Path | None = None, json: Switch = False, workers: Workers = 0) -> int:
    """Print the result of a verified record.

    Without a pin the record's own definition is believed (trust on first use). Exit codes are those of
    `psephos verify`.

    Parameters
    ----------
    record
        A directory with a log's files, or the http(s) URL of a log.
    pin
        The referendum's pin, from somebody you trust.
    json
        Print the result document, byte for byte.
    workers
        Threads to work with; 0 means one for each core.
    """
    known = None if pin is None else read_pin(pin)
    with open_record(record) as log:
        if known is None:
            with stopping(FAILED):
                known = first_use(log)
            _say_unpinned(known)
        report = verify_log(log, record, known, workers)
    if report.stopped is not None:
        raise Stop(stopped_at(report), report.exit_code)
    if report.result is None:
        raise Stop(f"there is no result yet: the referendum's phase is {report.phase}", report.exit_code)
    if json:
        print(report.result.decode())
    else:
        show(show_result(report.result))
    return report.exit_code


def _say_unpinned(pin: Pin) -> None:
    sys.stderr.write(
        f"psephos: no pin: trusting, on first use, the record's own definition {pin.definition.hex()}"
        " with the log and the witnesses that it names\n"
    )
