"""Jobs on a cluster of Dask's workers, an optional extra (`docs/guides/cluster.md`).

Whoever runs its scheduler or a worker can run code in this process: it must be one's own (SECURITY.md).
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import dask
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, Security, WorkerPlugin, get_worker
from distributed.scheduler import KilledWorker, NoValidWorkerError

from psephos.crypto.workers import CORE
from psephos.errors import ExecutorError, Fault
from psephos.executor.job import Done, Job

RELEASE = f"{version('psephos')} with core {CORE}"
"""Which Psephos this is: workers of another could find otherwise, and give other bytes."""
TLS = "tls://"
LOCAL = "local"
"""The address of workers that are started on this machine and end with the command."""
_LOST = (CancelledError, KilledWorker, NoValidWorkerError, OSError, TimeoutError)
_AHEAD = 2
"""Jobs under way for each thread of a worker, so that it need not wait for the next."""
_RETRIES = 2


class Cluster:
    """Does jobs on a scheduler's workers; what is lost with a worker is done again by another."""

    def __init__(self, client: Client, address: str, timeout: float = 600.0) -> None:
        """`address`: the scheduler's; `timeout`: seconds to wait for a worker, and then for each result."""
        self._client = client
        self._address = address
        self._timeout = timeout

    def begin(self, action: Callable[[], object]) -> None:
        """Have every worker do something first: those that are there and those that will come."""
        with _reaching(self._address):
            self._client.register_plugin(_Beginning(action))

    def map(self, jobs: Iterable[Job[Done]]) -> Iterator[Done]:
        """The jobs' results; ExecutorError for a secret job where not everything goes over TLS."""
        waiting: deque[Future[Any]] = deque()
        bound = counted = 0
        try:
            for taken, job in enumerate(jobs):
                if taken == counted:  # anew now and then: workers come and go
                    bound = _AHEAD * self._threads()
                    counted += bound
                while len(waiting) >= bound:
                    yield self._result(waiting.popleft())
                waiting.append(self._submit(job))
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            for future in waiting:
                future.release()

    def _threads(self) -> int:
        """Threads of all workers; at least one is waited for."""
        with _reaching("no workers"):
            self._client.wait_for_workers(1, timeout=self._timeout)
            threads: dict[str, int] = self._client.nthreads()
            return max(1, sum(threads.values()))

    def _submit(self, job: Job[Done]) -> Future[Any]:
        if job.secret and not self._address.startswith(TLS):
            raise ExecutorError(f"{self._address}: secrets go to a scheduler at {TLS} alone")
        # The key is drawn: by default it would be a hash of the job, secrets and all.
        key = f"{type(job).__name__}-{uuid4().hex}"
        return self._client.submit(_do, _Parcel(RELEASE, pickle.dumps(job)), key=key, retries=_RETRIES)

    def _result(self, future: Future[Any]) -> Any:
        with _reaching(f"{future.key}: no result"):
            result = future.result(timeout=self._timeout)
        if isinstance(result, _Faulty):
            raise Fault(f"worker {result.address}: {result.fault}")
        if isinstance(result, _OtherRelease):
            raise ExecutorError(f"worker {result.address} has psephos {result.release}, not {RELEASE}")
        return result


@dataclass(frozen=True)
class _Parcel:
    """A job on its way, packed, so that nobody unpacks it but workers of the same release."""

    release: str
    job: bytes = field(repr=False)


@dataclass(frozen=True)
class _OtherRelease:
    """What a worker of another release gives instead of a result, which would be tried again elsewhere."""

    address: str
    release: str


@dataclass(frozen=True)
class _Faulty:
    """What a worker gives that cannot be relied on: no other time or place makes up for it."""

    address: str
    fault: str


def _do(parcel: _Parcel) -> Any:
    """Run by a worker."""
    if parcel.release != RELEASE:
        return _OtherRelease(get_worker().address, RELEASE)
    job: Job[Any] = pickle.loads(parcel.job)  # noqa: S301  whoever is in the cluster can run code anyway
    try:
        return job()
    except Fault as fault:
        return _Faulty(get_worker().address, str(fault))


class _Beginning(WorkerPlugin):
    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def setup(self, worker: object) -> None:  # noqa: ARG002
        self._action()


@contextmanager
def connected(address: str, workers: int = 0, timeout: float = 600.0) -> Iterator[Cluster]:
    """The cluster of a scheduler at `tls://host:port` or `tcp://host:port`, or `local`, with so many workers.

    At tls:// all connections are encrypted and both sides show certificates, which Dask's configuration
    names (`distributed.comm.tls`). Local workers get certificates that only they and this process have.
    """
    if address == LOCAL:
        with _started(workers or CPU_COUNT) as local, Client(local, set_as_default=False) as client:
            yield Cluster(client, local.scheduler_address, timeout)
        return
    security = Security(require_encryption=True) if address.startswith(TLS) else Security()
    with _reaching(address):
        if address.startswith(TLS) and security.get_connection_args("client")["ssl_context"] is None:
            raise ExecutorError(f"{address}: Dask's configuration names no certificates (comm.tls)")
        client = Client(address, security=security, set_as_default=False, timeout=min(timeout, 30.0))
    with client:
        yield Cluster(client, address, timeout)


def _started(workers: int) -> LocalCluster:
    """Workers with one thread each; what they hold goes to no disk and no web page."""
    silent: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    try:
        with dask.config.set(silent):
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                env={"RAYON_NUM_THREADS": "1"},
                memory_limit=0,
                security=True,
                dashboard_address="127.0.0.1:0",
            )
    except RuntimeError as error:
        raise ExecutorError(f"local workers do not start: {error}") from error


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    """What Dask says of a cluster that is not there is an ExecutorError."""
    try:
        yield
    except _LOST as error:
        raise ExecutorError(f"{what}: {type(error).__name__}: {error}") from error
