"""Members of a JSON object, text and identifiers: read, or refused with the place. spec/definition.md"""

from __future__ import annotations

import re
from typing import Any

from group import FormatError

LIMIT = 2**53 - 1
TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Form:
    """Reads members of a JSON object; the path names what is wrong."""

    def __init__(self, value: Any, path: str, required: str, optional: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            self.refuse("is not an object")
        self.value: dict[str, Any] = value
        if missing := set(required.split()) - value.keys():
            self.refuse(f"lacks {', '.join(sorted(missing))}")
        if unknown := value.keys() - set(required.split()) - set(optional.split()):
            self.refuse(f"has unknown members {', '.join(sorted(unknown))}")

    def refuse(self, why: str) -> None:
        """Raise, naming the place."""
        raise FormatError(f"{self.path or 'definition'} {why}")

    def __getitem__(self, name: str) -> Any:
        return self.value[name]

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer in a range."""
        value = self.value[name]
        if not isinstance(value, int) or not low <= value <= high:
            self.refuse(f"has no {name} from {low} to {high}")
        return int(value)

    def text(self, name: str) -> str:
        """1 to 4,000 characters."""
        return check_text(self.value[name], f"{self.path}.{name}")

    def matching(self, name: str, pattern: str) -> str:
        """Text of a pattern."""
        value = self.value[name]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.refuse(f"has a malformed {name}")
        return str(value)

    def key(self, name: str = "key") -> bytes:
        """32 bytes in lower-case hexadecimal."""
        return bytes.fromhex(self.matching(name, "[0-9a-f]{64}"))

    def array(self, name: str, low: int, high: int) -> list[Any]:
        """A list of some length."""
        value = self.value[name]
        if not isinstance(value, list) or not low <= len(value) <= high:
            self.refuse(f"has no list {name} of {low} to {high}")
        return list(value)

    def one_of(self, name: str, known: dict[str, Any] | list[str]) -> str:
        """A known identifier."""
        value = self.value[name]
        if not isinstance(value, str) or value not in known:
            self.refuse(f"has an unknown {name}")
        return str(value)


def check_text(value: Any, path: str) -> str:
    """1 to 4,000 characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= 4000:
        raise FormatError(f"{path} is not text of 1 to 4,000 characters")
    return value


def check_texts(value: Any, languages: list[str], path: str) -> None:
    """Text by language."""
    for text in Form(value, path, " ".join(languages)).value.values():
        check_text(text, path)


def check_languages(form: Form) -> list[str]:
    """Distinct BCP 47 tags."""
    tags = form.array("languages", 1, LIMIT)
    if not all(isinstance(tag, str) and TAG.fullmatch(tag) for tag in tags) or len(set(tags)) < len(tags):
        form.refuse("has malformed languages")
    return tags


def distinct(ids: list[Any], path: str) -> list[str]:
    """Distinct identifiers."""
    if not all(isinstance(i, str) and IDENTIFIER.fullmatch(i) for i in ids) or len(set(ids)) < len(ids):
        raise FormatError(f"{path}: identifiers are malformed or not distinct")
    return ids
