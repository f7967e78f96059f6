"""From a plan and the parties' public cards to a definition (`spec/definition.md`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psephos.errors import FormatError, VerificationError
from psephos.organiser.plan.lines import line
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.reading import Plan
from psephos.organiser.plan.texts import check_values
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.definition import parse
from psephos.protocol.setup.parties import Trustees, Witnesses

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


def define(plan: Plan, organiser: bytes, cards: Sequence[Card]) -> bytes:
    """The definition's document, valid; BadPlan names everything in plan and cards that stands against it.

    Trustees and witnesses stand in the order of their cards, trustees in that of the plan if it names them;
    `organiser` is the organiser's public key.
    """
    mistakes = Mistakes(plan.places)
    document: dict[str, Any] = {
        **plan.members,
        "version": 1,
        "organiser": {**plan.members["organiser"], "key": organiser.hex()},
        "board": _only(mistakes, cards, "board"),
        "registrar": _only(mistakes, cards, "registrar"),
        "witnesses": _witnesses(mistakes, plan, _all(mistakes, cards, "witness")),
        "trustees": _trustees(mistakes, plan, _all(mistakes, cards, "trustee")),
        "regions": _regions(mistakes, plan, cards),
    }
    for card in cards:
        check_values(mistakes, card.party, f"card of {card.role}")
    mistakes.check()
    try:
        encoded = canonical_json.encode(document)
        parse(encoded)
    except VerificationError as error:
        mistakes.refused(FormatError(error.message.removeprefix("definition: ")))
    except FormatError as error:
        mistakes.refused(error)
    mistakes.check()
    return encoded


def _all(mistakes: Mistakes, cards: Sequence[Card], role: str) -> list[Mapping[str, Any]]:
    parties = [card.party for card in cards if card.role == role]
    if not parties:
        mistakes.note("", f"no card of a {role} was given", f"--parties .. {role}.json")
    return parties


def _only(mistakes: Mistakes, cards: Sequence[Card], role: str) -> Mapping[str, Any]:
    parties = [card.party for card in cards if card.role == role]
    if len(parties) != 1:
        mistakes.note(
            "", f"{len(parties)} cards of a {role} were given instead of 1", f"--parties .. {role}.json"
        )
    return parties[0] if parties else {}


def _witnesses(mistakes: Mistakes, plan: Plan, parties: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A quorum is as few as two of them need to share an honest one, and most of it to be honest."""
    said = plan.members["witnesses"]
    liars = said.get("faulty", 0)
    quorum = said.get("quorum", max((len(parties) + liars) // 2, 2 * liars) + 1)
    faulty = said.get("faulty", max(0, min((quorum - 1) // 2, 2 * quorum - len(parties) - 1)))
    witnesses = {"members": parties, "quorum": quorum, "faulty": faulty}
    if parties:
        fitting = {"quorum": len(parties) // 2 + 1, "faulty": 0}
        mistakes.take(lambda: Witnesses.read(Form(witnesses, "plan.witnesses")), line("witnesses", fitting))
    return witnesses


def _trustees(mistakes: Mistakes, plan: Plan, parties: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The threshold is a majority unless the plan says otherwise."""
    if plan.trustees and parties:
        parties = _in_order(mistakes, plan.trustees, parties)
    least = 2 if plan.members["cards"] > 1 else 1
    threshold = plan.members["trustees"].get("threshold", max(least, len(parties) // 2 + 1))
    close = plan.members["trustees"].get("close", threshold)
    trustees = {"members": parties, "threshold": threshold, "close": close}
    if 0 < len(parties) < least:
        mistakes.note(
            "plan.cards", f"{len(parties)} trustee cannot keep cards apart: give {least} cards of trustees"
        )
    elif parties:
        majority = max(least, len(parties) // 2 + 1)
        fitting = line("trustees", {"threshold": majority, "close": majority})
        mistakes.take(lambda: Trustees.read(Form(trustees, "plan.trustees"), plan.members["cards"]), fitting)
    return trustees


def _in_order(
    mistakes: Mistakes, names: Sequence[str], parties: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The trustees as the plan lists them: the cards must be theirs."""
    given = [party["name"] for party in parties]
    if sorted(given) != sorted(names):
        mistakes.note("plan.trustees.names", "the cards are of others", line("names", given))
        return parties
    return sorted(parties, key=lambda party: names.index(party["name"]))


def _regions(mistakes: Mistakes, plan: Plan, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """The regions with their token keys."""
    tokens = next((card.tokens for card in cards if card.role == "registrar"), None)
    needed = ("voter_key", "decoy_key") if plan.members["cards"] > 1 else ("voter_key",)
    regions = []
    for index, region in enumerate(plan.members["regions"]):
        keys = {} if tokens is None else tokens.get(region["id"], {})
        if tokens is not None and not keys.keys() >= set(needed):
            ids = ",".join(one["id"] for one in plan.members["regions"])
            kind = " for decoys" if keys else ""
            said = f"the registrar's card has no token keys{kind} for it"
            what = f"{said}: let the registrar run psephos registrar init --regions {ids}"
            mistakes.note(f"plan.regions[{index}].id", what)
        regions.append({**region, **{name: keys.get(name, "") for name in needed}})
    return regions
