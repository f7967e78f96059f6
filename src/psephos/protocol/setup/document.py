"""A definition from its document (`spec/definition.md`)."""

from __future__ import annotations

from psephos.errors import FormatError, VerificationError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form, identifiers
from psephos.protocol.setup import about, validity
from psephos.protocol.setup.about import About
from psephos.protocol.setup.budgets import Budgets
from psephos.protocol.setup.definition import CoverParameters, Definition
from psephos.protocol.setup.explanations import Map, read_explanations
from psephos.protocol.setup.head import Head
from psephos.protocol.setup.parties import Appeals, BoardParty, Party, Trustees, Witnesses
from psephos.protocol.setup.region import Division, Region, RegionReader, read_divisions
from psephos.protocol.setup.relays import read_relays
from psephos.protocol.setup.style import Contest, Style

LONGEST = 2**24
MEMBERS = (
    "version title languages organiser registrars board witnesses trustees decoys relays hold min_batch"
    " min_region tolerance round regions contests styles"
)


def parse(document: bytes) -> Definition:
    """The definition that a document is; VerificationError 2.2 through the organiser unless it is valid."""
    try:
        if not 1 <= len(document) <= LONGEST:
            raise FormatError(f"{len(document)} bytes instead of 1 to {LONGEST}")
        definition = _read(document, Form(canonical_json.decode(document)))
        validity.check(definition)
    except FormatError as error:
        raise VerificationError("2.2", "organiser", f"definition: {error}") from None
    return definition


def _read(document: bytes, form: Form) -> Definition:
    members = form.members(MEMBERS, f"cover budgets appeals divisions texts map {about.MEMBERS}")
    members["version"].integer(1, 1)
    languages = members["languages"].languages()
    decoys = members["decoys"].integer(0, 16)
    if 0 < decoys < 4:
        raise members["decoys"].refuse("fewer than 4 decoys, and not none")
    if ("cover" in members) != (decoys > 0):
        raise form.refuse("cover belongs to decoys, and to them alone")
    relays, hold = read_relays(members["relays"], members["hold"])
    cover = CoverParameters.read(members["cover"]) if "cover" in members else None
    contests = _contests(members["contests"])
    styles = _styles(members["styles"], contests, languages)
    tolerance = members["tolerance"].integer(0, 86_400)
    divisions = read_divisions(members["divisions"], languages) if "divisions" in members else ()
    regions = _regions(members["regions"], languages, styles, divisions, hold + tolerance)
    return Definition(
        document,
        Head(form.value, len(document)),
        members["title"].translations(languages),
        languages,
        Party.read(members["organiser"]),
        tuple(map(Party.read, members["registrars"].items(1, 8))),
        BoardParty.read(members["board"]),
        Witnesses.read(members["witnesses"]),
        Trustees.read(members["trustees"], decoys),
        decoys,
        relays,
        hold,
        members["min_batch"].integer(1, 1_000_000),
        members["min_region"].integer(1, 1_000_000),
        tolerance,
        members["round"].integer(1, 3_600),
        cover,
        regions,
        divisions,
        contests,
        styles,
        Budgets.read(members.get("budgets")),
        About.read(members, languages),
        Appeals.read(members["appeals"]) if "appeals" in members else None,
        read_explanations(members, contests, languages),
        Map.read(members["map"], len(regions)) if "map" in members else None,
    )


def _contests(form: Form) -> tuple[Contest, ...]:
    items = form.items(1, 100)
    identifiers([item.member("id") for item in items])
    return tuple(Contest.read(item, index) for index, item in enumerate(items))


def _styles(form: Form, contests: tuple[Contest, ...], languages: tuple[str, ...]) -> tuple[Style, ...]:
    items = form.items(1, 1_000)
    identifiers([item.member("id") for item in items])
    return tuple(Style.read(item, index, contests, languages) for index, item in enumerate(items))


def _regions(
    form: Form,
    languages: tuple[str, ...],
    styles: tuple[Style, ...],
    divisions: tuple[Division, ...],
    late: int,
) -> tuple[Region, ...]:
    items = form.items(1, 1_000)
    names = identifiers([item.member("id") for item in items])
    reader = RegionReader(
        languages, styles, names, {division.id: division.index for division in divisions}, late
    )
    return tuple(reader.read(item, index) for index, item in enumerate(items))
