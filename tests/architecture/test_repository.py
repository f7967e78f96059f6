"""The repository speaks of the project alone, and what it cites in the specification is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Paths of one machine, hosts of package registries, talk of how the work was done. The bracketed letters
# keep these lines from matching themselves.
FORBIDDEN = re.compile(
    r"/wor[k]/|/roo[t]/|/tmp/brie[f]|/opt/wheel[s]"
    r"|pyp[i]\.org|pythonhoste[d]\.|(?:index|static)\.crate[s]\.io|registry\.np[m]js|proxy\.golan[g]"
    r"|repo\d?\.mave[n]|deb\.debia[n]|artifactor[y]"
    r"|--(?:extra-)?index-ur[l]|--find-link[s]"
    r"|\bsub-?agen[t]s?\b|\blanguage mode[l]|\bAI[ -]generate[d]",
    re.IGNORECASE,
)
UNTELLING = re.compile(r"(?:^|/)_?(?:utils?|helpers?|services?|managers?|common|misc)(?:\.\w+)?(?:/|$)")
CITATION = re.compile(r"spec/([\w-]+\.md)(?:#([\w-]+))?")


def tracked() -> list[str]:
    """Every file in version control, as a path from the root."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def anchors(markdown: str) -> set[str]:
    """The anchors that a rendered page offers: its headings, hyphened, and explicit ids."""
    prose = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", markdown, flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set(re.findall(r'<a (?:id|name)="([^"]+)"', prose))
    for heading in re.findall(r"^#{1,6} +(.+?)[ #]*$", prose, flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        repeats = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", known) is not None for known in found)
        found.add(f"{slug}-{repeats}" if repeats else slug)
    return found


def citations() -> Iterator[tuple[str, str, str]]:
    """What the code cites: the citing file, the page of the specification, the anchor or nothing."""
    for name in tracked():
        if name.startswith(("src/", "crates/", "reference/")) and name.endswith((".py", ".pyi", ".rs")):
            for page, anchor in CITATION.findall((ROOT / name).read_text()):
                yield name, page, anchor


def test_no_file_speaks_of_anything_but_the_project() -> None:
    found = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode(errors="replace")
        found += [f"{name}: {match.group()}" for match in FORBIDDEN.finditer(f"{name}\n{text}")]
    assert not found


@pytest.mark.parametrize(
    "text", ["cd /wor" + "k/main", "/roo" + "t/.cargo", "https://pyp" + "i.org/simple", "--index-ur" + "l x"]
)
def test_forbidden_text_is_found(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_every_module_is_named_after_what_it_is() -> None:
    assert not [name for name in tracked() if UNTELLING.search(name)]


@pytest.mark.skipif(not (ROOT / "spec").is_dir(), reason="the specification is not part of this tree")
def test_every_citation_of_the_specification_leads_somewhere() -> None:
    offered = {page.name: anchors(page.read_text()) for page in (ROOT / "spec").glob("*.md")}
    cited = list(citations())
    assert cited
    astray = [
        f"{name}: spec/{page}#{anchor}"
        for name, page, anchor in cited
        if page not in offered or (anchor and anchor not in offered[page])
    ]
    assert not astray


def test_anchors_are_those_of_rendered_headings() -> None:
    page = '# One `proof`, two\n```\n# code\n```\n## Weighing\n### Weighing ###\n<a id="here"></a>\n'
    assert anchors(page) == {"one-proof-two", "weighing", "weighing-1", "here"}
