"""Who says things to a reader: texts, numbers and wordings in the language of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from psephos.language.catalog import N_
from psephos.language.formats import fraction, number, percent

Content = dict[str, Any]
"""What a template is given."""


@dataclass(frozen=True)
class Speaker:
    """Says things in a language of the pages; wordings in one of the definition's."""

    language: str
    gettext: Callable[[str], str]
    languages: tuple[str, ...]

    @property
    def wording(self) -> str:
        """The language of the definition's texts: the reader's where it has that."""
        return self.language if self.language in self.languages else self.languages[0]

    def text(self, texts: Mapping[str, str]) -> str:
        """A text of the definition; a style may lack the reader's language."""
        return texts.get(self.wording) or next(iter(texts.values()))

    def number(self, value: int) -> str:
        """A number as the language writes it."""
        return number(value, self.language)

    def percent(self, part: int, whole: int) -> str:
        """A share that was found, with one decimal."""
        return percent(part, whole, self.language)

    def fraction(self, part: int, whole: int) -> str:
        """A share that somebody has set, exactly."""
        return fraction(part, whole, self.language)

    def of(self, part: int, whole: int) -> str:
        """A part of a whole, also as a share."""
        figures = {"part": self.number(part), "whole": self.number(whole)}
        said = self.gettext(N_("%(part)s of %(whole)s")) % figures
        return f"{said} ({self.percent(part, whole)})"
