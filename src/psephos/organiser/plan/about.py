"""What a plan says of its vote besides how it is held: members of a definition as they stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.about import MEMBERS, About


def read_about(mistakes: Mistakes, there: Mapping[str, Form], languages: Sequence[str]) -> dict[str, Any]:
    """Those that are there; each that no definition could have is noted with one that it could."""
    members: dict[str, Any] = {}
    for name in MEMBERS.split():
        if name in there:
            members[name] = there[name].value
            one = {name: there[name]}
            mistakes.take(lambda: About.read(one, tuple(languages)), lines.TOP_OPTIONAL[name])  # noqa: B023
    return members
