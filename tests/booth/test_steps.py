"""One step back, nothing lost without a question, and nothing left in the browser's history."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.booth.offered import Served
from tests.booth.visitor import (
    BLANK,
    Visitor,
    cast,
    choose,
    draw_cards,
    enrol,
    explained,
    fill,
    give,
    heading,
    keep,
    kept,
    make_cards,
    press,
    send_cards,
    show,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


def steps(page: Page) -> int:
    """Where the page is in its own history, of which nothing else is kept."""
    state = page.evaluate("history.state")
    assert isinstance(state, int)
    return state


def back(page: Page) -> None:
    page.evaluate("history.back()")  # as a phone's Back does; no other document is waited for


def forward(page: Page) -> None:
    page.evaluate("history.forward()")


def test_back_goes_one_step_back_in_enrolment(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 3)
    back(page)
    heading(page, "chooseTitle")
    expect(page.get_by_role("radio")).to_have_count(3)
    back(page)
    heading(page, "numberTitle")
    expect(page.locator("main select")).to_have_value("3")
    back(page)
    heading(page, "inviteTitle")
    expect(page.locator("textarea")).to_have_value(invitation)
    back(page)
    expect(page.get_by_text("5 / 5")).to_be_visible()
    forward(page)
    forward(page)
    expect(page.get_by_text("5 / 5")).to_be_visible()  # what was left is made anew, or not at all
    assert steps(page) == 4
    press(page, "next")
    press(page, "use")
    draw_cards(page, 2)
    page.go_back()
    page.go_back()
    heading(page, "numberTitle")
    page.reload()
    expect(page.get_by_text("1 / 5")).to_be_visible()
    page.wait_for_function("history.state === 0")


def test_cards_that_were_shown_are_not_left_without_a_question(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 3)
    assert page.locator("footer nav").count() == 0
    press(page, "keepStart")
    heading(page, "keepTitle")
    first = page.locator(".card h2").inner_text()
    kept(page)
    expect(page.locator(".card h2")).not_to_have_text(first)
    back(page)
    expect(page.locator(".card h2")).to_have_text(first)
    back(page)
    heading(page, "leaveTitle")
    press(page, "leaveStay")
    expect(page.locator(".card h2")).to_have_text(first)
    for _ in range(3):
        kept(page)
    heading(page, "sendTitle")
    assert page.locator("footer nav").count() == 0
    back(page)
    heading(page, "keepTitle")
    for _ in range(3):
        back(page)
        page.wait_for_timeout(100)
    heading(page, "leaveTitle")
    press(page, "leaveDiscard")
    heading(page, "numberTitle")
    assert first not in page.content()


def test_a_browser_asks_before_cards_are_lost(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    make_cards(page, invitation, 2)
    press(page, "keepStart")
    for count, screen in ((1, "keepTitle"), (2, "sendTitle")):
        heading(page, screen)
        page.evaluate("setTimeout(() => location.reload())")
        page.wait_for_timeout(500)
        heading(page, screen)
        assert asked == ["beforeunload"] * count
        if screen == "keepTitle":
            kept(page)
            kept(page)
    send_cards(page)
    page.reload()  # nothing can be lost any more
    heading(page, "pendingTitle")
    assert len(asked) == 2


def test_the_history_tells_neither_cards_nor_that_there_were_some(visitor: Visitor, served: Served) -> None:
    lengths = set()
    for number, invitation in zip((2, 4), served.invite(2), strict=True):
        page, counting, cards = enrol(visitor, invitation, number)
        page.wait_for_function("history.state === 0")
        lengths.add(page.evaluate("history.length"))
        for _ in range(3):
            forward(page)
        heading(page, "pendingTitle")
        assert not [one for one in (counting, *cards, *cards.values()) if one in page.content()]
    assert len(lengths) == 1


def test_back_goes_one_step_back_in_voting(visitor: Visitor, served: Served) -> None:
    cards = served.enrol(3)
    served.close_enrolment()
    served.open()
    card = cards[0][0].words
    page = visitor.open("vote")
    show(page, card)
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    tracker = page.locator(".tracker").inner_text()
    back(page)
    heading(page, "answers")
    back(page)
    heading(page, "voteTitle")
    expect(page.get_by_role("radio", checked=True)).to_have_count(2)
    back(page)
    heading(page, "cardThis")
    back(page)
    heading(page, "cardTitle")
    expect(page.locator("textarea")).to_have_value(card)
    for _ in range(3):
        forward(page)
    heading(page, "cardTitle")
    press(page, "use")
    press(page, "cardYes")
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    assert page.locator(".tracker").inner_text() != tracker
    cast(page)
    page.wait_for_function("history.state === 0")
    assert card not in page.content()
    forward(page)
    page.wait_for_timeout(200)
    assert not page.locator("h1", has_text="ready").count()


def test_back_goes_one_step_back_in_checking(visitor: Visitor) -> None:
    page = visitor.open("check")
    page.locator("main input").first.fill("0123 4567")
    give(page, f"PSEPHOS-C-{'0A' * 32}")
    fill(page, "countsWords", "calm red otter")
    press(page, "next")
    heading(page, "recorded")
    back(page)
    heading(page, "countsName")
    expect(page.locator("main input").first).to_have_value("calm red otter")
    back(page)
    heading(page, "checkWhat")
    expect(page.locator("main input").first).to_have_value("0123 4567")


def test_what_is_typed_stays_when_the_language_is_changed(visitor: Visitor, served: Served) -> None:
    page = visitor.open("enrol")
    explained(page)
    page.locator("textarea").fill("half of an invit")
    page.locator("#language").select_option("uk")
    heading(page, "inviteTitle")
    expect(page.locator("textarea")).to_have_value("half of an invit")
    page.locator("textarea").fill(served.invite(1)[0])
    press(page, "use")
    page.locator("main select").select_option("4")
    page.locator("#language").select_option("en")
    expect(page.locator("main select")).to_have_value("4")
    press(page, "next")
    page.get_by_role("radio").nth(2).check()
    page.locator("#language").select_option("cy")
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    press(page, "next")
    keep(page, 4)
