"""The booth's texts: tests name them by their keys, and find them on pages in any language."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from psephos.language.catalog import catalog

TEXTS = Path(__file__).parents[2] / "booth/src/pages/texts.ts"
_TEXT = re.compile(r'^  (\w+):\s+msg(?:In\(\s*("[^"]*"),)?\(?\s*("(?:[^"\\]|\\.)*"),?\s*\),$', re.MULTILINE)


@cache
def texts() -> dict[str, tuple[str, str]]:
    """By key what distinguishes a text, mostly nothing, and the text in English."""
    found = _TEXT.findall(TEXTS.read_text())
    return {key: (json.loads(context or '""'), json.loads(english)) for key, context, english in found}


def text(tag: str, key: str, **values: object) -> str:
    """A text in a language, with values for its places."""
    context, english = texts()[key]
    messages = catalog(tag)
    found = messages.pgettext(context, english) if context else messages.gettext(english)
    return found.format(**values) if values else found


def said(page: Page, key: str, **values: object) -> str:
    """What a page says, in its own language."""
    return text(page.locator("html").get_attribute("lang") or "", key, **values)
