"""The booth's tests run in Node: its packages are installed, and its tests and pages built once a run."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.booth.offered import Served, serve
from tests.booth.visitor import Visitor

ROOT = Path(__file__).parents[2]


def built(target: str, run: str) -> Path:
    """The booth's directory, after `make` of a target by the first process of this run that asks."""
    stamp = ROOT / "target" / f"{target}-{run}"
    stamp.parent.mkdir(exist_ok=True)
    with (stamp.parent / "booth.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            subprocess.run(["make", "--silent", target], cwd=ROOT, check=True)
            stamp.touch()
    return ROOT / "booth"


@pytest.fixture(scope="session")
def booth(testrun_uid: str) -> Path:
    """The booth's directory, its tests built; only tests marked needs("node") may ask for it."""
    return built("booth-tests", testrun_uid)


@pytest.fixture(scope="session")
def pages(testrun_uid: str) -> Path:
    """The booth's directory, its pages built; as above."""
    return built("booth", testrun_uid)


class Device:
    """A device in a process of its own: a command in, its answer out; raises what it refuses."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, name: str, **inputs: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        hexed = {key: value.hex() if isinstance(value, bytes) else value for key, value in inputs.items()}
        self._process.stdin.write(json.dumps({"do": name, **hexed}) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        if "error" in found:
            raise Refused(found["error"], found["message"])
        return found["answer"]


class Refused(Exception):
    """What the device raised: the error's name and its message."""


@pytest.fixture
def device(booth: Path) -> Iterator[Device]:
    """A new device."""
    command = ["node", "build/test/device.mjs"]
    with subprocess.Popen(
        command, cwd=booth, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Device(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="session")
def axe(pages: Path) -> str:
    """The script of axe-core, which finds what people with disabilities stumble over."""
    return (pages / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program."""
    return next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers: at most one lives in a thread."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, program: str) -> Iterator[Browser]:
    """The browser of a file's tests; to start one takes longer than most of them."""
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser without anything of earlier tests: what they opened, with all that it stored, is closed."""
    assert not chromium.contexts
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def shape() -> dict[str, Any]:
    """What the referendum has that others have not; a file that wants something says so."""
    return {}


@pytest.fixture
def tolerated() -> str:
    """What pages may complain about: a word of it, or nothing."""
    return ""


@pytest.fixture
def served(pages: Path, tmp_path: Path, shape: dict[str, Any]) -> Iterator[Served]:
    """A referendum in memory, served with the booth."""
    made = Served(tmp_path, pages, **shape)
    yield made
    made.close()


@pytest.fixture
def visitor(browser: Browser, served: Served, tolerated: str) -> Iterator[Visitor]:
    """Somebody with a browser, whose pages have nothing to complain about in the end."""
    with serve(served) as url:
        made = Visitor(browser, url, [])
        yield made
    assert [line for line in made.noise if not tolerated or tolerated not in line] == []
