"""What hides in a text is shown by its number: in terminals, on pages, and (tests/booth) in the booth."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from psephos.observer.text import plain
from psephos.server.pages.rendering import templates
from psephos.visible import hidden, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Yes\u202eoN\u202c", "YesU+202EoNU+202C"),
        ("a\u200bb\u00adc\u3164\U000e0041", "aU+200Bb" + "U+00ADcU+3164U+E0041"),
        ("a\u200db", "aU+200Db"),
        ("\u200d", "U+200D"),
        ("a\x1b[31m\r", "aU+001B[31mU+000D"),
    ],
)
def test_what_hides_is_shown_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown
    assert plain(text).plain == shown
    assert not list(hidden(shown))


@pytest.mark.parametrize(
    "text", ["Гавань?", "prix\u00a0: 5\u202f€", "می\u200cخواهم", "क्\u200dष", "👩\u200d⚖️", "A’r"]
)
def test_what_shows_stays(text: str) -> None:
    assert visible(text) == text == plain(text).plain


def test_pages_show_it_in_texts_and_in_what_is_marked_up() -> None:
    template = templates("en").from_string("{{ text }} {{ markup }} {{ number }}")
    shown = template.render(text="<\u202e", markup=Markup("<b>\u202e</b>"), number=1)
    assert shown == "&lt;U+202E <b>U+202E</b> 1"
