"""`psephos verify`: every check of a record, against a pin."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from psephos.cli.cluster import Cluster, workers_at
from psephos.cli.home.home import location
from psephos.cli.process.terminal import progress_bar, show
from psephos.cli.source import open_record, read_pin
from psephos.crypto.workers import set_workers
from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import folded
from psephos.log.client import Client
from psephos.observer.report import show_report
from psephos.protocol.setup.pin import Pin
from psephos.scratch import Scratch
from psephos.verifier.report import Report
from psephos.verifier.run import Verification

Workers = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=1024))]
Switch = Annotated[bool, Parameter(negative="")]


def verify(
    record: str,
    /,
    *,
    pin: Path,
    json: Switch = False,
    workers: Workers = 0,
    cluster: Cluster = None,
) -> int:
    """Verify a record against a pin.

    Exits with 0 when everything passed, to the end; 3 when everything passed so far but there is no result
    yet; 1 when a check failed or evidence is missing; 2 when the pin cannot be read.

    Parameters
    ----------
    record
        A directory with a log's files, or the http(s) URL of a log.
    pin
        The referendum's pin, from somebody you trust.
    json
        Print the whole report as JSON.
    workers
        Threads to work with, or processes of a local cluster; 0 means one for each core. Beside more than
        one, one more reads the log and one folds it.
    """
    known = read_pin(pin)
    with open_record(record) as log:
        report = verify_log(log, record, known, workers, cluster)
    if json:
        print(report.encode().decode())
    else:
        show(show_report(report))
    return report.exit_code


def verify_log(log: Client, place: str, pin: Pin, workers: int, cluster: Cluster = None) -> Report:
    """Verify the log at a place with so many threads, or by a cluster, showing how far it is."""
    set_workers(workers)
    followed = Followed(log, location(place))
    with workers_at(cluster, workers) as executor, progress_bar("Verifying") as progress:

        def follow(verification: Verification) -> Report:
            verification.follow(followed, progress)
            return verification.report(int(time.time()))

        begin = partial(Verification, pin, Scratch())
        return folded(begin, executor, followed.log, follow)
