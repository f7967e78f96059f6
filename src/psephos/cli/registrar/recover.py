"""`psephos registrar recover`: goes on from an older copy of the state, with token receipts."""

from __future__ import annotations

from pathlib import Path

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, open_home
from psephos.cli.process.stop import USAGE, WAITING, Stop, stopping
from psephos.cli.registrar.opened import NOW, opened
from psephos.cli.source import read_file
from psephos.errors import PhaseError


def recover(*receipts: Path, options: HomeOptions = DEFAULT_HOME) -> int:
    """Rebuild the table of who got tokens from the token receipts that voters' devices keep.

    A registrar whose state was restored from an older copy answers nothing until its table has everybody
    whom its last count in the log counts: otherwise it would give tokens twice.

    Example: psephos registrar recover receipts/*.receipt --home registrar

    Parameters
    ----------
    receipts
        Files, each with one token receipt.
    """
    if not receipts:
        raise Stop("name the files with token receipts", USAGE)
    with open_home(options, "registrar") as home, home.record() as record:
        with opened(home, record, NOW) as registrar:
            if not record.ceremony.complete:
                raise Stop("waits for the trustees: before the ceremony nobody got tokens", WAITING)
            added = 0
            for path in receipts:
                with stopping(USAGE, str(path)):
                    added += registrar.recover([read_file(path)], record.setting)
            try:
                registrar.follow(record)
            except PhaseError as error:
                print(f"added {added}")
                raise Stop(str(error), WAITING) from error
        print(f"added {added}: the table fits the log")
    return 0
