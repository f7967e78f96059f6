"""How voters go through the pages, in Chromium on a phone. Texts are named by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.booth.catalogue import said

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TIMEOUT = 180_000
"""Milliseconds to wait for a screen, however slow the machine is."""
expect.set_options(timeout=TIMEOUT)


@dataclass
class Visitor:
    """Somebody with a browser of their own; `noise` is what the page complained about, `shape` the screen."""

    browser: Browser
    url: str
    noise: list[str]
    shape: dict[str, Any] = field(default_factory=lambda: PHONE)

    def open(self, name: str, language: str = "en-GB") -> Page:
        """A page of the booth."""
        return self.visit(f"booth/{name}.html", language)

    def visit(self, path: str, language: str = "en-GB") -> Page:
        """A page of the server, in a browser that keeps nothing of earlier ones."""
        context = self.browser.new_context(locale=language, **self.shape)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on("console", self._hear)
        page.goto(self.url + path)
        return page

    def _hear(self, note: ConsoleMessage) -> None:
        if note.type == "error":
            self.noise.append(f"{note.text} {note.location['url']}")


def heading(page: Page, key: str) -> None:
    expect(page.locator("h1")).to_have_text(said(page, key))


def press(page: Page, key: str) -> None:
    page.get_by_role("button", name=said(page, key), exact=True).click()


def fill(page: Page, key: str, text: str) -> None:
    page.get_by_label(said(page, key)).fill(text)


def give(page: Page, text: str) -> None:
    """Paste a text into the page's scanner."""
    field = page.locator("fieldset.scanner")
    field.locator("textarea").fill(text)
    field.locator("button").last.click()


def alarm(page: Page, key: str, **values: object) -> None:
    """The page says that something did not work."""
    expect(page.get_by_role("alert")).to_contain_text(said(page, key, **values))


def saved(page: Page, key: str) -> bytes:
    """What a button gives as a file."""
    with page.expect_download() as download:
        press(page, key)
    return Path(download.value.path()).read_bytes()


# Enrolling


def explained(page: Page) -> None:
    for number, label in enumerate(("aloneNext", "next", "next", "next", "next"), 1):
        expect(page.get_by_text(f"{number} / 5")).to_be_visible()
        press(page, label)


def draw_cards(page: Page, number: int) -> str:
    """Take so many cards and choose one that counts; its name."""
    heading(page, "numberTitle")
    page.locator("main select").select_option(str(number))
    press(page, "next")
    heading(page, "chooseTitle")
    expect(page.get_by_role("radio")).to_have_count(number)
    chosen = page.locator(".option").last
    name = chosen.locator(".name").inner_text()
    chosen.click()
    press(page, "next")
    heading(page, "auditTitle")
    return name


def one_code(page: Page) -> None:
    """Codes are shown one at a time: two at once are hard to scan."""
    heading(page, "openedTitle")
    expect(page.locator("svg.code")).to_have_count(1)
    first = page.locator("figcaption").inner_text()
    assert first.startswith("1 / ")
    if not first.endswith(" 1"):
        press(page, "nextCode")
        expect(page.locator("figcaption")).to_have_text(first.replace("1 /", "2 /"))


def make_cards(page: Page, invitation: str, number: int) -> str:
    """From the beginning until the cards are made; the name of the one that counts."""
    explained(page)
    heading(page, "inviteTitle")
    give(page, invitation)
    return draw_cards(page, number)


def audit(page: Page, second: Page, counting: str, number: int) -> None:
    """A second device sees every card that was made and which counts; they are thrown away."""
    commitment = page.locator("svg.code").get_attribute("aria-label") or ""
    give(second, f"PSEPHOS-C-{commitment.upper()}")
    fill(second, "countsWords", counting)
    press(second, "next")
    heading(second, "recorded")
    press(page, "auditStart")
    one_code(page)
    give(second, saved(page, "saveFile").decode())
    heading(second, "auditGood")
    expect(second.get_by_role("main").get_by_role("listitem")).to_have_count(number)
    expect(second.get_by_text(f"{counting}: {said(second, 'counts')}", exact=True)).to_be_visible()
    press(page, "newCards")


