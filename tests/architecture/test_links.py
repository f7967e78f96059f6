"""Documents lead where they say: files, anchors, and the tests that SECURITY.md names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_repository import ROOT, anchors, tracked

CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1|`[^`\n]+`", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^()\s]*)\)")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def links(markdown: str) -> Iterator[tuple[str, str]]:
    """Text and target of every link within the repository."""
    for text, target in LINK.findall(CODE.sub(lambda code: re.sub(r"[()\[\]]", " ", code.group()), markdown)):
        if not ELSEWHERE.match(target):
            yield text, target


def astray(page: str, markdown: str, files: set[str]) -> list[str]:
    """The links of a page that lead nowhere, given everything in version control."""
    return [
        f"{page}: [{text}]({target})"
        for text, target in links(markdown)
        if not _leads(page, text, target, files)
    ]


def _leads(page: str, text: str, target: str, files: set[str]) -> bool:
    """Whether file and anchor are there and, where the text is a test's name, that test."""
    path, _, anchor = target.partition("#")
    found = _from(page, path) if path else page
    if found not in files:
        return not anchor and any(name.startswith(f"{found}/") for name in files)
    content = (ROOT / found).read_text()
    if text.startswith("test_"):
        return re.search(rf"^def {text}\(", content, re.MULTILINE) is not None
    return not anchor or anchor in anchors(content)


def _from(page: str, path: str) -> str:
    whole = (ROOT / page).parent / path
    return whole.resolve().relative_to(ROOT.resolve()).as_posix()


def test_every_link_in_every_document_leads_somewhere() -> None:
    files = set(tracked())
    pages = [name for name in files if name.endswith(".md")]
    assert "README.md" in pages
    found = [one for page in sorted(pages) for one in astray(page, (ROOT / page).read_text(), files)]
    assert not found, found


@pytest.mark.parametrize(
    "target", ["spec/nothing.md", "spec/checks.md#nothing", "#nothing", "src/psephos/nothing/"]
)
def test_links_that_lead_nowhere_are_found(target: str) -> None:
    assert astray("SECURITY.md", f"see [here]({target})", set(tracked()))


def test_a_test_that_is_not_there_is_found() -> None:
    here = "tests/architecture/test_links.py"
    files = set(tracked()) | {here}
    assert astray("SECURITY.md", f"[test_nothing]({here})", files)
    assert not astray("SECURITY.md", f"[test_a_test_that_is_not_there_is_found]({here})", files)


def test_links_in_code_and_to_elsewhere_are_none_of_ours() -> None:
    page = "`[a](b)`\n```\n[c](d)\n```\n[e](https://example.org) [f](g)"
    assert list(links(page)) == [("f", "g")]
