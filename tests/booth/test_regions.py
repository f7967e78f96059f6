"""Votes with many regions: the pages load the voter's own, and of the others nothing but names."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.booth.catalogue import said, text
from tests.booth.offered import Served
from tests.booth.visitor import (
    BLANK,
    Visitor,
    alarm,
    cast,
    draw_cards,
    explained,
    fill,
    give,
    heading,
    prepare,
    press,
    stumbles,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]

OTHERS = [f"quarter-{number}" for number in range(22)]
LONG = [{"en": "ψ" * 4_000}] * 17
"""More than 131,072 bytes: of such a definition a device loads what it needs."""


@pytest.fixture
def shape() -> dict[str, Any]:
    return {"regions": ["athens", "athens-west", *OTHERS], "languages": ["en"], "channels": LONG}


@pytest.fixture
def tolerated() -> str:
    return "404"


def loading(page: Page) -> list[str]:
    """The excerpts that a page asks for from now on."""
    hashes: list[str] = []
    page.on("request", lambda request: "/definition/" in request.url and hashes.append(request.url[-64:]))
    return hashes


def name_region(page: Page, name: str) -> None:
    fill(page, "region", name)
    press(page, "next")


def test_the_region_is_asked_for_first_and_only_it_is_loaded(
    visitor: Visitor, served: Served, axe: str
) -> None:
    cards = served.enrol(3)
    served.close_enrolment()
    served.open()
    first, second = cards[0]
    page = visitor.open("vote")
    heading(page, "regionTitle")
    expect(page.get_by_label(said(page, "region"))).to_be_visible()
    assert stumbles(page, axe) == []
    assert page.locator(".when").count() == 0
    loaded = loading(page)
    for typed, wrong in (("", "regionNone"), ("Sparta", "regionNone")):
        name_region(page, typed)
        alarm(page, wrong)
    name_region(page, "ath")
    alarm(page, "regionSeveral", names="Athens, Athens-west")
    assert loaded == []
    name_region(page, " ÀTHENS ")
    heading(page, "cardTitle")
    expect(page.get_by_text("Athens", exact=True)).to_be_visible()
    expect(page.locator(".when")).to_have_count(1)
    page.go_back()
    heading(page, "regionTitle")
    name_region(page, "athens")
    prepare(page, first.words, "Yes", BLANK)
    cast(page)
    head = served.definition.head
    assert len(loaded) == 2
    assert all(bytes.fromhex(name) in head.excerpts for name in loaded)
    page = visitor.visit(second.code(visitor.url).removeprefix(visitor.url))
    heading(page, "cardThis")  # a card's code says its region itself
    expect(page.get_by_text("Athens", exact=True)).to_be_visible()
    press(page, "back")
    heading(page, "regionTitle")


def test_who_withholds_a_region_is_named_by_what_is_missing(visitor: Visitor, served: Served) -> None:
    answer = served.get
    closes = text("en", "enrolUntil", time="")[:-1].strip()
    [letter] = served.invite(1)
    page = visitor.open("enrol")
    explained(page)
    served.get = lambda path: None if path.startswith("/definition/") else answer(path)  # type: ignore[method-assign]
    give(page, letter)
    alarm(page, "missing")
    served.get = lambda path: answer(path if len(path) < 76 else other(served))  # type: ignore[method-assign]
    give(page, letter)
    expect(page.get_by_role("alert")).to_contain_text("SHA-256")
    served.get = answer  # type: ignore[method-assign]
    give(page, letter)
    heading(page, "numberTitle")
    expect(page.locator(".when")).to_contain_text(closes)
    draw_cards(page, 2)


def other(served: Served) -> str:
    """Where the excerpt of another region is."""
    return next(
        f"/definition/{name.hex()}"
        for name, data in served.definition.head.excerpts.items()
        if data.startswith(b'{"closes"') and b'"id":"quarter-7"' in data
    )
