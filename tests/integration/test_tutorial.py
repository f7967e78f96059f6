"""The tutorial, line by line, as bash runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from psephos.cli.main import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"# exits with (\d)$")
LIMIT = 600
"""Seconds; two cores took fifty, and three hundred when others kept them busy."""


@dataclass(frozen=True)
class Step:
    """A line of the tutorial, its exit code, and what it said."""

    line: str
    code: int
    said: str


def lines() -> list[str]:
    """Every line of every block of shell."""
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines()]


def expected(line: str) -> int:
    """The exit code that the tutorial tells."""
    found = EXPECTED.search(line)
    return int(found[1]) if found else 0


def script(steps: list[str]) -> str:
    """A script that says after each line how it ended, and stops when that was not expected."""
    after = "\ncode_=$?; printf '\\n@@ %d\\n' $code_; [ $code_ = {} ] || exit 1\n"
    return "".join(line + after.format(expected(line)) for line in steps)


def play(directory: Path) -> list[Step]:
    """Run the tutorial in a new directory under this one."""
    steps, log, file = lines(), directory / "said", directory / "script"
    file.write_text(script(steps), encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["bash", str(file)],
            cwd=ROOT,
            env={**os.environ, "PATH": path, "TMPDIR": str(directory), "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(LIMIT)
        finally:
            _end(process)
    parts = re.split(r"\n@@ (\d+)\n", log.read_text(encoding="utf-8"))
    return [Step(*one) for one in zip(steps, map(int, parts[1::2]), parts[::2], strict=False)]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that the tutorial has started may stay."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Step]]:
    directory = tmp_path_factory.mktemp("tutorial")
    steps = play(directory)
    (home,) = (one for one in directory.iterdir() if one.is_dir())
    return home, steps


def said(steps: list[Step], beginning: str) -> str:
    """What the first line that begins so has said."""
    return next(step.said for step in steps if step.line.startswith(beginning))


def test_every_line_ends_as_told(played: tuple[Path, list[Step]]) -> None:
    _, steps = played
    assert len(lines()) > 40
    for step in steps:
        assert step.code == expected(step.line), f"{step.line}\n{step.said}"
    assert len(steps) == len(lines()), "it ended before its end"


def test_it_says_what_the_tutorial_shows(played: tuple[Path, list[Step]]) -> None:
    _, steps = played
    assert "trustee 1 (Trustee 1): round 1" in said(steps, "as organiser psephos organiser status")
    assert "the ceremony is complete" in said(steps, "as trustee-1 psephos trustee ceremony")
    status = said(steps, "as registrar-1 psephos registrar status")
    assert "2 voters, 2 with tokens" in status
    assert "0 of them in no batch, 1 batches, closed" in status
    assert (
        said(steps, "for n in iris jonas; do as $n psephos voter enrol").count("all cards are in the log")
        == 2
    )
    assert "promise     kept" in said(steps, "as iris psephos voter check")
    assert "weighed 1 chunks" in said(steps, "as trustee-3 psephos trustee weigh")
    assert "yes has won" in said(steps, "as organiser psephos organiser result")
    assert "PASSED (counted)" in said(steps, "python3")
    assert "all is well; phase counted" in said(steps, "as observer")
    assert "FAILED" in said(steps, "psephos verify forged").upper()


def test_what_jonas_showed_weighs_nothing(
    played: tuple[Path, list[Step]], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = played
    assert main(["result", str(home / "record"), "--pin", str(home / "organiser/pin.json"), "--json"]) == 0
    (contest,) = json.loads(capsys.readouterr().out)["contests"]
    (area,) = contest["areas"]
    assert (area["voted"], area["votes"], area["blank"]) == (2, {"yes": 2, "no": 0}, 0)
