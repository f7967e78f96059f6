"""The booth shows what hides in a text by its number, as the pages and the command line do."""

from __future__ import annotations

import sys

import pytest

from psephos.visible import visible
from tests.booth.conftest import Device

pytestmark = pytest.mark.needs("node")

JOINED = ["a\u200cb", "م\u200cخ", "क्\u200d", "\u200dष", "☀\u200d☀", "क\u200dष", "a\u200dक"]


def test_every_character_is_shown_alike(device: Device) -> None:
    """Of the plane that people write in, and of those with signs that nobody sees."""
    codes = [*range(0xD800), *range(0xE000, 0x12000), *range(0xE0000, 0xE0200), sys.maxunicode]
    texts = [*map(chr, codes), *JOINED]
    assert device("visible", texts=texts) == [visible(one) for one in texts]
