"""How voters go through the pages, in Chromium on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
PATIENCE = 60_000
"""Milliseconds to wait for a screen, however slow the machine is."""
expect.set_options(timeout=PATIENCE)


@dataclass
class Visitor:
    """Somebody with a browser of their own; `noise` is what the page complained about."""

    browser: Browser
    url: str
    noise: list[str]

    def open(self, name: str, language: str = "en-GB") -> Page:
        context = self.browser.new_context(locale=language, **PHONE)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on("console", lambda said: self.noise.append(said.text) if said.type == "error" else None)
        page.goto(f"{self.url}booth/{name}.html")
        return page


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_have_text(text)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def give(page: Page, text: str) -> None:
    """Paste a text into the page's scanner."""
    field = page.locator("fieldset.scanner")
    field.locator("textarea").fill(text)
    field.locator("button").last.click()


def explained(page: Page) -> None:
    for number in range(4):
        expect(page.get_by_text(f"{number + 1} / 4")).to_be_visible()
        press(page, "Next")


def make_cards(page: Page, invitation: str, number: int) -> str:
    """From the beginning until the cards are made; the name of the one that counts."""
    explained(page)
    heading(page, "Your invitation")
    give(page, invitation)
    heading(page, "How many cards?")
    page.locator("main select").select_option(str(number))
    press(page, "Next")
    heading(page, "Which card counts?")
    expect(page.get_by_role("radio")).to_have_count(number)
    chosen = page.locator(".option").last
    name = chosen.locator(".name").inner_text()
    chosen.click()
    press(page, "Next")
    heading(page, "Does this device play fair?")
    return name


def keep(page: Page, number: int) -> dict[str, str]:
    """Keep the cards that are shown, one by one: the words of each by its name."""
    press(page, "Keep these cards")
    cards = {}
    for _ in range(number):
        heading(page, "Keep this card")
        name = page.locator(".card h2").inner_text()
        cards[name] = page.locator(".words").inner_text()
        press(page, "I have kept it")
        expect(page.locator(".card h2", has_text=name)).to_have_count(0)
    heading(page, "Send")
    return cards


def enrol(visitor: Visitor, invitation: str, number: int = 2) -> tuple[Page, str, dict[str, str]]:
    page = visitor.open("enrol")
    counting = make_cards(page, invitation, number)
    cards = keep(page, number)
    press(page, "Enrol my cards")
    heading(page, "Your cards are enrolled")
    return page, counting, cards


def show(page: Page, words: str) -> None:
    give(page, words)
    heading(page, "Is this your card?")
    press(page, "Yes, vote with it")
    expect(page.get_by_role("heading", name="Vote", exact=True)).to_be_visible()


def choose(page: Page, *options: str) -> None:
    for contest, option in enumerate(options):
        page.locator("main > fieldset").nth(contest).get_by_label(option, exact=True).check()
    press(page, "Review")
    heading(page, "Is this right?")
    press(page, "Yes: make my ballot")


def cast_vote(visitor: Visitor, words: str, *options: str) -> str:
    """Vote with a card; the tracker."""
    page = visitor.open("vote")
    show(page, words)
    choose(page, *options)
    heading(page, "Your ballot is ready")
    press(page, "Cast this ballot")
    heading(page, "Your ballot is in")
    return page.locator(".tracker").inner_text()


def parts(page: Page, press_save: str = "Save as a file") -> str:
    """The text of all codes that an opening is shown as."""
    with page.expect_download() as download:
        press(page, press_save)
    return Path(download.value.path()).read_text()
