"""Definitions to try things with: whole referendums of any shape from a few numbers, with all keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psephos.crypto.group import base_multiples
from psephos.crypto.signature import SigningKey
from psephos.crypto.token import token_key
from psephos.protocol.encoding import canonical_json

Texts = Mapping[str, str]
BEFORE = 3_600
"""Seconds from the close of enrolment to the first opening."""
REVIEW = 600


@dataclass(frozen=True)
class Question:
    """A contest with its wording; `rule` is a rule as a definition has it."""

    id: str
    question: Texts
    options: Mapping[str, Texts]
    blank: int = 1
    rule: Mapping[str, Any] | None = None


HARBOUR = Question(
    "harbour",
    {"en": "Shall the city build the new harbour?", "de": "Soll die Stadt den neuen Hafen bauen?"},
    {"yes": {"en": "Yes", "de": "Ja"}, "no": {"en": "No", "de": "Nein"}},
    rule={
        "option": "yes",
        "conditions": [
            {"kind": "simple-majority"},
            {"kind": "turnout-quorum", "at_least": [1, 4], "of": "enrolled"},
        ],
    },
)
TEMPLE = Question(
    "temple",
    {"en": "Whose temple shall be restored first?", "de": "Wessen Tempel soll zuerst erneuert werden?"},
    {
        "athena": {"en": "Athena's", "de": "Der der Athene"},
        "hermes": {"en": "Hermes'", "de": "Der des Hermes"},
        "hestia": {"en": "Hestia's", "de": "Der der Hestia"},
    },
    rule={"option": "athena", "conditions": [{"kind": "plurality"}]},
)


ABOUT: dict[str, Any] = {
    "rehearsal": 1,
    "contact": {"en": "The heralds, at the gate"},
    "called_by": {"en": "The council of five hundred"},
    "legal_basis": {"en": "The laws of Solon, third table"},
    "effect": {"kind": "binding", "text": {"en": "It is carved in stone."}},
    "channels": [{"en": "By raised hand, on the hill"}],
}
"""All that a definition in English may say of its vote besides how it is held."""


def proposals() -> tuple[Question, Question, Question]:
    """An initiative, a counter-proposal, and the question that decides between them if both are accepted."""
    yes_or_no = {"yes": {"en": "Yes", "de": "Ja"}, "no": {"en": "No", "de": "Nein"}}

    def proposal(name: str, rival: str, question: Texts) -> Question:
        preference = {"kind": "preference", "over": rival, "by": "deciding", "choose": name}
        conditions = [{"kind": "simple-majority"}, preference]
        return Question(name, question, yes_or_no, 1, {"option": "yes", "conditions": conditions})

    return (
        proposal("walls", "ships", {"en": "Shall we build walls?", "de": "Sollen wir Mauern bauen?"}),
        proposal("ships", "walls", {"en": "Shall we build ships?", "de": "Sollen wir Schiffe bauen?"}),
        Question(
            "deciding",
            {"en": "Which, if both are accepted?", "de": "Was davon, wenn beide angenommen werden?"},
            {"walls": {"en": "Walls", "de": "Mauern"}, "ships": {"en": "Ships", "de": "Schiffe"}},
        ),
    )


@dataclass(frozen=True, repr=False)
class Keys:
    """Every secret of a referendum's parties; token keys are scalars, by registrar and region."""

    organiser: SigningKey
    registrars: tuple[SigningKey, ...]
    board: SigningKey
    witnesses: tuple[SigningKey, ...]
    trustees: tuple[SigningKey, ...]
    voter_tokens: tuple[tuple[bytes, ...], ...]
    decoy_tokens: tuple[tuple[bytes, ...], ...]


def key_seed(seed: bytes, name: str) -> bytes:
    """The 32 bytes from which the key of that name is made: `board`, `trustee 1`, `voter token 1 0`, .."""
    return hashlib.sha256(b"sample key\n" + name.encode() + b"\n" + seed).digest()


def sample(
    *,
    regions: Sequence[str] = ("piraeus", "athens"),
    decoys: int = 4,
    registrars: int = 1,
    trustees: int = 3,
    threshold: int = 2,
    close: int | None = None,
    witnesses: int = 3,
    quorum: int = 2,
    questions: Sequence[Question] = (HARBOUR, TEMPLE),
    ballots: Mapping[str, Sequence[str]] | None = None,
    merge_into: Mapping[str, str] | None = None,
    parents: Mapping[str, str] | None = None,
    windows: Sequence[tuple[int, int]] = ((1_900_000_000, 1_900_036_000),),
    seconds: int = 60,
    languages: Sequence[str] = ("en", "de"),
    origin: str = "log.psephos.example/sample",
    seed: bytes = bytes(32),
    **members: Any,
) -> tuple[bytes, Keys]:
    """A definition's document and the keys behind it, both the same for the same arguments.

    `ballots` says which questions a region is asked, where not all of them; `windows` are the days of every
    region, UTC seconds; `parents` are of regions and divisions, the latter all that are named there;
    `seconds` is the definition's `round`; `close` is the threshold unless it is given.
    Any other argument replaces the member of its name, valid or not: `min_batch`, `min_region`, `tolerance`.
    """
    keys = draw(seed, len(regions), trustees, witnesses, registrars)
    tolerance = members.get("tolerance", 300)
    times = _times(windows, members.get("hold", 0), tolerance)
    asked = {region: tuple((ballots or {}).get(region, [q.id for q in questions])) for region in regions}
    styles = {ids: f"style-{number}" for number, ids in enumerate(dict.fromkeys(asked.values()), 1)}
    above = parents or {}
    by_id = {question.id: question for question in questions}
    document: dict[str, Any] = {
        "version": 1,
        "title": _in(languages, {"en": "A sample referendum", "de": "Eine Abstimmung zur Probe"}),
        "languages": list(languages),
        **institutions(
            keys,
            organiser="The assembly",
            registrars=[f"Register {index}" for index in range(1, registrars + 1)],
            board="The board",
            origin=origin,
            witnesses=[f"witness-{index}.example" for index in range(1, witnesses + 1)],
            quorum=quorum,
            trustees=[f"Trustee {index}" for index in range(1, trustees + 1)],
            threshold=threshold,
            close=close,
        ),
        "decoys": decoys,
        "relays": [],
        "hold": 0,
        "min_batch": 3,
        "min_region": 3,
        "tolerance": tolerance,
        "round": seconds,
        "regions": [
            {
                "id": region,
                "name": dict.fromkeys(languages, region.capitalize()),
                "style": styles[asked[region]],
            }
            | times
            | ({"merge_into": merge_into[region]} if merge_into and region in merge_into else {})
            | ({"parent": above[region]} if region in above else {})
            for region in regions
        ],
        "contests": [_contest(question) for question in questions],
        "styles": [
            {"id": style, "contests": [_worded(by_id[name], languages) for name in ids]}
            for ids, style in styles.items()
        ],
    }
    if above:
        document["divisions"] = [_division(name, above, languages) for name in dict.fromkeys(above.values())]
    if decoys:
        document["cover"] = {"epsilon": [1, 1], "delta": 2, "ballots": 2}
    return canonical_json.encode(document | members), keys