def kept(page: Page) -> None:
    """Say that the card that is shown is written down, and go on."""
    expect(page.get_by_role("button", name=said(page, "keepNext"), exact=True)).to_be_disabled()
    page.get_by_label(said(page, "keepWritten")).check()
    press(page, "keepNext")


def keep(page: Page, number: int) -> dict[str, str]:
    """Keep the cards that are shown, one by one: the words of each by its name."""
    press(page, "keepStart")
    cards = {}
    for _ in range(number):
        heading(page, "keepTitle")
        name = page.locator(".card h2").inner_text()
        cards[name] = page.locator(".words").inner_text()
        kept(page)
        expect(page.locator(".card h2", has_text=name)).to_have_count(0)
    heading(page, "sendTitle")
    return cards


def send_cards(page: Page, *, relayed: bool = False) -> None:
    """Have the cards made and sent; unless relays hold them, all registrars accept them."""
    press(page, "send")
    heading(page, "pendingTitle")
    if not relayed:
        expect(page.locator(".registrars li:not(.there)")).to_have_count(0)  # else a test may close too soon


def enrol(visitor: Visitor, invitation: str, number: int = 2) -> tuple[Page, str, dict[str, str]]:
    page = visitor.open("enrol")
    counting = make_cards(page, invitation, number)
    cards = keep(page, number)
    send_cards(page)
    return page, counting, cards


# Voting


def show(page: Page, words: str, region: str | None = None) -> None:
    """Show a card; with several regions words do not say of which one it is."""
    if region is not None:
        page.get_by_label(said(page, "region")).select_option(label=region)
    give(page, words)
    heading(page, "cardThis")
    press(page, "cardYes")
    heading(page, "voteTitle")


BLANK = None
"""Instead of an option: a blank vote."""


def choose(page: Page, *options: str | None) -> None:
    """Make a ballot; options are those of the definition, in the page's language."""
    for contest, option in enumerate(options):
        page.locator("main > fieldset").nth(contest).get_by_label(
            option or said(page, "blank"), exact=True
        ).check()
    press(page, "review")
    reviewed(page, options)
    press(page, "seal")


def reviewed(page: Page, options: Sequence[str | None]) -> None:
    """What was chosen is shown once more: a single answer in the heading."""
    answers = [option or said(page, "blank") for option in options]
    if len(answers) == 1:
        expect(page.locator("h1")).to_have_text(f"{said(page, 'answer')} {answers[0]}")
    else:
        heading(page, "answers")
        expect(page.locator("dd")).to_have_text(answers)


def prepare(page: Page, words: str, *options: str | None, region: str | None = None) -> str:
    """With a card a ballot that is not cast yet; its tracker."""
    show(page, words, region)
    choose(page, *options)
    heading(page, "sealedTitle")
    return page.locator(".tracker").inner_text()


def challenge(page: Page, second: Page, option: str) -> None:
    """A second device sees that a ballot holds this option; the ballot is thrown away."""
    tracker = page.locator(".tracker").inner_text()
    page.locator("main summary").click()
    give(second, f"PSEPHOS-B-{tracker.upper()}")
    page.locator("details button").click()
    heading(page, "openedTitle")
    one_code(page)
    give(second, saved(page, "saveFile").decode())
    heading(second, "auditGood")
    expect(second.locator("dd").get_by_text(option, exact=True)).to_be_visible()
    press(page, "newBallot")


def cast(page: Page) -> None:
    press(page, "castThis")
    heading(page, "castTitle")


def cast_vote(visitor: Visitor, words: str, *options: str | None, region: str | None = None) -> str:
    """Vote with a card; the tracker."""
    page = visitor.open("vote")
    prepare(page, words, *options, region=region)
    cast(page)
    return page.locator(".tracker").inner_text()


def stumbles(page: Page, axe: str) -> list[str]:
    """What axe finds on the screen that is shown."""
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert found["passes"], "axe looked at nothing"
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]]
