"""What the log tells is said before anything is made; and an institution that is silent is said to be."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from psephos.voter.card import Card
from tests.booth.catalogue import said
from tests.booth.offered import Served, serve
from tests.booth.visitor import (
    BLANK,
    Visitor,
    alarm,
    choose,
    draw_cards,
    explained,
    give,
    heading,
    keep,
    make_cards,
    press,
    show,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


@pytest.mark.parametrize("language", ["en-GB", "uk-UA"])
def test_a_closed_enrolment_is_said_at_once(visitor: Visitor, served: Served, language: str) -> None:
    served.enrol(3)
    [invitation] = served.invite(1)
    early = visitor.open("enrol", language)
    explained(early)
    served.close_enrolment()
    page = visitor.open("enrol", language)
    heading(page, "overTitle")
    expect(page.locator("main")).to_contain_text(said(page, "overText"))
    expect(page.locator("main button")).to_have_count(0)
    give(early, invitation)  # who came before it ended is told before cards are made
    ended = said(early, "overSince").partition("{time}")[0]
    expect(early.get_by_role("alert")).to_contain_text(re.compile(f"{ended}.*2030"))  # the sample's year
    heading(early, "inviteTitle")


def test_an_invitation_is_judged_when_it_is_given(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    explained(page)
    give(page, invitation.replace("voter citizen", "voter Citizen"))
    alarm(page, "notListed")
    give(page, invitation.replace("region athens", "region sparta"))
    alarm(page, "otherReferendum")
    give(page, invitation.replace("registrar 1", "registrar 2"))
    alarm(page, "otherReferendum")
    give(page, invitation)
    heading(page, "numberTitle")


def test_a_used_invitation_says_what_to_do(visitor: Visitor, served: Served) -> None:
    used, invitation = served.invite(2)
    served.use(used)
    page = visitor.open("enrol")
    explained(page)
    give(page, used)
    alarm(page, "refusedIssued")  # before anything is made
    expect(page.get_by_role("alert")).to_contain_text("Register 1")
    heading(page, "inviteTitle")
    give(page, invitation)
    draw_cards(page, 2)
    keep(page, 2)
    served.use(invitation)
    press(page, "send")
    alarm(page, "refusedIssued")
    heading(page, "uselessTitle")
    expect(page.locator("main")).to_contain_text(said(page, "uselessText"))
    expect(page.get_by_role("button", name=said(page, "send"), exact=True)).to_have_count(0)


@pytest.mark.parametrize("language", ["en-GB", "uk-UA"])
def test_until_when_one_can_enrol_is_said_first(visitor: Visitor, served: Served, language: str) -> None:
    page = visitor.open("enrol", language)
    heading(page, "alone")
    sentence = said(page, "enrolUntil").partition("{time}")[0]
    expect(page.locator("main .when")).to_have_text(re.compile(f"^{sentence}.*2030"))  # the sample's year
    press(page, "aloneNext")
    expect(page.locator("main .when")).to_have_count(0)


@pytest.mark.parametrize("language", ["en-GB", "uk-UA"])
def test_whoever_comes_before_there_is_a_key_is_told_to_come_again(
    pages: Path, browser: Browser, tmp_path: Path, language: str
) -> None:
    with closing(Served(tmp_path, pages, begun=False)) as early, serve(early) as url:
        for name in ("enrol", "vote", "check"):
            page = Visitor(browser, url, []).open(name, language)
            heading(page, "notBegunTitle")
            expect(page.get_by_role("alert")).to_have_count(0)
        early.begin()
        press(page, "tryAgain")
        heading(page, "checkWhat")


def silence(route: Route) -> None:
    route.fulfill(status=202, body="")


def patiently(page: Page, path: str) -> None:
    """From now on a post does not answer, and the clock is ours."""
    page.route(f"**/{path}", silence)
    page.clock.install()


def test_a_silent_registrar_is_said_and_nothing_is_lost(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 2)
    keep(page, 2)
    patiently(page, "post/registrar")
    press(page, "send")
    heading(page, "sending")
    page.clock.run_for(10_000)  # the clock goes on by itself, too, on a slow machine
    assert page.get_by_role("button", name=said(page, "stop")).count() == 0
    page.clock.run_for(11_000)
    expect(page.get_by_text(said(page, "silentRegistrars", names="Register 1"))).to_be_visible()
    page.evaluate("history.back()")  # leads nowhere while it is asked
    page.clock.run_for(60_000)
    heading(page, "sending")
    press(page, "stop")
    heading(page, "sendTitle")
    page.unroute("**/post/registrar")
    press(page, "send")
    page.clock.run_for(10_000)
    heading(page, "pendingTitle")


@pytest.fixture
def card(served: Served) -> Card:
    """A card of a region that votes."""
    cards = served.enrol(3)
    served.close_enrolment()
    served.open()
    return cards[0][0]


def test_a_silent_board_is_said_and_the_same_ballot_is_cast(visitor: Visitor, card: Card) -> None:
    page = visitor.open("vote")
    show(page, card.words)
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    tracker = page.locator(".tracker").inner_text()
    patiently(page, "post/board")
    press(page, "castThis")
    page.clock.run_for(21_000)
    expect(page.get_by_text(said(page, "silentBoard"))).to_be_visible()
    press(page, "stop")
    heading(page, "sealedTitle")
    page.unroute("**/post/board")
    press(page, "castThis")
    page.clock.run_for(10_000)
    heading(page, "castTitle")
    assert page.locator(".tracker").inner_text() == tracker


def test_a_card_is_looked_up_before_the_questions_and_nobody_is_asked(
    visitor: Visitor, served: Served, card: Card
) -> None:
    page = visitor.open("vote")
    heading(page, "cardTitle")
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))  # on which day it is, in this sample
    stranger = Card.derive(served.referendum.record.election, 0, bytes(16))
    give(page, stranger.words)
    press(page, "cardYes")
    alarm(page, "notEnrolled")
    page.evaluate("history.back()")
    heading(page, "cardTitle")
    asked = sent.copy()
    sent.clear()
    show(page, card.words)
    assert sent == asked  # no card changes what the server is asked: all batches were read before
