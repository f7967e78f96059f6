"""The registrar's state: one process has it, others may look."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from psephos.errors import PhaseError
from psephos.registrar.numbers import EnrolmentNumbers, count
from psephos.registrar.store import RegistrarStore, look


def test_one_process_has_the_state_and_others_may_look(tmp_path: Path) -> None:
    path = tmp_path / "state"
    store = RegistrarStore(path)
    store.belong("definition", bytes(32))
    with pytest.raises(PhaseError, match="another process"):
        RegistrarStore(path)
    with look(path) as read:
        assert read("SELECT hash FROM referendum WHERE name = ?", "definition") == [(bytes(32),)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            read("DELETE FROM referendum")
    store.close()
    with look(path) as read:
        assert count(read, 0) == EnrolmentNumbers(0, 0, 0, 0, 0, 0)
    RegistrarStore(path).close()
