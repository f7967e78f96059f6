"""What a definition says of its vote besides how it is held. spec/definition.md#about"""

from __future__ import annotations

from dataclasses import dataclass

from form import Form, check_texts

MEMBERS = "rehearsal contact called_by legal_basis effect channels"


@dataclass(frozen=True)
class About:
    """What the checks need of it."""

    rehearsal: int = 0


def read(top: Form, languages: list[str]) -> About:
    """The members that are there, all checked."""
    for name in {"contact", "called_by", "legal_basis"} & top.value.keys():
        check_texts(top[name], languages, name)
    if "effect" in top.value:
        effect = Form(top["effect"], "effect", "kind text")
        effect.one_of("kind", ["binding", "consultative", "mandate"])
        check_texts(effect["text"], languages, "effect.text")
    if "channels" in top.value:
        for channel in top.array("channels", 1, 20):
            check_texts(channel, languages, "channels")
    rehearsal = top.integer("rehearsal", 0, 1) if "rehearsal" in top.value else 0
    return About(rehearsal)
