"""`--cluster`: work done by other machines, or by other processes of this one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from psephos.cli.process.hygiene import forbid_core_dumps
from psephos.cli.process.stop import USAGE, Stop
from psephos.errors import ExecutorError
from psephos.executor.job import Executor
from psephos.extras import missing

Cluster: TypeAlias = Annotated[
    str | None,
    Parameter(
        help="A Dask scheduler of your own, tls://HOST:PORT, whose workers share the work; or `local`,"
        " for worker processes on this machine."
    ),
]
_ADDRESS = re.compile(r"local|(tls|tcp)://[^\s/]+:[0-9]+")


@contextmanager
def workers_at(address: Cluster, number: int = 0) -> Iterator[Executor | None]:
    """The workers of a cluster, or None without one; of local ones there are so many, or one for each core.

    Stop where the cluster fails: that is neither a passed check nor a failed one.
    """
    if address is None:
        yield None
        return
    if not _ADDRESS.fullmatch(address):
        raise Stop(f"--cluster: {address} is neither tls://HOST:PORT nor local", USAGE)
    try:
        from psephos.executor.cluster import connected
    except ImportError as error:
        raise Stop(f"--cluster: {missing('cluster') or error}", USAGE) from error
    try:
        with connected(address, number) as cluster:
            cluster.begin(forbid_core_dumps)
            yield cluster
    except ExecutorError as error:
        raise Stop(str(error), USAGE) from error