def _times(windows: Sequence[tuple[int, int]], hold: int, tolerance: int) -> dict[str, Any]:
    """A region's days, and when enrolment closes and its batches are reviewed before them."""
    opens = windows[0][0]
    closes = max(0, opens - BEFORE - hold)
    return {
        "timezone": "Europe/Athens",
        "days": [list(window) for window in windows],
        "closes": closes,
        "review": max(0, min(REVIEW, opens - closes - hold - tolerance)),
    }


def _division(name: str, above: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any]:
    division = {"id": name, "name": dict.fromkeys(languages, name.capitalize())}
    return division | ({"parent": above[name]} if name in above else {})


def draw(seed: bytes, regions: int, trustees: int, witnesses: int, registrars: int = 1) -> Keys:
    """All keys of a referendum, from a seed."""

    def signing(name: str) -> SigningKey:
        return SigningKey(key_seed(seed, name))

    def tokens(kind: str) -> tuple[tuple[bytes, ...], ...]:
        return tuple(
            tuple(token_key(key_seed(seed, f"{kind} token {number} {index}"))[0] for index in range(regions))
            for number in range(1, registrars + 1)
        )

    return Keys(
        signing("organiser"),
        tuple(signing(f"registrar {index}") for index in range(1, registrars + 1)),
        signing("board"),
        tuple(signing(f"witness {index}") for index in range(1, witnesses + 1)),
        tuple(signing(f"trustee {index}") for index in range(1, trustees + 1)),
        tokens("voter"),
        tokens("decoy"),
    )


def institutions(
    keys: Keys,
    *,
    organiser: str,
    registrars: Sequence[str],
    board: str,
    origin: str,
    witnesses: Sequence[str],
    trustees: Sequence[str],
    threshold: int,
    quorum: int | None = None,
    close: int | None = None,
) -> dict[str, Any]:
    """The members of a definition that hold Ed25519 keys; a quorum is a majority unless it is given."""
    quorum = len(witnesses) // 2 + 1 if quorum is None else quorum
    return {
        "organiser": _party(organiser, keys.organiser),
        "registrars": [_party(*pair) for pair in zip(registrars, keys.registrars, strict=True)],
        "board": _party(board, keys.board) | {"origin": origin},
        "witnesses": {
            "members": [_party(*pair) for pair in zip(witnesses, keys.witnesses, strict=True)],
            "quorum": quorum,
            "faulty": min((quorum - 1) // 2, 2 * quorum - len(witnesses) - 1),
        },
        "trustees": {
            "members": [_party(*pair) for pair in zip(trustees, keys.trustees, strict=True)],
            "threshold": threshold,
            "close": threshold if close is None else close,
        },
    }


def _party(name: str, key: SigningKey) -> dict[str, Any]:
    return {"name": name, "key": key.public.raw.hex()}


def token_secrets(keys: Keys, registrar: int, region: int, decoys: int) -> bytes:
    """v, and where there are decoys d, of a registrar, from 1, and a region."""
    voter = keys.voter_tokens[registrar - 1][region]
    return voter + keys.decoy_tokens[registrar - 1][region] if decoys else voter


def token_publics(keys: Keys, registrar: int, regions: int, decoys: int) -> bytes:
    """What a token-keys entry closes: the public keys of all regions."""
    return base_multiples(
        b"".join(token_secrets(keys, registrar, region, decoys) for region in range(regions))
    )


def _contest(question: Question) -> dict[str, Any]:
    contest = {"id": question.id, "options": list(question.options), "blank": question.blank}
    return contest if question.rule is None else contest | {"rule": question.rule}


def _worded(question: Question, languages: Sequence[str]) -> dict[str, Any]:
    return {
        "contest": question.id,
        "question": _in(languages, question.question),
        "options": [_in(languages, texts) for texts in question.options.values()],
    }


def _in(languages: Sequence[str], texts: Texts) -> dict[str, str]:
    return {language: texts[language] for language in languages}
