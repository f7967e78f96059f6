"""Periods of relays: they tile all time before the last close, and nobody is alone in a short one."""

from __future__ import annotations

from pathlib import Path

import pytest
import verify
from batch import Batch
from relays import period, window

from psephos.protocol.entries import TokenKeys
from psephos.protocol.multipart import digest
from psephos.simulation.definitions import sample, token_publics
from psephos.simulation.referendum import Referendum


def tiled(closes: set[int], hold: int, begin: int) -> list[tuple[int, int]]:
    """The periods from a time on, each found by every second in it."""
    found: list[tuple[int, int]] = []
    for now in range(begin, max(closes)):
        here = period(closes, hold, now)
        assert here is not None
        assert here[0] <= now < here[1]
        if here not in found:
            found.append(here)
    return found


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ({100}, [(60, 70), (70, 80), (80, 90), (90, 100)]),
        ({80, 100}, [(60, 70), (70, 80), (80, 90), (90, 100)]),
        ({75, 100}, [(55, 65), (65, 75), (75, 90), (90, 100)]),
        ({95, 100}, [(55, 65), (65, 75), (75, 85), (85, 95), (95, 100)]),
        ({70, 79, 100}, [(60, 70), (70, 79), (79, 90), (90, 100)]),
    ],
)
def test_periods_end_at_every_close_and_none_between_is_short(
    closes: set[int], expected: list[tuple[int, int]]
) -> None:
    assert tiled(closes, 10, 60) == expected


def test_after_the_last_close_there_is_none() -> None:
    assert period({100}, 10, 100) is None
    assert period({100, 200}, 10, 100) == (100, 110)


@pytest.mark.parametrize("closes", [{100}, {75, 100}, {95, 100}])
def test_whoever_sends_in_a_period_gets_the_same_window_which_is_never_short(closes: set[int]) -> None:
    """So nobody hides among few for having sent late; nor after the close of any region."""
    for begin, end in tiled(closes, 10, 60):
        assert {window(closes, 10, now) for now in range(begin, end)} == {(end, end + 10)}
    assert window(closes, 10, 100) is None


def test_both_verifiers_refuse_token_keys_without_an_address_that_relays_could_forward_to(
    tmp_path: Path,
) -> None:
    """It would come out when everybody's tokens are spent: no card could reach that registrar."""
    members = [{"name": "Relay", "address": "https://relay.example"}]
    told = Referendum(*sample(relays=members, hold=60, registrars=2))
    told.publish()
    content = token_publics(told.keys, 1, len(told.definition.regions), told.definition.decoys)
    for address in ("", "https://registrar.example/" + 375 * "x", "https://registrar.example/" + 374 * "x"):
        closing = TokenKeys(bytes(32), address, digest(content))
        told.log(*told.bundle(content, closing, told.keys.registrars[0]))
    told.checkpoint()
    pin = told.export(tmp_path)
    theirs = verify.Runner(verify.Pin(pin.definition, verify.note.parse_policy(pin.policy.encode())), Batch())
    theirs.run(lambda path: (tmp_path / "record" / path).read_bytes())
    expected = [("4.4", "registrar 1")] * 2
    assert [(one["check"], one["culprit"]) for one in theirs.report()["void"]] == expected
    assert [(one.check, one.culprit) for one in told.record.void] == expected
    assert told.record.registrar_keys.gateways[1].address.endswith("x")
