"""What is said, asked and granted (checks 1.5, 1.6 and 1.9), before, while and after a result stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.request import ask, countersign, has_worked, worked
from psephos.protocol.sayings import NO_REGION, write_point
from psephos.simulation.referendum import Referendum
from vector_generator.definitions import NO_KEYS
from vector_generator.records.record import Case
from vector_generator.records.scenarios import cancelled, heard
from vector_generator.records.signing import APPEALS, OUTSIDER, Write, by, flipped, said

WORK = 8
DECLARATION = entries.Declaration("venice-2022/V37", "en", "Observers are welcome.", b"")
INCIDENT = entries.Incident(
    "intimidation",
    "Polling place 4",
    write_point(37.938, 23.639),
    0,
    1_900_000_100,
    1_900_000_900,
    "en",
    "Armed men stood at the door.",
    bytes(32),
)
OBJECTION = entries.Objection(b"", "The question", "en", "It was never asked of Delos.", b"")
ANSWER = entries.Answer(bytes(32), "en", "They have been withdrawn.", b"")
ANNULMENT = entries.Annulment(0, 0, "en", "Voters were threatened.", b"")
GRANT = entries.Grant(OUTSIDER.public.raw, "The league", "observer")
REQUEST = entries.Request(
    "The league", "observer", "en", "We have watched for thirty years.", b"", b"", bytes(8)
)
SPOKEN: dict[str, Payload] = {
    "declaration": DECLARATION,
    "incident": INCIDENT,
    "objection": OBJECTION,
    "answer": ANSWER,
}


def said_cases() -> Iterator[Case]:
    """Every kind, right and wrong."""
    yield from _right()
    yield from _wrong()
    yield from _annulments()
    yield from _requests()
    yield from _grants()


def _right() -> Iterator[Case]:
    everything = [*SPOKEN.values(), replace(OBJECTION, entry=bytes(32))]
    for party in ("organiser", "registrar 1", "board", "trustee 1", "appeals"):
        yield Case("", f"said-by-{party.replace(' ', '-')}", heard, "defined", said(party, *everything))
    edges = [
        replace(INCIDENT, point=b"", region=NO_REGION, observed_to=INCIDENT.observed_from, attachment=b""),
        replace(INCIDENT, point=write_point(-90, 180), region=1),
        replace(INCIDENT, kind="a" * 32, observed_from=0, observed_to=2**53 - 1),
        replace(DECLARATION, provision="a/b"),
    ]
    yield Case("", "said-at-the-edges", heard, "defined", said("registrar 1", *edges))
    yield Case("", "said-after-the-result", heard, "certified", said("trustee 2", *everything))
    statement = entries.Statement("The five days", "en", "We saw 31 polling places.", b"")
    for name, statement_payload in (SPOKEN | {"statement": statement}).items():
        yield Case(
            "1.6", f"{name}-again", heard, "defined", said("trustee 2", statement_payload, statement_payload)
        )
    yield Case("", "said-after-cancel", cancelled, "afterwards", said("trustee 2", *everything))
    yield Case(
        "",
        "said-by-an-observer",
        heard,
        "defined",
        lambda referendum: [*by(referendum, "trustee 2", GRANT), *by(referendum, "stranger", *everything)],
    )


def _wrong() -> Iterator[Case]:
    slips: dict[str, list[dict[str, Any]]] = {
        "declaration": [
            {"provision": provision}
            for provision in ("", "venice-2022", "venice-2022/", "Venice/V37", "/V37", "a/b/c", "a/ b")
        ],
        "incident": [
            {"kind": ""},
            {"kind": "In Timidation"},
            {"kind": "a" * 33},
            {"place": ""},
            {"point": bytes(7)},
            {"point": write_point(90.000_001, 0)},
            {"point": write_point(0, -180.000_001)},
            {"region": 2},
            {"region": NO_REGION + 1},
            {"observed_to": INCIDENT.observed_from - 1},
        ],
        "objection": [{"entry": bytes(31)}, {"subject": ""}],
        "answer": [],
    }
    for name, payload in SPOKEN.items():
        common: list[dict[str, Any]] = [{"language": ""}, {"text": ""}, {"attachment": bytes(33)}]
        for number, change in enumerate(slips[name] + common):
            wrong, slip = replace(payload, **change), f"{name}-{next(iter(change))}-{number}"
            yield Case("1.9", slip, heard, "defined", said("registrar 1", wrong))
        yield Case("1.5", f"{name}-by-a-stranger", heard, "defined", said("stranger", payload))
        yield Case("1.5", f"{name}-by-a-witness", heard, "defined", said("witness 1", payload))
    wrong = replace(OBJECTION, text="")
    yield Case("1.9", "objection-by-appeals", heard, "defined", said("appeals", wrong))


def _annulments() -> Iterator[Case]:
    yield Case("", "annulled", heard, "certified", said("appeals", ANNULMENT))
    yield Case("1.6", "annulled-again", heard, "certified", said("appeals", ANNULMENT, ANNULMENT))
    yield Case("", "annulled-before-it-is-certified", heard, "counted", said("appeals", ANNULMENT))
    yield Case("1.6", "annulled-before-the-totals", heard, "released", said("appeals", ANNULMENT))
    yield Case("1.6", "annulled-while-voting", heard, "opened", said("appeals", ANNULMENT))
    for name, change in {
        "of-no-contest": {"contest": 1},
        "of-an-area-that-is-none": {"area": 1},
        "of-no-region": {"area": 2**32},
        "without-a-reason": {"text": ""},
        "without-language": {"language": ""},
        "with-half-a-hash": {"attachment": bytes(16)},
    }.items():
        wrong = replace(ANNULMENT, **change)  # type: ignore[arg-type]
        yield Case("1.9", f"annulment-{name}", heard, "certified", said("appeals", wrong))
    for party in ("organiser", "trustee 1", "stranger"):
        name = f"annulled-by-the-{party.split(' ')[0]}"
        yield Case("1.5", name, heard, "certified", said(party, ANNULMENT))


def _asked(request: entries.Request, sponsor: SigningKey | None = None, bits: int = WORK) -> Write:
    """A stranger's request, with its work."""

    def write(referendum: Referendum) -> list[bytes]:
        author, asked = OUTSIDER.public.raw, request
        if sponsor is not None:
            asked = replace(request, sponsor=sponsor.public.raw)
            asked = countersign(asked, referendum.definition.hash, author, sponsor.sign)
        return [ask(referendum.definition.hash, author, asked, bits, OUTSIDER.sign)]

    return write


