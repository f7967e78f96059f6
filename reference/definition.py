"""The definition: its form, its validity and its counting areas. spec/definition.md"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import about
import ed25519
import explanations
import head
import jcs
import proofs
import rules
from areas import above
from form import LIMIT, Form, check_languages, check_text, check_texts, distinct
from group import FormatError
from note import LOG, WITNESS, Key, check_name


@dataclass(frozen=True)
class Region:
    """A region; style and merge target by position."""

    id: str
    style: int
    days: tuple[tuple[int, int], ...]
    closes: int
    review: int
    merge_into: int | None
    parent: int | None


@dataclass(frozen=True)
class Division:
    """What regions lie below; the one above it by position."""

    id: str
    parent: int | None


@dataclass(frozen=True)
class Contest:
    """A contest and its rule, whose form has been checked."""

    id: str
    options: tuple[str, ...]
    blank: int
    rule: dict[str, Any] | None


@dataclass(frozen=True)
class Definition:
    """What the checks need of a valid definition."""

    hash: bytes
    organiser: bytes
    registrars: list[bytes]
    log: Key
    witnesses: list[Key]
    quorum: int
    trustees: list[bytes]
    threshold: int
    close: int
    decoys: int
    hold: int
    min_batch: int
    min_region: int
    tolerance: int
    round: int
    regions: list[Region]
    divisions: list[Division]
    about: about.About
    contests: list[Contest]
    styles: list[tuple[proofs.Contest, ...]]
    budgets: dict[str, int]
    appeals: bytes | None

    def ballot_contests(self, region: int) -> tuple[proofs.Contest, ...]:
        """The contests of a region's style: position, options, blank."""
        return self.styles[self.regions[region].style]

    def regions_of(self, contest: int) -> list[int]:
        """The regions that have a contest."""
        having = [any(c[0] == contest for c in style) for style in self.styles]
        return [index for index, region in enumerate(self.regions) if having[region.style]]

    def width(self, region: int) -> int:
        """Ciphertexts of a row: spec/proofs.md#weighing"""
        return 1 + sum(options for _, options, _ in self.ballot_contests(region))

    def party(self, key: bytes) -> str:
        """How reports name a named party, or nothing."""
        named = {self.organiser: "organiser", self.log.public: "board"}
        named |= {registrar: f"registrar {number}" for number, registrar in enumerate(self.registrars, 1)}
        named |= {trustee: f"trustee {index}" for index, trustee in enumerate(self.trustees, 1)}
        named |= {self.appeals: "appeals"} if self.appeals else {}
        return named.get(key, "")

    def witness(self, key: bytes) -> str:
        """How reports name a witness, or nothing."""
        return next(
            (f"witness {n}" for n, witness in enumerate(self.witnesses, 1) if witness.public == key), ""
        )

    def contest_set(self, region: int) -> frozenset[int]:
        """The contests of a region."""
        return frozenset(contest for contest, _, _ in self.ballot_contests(region))


ADDRESS = r"https?://[!\"$->@-~]*[!\"$-.0->@-~]"  # printable, without # and ?, not ending in /
TOP = (
    "version title languages organiser registrars board witnesses trustees decoys relays hold min_batch"
    " min_region tolerance round regions contests styles"
)


def parse(data: bytes) -> Definition:
    """A valid definition; FormatError names what is wrong: spec/definition.md#validity"""
    if not 1 <= len(data) <= 2**24:
        raise FormatError("definition has a wrong length")
    top = Form(jcs.decode(data), "", TOP, f"cover budgets appeals divisions texts map {about.MEMBERS}")
    top.integer("version", 1, 1)
    languages = check_languages(top)
    check_texts(top["title"], languages, "title")
    decoys = top.integer("decoys", 0, 16)
    if 0 < decoys < 4:
        top.refuse("has fewer decoys than 4, and more than none")
    contests = [_contest(value, f"contests[{i}]") for i, value in enumerate(top.array("contests", 1, 100))]
    distinct([contest.id for contest in contests], "contests")
    style_ids, styles = _styles(top, languages, contests)
    divisions = _divisions(top, languages)
    board, log = Form(top["board"], "board", "name key origin"), top["board"]
    board.text("name")
    _check_cover(top, decoys)
    witnesses, quorum = _witnesses(top)
    trustees, threshold, close = _trustees(top, decoys)
    definition = Definition(
        hash=sha256(head.encode(top.value, len(data))).digest(),
        organiser=_party(top["organiser"], "organiser"),
        registrars=[_party(value, "registrars") for value in top.array("registrars", 1, 8)],
        log=Key(_origin(log["origin"], "board.origin"), LOG, board.key()),
        witnesses=witnesses,
        quorum=quorum,
        trustees=trustees,
        threshold=threshold,
        close=close,
        decoys=decoys,
        hold=_hold(top),
        min_batch=top.integer("min_batch", 1, 1_000_000),
        min_region=top.integer("min_region", 1, 1_000_000),
        tolerance=top.integer("tolerance", 0, 86_400),
        round=top.integer("round", 1, 3600),
        regions=_regions(top, languages, style_ids, [division.id for division in divisions]),
        divisions=divisions,
        about=about.read(top, languages),
        contests=contests,
        styles=styles,
        budgets=_budgets(top),
        appeals=_appeals(top),
    )
    explanations.check(top, languages, {contest.id: contest.options for contest in contests})
    _check_whole(definition)
    head.check_size(top.value, len(data))
    return definition


