"""What the reference prints for people hides nothing: the same characters by number as everywhere else."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import verify
import visible as reference

from psephos.visible import visible

RECORDS = Path(verify.__file__).parents[1] / "vectors/records"


def test_every_character_is_shown_as_the_command_line_shows_it() -> None:
    for number in range(0x110000):
        char = chr(number)
        if char not in "\n\t" and not 0xD800 <= number < 0xE000:  # line feeds would make lines
            assert reference.visible(char) == visible(char), hex(number)
    for text in (
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d⚖️",
        "a\u200db",
        "\u200d",
        "Yes\u202eoN\u202c",
        "Гавань?",
    ):
        assert reference.visible(text) == visible(text)
    assert reference.visible("passed\nPASSED\t\ud800") == "passedU+000APASSEDU+0009U+D800"


def test_a_name_in_the_report_neither_turns_nor_adds_a_line() -> None:
    found = {"entry": 7, "check": "1.9", "culprit": "Ann\u202e\nPASSED (counted)", "message": "Bob\u200b"}
    report = {
        "checks": [],
        "void": [found],
        "notices": [],
        "afterwards": [],
        "clocks": ["wit\u2066ness"],
        "result": None,
        "verdict": "open",
        "phase": "voting",
    }
    assert verify.readable(report).split("\n") == [
        "void: entry 7, check 1.9, AnnU+202EU+000APASSED (counted): BobU+200B",
        "clock: witU+2066ness",
        "OPEN (voting)",
    ]


def test_a_terminal_that_lacks_letters_gets_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(verify, "readable", lambda report: f"{report['verdict']} Гавань")
    pin = next(RECORDS.glob("*/*/pin.json"))
    assert verify.main([str(tmp_path), "--pin", str(pin), "--workers", "1"]) == 1
    terminal.flush()
    assert terminal.buffer.getvalue().startswith(rb"missing \u0413")  # type: ignore[attr-defined]
