"""Whom people ask for help: said by the server, shown on every page, and only ever a line of text."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from psephos.cli.contact import LONGEST, check_contact
from psephos.cli.main import main
from psephos.server.config import ServerConfig
from psephos.server.pages.views import MENU
from tests.server.reading import serving

CONTACT = "Ada <ada@vote.example>, 555 0123"


def get(url: str) -> str:
    with urllib.request.urlopen(url) as response:
        content: bytes = response.read()
        return content.decode()


@pytest.mark.parametrize("contact", [CONTACT, ""])
def test_the_contact_is_served_and_stands_under_every_page(contact: str, tmp_path: Path) -> None:
    with serving(ServerConfig(tmp_path, b"{}", {}, contact=contact)) as url:
        assert get(f"{url}/contact") == contact
        for page in MENU:
            shown = get(f"{url}/en/{page}")
            assert ("Help: Ada &lt;ada@vote.example&gt;, 555 0123" in shown) == bool(contact)
            assert ("<footer>" in shown) == bool(contact)


@pytest.mark.parametrize("text", ["two\nlines", "call \u202e555", "zero\u200bwidth", "x" * (LONGEST + 1)])
def test_a_contact_that_is_no_line_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="a contact"):
        check_contact(str, text)
    assert main(["serve", "--home", str(tmp_path), "--contact", text]) == 2
    assert "contact" in capsys.readouterr().err
    monkeypatch.setenv("PSEPHOS_CONTACT", text)
    assert main(["serve", "--home", str(tmp_path)]) == 2
    assert "contact" in capsys.readouterr().err
