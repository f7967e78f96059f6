"""A test whose tool is missing is skipped by name, and fails where that tool is required."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
PROBE = """
import pytest

@pytest.mark.needs({tool!r})
def test_probe():
    pass
"""


@pytest.fixture
def probe(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs a test that needs `tool`, with or without programs on PATH, under PSEPHOS_REQUIRE."""
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makeini("[pytest]\nmarkers = needs(tool): see conftest")

    def run(tool: str, *, programs: list[str], require: str) -> pytest.RunResult:
        directory = pytester.mkdir("programs")
        for program in programs:
            (directory / program).touch(mode=0o755)
        monkeypatch.setenv("PATH", str(directory))
        monkeypatch.setenv("PSEPHOS_REQUIRE", require)
        pytester.makepyfile(PROBE.format(tool=tool))
        return pytester.runpytest_inprocess("-rs")

    return run


@pytest.mark.parametrize("require", ["", "go"])
def test_a_tool_that_is_there_lets_the_test_run(probe, require: str) -> None:
    probe("go", programs=["go"], require=require).assert_outcomes(passed=1)


@pytest.mark.parametrize("require", ["", "postgresql"])
def test_a_missing_tool_skips_and_says_which(probe, require: str) -> None:
    result = probe("go", programs=[], require=require)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs go, which is not installed*"])


@pytest.mark.parametrize("require", ["go", "postgresql,go"])
def test_a_missing_tool_that_is_required_fails(probe, require: str) -> None:
    result = probe("go", programs=[], require=require)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*needs go, which is not installed*"])


def test_a_misspelt_tool_fails_rather_than_skips(probe) -> None:
    result = probe("golang", programs=["golang"], require="")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*needs unknown tool 'golang'*"])


def test_a_misspelt_requirement_stops_the_run(probe) -> None:
    result = probe("go", programs=["go"], require="golang")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*PSEPHOS_REQUIRE names unknown tools: golang*"])
