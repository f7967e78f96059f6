"""Twelve words as people type them: found in other text, and what was probably meant by a slip.

`spec/messages.md#what-devices-forgive`. Nothing here takes a word for another: it proposes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby

from psephos.errors import FormatError
from psephos.protocol.enrolment.card_face import ADJECTIVES, ANIMALS, COLOURS
from psephos.protocol.enrolment.words import PLACES, WORDS, from_words

COUNT = 12
SIX = 6
_LEAST_KNOWN = 8
"""Words of the list among twelve, for a text to be taken for a card's words at all."""
_MOST_PROPOSED = 3
_SHORT = 3


@dataclass(frozen=True, repr=False)
class Slip:
    """A word that is not in the list: its place from 1, and the nearest words in the list's order."""

    place: int
    typed: str
    meant: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Slips:
    """Why a text that looks like a card's words is none: another number, words not in the list, or neither.

    With twelve words and no slip the checksum does not fit.
    """

    count: int
    slips: tuple[Slip, ...]

    def __str__(self) -> str:
        """What is wrong, without a word of the card."""
        if self.slips:
            places = ", ".join(str(slip.place) for slip in self.slips)
            return f"not in the list of words: {places} of {self.count}"
        if self.count != COUNT:
            return f"a card has {COUNT} words, and these are {self.count}"
        return "each word is in the list, but they do not fit together: one is another, or their order"


def tokens(text: str) -> list[str]:
    """The runs of letters in a text, in lower case."""
    composed = unicodedata.normalize("NFKC", text)
    return ["".join(run).lower() for letters, run in groupby(composed, str.isalpha) if letters]


def spelt(words: list[str]) -> list[str]:
    """Each run of twelve words that spells a secret, with single spaces."""
    stretches = [list(run) for known, run in groupby(words, PLACES.__contains__) if known]
    return list(dict.fromkeys(run for stretch in stretches for run in _runs(stretch)))


def _runs(stretch: list[str]) -> list[str]:
    """Of words of the list. One run of 16 fits by chance: where whole cards stand in a row, it is those."""
    runs = [" ".join(stretch[start : start + COUNT]) for start in range(len(stretch) - COUNT + 1)]
    row = runs[::COUNT] if len(stretch) % COUNT == 0 else []
    return row if row and all(map(_spells, row)) else [run for run in runs if _spells(run)]


def _spells(words: str) -> bool:
    try:
        from_words(words)
    except FormatError:
        return False
    return True


def slips(words: list[str]) -> Slips | None:
    """What is wrong with words of which no run spells a secret; None where they are no card's words."""
    starts = range(max(1, len(words) - COUNT + 1))
    known = [sum(word in PLACES for word in words[start : start + COUNT]) for start in starts]
    if max(known) < _LEAST_KNOWN:
        return None
    last = len(known) - 1 - known[::-1].index(max(known))  # what stands before is more often a heading
    run = words[last : last + COUNT]
    wrong = [(position, word) for position, word in enumerate(run, 1) if word not in PLACES]
    return Slips(len(run), tuple(Slip(position, word, nearest(word)) for position, word in wrong))


def is_six(words: list[str]) -> bool:
    """Whether these may be the six words of a wording or a referendum."""
    return len(words) == SIX and all(word in PLACES for word in words)


def is_name(words: list[str]) -> bool:
    """Whether a card may have this name."""
    lists = (ADJECTIVES, COLOURS, ANIMALS)
    return len(words) == len(lists) and all(word in known for word, known in zip(words, lists, strict=True))


def nearest(typed: str, known: tuple[str, ...] | list[str] = WORDS) -> tuple[str, ...]:
    """At most three words that differ least; none where all differ by more than two letters."""
    begun = [word for word in known if len(typed) > _SHORT and word.startswith(typed)]
    if len(begun) == 1:
        return tuple(begun)
    most = 1 if len(typed) <= _SHORT else 2
    close = [word for word in known if abs(len(word) - len(typed)) <= most]
    away = [distance(typed, word) for word in close]
    least = min(away, default=most + 1)
    if least > most:
        return ()
    return tuple(word for word, apart in zip(close, away, strict=True) if apart == least)[:_MOST_PROPOSED]


def distance(word: str, meant: str) -> int:
    """Letters to add, drop, replace or swap with a neighbour (Damerau and Levenshtein, restricted)."""
    before, row = [0] * (len(meant) + 1), list(range(len(meant) + 1))
    for end, letter in enumerate(word, 1):
        before, last, row = row, before, [end]
        for place, other_letter in enumerate(meant, 1):
            cost = min(row[-1] + 1, before[place] + 1, before[place - 1] + (letter != other_letter))
            swapped = end > 1 and place > 1 and (letter, other_letter) == (meant[place - 2], word[end - 2])
            row.append(min(cost, last[place - 2] + 1) if swapped else cost)
    return row[-1]
