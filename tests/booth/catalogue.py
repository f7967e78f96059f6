"""The booth's texts: tests name them in English, and find them on pages in any language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

TEXTS = Path(__file__).parents[2] / "booth/src/pages/texts"


@cache
def catalogue(tag: str) -> dict[str, str]:
    """The texts of a language by their keys."""
    return dict(re.findall(r'^  (\w+):\s+"(.+)",$', (TEXTS / f"{tag}.ts").read_text(), re.MULTILINE))


def said(page: Page, english: str) -> str:
    """What a page says where an English one says this."""
    tag = page.locator("html").get_attribute("lang")
    (key,) = (key for key, text in catalogue("en").items() if text == english)
    return catalogue(tag or "")[key]
