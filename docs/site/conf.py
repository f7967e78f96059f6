"""How `make docs` makes a site of the documents as they stand in the repository (Sphinx, MyST, Furo)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]

project = "Psephos"
author = "the Psephos authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "README"
include_patterns = ["*.md", "*/README.md", "tools/*/README.md", "docs/**.md", "spec/**.md"]
exclude_patterns = [".*", "booth/node_modules", "booth/dist", "crates", "dist", "src", "target"]
default_role = "code"
html_theme = "furo"
html_title = "Psephos"
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 6  # the same as GitHub's
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"

CONTENTS = """

```{toctree}
:hidden:
:caption: Try it

docs/tutorial
docs/replay
docs/faq
docs/glossary
```
```{toctree}
:hidden:
:caption: Check a referendum

docs/verify
docs/observe
docs/api
```
```{toctree}
:hidden:
:caption: Guides
:glob:

docs/guides/*
docs/sizing
```
```{toctree}
:hidden:
:caption: Specification
:glob:

spec/README
spec/*
docs/implementing
docs/interop
tools/conformance/README
vectors/README
```
```{toctree}
:hidden:
:caption: The project

SECURITY
ARCHITECTURE
CONTRIBUTING
booth/README
docs/benchmarks
docs/adr/README
CHANGELOG
{others}
```
```{toctree}
:hidden:
:glob:

docs/adr/0*
```
"""
"""What the menu shows; a repository has folders instead."""


LINK = re.compile(r"\[([^\]]+)\]\(([^()#\s:]+)\)")


def prepare(_: Sphinx, name: str, source: list[str]) -> None:
    """Give the first page the menu; links to folders of sources, which a site has not, become text."""
    folder = (ROOT / name).parent
    source[0] = LINK.sub(lambda link: link[1] if (folder / link[2]).is_dir() else link[0], source[0])
    if name == root_doc:
        source[0] += CONTENTS.replace("{others}", "\n".join(others()))


def others() -> list[str]:
    """Documents that have no place in the menu of their own."""
    found = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for pattern in ("*.md", "docs/*.md", "*/README.md", "tools/*/README.md")
        for path in ROOT.glob(pattern)
        if not path.relative_to(ROOT).parts[0].startswith(".")
    }
    return sorted(name for name in found if f"\n{name}\n" not in CONTENTS and name != root_doc)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Let the site begin with the first page, and give it the pictures that documents place with HTML."""
    if error is None:
        site = Path(app.outdir)
        shutil.copy(site / f"{root_doc}.html", site / "index.html")
        shutil.copytree(ROOT / "docs/images", site / "docs/images", dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("source-read", prepare)
    app.connect("build-finished", finish)
