"""Catalogues brought up to date with what the code says to people: `python tools/catalogs.py DIRECTORY`.

Messages come from modules and templates by `_`, `N_` and the functions of gettext, and from the booth's table
of texts by `msg` and `msgIn`. Each is kept with the files that it is from, in their order. A message that is
no longer said goes; a new one stands in every catalogue without a translation until somebody writes it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from psephos.language.languages import LANGUAGES, SOURCE

CATALOGS = Path("src/psephos/language")
TEMPLATE = "psephos.pot"
_METHODS = {
    "src/psephos": [("**.py", "python"), ("**/templates/**.html", "jinja2")],
    "booth/src/pages": [("texts.ts", "javascript")],
}
_KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "N_", "msg")),
    "ngettext": (1, 2),
    **dict.fromkeys(("pgettext", "msgIn"), ((1, "c"), 2)),
}
_COMMENTS = ("Translators:",)


def template(root: Path) -> Catalog:
    """All messages of the repository at `root`."""
    messages = Catalog(charset="utf-8")
    for folder, methods in _METHODS.items():
        said = extract_from_dir(
            root / folder, methods, keywords=_KEYWORDS, comment_tags=_COMMENTS, strip_comment_tags=True
        )
        for name, line, message, comments, context in sorted(
            said, key=lambda message_row: (message_row[0], message_row[1])
        ):
            place = (f"{folder}/{name}", line)
            messages.add(message, locations=[place], auto_comments=comments, context=context)
    return messages


def updated(said: Catalog, language: str, text: bytes) -> bytes:
    """The catalogue of a language, as it was read, with these messages."""
    catalog = read_po(io.BytesIO(text), locale=language)
    catalog.update(said, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return _header(language) + _written(catalog)


def files(root: Path) -> dict[Path, bytes]:
    """What template and catalogues should be now."""
    folder = root / CATALOGS
    said = template(root)
    contents = {folder / TEMPLATE: _header("") + _written(said)}
    for language in LANGUAGES:
        if language != SOURCE:
            path = folder / f"{language}.po"
            contents[path] = updated(said, language, path.read_bytes() if path.exists() else b"")
    return contents


def _written(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=0, omit_header=True, include_lineno=False)
    return out.getvalue()


def _header(language: str) -> bytes:
    """Without dates and versions, which would change when no message does."""
    lines = ["Content-Type: text/plain; charset=utf-8", f"Language: {language}"]
    if language:
        lines.append(f"Plural-Forms: {Catalog(locale=Locale(language)).plural_forms}")
    said = "".join(f'"{line}\\n"\n' for line in lines)
    return f'msgid ""\nmsgstr ""\n{said}\n'.encode()


def main(root: Path) -> None:
    """Write what has changed."""
    for path, content in files(root).items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            print(path)


if __name__ == "__main__":
    main(Path(*sys.argv[1:]))
