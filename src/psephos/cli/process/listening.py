"""Serving over HTTP, and what limits there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter, validators
from litestar.types import ASGIApp

from psephos.cli.process.ending import served as served_over_http
from psephos.cli.process.stop import FAILED, Stop
from psephos.server.descriptors import raise_limit
from psephos.server.listening import Listener

Limit = Annotated[int, Parameter(validator=validators.Number(gte=0))]
Prefix = Annotated[int, Parameter(validator=validators.Number(gte=16, lte=64))]


@contextmanager
def listening(served: ASGIApp, host: str, port: int) -> Iterator[Listener]:
    """Serve an application, and say where."""
    raise_limit()
    try:
        listener = Listener(served, host, port)
    except OSError as error:
        raise Stop(f"--listen {host}:{port}: {error.strerror}", FAILED) from error
    listener.start()
    try:
        print(f"answers at http://{listener.host}:{listener.port}", flush=True)
        yield listener
    finally:
        listener.stop()
        served_over_http.set()
