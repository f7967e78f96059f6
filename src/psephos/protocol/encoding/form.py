"""Reading a decoded document member by member, so that each refusal names the path of what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from psephos.errors import FormatError

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ORIGIN = re.compile(r"[!-*,-~]{1,4000}")
KEY = re.compile(r"[0-9a-f]{64}")
LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class Form:
    """A value where it stands in a document (`spec/definition.md#members`)."""

    value: Any
    path: str = "$"

    def refuse(self, what: str) -> FormatError:
        """The error to raise about this value."""
        return FormatError(f"{self.path}: {what}")

    def members(self, required: str, optional: str = "") -> dict[str, Form]:
        """The members of an object that must have the required ones and may have the optional ones."""
        if not isinstance(self.value, dict):
            raise self.refuse("not an object")
        for name in required.split():
            if name not in self.value:
                raise self.refuse(f"member {name} is missing")
        for name in self.value:
            if name not in required.split() and name not in optional.split():
                raise self.refuse(f"member {name:.40} is not known")
        return {name: Form(value, f"{self.path}.{name}") for name, value in self.value.items()}

    def member(self, name: str) -> Form:
        """One member of an object, whatever its others."""
        if not isinstance(self.value, dict) or name not in self.value:
            raise self.refuse(f"not an object with member {name}")
        return Form(self.value[name], f"{self.path}.{name}")

    def items(self, least: int, most: int | None = None) -> list[Form]:
        """The items of an array with as many as allowed."""
        if not isinstance(self.value, list):
            raise self.refuse("not an array")
        if len(self.value) < least or (most is not None and len(self.value) > most):
            raise self.refuse(
                f"{len(self.value)} items instead of {least}{f' to {most}' if most else ' or more'}"
            )
        return [Form(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def integer(self, least: int, most: int = 2**53 - 1) -> int:
        """An integer within bounds, both included."""
        if not isinstance(self.value, int) or not least <= self.value <= most:
            raise self.refuse(f"not an integer from {least} to {most}")
        return self.value

    def text(self) -> str:
        """1 to 4,000 characters."""
        if not isinstance(self.value, str) or not 1 <= len(self.value) <= LONGEST_TEXT:
            raise self.refuse(f"not a text of 1 to {LONGEST_TEXT} characters")
        return self.value

    def match(self, pattern: re.Pattern[str], what: str) -> str:
        """A text that is, as a whole, of a pattern."""
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            raise self.refuse(f"not {what}")
        return self.value

    def identifier(self) -> str:
        """`[a-z0-9][a-z0-9-]{0,31}`."""
        return self.match(IDENTIFIER, "an identifier")

    def key(self) -> bytes:
        """32 bytes as lower-case hexadecimal."""
        return bytes.fromhex(self.match(KEY, "a key of 64 hex digits"))

    def index_in(self, names: dict[str, int]) -> int:
        """The position of what is named here."""
        if not isinstance(self.value, str) or self.value not in names:
            raise self.refuse(f"{self.value!r:.40} names nothing")
        return names[self.value]

    def fraction(self) -> tuple[int, int]:
        """`[a, b]` with 0 <= a <= b and 1 <= b <= 1000 (`spec/definition.md#rules`)."""
        numerator, denominator = self.items(2, 2)
        below = denominator.integer(1, 1000)
        return numerator.integer(0, below), below

    def translations(self, languages: tuple[str, ...]) -> dict[str, str]:
        """A text in each of the languages."""
        return {language: text.text() for language, text in self.members(" ".join(languages)).items()}

    def languages(self) -> tuple[str, ...]:
        """Distinct language tags, at least one: the first is the default."""
        return distinct(self.items(1), [tag.match(LANGUAGE, "a language tag") for tag in self.items(1)])


def distinct(forms: list[Form], values: list[Any]) -> tuple[Any, ...]:
    """The values, none of them twice; `forms` say where each stands."""
    seen = set()
    for form, value in zip(forms, values, strict=True):
        if value in seen:
            raise form.refuse("stands here for the second time")
        seen.add(value)
    return tuple(values)


def identifiers(forms: list[Form]) -> dict[str, int]:
    """Distinct identifiers with their positions."""
    names = distinct(forms, [form.identifier() for form in forms])
    return {name: index for index, name in enumerate(names)}
