"""What is wrong, or may be, in a file of voters: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psephos.visible import visible

FAULTS = {
    "nobody": "no voters in the file: write one in each line",
    "columns": "{count} columns, and no heading that says which is which: put a line before it such as "
    "name;e-mail;address",
    "no-name": "no column of names among {columns}: call it name in the heading",
    "twice": "two columns are headed {heading}: keep one",
    "wide": "{count} columns instead of {expected}: put quotation marks around what holds a separator",
    "nameless": "no name in a line that holds other things: write the name, or remove the line",
    "control": "{name}: the control character {char} in a name: remove it",
    "long": "a name of {count} characters, at most {most} are possible: shorten it",
    "again": "{name} is the name of line {other} again: remove one, or tell two people apart by a number",
}
"""With one of these a file is no roll."""
DOUBTS = {
    "guessed": "neither Unicode nor marked, read as {encoding}: are these names right? {names}",
    "empty": "an empty line, passed over",
    "invisible": "{name}: a character that does not show, or turns writing around: remove it",
    "at": "{name}: @ in a name: are the names in another column?",
    "separator": "{name}: {char} in a name: do several columns stand here?",
    "lost": "{name}: a letter was lost on the way: write it again",
    "twisted": "{name} may be {guess}, written as UTF-8 and read as something else",
    "heading": "{name}: a name that other lists have as a heading",
    "alike": "{name} is the name of line {other} but for capital letters: are they two people?",
    "unreached": "{name}: neither an e-mail address nor a postal one, nor an account",
    "email": "{email}: no e-mail address of ASCII letters",
    "email-again": "{email} is the e-mail address of line {other} too",
    "address": "a postal address of other than 1 to {most} lines of at most {longest} characters that print",
    "account": "{account}: no account: 1 to {most} characters that print, without spaces around",
    "account-again": "{account} is the account of line {other} again",
}
"""These are shown to whoever makes the roll; it can be made all the same."""


@dataclass(frozen=True)
class Doubt:
    """One fault or doubt; `line` from 1, 0 for the whole file; `kind` is a key of FAULTS or DOUBTS."""

    line: int
    kind: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def grave(self) -> bool:
        """Whether it has to be mended."""
        return self.kind in FAULTS

    def __str__(self) -> str:
        shown = {name: visible(str(value)) for name, value in self.values.items()}
        text = (FAULTS | DOUBTS)[self.kind].format_map(shown)
        return f"line {self.line}: {text}" if self.line else text
