"""What a voter is asked, in the region's words, and what the voter picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.voter.asking import number
from psephos.observer.text import plain
from psephos.protocol.enrolment.words import six_words
from psephos.protocol.setup.style import Style, StyleContest
from psephos.protocol.voting.vote import Choices

BLANK = "blank"


class Picked(NamedTuple):
    """A style, a language of it, and a choice in each contest."""

    style: Style
    language: str
    choices: Choices


def pick(style: Style, flags: Sequence[str], language: str | None) -> Picked:
    """The choices that were given as `contest=option`; the others are asked."""
    if language is not None and language not in style.languages:
        raise Stop(f"--language {language}: the wording is in {', '.join(style.languages)}", USAGE)
    spoken, given = language or style.languages[0], _parse(style, flags)
    choices = [
        given[one.contest.id] if one.contest.id in given else _ask(one, spoken) for one in style.contests
    ]
    return Picked(style, spoken, choices)


def _parse(style: Style, flags: Sequence[str]) -> dict[str, int | None]:
    contests = {one.contest.id: one.contest for one in style.contests}
    given: dict[str, int | None] = {}
    for flag in flags:
        name, _, option = flag.partition("=")
        if name not in contests or name in given:
            raise Stop(f"--choice {flag}: no contest of this region, or chosen twice", USAGE)
        contest = contests[name]
        if option in contest.options:
            given[name] = contest.options.index(option)
        elif option == BLANK and contest.blank:
            given[name] = None
        else:
            raise Stop(f"--choice {flag}: the options of {name} are {', '.join(contest.options)}", USAGE)
    return given


def _ask(one: StyleContest, language: str) -> int | None:
    print(f"\n{_in(one.question, language)}")
    for place, option in enumerate(one.options, 1):
        print(f"  {place}  {_in(option, language)}")
    if one.contest.blank:
        print(f"  0  {BLANK}")
    found = number("Your choice?", 0 if one.contest.blank else 1, len(one.options))
    return found - 1 if found else None


def show_choices(picked: Picked) -> None:
    """The wording with what was picked, and its six words, to be compared with those published."""
    print(f"wording     {six_words(picked.style.wording_hash)}")
    for one, choice in zip(picked.style.contests, picked.choices, strict=True):
        answer = BLANK if choice is None else _in(one.options[choice], picked.language)
        print(f"{'choice':<12}{_in(one.question, picked.language)} {answer}")


def _in(texts: Mapping[str, str], language: str) -> str:
    """A text that others wrote, safe for a terminal."""
    return plain(texts[language]).plain
