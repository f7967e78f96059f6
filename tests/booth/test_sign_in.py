"""Signing in with Chromium: the cookie comes back, the button hands over, the invitation can be copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from psephos.protocol.enrolment.invitation import Invitation
from tests.booth.visitor import PHONE, TIMEOUT, stumbles
from tests.registrar.test_sign_in import Entrance, invitation

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[Entrance]:
    made = Entrance(tmp_path)
    yield made
    made.close()


def test_a_person_signs_in_and_loads_the_page_anew(browser: Browser, entrance: Entrance, axe: str) -> None:
    context = browser.new_context(**PHONE, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{entrance.url}/en/sign-in")
    assert stumbles(page, axe) == []
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Show my invitation").wait_for()
    assert stumbles(page, axe) == []
    page.reload()  # spends nothing
    page.get_by_role("button", name="Show my invitation").click()
    for _ in range(2):
        assert page.get_by_text("For Ada, region north").is_visible()
        page.get_by_role("button", name="Copy the invitation").click()
        page.get_by_text("Copied.").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert Invitation.parse(copied.encode()) == invitation("Ada")
        assert stumbles(page, axe) == []
        page.reload()
    page.go_back()
    page.get_by_role("button", name="Show my invitation").click()
    assert page.get_by_text("For Ada, region north").is_visible()
    assert complaints == []
    assert [one["sameSite"] for one in context.cookies()] == ["Lax"]


def test_somebody_s_page_cannot_lead_a_person_through_it(browser: Browser, entrance: Entrance) -> None:
    """Signed in at the provider, with a page that presses for them: nothing begins."""
    page = browser.new_context(**PHONE).new_page()
    page.set_default_timeout(TIMEOUT)
    form = f'<form method="post" action="{entrance.url}/en/sign-in"><button>Win</button></form>'
    page.route("https://evil.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("https://evil.example/")
    page.get_by_role("button", name="Win").click()
    page.get_by_text("Nothing was handed over").wait_for()
    assert entrance.identity.asked == []
    page.goto(f"{entrance.url}/callback?{urlencode({'state': 'x', 'code': 'y'})}")
    assert "psephos-invitation" not in page.content()
    assert len(entrance.mailing.waiting("sign-in")) == 2
