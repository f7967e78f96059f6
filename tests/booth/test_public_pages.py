"""The public pages in Chromium: nobody stumbles over them, and nothing hangs out of a phone's screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from psephos.server.pages.views import MENU
from tests.booth.visitor import PHONE, TIMEOUT, stumbles
from tests.server.reading import counted, serving, site

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]
WIDE = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(site(counted(), tmp_path_factory.mktemp("pages"))) as url:
        yield url


def overflow(page: Page) -> int:
    """By how much the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found


@pytest.mark.parametrize(
    ("language", "shape"),
    [
        ("en", {**PHONE, "color_scheme": "dark"}),
        ("uk", {**PHONE, "color_scheme": "light"}),
        ("fr", {**WIDE, "color_scheme": "light", "forced_colors": "active"}),
    ],
)
def test_nobody_stumbles(browser: Browser, url: str, axe: str, language: str, shape: dict) -> None:
    page = browser.new_context(**shape).new_page()
    page.set_default_timeout(TIMEOUT)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for name in MENU:
        page.goto(f"{url}/{language}/{name}")
        assert stumbles(page, axe) == []
        assert overflow(page) <= 0
    assert complaints == []  # the policy forbids nothing that is there
    page.goto(f"{url}/{language}/nothing")
    assert stumbles(page, axe) == []


def test_pages_are_the_same_without_scripts(browser: Browser, url: str) -> None:
    with_scripts, without = (
        browser.new_context(**PHONE, java_script_enabled=enabled).new_page() for enabled in (True, False)
    )
    for name in MENU:
        for page in (with_scripts, without):
            page.goto(f"{url}/cy/{name}")
        assert with_scripts.screenshot() == without.screenshot()


def test_what_is_printed_is_the_page_without_its_menus(browser: Browser, url: str) -> None:
    page = browser.new_context(**WIDE).new_page()
    page.goto(f"{url}/en/result")
    page.emulate_media(media="print")
    assert page.get_by_role("navigation").count() == 0
    assert page.get_by_role("heading", name="Result", exact=True).is_visible()
    assert page.locator("svg.bars").first.is_visible()
    assert page.pdf().startswith(b"%PDF")
