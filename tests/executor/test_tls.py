"""Secrets go to one's own machines alone: over TLS, to whoever has the cluster's certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.errors import ExecutorError
from psephos.executor.cluster import Cluster, connected
from tests.executor.jobs import Square, Whisper
from tests.executor.remote import ENOUGH, configure, configured, in_the_open

WORD = b"which card counts"


def test_a_secret_goes_to_workers_over_tls(remote: tuple[Path, str]) -> None:
    config, address = remote
    assert address.startswith("tls://")
    with configured(config), connected(address, timeout=ENOUGH) as cluster:
        assert list(cluster.map([Whisper(WORD), Square(3)])) == [len(WORD), 9]


def test_local_workers_may_have_secrets(cluster: Cluster) -> None:
    assert list(cluster.map([Whisper(WORD)])) == [len(WORD)]


def test_nobody_gets_in_with_another_certificate(remote: tuple[Path, str], tmp_path: Path) -> None:
    _, address = remote
    with (
        configured(configure(tmp_path / "foreign")),
        pytest.raises(ExecutorError),
        connected(address, timeout=3),
    ):
        raise AssertionError("let in")


def test_no_secret_goes_in_the_open() -> None:
    with in_the_open() as address, connected(address, timeout=ENOUGH) as cluster:
        assert list(cluster.map([Square(3)])) == [9]
        with pytest.raises(ExecutorError, match=r"secrets go to a scheduler at tls:// alone") as refused:
            list(cluster.map([Square(4), Whisper(WORD)]))
    assert WORD.decode() not in str(refused.value)


def test_where_nobody_is_there_it_says_so() -> None:
    with (
        pytest.raises(ExecutorError, match=r"tcp://127\.0\.0\.1:1"),
        connected("tcp://127.0.0.1:1", timeout=1),
    ):
        raise AssertionError("connected to nothing")


def test_without_certificates_it_says_so() -> None:
    with pytest.raises(ExecutorError, match="names no certificates"), connected("tls://127.0.0.1:1"):
        raise AssertionError("connected to nothing")
