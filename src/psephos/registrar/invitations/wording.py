"""What a letter says: ours in each language of the referendum, or a text of the registrar's."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.language.catalog import N_, catalog
from psephos.language.languages import direction, spoken_in
from psephos.registrar.invitations.contact import Person
from psephos.registrar.invitations.facts import PLACES, Facts

_ALL = (*PLACES, "link")
_PLACE = re.compile(r"\{([^{}]*)\}")
_MOST = 4000
_TURNING = {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI", "PDF", "PDI"}
_ISOLATE, _END = "\u2068", "\u2069"
_QUESTION = "{question}"

_REHEARSAL = N_("This is a rehearsal: nothing is decided by it.")
_SUBJECT = N_("Your invitation to vote: {title}, {region}")
_GREETING = N_("Dear {voter},")
_INVITED = N_("You are invited to vote in {region}. This is what you are asked:")
_TIMES = N_(
    "Get your voting cards before enrolment ends: {enrol_until}\nVoting begins: {opens}\n"
    "Voting ends: {closes}"
)
_BY_MAIL = N_(
    "To get your cards, open the address below. You need ten quiet minutes alone, and a pen or a printer."
)
_ON_PAPER = N_(
    "To get your cards, point your phone's camera at the square below; or open {link} and show the square to "
    "that page. You need this letter, ten quiet minutes alone, and a pen or a printer."
)
_LATER = N_("With your cards you vote at {site}")
_ONCE = N_(
    "This letter works once. Keep it to yourself: whoever has it can vote instead of you. If the page says "
    "that it was used before and it was not you, tell us at once."
)
_ONCE_OF_SEVERAL = N_(
    "This letter works once. Keep it to yourself: whoever has it can keep you from voting, and whoever has "
    "all of your letters can vote instead of you. If the page says that it was used before and it was not "
    "you, tell us at once."
)
_ONE_OF_TWO = N_(
    "This letter comes from registrar {number} of {count}: {registrar}. The other letter comes from "
    "{others}. Wait until you have both: you need both to get your cards."
)
_ONE_OF_MORE = N_(
    "This letter comes from registrar {number} of {count}: {registrar}. The other letters come from "
    "{others}. Wait until you have all of them: you need all to get your cards."
)
_WORDS = N_("The page shows six words at its end, under “{about}”. They must be these: {words}")
_ABOUT = N_("About this referendum")
_ASK = N_("Any questions? Ask here: {contact}")
_FROM = N_("{organiser} holds this vote; {registrar} sends this letter.")


@dataclass(frozen=True)
class Paragraph:
    """Lines of text, and the tag of their language."""

    text: str
    language: str

    @property
    def right_to_left(self) -> bool:
        """How it is written."""
        return direction(self.language) == "rtl"


@dataclass(frozen=True)
class LetterPart:
    """A letter in one language."""

    heading: Paragraph
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class LetterWording:
    """`own` is a text of the registrar's, subject and paragraphs; ours where there is none."""

    own: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> LetterWording:
        """FormatError for an unknown place, too long a text, or one without a second line."""
        first, _, rest = text.replace("\r\n", "\n").partition("\n")
        if not first.strip() or not rest.strip() or len(text) > _MOST:
            raise FormatError(f"text: not a subject and a text of at most {_MOST} characters")
        for number, line in enumerate(text.split("\n"), 1):
            unknown = [name for name in _PLACE.findall(line) if name not in _ALL]
            if unknown or set("{}") & set(_PLACE.sub("", line)):
                raise FormatError(f"text: line {number}: braces hold one of {', '.join(_ALL)}")
        return cls((first.strip(), *re.split(r"\n\s*\n", rest.strip())))

    def subject(self, facts: Facts, person: Person) -> str:
        """In the referendum's first language."""
        return self.parts(facts, person, "")[0].heading.text

    def parts(self, facts: Facts, person: Person, link: str) -> list[LetterPart]:
        """In each of the referendum's languages; `link` leads to the page, nowhere else on paper."""
        if self.own:
            return [_part(self.own, facts, person, facts.languages[0], facts.languages[0], link)]
        on_paper = link == facts.page
        return [
            _part(
                _ours(spoken_in(one), on_paper, len(facts.others)), facts, person, one, spoken_in(one), link
            )
            for one in facts.languages
        ]


def _ours(language: str, on_paper: bool, others: int) -> tuple[str, ...]:
    """Subject and paragraphs in a language that there is a catalogue for; `others` send letters too."""
    gettext = catalog(language).gettext
    before = [gettext(text) for text in (_SUBJECT, _GREETING, _INVITED)]
    several = [gettext(_ONE_OF_TWO if others == 1 else _ONE_OF_MORE)] if others else []
    way = [gettext(_ON_PAPER)] if on_paper else [gettext(_BY_MAIL), "{link}"]
    once = _ONCE_OF_SEVERAL if others else _ONCE
    after = [gettext(text) for text in (_LATER, once, _WORDS, _ASK, _FROM)]
    return (*before, _QUESTION, gettext(_TIMES), *several, *way, *after)


def _part(
    texts: tuple[str, ...], facts: Facts, person: Person, language: str, spoken: str, link: str
) -> LetterPart:
    """A letter with all places filled in; the question stands in the definition's language."""
    if language != facts.languages[0] and link != facts.page:
        link = f"{link}&{spoken}"  # the page opens in the language of the letter
    values = facts.values(language) | {"voter": person.contact.voter, "link": link}
    values["about"] = catalog(spoken).gettext(_ABOUT)
    if facts.definition.about.rehearsal:
        texts = (texts[0], catalog(spoken).gettext(_REHEARSAL), *texts[1:])
    heading, *paragraphs = (
        Paragraph(_fill(text, values, tongue), tongue)
        for text in texts
        for tongue in [language if text == _QUESTION else spoken]
    )
    return LetterPart(heading, tuple(paragraphs))


def _fill(text: str, values: dict[str, str], language: str) -> str:
    """A text with values for its places, each of which keeps its own direction."""
    if text == _QUESTION:
        return values["question"]
    turned = direction(language) == "rtl"
    return _PLACE.sub(lambda found: _isolated(values[found[1]], turned), text)


def _isolated(value: str, turned: bool) -> str:
    """A value that is written the other way than the text around it, apart from that (Unicode UAX 9)."""
    kinds = {unicodedata.bidirectional(one) for one in value}
    other = bool(kinds & {"R", "AL"}) != turned or kinds & _TURNING
    return f"{_ISOLATE}{value}{_END}" if other else value
