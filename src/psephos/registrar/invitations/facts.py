"""What a letter says of its referendum, in one of the languages of its definition."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from psephos.language.catalog import N_, catalog
from psephos.language.formats import two_times
from psephos.language.languages import spoken_in
from psephos.protocol.enrolment.address import INVITATION, PAGES
from psephos.protocol.enrolment.words import six_words
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.region import Region

_REHEARSAL = N_("Rehearsal: {title}")
PLACES = (
    "voter",
    "region",
    "title",
    "question",
    "enrol_until",
    "opens",
    "closes",
    "site",
    "words",
    "contact",
    "organiser",
    "registrar",
    "number",
    "count",
    "others",
)
"""What a text may ask for between braces; also `link`, where the invitation leads. `number` is the
registrar's, of `count`; `others` are the names of all others."""


@dataclass(frozen=True)
class Facts:
    """A region of a referendum, and the registrar that writes; `site` ends with `/`."""

    definition: Definition
    region: Region
    site: str
    contact: str
    """Whom to ask; the registrar's name unless it is given."""
    number: int = 1
    """The registrar's, from 1."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that letters are in, one after the other."""
        return self.definition.languages

    @property
    def sender(self) -> str:
        """The registrar's name."""
        return plain(self.definition.registrars[self.number - 1].name)

    @property
    def others(self) -> tuple[str, ...]:
        """The names of all other registrars, each of which sends a letter of its own."""
        return others(self.definition, self.number)

    @property
    def page(self) -> str:
        """The address of the page on which to enrol."""
        return self.site + PAGES[INVITATION]

    def values(self, language: str) -> dict[str, str]:
        """What stands for the places but `voter` and `link`, with the definition's texts in a language."""
        definition, region = self.definition, self.region
        questions = [plain(_in(one.question, language)) for one in region.style.contests]
        times = {
            "enrol_until": region.closes,
            "opens": region.days[0].open,
            "closes": region.days[-1].seal,
        }
        said = spoken_in(language)
        return {name: two_times(time, region.timezone, said) for name, time in times.items()} | {
            "title": self._title(language),
            "region": plain(_in(region.name, language)),
            "question": "\n".join(questions),
            "site": self.site,
            "words": six_words(definition.hash),
            "contact": self._contact(language),
            "organiser": plain(definition.organiser.name),
            "registrar": self.sender,
            "number": str(self.number),
            "count": str(len(definition.registrars)),
            "others": ", ".join(self.others),
        }

    def _title(self, language: str) -> str:
        """The title; that of a rehearsal says what it is."""
        title = plain(_in(self.definition.title, language))
        if not self.definition.about.rehearsal:
            return title
        return catalog(spoken_in(language)).gettext(_REHEARSAL).format(title=title)

    def _contact(self, language: str) -> str:
        """Whom the definition says to ask; else whom the registrar does."""
        own = self.definition.about.contact
        return plain(_in(own, language) if own else self.contact or self.sender)


def others(definition: Definition, number: int) -> tuple[str, ...]:
    """The names of all registrars but one, in order."""
    names = [plain(registrar.name) for registrar in definition.registrars]
    return (*names[: number - 1], *names[number:])


def plain(text: str) -> str:
    """A text of the definition in one line, without controls."""
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in text).split())


def _in(texts: Mapping[str, str], language: str) -> str:
    """A text in a language; a style may lack it."""
    return texts.get(language) or next(iter(texts.values()))
