"""From a plan and the parties' public cards to a definition (`spec/definition.md`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psephos.errors import FormatError, VerificationError
from psephos.organiser.plan.lines import line
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.reading import DefinitionTemplate
from psephos.organiser.plan.texts import check_values
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.parties import Trustees, Witnesses

_MORE = {"board": " origin", "registrar": "", "witness": "", "trustee": ""}
"""Roles that have cards, and what their cards have besides role, name and key."""


MOST_REGISTRARS = 8


@dataclass(frozen=True)
class PartyFile:
    """A party's public card: what goes into the definition."""

    role: str
    party: Mapping[str, Any]

    @classmethod
    def parse(cls, document: bytes) -> PartyFile:
        """The card that a party's `init` has written."""
        form = Form(canonical_json.decode(document))
        role = form.member("role").value
        if role not in _MORE:
            raise form.member("role").refuse("no role that has a card")
        members = form.members("role name key" + _MORE[role])
        return cls(role, {name: one.text() for name, one in members.items() if name != "role"})


def define(plan: DefinitionTemplate, organiser: bytes, cards: Sequence[PartyFile]) -> bytes:
    """The definition's document, valid; BadPlan names everything in plan and cards that stands against it.

    Registrars, trustees and witnesses stand in the order of their cards, the first two in that of the plan
    if it names them; `organiser` is the organiser's public key.
    """
    mistakes = Mistakes(plan.places)
    document: dict[str, Any] = {
        **plan.members,
        "version": 1,
        "organiser": {**plan.members["organiser"], "key": organiser.hex()},
        "board": _only(mistakes, cards, "board"),
        "registrars": _registrars(mistakes, plan, _all(mistakes, cards, "registrar")),
        "witnesses": _witnesses(mistakes, plan, _all(mistakes, cards, "witness")),
        "trustees": _trustees(mistakes, plan, _all(mistakes, cards, "trustee")),
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


def _all(mistakes: Mistakes, cards: Sequence[PartyFile], role: str) -> list[Mapping[str, Any]]:
    parties = [card.party for card in cards if card.role == role]
    if not parties:
        mistakes.note("", f"no card of a {role} was given", f"--parties .. {role}.json")
    return parties


def _only(mistakes: Mistakes, cards: Sequence[PartyFile], role: str) -> Mapping[str, Any]:
    parties = [card.party for card in cards if card.role == role]
    if len(parties) != 1:
        mistakes.note(
            "", f"{len(parties)} cards of a {role} were given instead of 1", f"--parties .. {role}.json"
        )
    return parties[0] if parties else {}


def _registrars(
    mistakes: Mistakes, plan: DefinitionTemplate, parties: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The registrars, of which the first leads."""
    if len(parties) > MOST_REGISTRARS:
        what = f"{len(parties)} cards of registrars were given: a vote has at most {MOST_REGISTRARS}"
        mistakes.note("plan.registrars", what)
    if plan.registrars and parties:
        return _in_order(mistakes, "registrars", plan.registrars, parties)
    return parties


def _witnesses(
    mistakes: Mistakes, plan: DefinitionTemplate, parties: list[Mapping[str, Any]]
) -> dict[str, Any]:
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


def _trustees(
    mistakes: Mistakes, plan: DefinitionTemplate, parties: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """The threshold is a majority unless the plan says otherwise."""
    if plan.trustees and parties:
        parties = _in_order(mistakes, "trustees.names", plan.trustees, parties)
    least = 2 if plan.members["decoys"] else 1
    threshold = plan.members["trustees"].get("threshold", max(least, len(parties) // 2 + 1))
    close = plan.members["trustees"].get("close", threshold)
    trustees = {"members": parties, "threshold": threshold, "close": close}
    if 0 < len(parties) < least:
        mistakes.note(
            "plan.decoys", f"{len(parties)} trustee cannot keep cards apart: give {least} cards of trustees"
        )
    elif parties:
        majority = max(least, len(parties) // 2 + 1)
        fitting = line("trustees", {"threshold": majority, "close": majority})
        mistakes.take(lambda: Trustees.read(Form(trustees, "plan.trustees"), plan.members["decoys"]), fitting)
    return trustees


def _in_order(
    mistakes: Mistakes, key: str, names: Sequence[str], parties: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Parties as the plan lists them: the cards must be theirs."""
    given = [party["name"] for party in parties]
    if sorted(given) != sorted(names):
        mistakes.note(f"plan.{key}", "the cards are of others", line(key.rpartition(".")[2], given))
        return parties
    return sorted(parties, key=lambda party: names.index(party["name"]))