def _sponsored(party: str) -> Write:
    def write(referendum: Referendum) -> list[bytes]:
        keys = {"trustee": referendum.keys.trustees[1], "witness": referendum.keys.witnesses[0]}
        keys |= {"registrar": referendum.keys.registrars[0], "organiser": referendum.keys.organiser}
        return _asked(REQUEST, keys[party])(referendum)

    return write


def _requests() -> Iterator[Case]:
    yield Case("", "asked", heard, "defined", _asked(REQUEST))
    yield Case("", "asked-after-the-result", heard, "certified", _asked(REQUEST))
    yield Case("", "asked-after-cancel", cancelled, "afterwards", _asked(REQUEST, bits=20))
    yield Case("1.6", "asked-again", heard, "defined", lambda referendum: 2 * _asked(REQUEST)(referendum))
    for party in ("registrar", "trustee", "witness"):
        yield Case("", f"asked-with-a-{party}", heard, "defined", _sponsored(party))
    yield Case("1.9", "asked-with-the-organiser", heard, "defined", _sponsored("organiser"))
    yield Case("1.9", "asked-with-nobody", heard, "defined", _asked(REQUEST, OUTSIDER))
    for name in ("name", "role", "language", "text"):
        wrong = replace(REQUEST, **{name: ""})  # type: ignore[arg-type]
        yield Case("1.9", f"asked-without-{name}", heard, "defined", _asked(wrong))
    yield Case("1.9", "asked-at-length", heard, "defined", _asked(replace(REQUEST, text="x" * 4_000)))
    half = replace(REQUEST, countersignature=bytes(64))
    yield Case("1.9", "asked-with-no-sponsor-signed", heard, "defined", _asked(half))
    yield Case("1.9", "asked-with-a-forged-sponsor", heard, "defined", _forged)
    yield Case("1.9", "asked-with-another-name-than-countersigned", heard, "defined", _renamed)
    yield Case("1.9", "asked-without-work", heard, "defined", _idle)
    yield Case("1.9", "asked-by-an-observer", heard, "defined", _after_the_grant)
    yield Case(
        "1.5",
        "asked-and-forged",
        heard,
        "defined",
        lambda referendum: [flipped(_asked(REQUEST)(referendum)[0])],
    )
    for name, key in NO_KEYS.items():
        yield Case("1.5", f"asked-by-{name}", heard, "defined", _by_no_key(key))


def _forged(referendum: Referendum) -> list[bytes]:
    sponsor = referendum.keys.trustees[0].public.raw
    return _asked(replace(REQUEST, sponsor=sponsor, countersignature=bytes(64)))(referendum)


def _renamed(referendum: Referendum) -> list[bytes]:
    sponsor, author = referendum.keys.trustees[0], OUTSIDER.public.raw
    asked = replace(REQUEST, sponsor=sponsor.public.raw)
    asked = countersign(asked, referendum.definition.hash, author, sponsor.sign)
    return _asked(replace(asked, name="Another league"))(referendum)


def _idle(referendum: Referendum) -> list[bytes]:
    """The first number that is no work."""
    for number in range(2**16):
        request = replace(REQUEST, work=number.to_bytes(8, "little"))
        (data,) = by(referendum, "stranger", request)
        if not has_worked(entries.decode(data).body_hash, WORK):
            return [data]
    raise AssertionError("all is work")


def _after_the_grant(referendum: Referendum) -> list[bytes]:
    return [*by(referendum, "organiser", GRANT), *_asked(REQUEST)(referendum)]


def _by_no_key(key: bytes) -> Write:
    def write(referendum: Referendum) -> list[bytes]:
        asked = worked(REQUEST, referendum.definition.hash, key, WORK)
        return [entries.encode(asked, referendum.definition.hash, key, lambda _: b"\1" + bytes(63))]

    return write


def _grants() -> Iterator[Case]:
    for party in ("registrar 1", "trustee 2", "witness 1"):
        name = f"granted-by-a-{party.split(' ')[0]}"
        yield Case("", name, heard, "defined", said(party, GRANT))
    two_grants = lambda referendum: [*by(referendum, "trustee 1", GRANT), *by(referendum, "witness 1", GRANT)]  # noqa: E731
    yield Case("1.9", "granted-by-two", heard, "defined", two_grants, culprit="board")
    yield Case("", "granted-after-the-result", heard, "certified", said("trustee 1", GRANT))
    for party in ("board", "appeals", "stranger"):
        yield Case("1.5", f"granted-by-the-{party}", heard, "defined", said(party, GRANT))
    yield Case(
        "1.9",
        "granted-for-nothing-by-a-witness",
        heard,
        "defined",
        said("witness 1", replace(GRANT, role="")),
    )
    appeals = said("organiser", replace(GRANT, key=APPEALS.public.raw))
    yield Case("1.9", "granted-to-appeals", heard, "defined", appeals)
