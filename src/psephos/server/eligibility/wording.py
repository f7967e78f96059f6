"""What a letter says: a text of the registrar's, with places for voter and region."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.language.catalog import N_
from psephos.server.eligibility.contact import Person

PLACES = ("voter", "region")
_PLACE = re.compile(r"\{([^{}]*)\}")
_MOST = 4000

_SUBJECT = N_("Your invitation to vote in {region}")
_PARAGRAPHS = (  # a line for each: paper and mail programs break them
    N_("Dear {voter},"),
    N_("this letter lets you vote in {region}. Keep it to yourself: whoever has it can vote instead of you."),
    N_(
        "Give the invitation that comes with it to the page or program with which you vote: the file, or the "
        "square of dots on paper. "
        "It buys voting cards once. If somebody has used it before you, tell us at once."
    ),
)
DEFAULT = f"{_SUBJECT}\n" + "\n\n".join(_PARAGRAPHS) + "\n"


@dataclass(frozen=True)
class Wording:
    """`first` is the first line, the subject; `rest` is what follows."""

    first: str
    rest: str

    @classmethod
    def parse(cls, text: str) -> Wording:
        """FormatError for a place that is none of PLACES, too long a text, or one without a second line."""
        first, _, rest = text.replace("\r\n", "\n").partition("\n")
        if not first.strip() or not rest.strip() or len(text) > _MOST:
            raise FormatError(f"text: not a subject and a text of at most {_MOST} characters")
        for number, line in enumerate(text.split("\n"), 1):
            unknown = [name for name in _PLACE.findall(line) if name not in PLACES]
            if unknown or set("{}") & set(_PLACE.sub("", line)):
                raise FormatError(f"text: line {number}: braces hold one of {', '.join(PLACES)}")
        return cls(first.strip(), rest.strip() + "\n")

    def subject(self, person: Person) -> str:
        """The first line, for somebody."""
        return _fill(self.first, person)

    def text(self, person: Person) -> str:
        """The rest, for somebody."""
        return _fill(self.rest, person)


def _fill(text: str, person: Person) -> str:
    values = {"voter": person.contact.voter, "region": person.invitation.region}
    return _PLACE.sub(lambda found: values[found[1]], text)
