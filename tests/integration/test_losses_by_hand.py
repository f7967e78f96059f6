"""Disks and keys that are lost, and older copies put in their place: who can go on, and who must not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from psephos.cli.main import main
from tests.integration.by_hand import DAY_2, Town
from tests.integration.test_roles_by_hand import enrolment, voting


class Copies(Town):
    """A town whose homes are copied and lost."""

    def copy(self, home: str, name: str) -> None:
        shutil.copytree(self.home(home), self.directory / name)

    def restore(self, home: str, name: str) -> None:
        shutil.rmtree(self.home(home))
        shutil.copytree(self.directory / name, self.home(home))


@pytest.fixture
def town(tmp_path: Path) -> Copies:
    """Four trustees, in the third round of the ceremony."""
    one = Copies(tmp_path)
    one.create(trustees=4, witnesses=2)
    one.sent("organiser", "publish")
    for _ in range(3):
        one.publish()
        one.sent("registrar-1", "round")
        for number in (1, 2, 3, 4):
            one.sent(f"trustee-{number}", "ceremony")
    one.publish()
    return one


def test_a_referendum_ends_without_those_who_lost_everything(town: Copies) -> None:
    town.copy("trustee-2", "too-early")
    town.ceremony((1, 2, 3, 4))
    town.copy("trustee-1", "good")
    town.copy("registrar-1", "before")
    enrolment(town)
    town.copy("registrar-1", "after")
    town.restore("registrar-1", "before")
    code, said = town.run("registrar-1", "round")
    assert (code, "an older copy, which would give second tokens" in said) == (1, True)
    town.restore("registrar-1", "after")
    town.done("registrar-1", "round")
    voting(town, DAY_2)

    # The first has a copy, the second one that came too early, the fourth none; the organiser is gone too.
    town.restore("trustee-1", "good")
    town.restore("trustee-2", "too-early")
    shutil.rmtree(town.home("trustee-4"))
    (town.directory / "trustee-4.identity").unlink()
    options = ["--log", str(town.home("record")), "--board", str(town.home("board/post"))]
    options += ["--registrar", str(town.home("registrar-1/post")), "--pin", str(town.home("board/pin.json"))]
    town.done("trustee-4", "init", "--name", "T4", *options)
    assert "no trustee of this referendum" in town.run("trustee-4", "weigh")[1]
    shutil.rmtree(town.home("organiser"))
    for command in ("weigh", "weigh", "close", "release", "release"):
        for number in (1, 3):
            town.sent(f"trustee-{number}", command, *(["--stand-in"] if command == "weigh" else []))
            publish(town)
            if (command, number) == ("release", 1):
                assert "the share of the key is lost" in town.run("trustee-2", command)[1]
    assert "the totals are known" in town.done("trustee-3", "release")
    pin = str(town.home("board") / "pin.json")
    assert main(["verify", str(town.home("record")), "--pin", pin]) == 0


def publish(town: Copies) -> None:
    town.publish(DAY_2[1] + 99)
