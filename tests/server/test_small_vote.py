"""A small vote: board and registrar are one process, and voters sign in; all of it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.cli.main import main
from tests.integration.by_hand import DAY_1, DAY_2, VOTERS
from tests.registrar.identity import SECRET, Identity
from tests.registrar.signing_in import SigningIn
from tests.registrar.test_sign_in import handed_over
from tests.server.test_referendum import TRUSTEES, counting, voting
from tests.server.town import ServedTown, founded


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ServedTown]:
    with founded(ServedTown(tmp_path, beside=True)) as town:
        yield town


@pytest.fixture
def door(town: ServedTown, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningIn]:
    monkeypatch.setenv("PSEPHOS_OIDC_SECRET", SECRET)
    identity = Identity()
    door = SigningIn(town, identity)
    try:
        yield door
    finally:
        door.shut()
        identity.close()


def test_one_process_enrols_who_signs_in_and_counts_their_votes(town: ServedTown, door: SigningIn) -> None:
    town.keep_on("organiser", "publish")
    town.until(lambda: town.published, "the definition is published")
    town.make_key(TRUSTEES)
    town.roll_over_http()
    accounts = door.accounts("accounts.csv", **{name: f"account of {name}" for name in VOTERS})
    town.keep_on("registrar-1", "letters", "add", str(accounts), "--region", "north")
    assert town.read().registrar_keys.gateways[1].address == f"{town.url}/post/registrar", "given meanwhile"
    door.open()
    cards = {}
    for name in VOTERS:
        file = town.directory / f"{name}.txt"
        file.write_bytes(handed_over(door.sign_in(f"account of {name}").text).encode(""))
        cards[name] = town.enrol_by_command(f"voter-{name}", file)
    town.shut_over_http()
    voting(town, cards, 1, DAY_1)
    voting(town, cards, 2, DAY_2)
    town.until(lambda: counting(town), "the totals are known")
    town.keep_on("organiser", "result")
    town.until(lambda: town.read().result, "the result is published")
    total = json.loads(town.read().result or b"")["contests"][0]["total"]
    assert (total["enrolled"], total["votes"]) == (3, {"yes": 2, "no": 1})
    assert main(["verify", f"{town.url}/log", "--pin", str(town.home("organiser") / "pin.json")]) == 0
