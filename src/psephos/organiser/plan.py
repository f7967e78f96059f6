"""From a plan and the parties' public cards to a definition (`spec/definition.md`).

A plan is a definition without version and keys, in TOML: `[organiser]` has a name, `[witnesses]` quorum and
faulty, `[trustees]` threshold and close; times have an offset, or are UTC seconds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form

MEMBERS = (
    "title languages organiser witnesses trustees cards min_batch min_region"
    " tolerance round regions contests styles"
)
_MORE = {"board": " origin", "registrar": " tokens", "witness": "", "trustee": ""}
"""Roles that have cards, and what their cards have besides role, name and key."""


@dataclass(frozen=True)
class Card:
    """A party's public card: what goes into the definition, and a registrar's token keys by region."""

    role: str
    party: Mapping[str, Any]
    tokens: Mapping[str, Mapping[str, str]]

    @classmethod
    def parse(cls, document: bytes) -> Card:
        """The card that a party's `init` has written."""
        form = Form(canonical_json.decode(document))
        role = form.member("role").value
        if role not in _MORE:
            raise form.member("role").refuse("no role that has a card")
        members = form.members("role name key" + _MORE[role])
        tokens = _tokens(members.pop("tokens")) if "tokens" in members else {}
        return cls(role, {name: one.text() for name, one in members.items() if name != "role"}, tokens)


def _tokens(form: Form) -> dict[str, dict[str, str]]:
    if not isinstance(form.value, dict):
        raise form.refuse("not an object")
    regions = {region: form.member(region).members("voter_key", "decoy_key") for region in form.value}
    return {region: {name: key.key().hex() for name, key in keys.items()} for region, keys in regions.items()}


def define(plan: str, organiser: bytes, cards: Sequence[Card]) -> bytes:
    """The definition's document; FormatError names, by path, what it cannot be made of.

    Trustees and witnesses stand in the order of their cards; `organiser` is the organiser's public key.
    Whether the definition is valid, `psephos.protocol.setup.definition.parse` says.
    """
    form = Form(_read(plan), "plan")
    form.members(MEMBERS, "cover")
    document: dict[str, Any] = dict(form.value)
    form.member("witnesses").members("quorum faulty")
    form.member("trustees").members("threshold close")
    named = form.member("organiser").members("name")
    registrar = _only(cards, "registrar")
    document |= {
        "version": 1,
        "organiser": {"name": named["name"].text(), "key": organiser.hex()},
        "registrar": registrar.party,
        "board": _only(cards, "board").party,
        "witnesses": form.member("witnesses").value | {"members": _all(cards, "witness")},
        "trustees": form.member("trustees").value | {"members": _all(cards, "trustee")},
        "regions": [_region(one, registrar) for one in form.member("regions").items(1)],
    }
    return canonical_json.encode(document)


def _read(plan: str) -> dict[str, Any]:
    try:
        return tomllib.loads(plan)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"plan: {error}") from None


def _region(form: Form, registrar: Card) -> dict[str, Any]:
    """A region with its token keys, its days in UTC seconds."""
    name = form.member("id").identifier()
    if name not in registrar.tokens:
        raise form.member("id").refuse("the registrar's card has no token keys for it")
    days = [[_seconds(time) for time in day.items(2, 2)] for day in form.member("days").items(1)]
    return {**form.value, **registrar.tokens[name], "days": days}


def _seconds(form: Form) -> int:
    if not isinstance(form.value, datetime):
        return form.integer(0)
    if form.value.tzinfo is None:
        raise form.refuse("a time without an offset")
    return int(form.value.timestamp())


def _all(cards: Sequence[Card], role: str) -> list[Mapping[str, Any]]:
    found = [card.party for card in cards if card.role == role]
    if not found:
        raise FormatError(f"parties: no card of a {role}")
    return found


def _only(cards: Sequence[Card], role: str) -> Card:
    found = [card for card in cards if card.role == role]
    if len(found) != 1:
        raise FormatError(f"parties: {len(found)} cards of a {role} instead of one")
    return found[0]
