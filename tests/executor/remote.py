"""A scheduler and a worker as the guide says: processes of their own, configured by a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dask
from distributed import LocalCluster, Security

GUIDE = (Path(__file__).parents[2] / "docs/guides/cluster.md").read_text()
ENOUGH = 600.0
"""Seconds after which something has gone wrong, on any machine."""


def configure(directory: Path) -> Path:
    """The guide's configuration, with a certificate that only this cluster has."""
    directory.mkdir()
    made = Security.temporary()
    (directory / "cluster.pem").write_text(made.tls_ca_file)
    (directory / "cluster.key").write_text(made.tls_worker_key)
    _, begin, rest = GUIDE.partition("```\ndistributed:\n")
    text, _, _ = f"distributed:\n{rest}".partition("```")
    assert begin
    config = directory / "cluster.yaml"
    config.write_text(text.replace("cluster.", f"{directory}/cluster."))
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
def started(config: Path, more: str = "") -> Iterator[str]:
    """A scheduler's address, at tls://, while it and a worker run: the guide's commands, at a free port.

    `more` is put behind the worker's command.
    """
    file = config.with_name("scheduler.json")
    scheduler = _command("dask scheduler").replace("--port 8786", "--port 0")
    with _running(config, f"{scheduler} --host 127.0.0.1 --scheduler-file {file}"):
        worker = _command("dask worker").replace("tls://scheduler.example:8786", address := _address(file))
        with _running(config, f"{worker} --local-directory {config.parent} {more}"):
            yield address


def _command(begin: str) -> str:
    """The line of the guide that begins so."""
    (found,) = (line for line in GUIDE.splitlines() if line.startswith(begin))
    return found


@contextmanager
def _running(config: Path, line: str) -> Iterator[None]:
    _, kind, *arguments = line.split()
    command = [sys.executable, "-m", "dask", kind, *arguments]
    with config.with_name(f"{kind}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | {"DASK_CONFIG": str(config)}, stdout=log, stderr=log
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
        with suppress(FileNotFoundError, json.JSONDecodeError):  # not there, or half written
            return json.loads(file.read_text())["address"]
        time.sleep(0.05)
    raise AssertionError(
        f"the scheduler never said where it is: {file.with_name('scheduler.log').read_text()}"
    )
