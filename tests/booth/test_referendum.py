"""A whole referendum at the real server: voters in Chromium, everybody else with processes of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from psephos.cli.main import main
from psephos.log.client import Client
from psephos.log.tree import Tree
from psephos.protocol.entries import BoothManifest, Refusal, decode
from psephos.protocol.message import read
from psephos.verifier.run import policy
from tests.booth.catalogue import said
from tests.booth.visitor import (
    Visitor,
    alarm,
    audit,
    cast,
    cast_vote,
    challenge,
    choose,
    draw_cards,
    enrol,
    fill,
    give,
    heading,
    keep,
    make_cards,
    prepare,
    press,
    saved,
    send_cards,
    show,
)
from tests.integration.by_hand import DAY_1
from tests.server.test_join import TRUSTEES, Bench
from tests.server.town import ServedTown, founded

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]

ROOT = Path(__file__).parents[2]
PLAN = (ROOT / "examples/local.toml").read_text()
ROLLS = {"north": ["Ada", "Blaise"], "south": ["Carl"]}
OPENS, SEALS = DAY_1


class TownWithBooth(ServedTown):
    """Its server offers the booth too; two regions are asked in five languages."""

    def __init__(self, directory: Path, booth: Path) -> None:
        self.booth = booth
        super().__init__(directory)

    def serve(self, *options: str) -> str:
        return super().serve("--booth", str(self.booth / "dist"), *options)


@pytest.fixture
def town(pages: Path, tmp_path: Path) -> Iterator[TownWithBooth]:
    plan = PLAN.replace("2030-05-12T08:00:00Z", str(OPENS)).replace("2030-05-12T20:00:00Z", str(SEALS))
    plan = re.sub("^names = .*$", "", plan, flags=re.MULTILINE)  # the trustees of the town have others
    with founded(TownWithBooth(tmp_path, pages), plan) as town:
        yield town


@pytest.fixture
def trustees(town: TownWithBooth) -> Iterator[Bench]:
    bench = Bench(town)
    for name in TRUSTEES:
        bench.start(name)
    yield bench
    bench.stop()


@dataclass
class Voter:
    """What a voter has kept: the words of the card that counts, and those of the others."""

    real: str
    decoys: list[str]

    @classmethod
    def of(cls, counting: str, cards: dict[str, str]) -> Voter:
        return cls(cards[counting], [words for name, words in cards.items() if name != counting])


def begin(town: TownWithBooth) -> list[str]:
    """Definition, booth, key and rolls; the voters' invitations."""
    town.keep_on("organiser", "publish")
    town.until(lambda: town.published, "the definition is published")
    the_booth_is_logged_once(town)
    found: list[str] = []
    for region, voters in ROLLS.items():
        roll = town.directory / f"{region}.csv"
        roll.write_text("\n".join(voters) + "\n")
        town.keep_on("registrar-1", "roll", str(roll), "--region", region, "--expect", str(len(voters)))
        folder = town.home("registrar-1") / "invitations" / region
        found += [(folder / f"{number}.txt").read_text() for number, _ in enumerate(voters, 1)]
    return found


def logged(town: TownWithBooth) -> list[bytes]:
    """All entries of the published log."""
    with Client(f"{town.url}/log") as client:
        checkpoint, _ = policy(town.pin).verify(client.checkpoint())
        return [entry for _, entries in Tree(checkpoint, client.fetch).entries() for entry in entries]


def the_booth_is_logged_once(town: TownWithBooth) -> None:
    """The log names the booth that is served, and not again when the server has started again."""
    manifest = (town.booth / "dist/manifest.json").read_bytes()
    assert town.get("/booth/manifest.json") == manifest

    def named() -> list[bytes]:
        found = [decode(entry).payload for entry in logged(town)]
        return [one.document for one in found if isinstance(one, BoothManifest)]

    town.until(lambda: named() == [manifest], "the booth is logged")
    town.end(town.server)
    town.serve()
    town.make_key([])  # the log grows
    assert named() == [manifest]


def enrol_all(town: TownWithBooth, visitor: Visitor) -> list[Voter]:
    """Ada audits her device first, Blaise has a card for a coercer, Carl reads Ukrainian."""
    ada, blaise, carl = begin(town)
    town.others.append(town.start("registrar-1", "run", "--clock", str(town.clock)))
    page = visitor.open("enrol")
    audit(page, visitor.open("check"), make_cards(page, ada, 3), 3)
    counting = draw_cards(page, 2)
    voters = [Voter.of(counting, keep(page, 2))]
    send_cards(page)
    voters.append(Voter.of(*enrol(visitor, blaise, 3)[1:]))
    page = from_the_public_pages(visitor, "uk", "enrol")
    voters.append(Voter.of(make_cards(page, carl, 2), keep(page, 2)))
    send_cards(page)
    close(town)
    heading(page, "enrolledTitle")  # it looks into the log by itself
    return voters


def close(town: TownWithBooth) -> None:
    """Enrolment closes; the registrar says who got tokens, and the review ends."""

    def issued() -> bool:
        return all(roster.issued_at is not None for roster in town.read().rosters)

    definition = town.read().definition
    region = definition.regions[0]
    town.tell(region.closes + definition.tolerance + 1)
    town.until(issued, "the registrar has issued")
    town.tell(region.closes + 2 * definition.tolerance + region.review)


