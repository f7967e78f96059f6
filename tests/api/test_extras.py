"""Packages that are not installed are named, with the line that installs them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from psephos.extras import EXTRAS, advice, missing

ROOT = Path(__file__).parents[2]
WITHOUT = """
import sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in {packages!r} else found(name, path, target)
PathFinder.find_spec = find_spec
sys.argv = ["psephos", *{arguments!r}]
from psephos.__main__ import main
sys.exit(main())
"""


def without(extras: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, where the packages of some extras are not installed."""
    packages = {package for extra in extras for package in EXTRAS[extra]}
    code = WITHOUT.format(packages=packages, arguments=arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = {
        extra: tuple(re.split(r"[\[>]", one)[0] for one in packages)
        for extra, packages in project["optional-dependencies"].items()
    }
    assert said == EXTRAS
    assert [one.partition(">")[0] for one in project["dependencies"]] == ["cryptography"]


def test_advice_is_for_our_packages_alone() -> None:
    assert "psephos[server]" in advice(ModuleNotFoundError("", name="litestar.di"))
    assert advice(ModuleNotFoundError("", name="psephos.nothing")) == ""
    assert advice(ImportError("cannot import name")) == ""
    assert "psephos[cluster]" in missing("cluster") or find_spec("distributed")


def test_without_the_commands_packages_the_command_says_what_to_install() -> None:
    done = without(["cli", "server"], "--help")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        r"psephos: this needs the package \w+, which is not installed\. "
        r"Install it: pip install 'psephos\[cli\]'\n",
        done.stderr,
    ), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "record", "--pin", "pin.json"),
        ("local", "plan.toml"),
        ("serve", "home"),
        ("relay", "run", "home"),
    ],
)
def test_without_the_servers_packages_its_commands_say_what_to_install(arguments: tuple[str, ...]) -> None:
    done = without(["server"], *arguments)
    assert done.returncode == 2
    assert done.stderr.endswith("Install it: pip install 'psephos[server]'\n"), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [(), ("verify",), ("voter",), ("trustee",), ("registrar",), ("observer",)]
)
def test_the_other_commands_need_no_server(command: tuple[str, ...]) -> None:
    done = without(["server"], *command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "psephos" in done.stdout
