"""What a definition may say of its vote besides how it is held (`spec/definition.md#about`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from psephos.protocol.encoding.form import Form

Texts = Mapping[str, str]
Consequence = Literal["binding", "consultative", "mandate"]
MEMBERS = "rehearsal contact called_by legal_basis effect channels"


@dataclass(frozen=True)
class Effect:
    """What follows from the result by law, and in words."""

    kind: Consequence
    text: Texts

    @classmethod
    def read(cls, form: Form, languages: tuple[str, ...]) -> Effect:
        """An effect of a known kind."""
        members = form.members("kind text")
        for kind in get_args(Consequence):
            if members["kind"].value == kind:
                return cls(kind, members["text"].translations(languages))
        raise members["kind"].refuse("not binding, consultative or mandate")


@dataclass(frozen=True)
class About:
    """Texts are by language; None where the definition says nothing of it."""

    rehearsal: bool = False
    contact: Texts | None = None
    called_by: Texts | None = None
    legal_basis: Texts | None = None
    effect: Effect | None = None
    channels: tuple[Texts, ...] = ()
    """Other ways in which people can vote."""

    @classmethod
    def read(cls, members: Mapping[str, Form], languages: tuple[str, ...]) -> About:
        """From those members of a definition that are there."""

        def texts(name: str) -> Texts | None:
            return members[name].translations(languages) if name in members else None

        channels = members["channels"].items(1, 20) if "channels" in members else []
        return cls(
            "rehearsal" in members and bool(members["rehearsal"].integer(0, 1)),
            texts("contact"),
            texts("called_by"),
            texts("legal_basis"),
            Effect.read(members["effect"], languages) if "effect" in members else None,
            tuple(channel.translations(languages) for channel in channels),
        )