def _origin(value: Any, path: str) -> str:
    if not isinstance(value, str) or not re.fullmatch("[!-*,-~]+", value):
        raise FormatError(f"{path} is not a log's or witness's name")
    return check_name(check_text(value, path))


def _party(value: Any, path: str) -> bytes:
    form = Form(value, path, "name key")
    form.text("name")
    return form.key()


def _hold(top: Form) -> int:
    """How long a period of the relays is: 0 exactly when there are none."""
    relays = [Form(value, "relays", "name address") for value in top.array("relays", 0, 16)]
    addresses = []
    for relay in relays:
        relay.text("name")
        addresses.append(check_text(relay.matching("address", ADDRESS), "relays.address"))
    if len(set(addresses)) < len(addresses):
        top.refuse("has a relay's address twice")
    return top.integer("hold", 1, 604_800) if relays else top.integer("hold", 0, 0)


def _check_cover(top: Form, decoys: int) -> None:
    if ("cover" in top.value) != (decoys > 0):
        top.refuse("has a cover exactly when decoys > 0")
    if decoys:
        cover = Form(top["cover"], "cover", "epsilon delta ballots")
        cover.integer("delta", 1, 1000)
        cover.integer("ballots", 1, 1000)
        if not all(isinstance(e, int) and 1 <= e <= 1000 for e in cover.array("epsilon", 2, 2)):
            cover.refuse("has a wrong epsilon")


def _appeals(top: Form) -> bytes | None:
    if "appeals" not in top.value:
        return None
    form = Form(top["appeals"], "appeals", "name address days key")
    form.text("name")
    form.text("address")
    form.integer("days", 1, 366)
    return form.key()


BUDGETS = {
    "words": (2**16, 2**40, 2**20),
    "files": (0, 2**40, 2**26),
    "parts": (2**16, 2**40, 2**28),
    "observers": (0, 100_000, 100),
    "requests": (0, 100_000, 1_000),
    "reserved": (0, 100_000, 200),
    "work": (0, 32, 20),
}  # least, most, default


def _budgets(top: Form) -> dict[str, int]:
    """Numbers for the board and for whoever judges its refusals; a request's work is a check's too."""
    form = Form(top.value.get("budgets", {}), "budgets", "", " ".join(BUDGETS))
    budgets = {name: default for name, (_, _, default) in BUDGETS.items()}
    budgets |= {name: form.integer(name, *BUDGETS[name][:2]) for name in form.value}
    if "budgets" in top.value and budgets["reserved"] > budgets["requests"]:
        form.refuse("reserves more requests than there are")
    return budgets


