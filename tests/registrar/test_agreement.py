"""A roll is logged for good: it is shown before, and agreed to at the terminal, or by its number."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from psephos.cli.process.stop import Stop
from psephos.cli.registrar.rolls import agree, check_number, read_list

EXCEL = "Name;E-mail;Phone\r\nZoe\u0308 Berg;z@x.example;1\r\nIris;iris@x;2\r\nЇжак Ґалаґан;j@x.example;3\r\n"


class Terminal(io.StringIO):
    """Where somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "roll.csv").write_bytes(EXCEL.encode("utf-16"))
    return tmp_path / "roll.csv"


def answer(
    file: Path, typed: io.StringIO, monkeypatch: pytest.MonkeyPatch, expect: int | None = None
) -> None:
    monkeypatch.setattr("sys.stdin", typed)
    voters = read_list(file, None)
    check_number(file, voters, expect)
    agree(file, voters, "north", expect)


@pytest.mark.parametrize("typed", ["yes\n", "Y\n"])
def test_it_is_shown_and_agreed_to(
    file: Path, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(file, Terminal(typed), monkeypatch)
    shown = capsys.readouterr()
    assert shown.out == (
        "encoding    utf-16, columns separated by semicolons\n"
        "heading     Name, E-mail, Phone\n"
        "names from  Name\n"
        "not used    Phone\n"
        "voters      3\n"
        "first       Zo\u00eb Berg\n"
        "last        Їжак Ґалаґан\n"
        "Log 3 voters as the roll of north, for good? [yes/no] "
    )
    assert shown.err == f"{file}: line 3: iris@x: no e-mail address of ASCII letters\n"


@pytest.mark.parametrize("typed", ["no\n", "\n", "", "3\n"])
def test_any_other_answer_logs_nothing(file: Path, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Stop, match="nothing was logged"):
        answer(file, Terminal(typed), monkeypatch)


def test_without_a_terminal_the_number_is_said_and_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop, match=r"3 voters, nothing was logged: .* with --expect 3"):
        answer(file, io.StringIO("yes\n"), monkeypatch)
    assert "line 3: iris@x" in capsys.readouterr().err
    with pytest.raises(Stop, match="3 voters instead of the 4 expected, nothing was logged"):
        answer(file, Terminal("yes\n"), monkeypatch, 4)
    answer(file, io.StringIO(), monkeypatch, 3)


def test_many_doubts_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mails.csv").write_text("".join(f"{number}@x.example\n" for number in range(60)))
    answer(tmp_path / "mails.csv", io.StringIO(), monkeypatch, 60)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 21
    assert said[-1].endswith("and 40 more")
    (tmp_path / "faults.csv").write_text("Iris\n" * 60)
    with pytest.raises(Stop, match="59 mistakes to mend: nothing was done"):
        read_list(tmp_path / "faults.csv", None)
