"""A template and data made into a tagged PDF (PDF/UA-1, ISO 14289-1), the same bytes on every machine.

Data reaches a template as JSON in `sys.inputs.data`, never as markup: whatever a voter is called is text.
Only the fonts beside this module are used, and a character that none of them has is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from psephos.errors import PsephosError

FONTS = Path(__file__).parent / "fonts"
FAMILIES = ("Noto Sans", "Noto Sans Hebrew", "Noto Sans Arabic")
"""In the order in which a template names them: Latin, Greek and Cyrillic, Hebrew, Arabic letters."""
FAULTS = "<fault>"
"""The label of metadata by which a template says what does not fit."""
_REFUSED = re.compile(r'`"(?P<text>.*?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class CannotTypeset(PsephosError):
    """A text that cannot be printed: no font has its characters, or no PDF may have them."""

    def __init__(self, text: str) -> None:
        super().__init__(f"cannot be printed: {text!r}")
        self.text = text


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


class Document:
    """A template with its data."""

    def __init__(self, template: bytes, data: Mapping[str, Any]) -> None:
        self._template = template
        self._inputs = {"data": json.dumps(data), "families": json.dumps(FAMILIES)}

    def faults(self) -> list[Any]:
        """What the template says does not fit."""
        found: list[Any] = json.loads(self._compiler.query(FAULTS, field="value"))
        return found

    def pdf(self) -> bytes:
        """The PDF, with no time in it; CannotTypeset where no font has a character, or no PDF may have it."""
        try:
            made = self._compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=0)
        except typst.TypstError as error:
            found = _REFUSED.search(error.message)
            text = found["text"] if found else error.message
            raise CannotTypeset(_ESCAPED.sub(lambda one: chr(int(one[1], 16)), text)) from None
        assert isinstance(made, bytes)  # a PDF is one file  # noqa: S101
        return made

    @property
    def _compiler(self) -> typst.Compiler:
        """A new one for each use: after a query it has lost the template."""
        return typst.Compiler(
            self._template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=self._inputs
        )
