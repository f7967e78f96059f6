"""The measurement of what a job costs runs, and tells."""

from __future__ import annotations

import pytest

from bench import tasks


def test_every_kind_of_work_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "EMPTY", 3)
    tasks.main(["--voters", "4", "--rounds", "1"])
    said = capsys.readouterr().out
    assert "the coordinator's own part is" in said
    assert "| imagined workers |" in said
    for work in ("nothing", "weighing, rows read", "weighing, rows sent", "verification"):
        assert f"| {work} |" in said