def from_the_public_pages(visitor: Visitor, language: str, name: str) -> Page:
    """A page of the booth by the link that readers of a language find."""
    page = visitor.visit(f"{language}/referendum")
    page.locator(f'nav a[href*="{name}.html"]').click()
    page.wait_for_url(f"**/booth/{name}.html#{language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    return page


def spoil(route: Route) -> None:
    """Change a bit of a signature on its way."""
    body = bytearray(route.request.post_data_buffer or b"")
    body[-32] ^= 1
    route.continue_(post_data=bytes(body))


def refused(page: Page, town: TownWithBooth, why: str) -> Refusal:
    """The page says why; the board's signature under it."""
    alarm(page, why)
    signed = saved(page, "saveRefusal")
    record = town.read()
    payload = read(signed, record.joint_key.election_hash, record.definition.board.key).payload
    assert isinstance(payload, Refusal)
    return payload


def vote_and_doubt(town: TownWithBooth, visitor: Visitor, ada: Voter, receipt: Path) -> str:
    """Ada has a ballot checked that is not cast; then one is spoilt on its way, and gets in after all."""
    page = visitor.open("vote")
    spoilt = prepare(page, ada.real, "No", region="North")
    challenge(page, visitor.open("check"), "No")
    choose(page, "Yes")
    heading(page, "sealedTitle")
    tracker = page.locator(".tracker").inner_text()
    assert tracker != spoilt
    page.route("**/post/board", spoil, times=1)
    press(page, "castThis")
    alarm(page, "failed", detail="answers with a refusal of something else")  # not of what was sent
    cast(page)
    assert page.locator(".tracker").inner_text() == tracker
    heading(page, "recordedTitle")
    signed = re.escape(said(page, "recordedText")).replace(r"\{index\}", r"\d+")
    expect(page.get_by_text(re.compile(signed.replace(r"\{witnesses\}", "[23]")))).to_be_visible()
    receipt.write_bytes(saved(page, "saveReceipt"))
    return tracker


def look_up(visitor: Visitor, tracker: str, receipt: Path) -> None:
    """Other devices find a ballot by its tracker, also where the server lies, and by its receipt."""
    for lies in (False, True):
        page = visitor.open("check", "uk-UA")
        if lies:
            page.route("**/trackers/*", lambda route: route.fulfill(body='{"index":1000000}'))
        fill(page, "tracker", tracker)
        page.get_by_role("checkbox").check()
        with page.expect_response("**/trackers/*"):
            press(page, "checkTitle")
        heading(page, "receiptGood")
    page = visitor.open("check")
    give(page, receipt.read_text())
    heading(page, "receiptGood")


def test_three_voters_in_two_languages_one_of_them_coerced(
    town: TownWithBooth, trustees: Bench, browser: Browser
) -> None:
    visitor = Visitor(browser, f"{town.url}/", [])
    ada, blaise, carl = enrol_all(town, visitor)
    town.open(1, OPENS)
    receipt = town.directory / "receipt.psephos"
    tracker = vote_and_doubt(town, visitor, ada, receipt)
    for decoy in blaise.decoys:  # handed over: the coercer votes with them, and sees that they are accepted
        cast_vote(visitor, decoy, "No", region="North")
    cast_vote(visitor, blaise.real, "Yes", region="North")
    page = from_the_public_pages(visitor, "uk", "vote")
    give(page, carl.real)
    alarm(page, "regionFirst")
    show(page, carl.real, region="Південь")
    published = visitor.visit("uk/referendum").locator("main").inner_text()
    assert page.locator(".six strong").inner_text() in published
    choose(page, "Ні")
    heading(page, "sealedTitle")
    cast(page)
    late = visitor.open("vote")
    prepare(late, blaise.decoys[0], "No", region="North")
    town.seal(1, SEALS)
    press(late, "castThis")
    assert refused(late, town, "refusedClosed").reason == "closed"
    look_up(visitor, tracker, receipt)

    town.until(lambda: town.read().phase == "counted", "the totals are known")
    town.keep_on("organiser", "result")
    trustees.ended()
    pin = str(town.home("organiser") / "pin.json")
    assert main(["verify", f"{town.url}/log", "--pin", pin]) == 0
    assert main(["receipt", "verify", str(receipt), "--pin", pin]) == 0
    found = second_opinion(f"{town.url}/log", pin)
    assert found["verdict"] == "passed"
    assert found["result"] == json.loads(town.read().result or b"")
    [contest] = found["result"]["contests"]
    assert contest["total"]["votes"] == {"yes": 2, "no": 1}
    assert (contest["total"]["voted"], contest["total"]["blank"]) == (3, 0)
    assert visitor.noise == []


def second_opinion(log: str, pin: str) -> dict:
    """What the other verifier reports."""
    line = [sys.executable, str(ROOT / "reference/verify.py"), log, "--pin", pin, "--json"]
    return json.loads(subprocess.run(line, check=True, capture_output=True).stdout)
