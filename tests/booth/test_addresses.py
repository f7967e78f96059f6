"""The booth opened by a link or a camera, with a card or invitation behind `#` (spec/cards.md#addresses)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from psephos.protocol.enrolment.invitation import Invitation
from psephos.voter.card import Card
from tests.booth.catalogue import said
from tests.booth.offered import Served, serve
from tests.booth.visitor import (
    Visitor,
    draw_cards,
    explained,
    give,
    heading,
    keep,
    make_cards,
    press,
    send_cards,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]
OTHER = "https://another.example/"


class Watched(Visitor):
    """A visitor all whose requests are seen: what was asked for, with what headers and body."""

    def follow(self, path: str, language: str = "en-GB") -> tuple[Page, list[str]]:
        """From another page to an address, in a browser of its own; all that is sent meanwhile."""
        context = self.browser.new_context(locale=language, viewport={"width": 390, "height": 844})
        page, sent = context.new_page(), list[str]()
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on("request", lambda request: sent.append(_whole(request)))
        page.goto(f"{self.url}pin.json")
        page.goto(self.url + path)
        return page, sent


def _whole(request: Request) -> str:
    """Without what stands behind `#`, which Playwright shows and no browser sends."""
    return f"{request.url.partition('#')[0]} {request.all_headers()} {request.post_data_buffer!r}"


@pytest.fixture
def visitor(browser: Browser, served: Served) -> Iterator[Watched]:
    with serve(served) as url:
        made = Watched(browser, url, [])
        yield made
    assert made.noise == []


@pytest.fixture
def card(served: Served) -> Card:
    served.vote()
    return Card.derive(served.referendum.record.election, 0, bytes(range(16)))


def path_of(address: str) -> str:
    return address.removeprefix(OTHER)


def secret_of(address: str) -> str:
    return address.partition("=")[2]


def everywhere(page: Page) -> str:
    """All that a page shows or could keep, and all addresses that Back and Forward lead to."""
    entries = page.evaluate("navigation.entries().map(entry => entry.url)")
    kept = page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, history.state, location.href, document.referrer])"
    )
    return page.content() + kept + str(entries) + str(page.context.cookies())


def test_a_card_in_the_address_is_shown_and_nothing_of_it_is_left_or_sent(
    visitor: Watched, card: Card
) -> None:
    address = card.code(OTHER)
    page, sent = visitor.follow(f"{path_of(address)}&uk")
    expect(page.locator("h1")).to_have_text(said(page, "cardThis"))
    assert page.evaluate("document.documentElement.lang") == "uk"
    expect(page.locator(".name")).to_have_text(card.face.name)
    assert page.url == f"{visitor.url}booth/vote.html#uk"
    assert len(sent) > 5
    for part in (secret_of(address), card.secret.hex(), card.words):
        assert part not in everywhere(page)
        assert not any(part in one for one in sent)
    page.go_back()
    page.go_forward()
    assert page.url == f"{visitor.url}booth/vote.html#uk"
    heading(page, "cardTitle")  # loaded again, it has forgotten the card
    assert secret_of(address) not in everywhere(page)


def test_the_address_is_clean_before_anything_else_is_loaded(visitor: Watched, card: Card) -> None:
    context = visitor.browser.new_context()
    page = context.new_page()
    for script in ("core.js", "qr.js", "vote.js"):
        page.route(f"**/{script}", lambda route: route.abort())
    page.goto(visitor.url + path_of(card.code(OTHER)))
    assert page.url == f"{visitor.url}booth/vote.html"


def test_an_invitation_in_the_address_is_used_once_all_is_explained(visitor: Watched, served: Served) -> None:
    [text] = served.invite(1)
    address = Invitation.parse(text.encode()).address(OTHER)
    page, sent = visitor.follow(path_of(address))
    expect(page.get_by_text("1 / 5")).to_be_visible()
    assert page.url == f"{visitor.url}booth/enrol.html"
    explained(page)
    draw_cards(page, 2)
    for part in (secret_of(address), "citizen 0"):
        assert part not in everywhere(page)
        assert not any(part in one for one in sent)
    keep(page, 2)
    send_cards(page)


@pytest.mark.parametrize(
    "change", [lambda part: part[:-1], lambda part: part.lower(), lambda part: f"{part}&c={part}"]
)
def test_a_damaged_card_is_said_and_taken_out_all_the_same(visitor: Watched, card: Card, change) -> None:
    address = card.code(OTHER)
    before, _, secret = path_of(address).partition("=")
    page, _ = visitor.follow(f"{before}={change(secret)}")
    expect(page.get_by_role("alert")).to_be_visible()
    heading(page, "cardTitle")
    assert page.url == f"{visitor.url}booth/vote.html"


def test_an_invitation_to_another_vote_is_said_at_once(visitor: Watched, served: Served) -> None:
    [text] = served.invite(1)
    invitation = Invitation.parse(text.encode())
    other = Invitation(bytes(32), 1, invitation.region, invitation.opening)
    page, _ = visitor.follow(path_of(other.address(OTHER)))
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("1 / 5")).to_be_visible()


def test_a_link_followed_while_the_page_is_open_is_taken_too(visitor: Watched, card: Card) -> None:
    page, _ = visitor.follow("booth/vote.html")
    heading(page, "cardTitle")
    page.goto(visitor.url + path_of(card.code(OTHER)))
    heading(page, "cardThis")
    assert page.url == f"{visitor.url}booth/vote.html"
    assert secret_of(card.code(OTHER)) not in everywhere(page)


def test_an_address_of_another_site_is_taken_from_a_paste_and_a_picture(visitor: Watched, card: Card) -> None:
    page, _ = visitor.follow("booth/vote.html")
    heading(page, "cardTitle")
    give(page, card.code(OTHER))
    heading(page, "cardThis")
    expect(page.locator(".name")).to_have_text(card.face.name)


def test_the_code_of_a_card_is_the_address_of_this_booth(
    visitor: Watched, served: Served, tmp_path: Path
) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 2)
    press(page, "keepStart")
    name, words = page.locator(".card h2").inner_text(), page.locator(".words").inner_text()
    picture = tmp_path / "card.png"
    page.locator(".card svg.code").screenshot(path=picture)
    [code] = zxingcpp.read_barcodes(Image.open(picture))
    assert code.text.startswith(f"{visitor.url}booth/vote.html#c=")
    assert Card.scan(code.text).words == words
    served.vote()
    page, _ = visitor.follow(code.text.removeprefix(visitor.url))
    heading(page, "cardThis")
    expect(page.locator(".name")).to_have_text(name)
