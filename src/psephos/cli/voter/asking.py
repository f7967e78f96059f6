"""Questions to whoever sits there, or to a file in their place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from psephos.cli.process.stop import USAGE, Stop
from psephos.errors import FormatError, PsephosError
from psephos.voter.expected import Misspelt, proposals

Found = TypeVar("Found")


def ask(question: str, read: Callable[[str], Found]) -> Found:
    """The first answer that `read` takes; what it raises is shown. Stop when there are no more answers."""
    while True:
        try:
            return read(_line(question).strip())
        except EOFError:
            raise Stop(f"no answer to: {question}", USAGE) from None
        except (ValueError, PsephosError) as error:
            print(error)
            for line in proposals(error.slips) if isinstance(error, Misspelt) else []:
                print(f"  {line}")


def ask_lines(question: str, read: Callable[[str], Found]) -> Found:
    """The same for what may be pasted in several lines: each is tried alone, then with those before it."""
    before: list[str] = []

    def read_on(line: str) -> Found:
        try:
            return read(line)
        except PsephosError:
            before.append(line)
            if len(before) == 1:
                raise
        try:
            return read("\n".join(before))
        except FormatError:
            return read(line)  # what is wrong with the last line alone is what people can mend

    return ask(question, read_on)


def ask_block(question: str, read: Callable[[str], Found]) -> Found:
    """The first lines, together, that `read` takes; after an empty line what it raised is shown.

    For what has several lines, such as an invitation in a letter, and for what has one. Stop when there are
    no more lines.
    """
    lines: list[str] = []
    print(f"{question} (then an empty line)")
    while True:
        try:
            lines.append(input())
        except EOFError:
            raise Stop(f"no answer to: {question}", USAGE) from None
        try:
            return read("\n".join(lines))
        except PsephosError as error:
            if not lines[-1].strip() and "".join(lines).strip():
                print(error)
            lines = [] if not lines[-1].strip() else lines


def _line(question: str) -> str:
    text = input(f"{question} ")
    if not sys.stdin.isatty():
        print()  # where a terminal shows the end of what was typed
    return text


def choose(question: str, names: Sequence[str]) -> str:
    """One of these words, or the beginning of just one."""

    def read(text: str) -> str:
        found = [name for name in names if text and name.startswith(text)]
        if len(found) != 1:
            raise ValueError(f"one of {', '.join(names)}")
        return found[0]

    return ask(f"{question} ({', '.join(names)})", read)


def number(question: str, least: int, most: int, proposed: int | None = None) -> int:
    """A whole number within bounds; an empty answer takes what is proposed."""

    def read(text: str) -> int:
        if not text and proposed is not None:
            return proposed
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"a number from {least} to {most}")
        return int(text)

    hint = "" if proposed is None else f" [{proposed}]"
    return ask(f"{question} ({least} to {most}){hint}", read)
