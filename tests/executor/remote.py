"""A scheduler and workers as their operators start them: processes of their own, configured by a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import LocalCluster, Security

ENOUGH = 120.0
"""Seconds after which something has gone wrong, on any machine."""


def configure(directory: Path) -> Path:
    """A configuration for everybody in a cluster: one certificate, and no connection without it."""
    directory.mkdir()
    made = Security.temporary()
    (directory / "cluster.pem").write_text(made.tls_ca_file)
    (directory / "cluster.key").write_text(made.tls_worker_key)
    certificate = {"cert": str(directory / "cluster.pem"), "key": str(directory / "cluster.key")}
    members = dict.fromkeys(("scheduler", "worker", "client"), certificate)
    tls = {"ca-file": str(directory / "cluster.pem")} | members
    config = directory / "cluster.yaml"  # JSON is YAML
    silent = {"http": {"routes": []}}
    comm = {"require-encryption": True, "tls": tls}
    config.write_text(json.dumps({"distributed": {"comm": comm, "scheduler": silent, "worker": silent}}))
    return config


def configured(config: Path) -> dask.config.set:
    """What a command reads when DASK_CONFIG names this file."""
    read = dask.config.collect(paths=[str(config)], env={})
    return dask.config.set(dask.config.merge(dask.config.global_config, read))


@contextmanager
def in_the_open() -> Iterator[str]:
    """The address of a scheduler at tcp://, with a worker."""
    with LocalCluster(
        n_workers=1, processes=False, protocol="tcp://", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


@contextmanager
def started(config: Path, workers: int = 2) -> Iterator[str]:
    """A scheduler's address, at tls://, while it and its workers run."""
    file = config.with_name("scheduler.json")
    address = ["--scheduler-file", str(file), "--dashboard-address", "127.0.0.1:0"]
    scheduler = ["scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0", *address]
    worker = ["worker", "--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "0", *address]
    worker += ["--local-directory", str(config.parent)]
    with _running(config, scheduler), _running(config, worker):
        yield _address(file)


@contextmanager
def _running(config: Path, command: list[str]) -> Iterator[None]:
    environment = os.environ | {"DASK_CONFIG": str(config), "RAYON_NUM_THREADS": "1"}
    with config.with_name(f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command], env=environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(ENOUGH)
            finally:
                process.kill()


def _address(file: Path) -> str:
    deadline = time.monotonic() + ENOUGH
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return json.loads(text)["address"]
        time.sleep(0.05)
    raise AssertionError(
        f"the scheduler never said where it is: {file.with_name('scheduler.log').read_text()}"
    )
