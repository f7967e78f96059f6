"""Several registrars: invitations in any order, who is waited for, receipts; with relays and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.booth.catalogue import said
from tests.booth.offered import Served
from tests.booth.relaying import relaying
from tests.booth.visitor import (
    Visitor,
    alarm,
    draw_cards,
    explained,
    give,
    heading,
    keep,
    press,
    saved,
    send_cards,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


@pytest.fixture
def shape() -> dict[str, Any]:
    return {"registrars": 2}


def invited(page: Page, letters: dict[int, str]) -> None:
    """Give all invitations, the last registrar's first."""
    explained(page)
    heading(page, "invitesTitle")
    for count, number in enumerate(sorted(letters, reverse=True), 1):
        give(page, letters[number])
        expect(page.locator(".registrars .there")).to_have_count(count)
    press(page, "next")


def ready(page: Page, letters: dict[int, str]) -> tuple[str, dict[str, str]]:
    """Up to the last step; the name of the card that counts, and all cards."""
    invited(page, letters)
    counting = draw_cards(page, 2)
    return counting, keep(page, 2)


def test_invitations_come_in_any_order_and_each_is_judged_at_once(visitor: Visitor, served: Served) -> None:
    letters, other = served.invite_all(2)
    served.use(other[2])
    page = visitor.open("enrol")
    explained(page)
    heading(page, "invitesTitle")
    expect(page.locator(".registrars > li")).to_have_count(2)
    give(page, other[2])
    alarm(page, "refusedIssued")
    expect(page.get_by_role("alert")).to_contain_text("Register 2")
    give(page, letters[1].replace("voter citizen", "voter Citizen"))
    alarm(page, "notListed")
    expect(page.locator(".registrars .there")).to_have_count(0)
    give(page, letters[2])
    expect(page.get_by_text(said(page, "inviteNext", name="Register 1"))).to_be_visible()
    expect(page.locator("textarea")).to_have_value("")
    expect(page.get_by_role("button", name=said(page, "next"), exact=True)).to_have_count(0)
    page.locator("main summary").click()
    expect(page.get_by_text(said(page, "inviteOneText"))).to_be_visible()
    give(page, letters[1])
    press(page, "next")
    heading(page, "numberTitle")
    assert int(page.locator("main select").input_value()) in range(3, served.definition.decoys + 1)
    options = page.locator("main option").all_inner_texts()
    assert [int(one) for one in options] == list(range(1, served.definition.decoys + 2))


def test_receipts_are_held_against_the_record_and_no_card_is_handed_over_before(
    visitor: Visitor, served: Served
) -> None:
    [letters] = served.invite_all(1)
    page = visitor.open("enrol")
    ready(page, letters)
    send_cards(page)
    expect(page.locator(".registrars .there")).to_have_count(2)
    expect(page.get_by_text(said(page, "pendingText"))).to_be_visible()
    expect(page.get_by_text(said(page, "enrolledHand"))).to_have_count(0)
    receipts = page.context.new_page()
    early = saved(page, "saveReceipts")
    served.close_enrolment()
    page.reload()
    heading(page, "enrolledTitle")
    expect(page.get_by_text(said(page, "enrolledHand"))).to_be_visible()
    assert saved(page, "saveReceipts") == early
    receipts.goto(f"{visitor.url}booth/check.html")
    file = {"name": "receipts.psephos", "mimeType": "", "buffer": early}
    receipts.locator("fieldset.scanner input[type=file]").set_input_files([file])  # type: ignore[list-item]
    heading(receipts, "receiptsTitle")
    rows = receipts.locator("main li")
    expect(rows).to_have_count(6)
    for number in (1, 2):
        name = f"Register {number}"
        expect(rows.filter(has_text=said(receipts, "receiptThere", name=name))).to_have_count(2)
        expect(rows.filter(has_text=said(receipts, "tokenThere", name=name))).to_have_count(1)


def test_a_registrar_that_is_silent_is_named_and_costs_nothing(visitor: Visitor, served: Served) -> None:
    [letters] = served.invite_all(1)
    page = visitor.open("enrol")
    ready(page, letters)
    served.silent = {2}
    held: list[Route] = []
    page.route("**/post/registrar", lambda route: held.append(route))
    page.clock.install()
    with page.expect_request("**/post/registrar-2"):  # from when they are asked on the page waits for them
        press(page, "send")
    heading(page, "sending")
    page.clock.run_for(21_000)
    both = said(page, "silentRegistrars", names="Register 1, Register 2")
    expect(page.get_by_text(both)).to_be_visible()
    (first,) = held
    first.continue_()
    expect(page.get_by_text(said(page, "silentRegistrars", names="Register 2"))).to_be_visible()
    press(page, "stop")
    heading(page, "sendTitle")
    served.silent = set()
    again = visitor.open("enrol")  # no token was asked for: the invitations are as good as before
    invited(again, letters)
    heading(again, "numberTitle")


