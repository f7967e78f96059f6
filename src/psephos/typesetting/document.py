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
_MISSING = re.compile(r"the text `?\"(?P<text>.*)\"`? could not be displayed", re.DOTALL)


class CannotTypeset(PsephosError):
    """No font has a character; `text` is where."""

    def __init__(self, text: str) -> None:
        super().__init__(f"no font of ours has {text!r}")
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
        """The PDF, with no time in it; CannotTypeset where no font has a character."""
        try:
            made = self._compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=0)
        except typst.TypstError as error:
            if found := _MISSING.search(error.message):
                raise CannotTypeset(found["text"]) from None
            raise
        assert isinstance(made, bytes)  # a PDF is one file  # noqa: S101
        return made

    @property
    def _compiler(self) -> typst.Compiler:
        """A new one for each use: after a query it has lost the template."""
        return typst.Compiler(
            self._template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=self._inputs
        )
