"""Who serves is told to end at any time, and ends in order: also just after it has said that it answers."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from psephos.cli.process.running import heeding, persist, repeat
from psephos.cli.process.stop import WAITING, Stop
from tests.server.deployment import BoardDeployment, enrolled

TOLD = """
import builtins, signal, sys
say = print
def heard(*words, **options):
    say(*words, **options)
    signal.raise_signal(signal.SIGTERM)
builtins.print = heard
from psephos.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""The command, told to end in the moment in which it says that it answers."""


def test_a_server_that_is_told_to_end_as_soon_as_it_answers_ends_in_order(tmp_path: Path) -> None:
    deployment = BoardDeployment(tmp_path, enrolled(groups=2))
    try:
        place = [
            "--home",
            str(deployment.home),
            "--identity",
            str(tmp_path / "identity"),
            "--listen",
            "127.0.0.1:0",
        ]
        line = [sys.executable, "-c", TOLD, "serve", *place, "--clock", str(deployment.clock)]
        told = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        assert told.stdout.startswith("answers at ")
        assert told.returncode == 0, told.stderr
    finally:
        deployment.stop()


def test_signals_are_heeded_from_the_beginning_to_the_end() -> None:
    passes: list[int] = []
    with heeding() as over:
        signal.raise_signal(signal.SIGTERM)
        assert repeat(lambda: passes.append(1), over=over) == 0
        signal.raise_signal(signal.SIGINT)  # while what was begun is ended
    assert not passes


def test_what_is_waited_for_by_turns_is_said_once_until_it_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    over, reasons = threading.Event(), iter(["a", "", "a", "a", "", "a", "b", "", "b", "a"])

    def work() -> None:
        reason = next(reasons, None)
        if reason is None:
            over.set()
        elif reason:
            raise Stop(f"waits for {reason}", WAITING)

    persist(work, over, lambda _: time.sleep(0))
    said = capsys.readouterr().err.splitlines()
    assert said == [f"psephos: waits for {one}" for one in "aba"]