def _witnesses(top: Form) -> tuple[list[Key], int]:
    form = Form(top["witnesses"], "witnesses", "members quorum faulty")
    members = [Form(m, "witnesses.members", "name key") for m in form.array("members", 1, 60)]
    keys = [Key(_origin(m["name"], "witnesses.members.name"), WITNESS, m.key()) for m in members]
    if len({key.name for key in keys}) < len(keys):
        form.refuse("has a name twice")
    quorum = form.integer("quorum", 1, len(keys))
    faulty = form.integer("faulty", 0, (quorum - 1) // 2)
    if not 2 * quorum - len(keys) > faulty:
        form.refuse("has quorums that may share no honest witness")
    return keys, quorum


def _trustees(top: Form, decoys: int) -> tuple[list[bytes], int, int]:
    form = Form(top["trustees"], "trustees", "members threshold close")
    keys = []
    for value in form.array("members", 1, 64):
        member = Form(value, "trustees.members", "name key")
        member.text("name")
        keys.append(member.key())
    threshold = form.integer("threshold", 2 if decoys else 1, len(keys))
    return keys, threshold, form.integer("close", threshold, len(keys))


def _divisions(top: Form, languages: list[str]) -> list[Division]:
    if "divisions" not in top.value:
        return []
    values = top.array("divisions", 1, 1000)
    forms = [Form(value, f"divisions[{i}]", "id name", "parent") for i, value in enumerate(values)]
    ids = distinct([form["id"] for form in forms], "divisions")
    for form in forms:
        check_texts(form["name"], languages, form.path)
    return [Division(form["id"], _named(form, "parent", ids)) for form in forms]


def _named(form: Form, name: str, ids: list[str]) -> int | None:
    return ids.index(form.one_of(name, ids)) if name in form.value else None


def _regions(top: Form, languages: list[str], style_ids: list[str], division_ids: list[str]) -> list[Region]:
    required = "id name style timezone days closes review"
    values = top.array("regions", 1, 1000)
    forms = [Form(value, f"regions[{i}]", required, "merge_into parent") for i, value in enumerate(values)]
    ids = distinct([form["id"] for form in forms], "regions")
    regions = []
    for form in forms:
        check_texts(form["name"], languages, form.path)
        form.text("timezone")
        merge, parent = _named(form, "merge_into", ids), _named(form, "parent", division_ids)
        style = style_ids.index(form.one_of("style", style_ids))
        closes, review = form.integer("closes", 0, LIMIT), form.integer("review", 0, 31_536_000)
        days = _days(form)
        if closes + _hold(top) + top.integer("tolerance", 0, 86_400) + review > days[0][0]:
            form.refuse("opens before its enrolment is closed, admitted and reviewed")
        regions.append(Region(form["id"], style, days, closes, review, merge, parent))
    return regions


def _days(form: Form) -> tuple[tuple[int, int], ...]:
    days, last = [], 0
    for day in form.array("days", 1, 60):
        if not isinstance(day, list) or len(day) != 2 or not all(isinstance(time, int) for time in day):
            form.refuse("has malformed days")
        if not last <= day[0] < day[1]:
            form.refuse("has days out of order")
        last = day[1]
        days.append((day[0], day[1]))
    return tuple(days)


def _styles(
    top: Form, languages: list[str], contests: list[Contest]
) -> tuple[list[str], list[tuple[proofs.Contest, ...]]]:
    ids = [contest.id for contest in contests]
    names, styles = [], []
    for i, value in enumerate(top.array("styles", 1, 1000)):
        style = Form(value, f"styles[{i}]", "id contests", "languages")
        style_languages = check_languages(style) if "languages" in style.value else languages
        positions = []
        for entry in style.array("contests", 1, len(ids)):
            form = Form(entry, f"{style.path}.contests", "contest question options")
            position = ids.index(form.one_of("contest", ids))
            check_texts(form["question"], style_languages, form.path)
            count = len(contests[position].options)
            for text in form.array("options", count, count):
                check_texts(text, style_languages, form.path)
            positions.append(position)
        if len(set(positions)) < len(positions):
            style.refuse("has a contest twice")
        names.append(style["id"])
        styles.append(tuple((p, len(contests[p].options), contests[p].blank) for p in positions))
    return distinct(names, "styles"), styles


def _contest(value: Any, path: str) -> Contest:
    form = Form(value, path, "id options blank", "rule")
    options = distinct(form.array("options", 1, 100), path)
    blank = form.integer("blank", 0, 1)
    if len(options) + blank < 2:
        form.refuse("has fewer than 2 patterns")
    rule = form.value.get("rule")
    if "rule" in form.value:
        rules.check(rule, options, f"{path}.rule")
    return Contest(form["id"], tuple(options), blank, rule)


def _check_whole(definition: Definition) -> None:
    """The rules of validity that no single member breaks."""
    keys = [definition.organiser, *definition.registrars, definition.log.public, *definition.trustees]
    keys += [witness.public for witness in definition.witnesses]
    keys += [definition.appeals] if definition.appeals else []
    if not all(map(ed25519.proper_key, keys)):
        raise FormatError("an Ed25519 key is not canonical, or of small order")
    if len(set(keys)) < len(keys):
        raise FormatError("an Ed25519 key stands twice")
    _check_merging(definition)
    _check_divisions(definition)
    used = {region.style for region in definition.regions}
    held = {contest for style in definition.styles for contest, _, _ in style}
    if len(used) < len(definition.styles) or len(held) < len(definition.contests):
        raise FormatError("a style or contest is not used")
    contests = definition.contests
    asked = [{contests[contest].id for contest, _, _ in style} for style in definition.styles]
    rules.check_preferences(
        {contest.id: (list(contest.options), contest.rule) for contest in contests}, asked
    )
    for style in definition.styles:
        width = 1 + sum(options for _, options, _ in style)
        votes = sum(proofs.vote_size(options, blank) for _, options, blank in style)
        if 256 + max(votes, 64 * width + 224) > 65_535:
            raise FormatError("a style's ballot or row does not fit an entry")


def _check_merging(definition: Definition) -> None:
    """Merging never comes back and joins regions of the same contests."""
    contests = [
        {contest for contest, _, _ in definition.styles[region.style]} for region in definition.regions
    ]
    for start, region in enumerate(definition.regions):
        seen, target = {start}, region.merge_into
        if target is not None and contests[target] != contests[start]:
            raise FormatError("a region merges into one of other contests")
        while target is not None:
            if target in seen:
                raise FormatError("merging comes back")
            seen.add(target)
            target = definition.regions[target].merge_into


def _check_divisions(definition: Definition) -> None:
    """Divisions never come back, have regions below them, and are called like no region."""
    parents = [division.parent for division in definition.divisions]
    for start in range(len(parents)):
        seen, target = {start}, parents[start]
        while target is not None:
            if target in seen:
                raise FormatError("divisions come back")
            seen.add(target)
            target = parents[target]
    below = {division for region in range(len(definition.regions)) for division in above(definition, region)}
    if len(below) < len(parents):
        raise FormatError("no region lies below a division")
    if {region.id for region in definition.regions} & {division.id for division in definition.divisions}:
        raise FormatError("a region is called like a division")