def test_a_card_that_came_too_late_is_said_to_be_left_out_by_nobody(visitor: Visitor, served: Served) -> None:
    [letters] = served.invite_all(1)
    page = visitor.open("enrol")
    ready(page, letters)
    page.route(
        "**/post/registrar-2",
        lambda route: (
            route.abort() if len(route.request.post_data_buffer or b"") != 2048 else route.continue_()
        ),
    )
    press(page, "send")
    heading(page, "pendingTitle")
    alarm(page, "missing")
    served.close_enrolment()
    page.reload()
    heading(page, "tooLateTitle")
    expect(page.get_by_text(said(page, "silentTooLong", name="Register 2"))).to_be_visible()
    expect(page.get_by_text(said(page, "admittedBy", name="Register 1"))).to_be_visible()
    expect(page.get_by_role("button", name=said(page, "saveReceipts"))).to_be_visible()
    expect(page.get_by_role("button", name=said(page, "sendAgain"))).to_have_count(0)
    visitor.noise.clear()  # the requests that were cut off


def test_a_page_that_is_closed_goes_on_or_says_what_is_lost(visitor: Visitor, served: Served) -> None:
    letters, others = served.invite_all(2)
    page = visitor.open("enrol")
    page.on("dialog", lambda dialog: dialog.accept())
    ready(page, letters)
    page.reload()  # before anything was asked for: nothing is lost
    ready(page, letters)
    page.route(
        "**/post/registrar-2",
        lambda route: (
            route.abort() if len(route.request.post_data_buffer or b"") != 2048 else route.continue_()
        ),
    )
    press(page, "send")
    heading(page, "pendingTitle")  # made, and one registrar has not got them
    alarm(page, "missing")
    page.reload()
    heading(page, "pendingTitle")
    expect(page.locator(".registrars .there")).to_have_count(1)
    page.unroute("**/post/registrar-2")
    page.reload()
    expect(page.locator(".registrars .there")).to_have_count(2)
    lost = visitor.open("enrol")
    lost.on("dialog", lambda dialog: dialog.accept())
    ready(lost, others)
    sent: list[str] = []

    def kill(route) -> None:
        sent.append(route.request.url)
        if len(sent) < 2:
            route.continue_()

    lost.route("**/post/registrar-2", kill)  # the tokens of one are asked for, the other never answers
    press(lost, "send")
    heading(lost, "sending")
    given = served.referendum.record.registrar_keys.given
    for _ in range(600):
        lost.wait_for_timeout(100)
        if given.get(1, 0) == 2 and len(sent) == 2:  # the first page's voter, and this one
            break
    lost.reload()
    explained(lost)
    give(lost, others[1])
    alarm(lost, "refusedIssued")  # says that the cards are lost, and who can help
    visitor.noise.clear()  # the browser says that requests failed


def test_a_region_that_waits_names_the_registrar_that_is_missing(visitor: Visitor, served: Served) -> None:
    served.enrol(3)
    served.referendum.shut(0)
    served.referendum.now = served.definition.regions[0].days[0].open
    served.referendum.checkpoint()
    served.publish()
    page = visitor.open("vote")
    expect(page.get_by_text(said(page, "waitsFor", names="Register 1"))).to_be_visible()


def test_cards_go_through_one_relay_with_dummies_and_come_back_as_receipts(
    pages: Path, browser: Browser, tmp_path: Path
) -> None:
    with relaying(tmp_path, pages, registrars=2) as (relays, url):
        visitor = Visitor(browser, url, [])
        [letters] = relays.served.invite_all(1)
        page = visitor.open("enrol")
        sent: list[Request] = []
        page.on(
            "request", lambda one: sent.append(one) if "/relay/" in one.url and one.method == "POST" else None
        )
        expect(page.get_by_text(said(page, "sendFew", count=0))).to_be_visible()  # nobody else is there
        counting, cards = ready(page, letters)
        expect(page.get_by_text(said(page, "sendRelays", names="Relay 1, Relay 2"))).to_be_visible()
        send_cards(page, relayed=True)
        expect(page.locator(".registrars .there")).to_have_count(0)
        expect(page.locator(".when").first).to_contain_text(said(page, "pendingRelay").partition("{time}")[0])
        expect(page.get_by_role("button", name=said(page, "sendAgain"))).to_have_count(0)  # a relay has them
        everybody = 1 + relays.served.definition.decoys
        assert len(sent) == 2 * everybody
        assert len({one.url.split("/relay/")[0] for one in sent}) == 1
        assert {one.headers["content-type"] for one in sent} == {"message/ohttp-req"}
        relays.reach_end()
        assert sorted(relays.turn()) == [0, 2 * everybody]
        assert relays.lengths == {7 + 32 + 1536 + 16}
        page.clock.install(time=relays.now + 1)
        page.reload()
        expect(page.locator(".registrars .there")).to_have_count(2)
        left = page.content() + page.evaluate("JSON.stringify(localStorage)")
        assert not [one for one in (counting, *cards, *cards.values()) if one in left]
        elsewhere = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'blocked')")
        assert elsewhere == "blocked"
        assert [one for one in visitor.noise if "Content Security Policy" in one]
