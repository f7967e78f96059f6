"""What must hold between the parts of a definition (`spec/definition.md#validity`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psephos.crypto.signature import check_signing_keys
from psephos.errors import FormatError
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.region import Division, Region
from psephos.protocol.setup.rules import Preference
from psephos.protocol.setup.style import Contest


def check(definition: Definition) -> None:
    """Raise FormatError, naming what is wrong, unless a definition that has the form is valid."""
    check_party_keys(definition)
    check_merging(definition.regions)
    check_divisions(definition)
    check_use(definition)
    check_preferences(definition)
    definition.head.check_size()


def check_party_keys(definition: Definition) -> None:
    """All Ed25519 keys are distinct, and proper keys."""
    named = {
        "$.organiser.key": definition.organiser.key,
        "$.board.key": definition.board.key,
    }
    for role, members in (
        ("registrars", definition.registrars),
        ("witnesses.members", definition.witnesses.members),
        ("trustees.members", definition.trustees.members),
    ):
        named |= {f"$.{role}[{i}].key": party.key for i, party in enumerate(members)}
    if definition.appeals is not None:
        named["$.appeals.key"] = definition.appeals.key
    refuse_repeats(named.items())
    for row in check_signing_keys(b"".join(named.values())):
        raise FormatError(f"{list(named)[row]}: not a canonical Ed25519 key, or one of small order")


def refuse_repeats(keys: Iterable[tuple[str, bytes]]) -> None:
    """Raise FormatError when a key stands at two paths."""
    seen: dict[bytes, str] = {}
    for path, key in keys:
        if key in seen:
            raise FormatError(f"{path}: the same key as {seen[key]}")
        seen[key] = path


def check_merging(regions: tuple[Region, ...]) -> None:
    """`merge_into` leads to another region with the same contests, and never back."""
    settled: set[int] = set()
    for start in regions:
        trail: set[int] = set()
        at = start
        while at.index not in settled and at.merge_into is not None:
            path = f"$.regions[{at.index}].merge_into"
            trail.add(at.index)
            target = regions[at.merge_into]
            if target.index in trail:
                raise FormatError(f"{path}: leads back to {target.id}")
            if target.style.contest_set != at.style.contest_set:
                raise FormatError(f"{path}: {target.id} has other contests")
            at = target
        settled |= trail


def check_divisions(definition: Definition) -> None:
    """Divisions lead up and never back, and each has a region below it; no region is called like one."""
    names = {division.id for division in definition.divisions}
    below: set[int] = set()
    for region in definition.regions:
        if region.id in names:
            raise FormatError(f"$.regions[{region.index}].id: a division is called {region.id} too")
        if region.parent is not None:
            below |= _upwards(definition.divisions, region.parent)
    for division in definition.divisions:
        _upwards(definition.divisions, division.index)
        if division.index not in below:
            raise FormatError(f"$.divisions[{division.index}]: no region lies below {division.id}")


def _upwards(divisions: tuple[Division, ...], start: int) -> set[int]:
    """A division and all above it."""
    trail: set[int] = set()
    at: int | None = start
    while at is not None:
        if at in trail:
            raise FormatError(f"$.divisions[{at}].parent: leads back to {divisions[at].id}")
        trail.add(at)
        at = divisions[at].parent
    return trail


def check_use(definition: Definition) -> None:
    """Every style is used by a region, every contest by a style."""
    styles = {region.style.index for region in definition.regions}
    contests = {index for style in definition.styles for index in style.contest_set}
    for what, listed, used in (
        ("styles", definition.styles, styles),
        ("contests", definition.contests, contests),
    ):
        for one in listed:
            if one.index not in used:
                raise FormatError(f"$.{what}[{one.index}]: {one.id} is not used")


def check_preferences(definition: Definition) -> None:
    """Preferences come in pairs, over each other, by a third contest; a style has all three or none."""
    by_id = {contest.id: contest for contest in definition.contests}
    for contest in definition.contests:
        for preference in contest.rule.preferences if contest.rule else ():
            _check_preference(contest, preference, by_id, definition)


def _check_preference(
    contest: Contest, preference: Preference, by_id: Mapping[str, Contest], definition: Definition
) -> None:
    path = f"$.contests[{contest.index}].rule"
    named = (preference.over, preference.by)
    if len({contest.id, *named}) < 3 or not all(name in by_id for name in named):
        raise FormatError(f"{path}: a preference names two other contests, not {' and '.join(named)}")
    over, by = by_id[preference.over], by_id[preference.by]
    if preference.choose not in by.options:
        raise FormatError(f"{path}: {by.id} has no option {preference.choose}")
    if contest.rule is None or len(contest.rule.preferences) != 1 or len(contest.rule.conditions) == 1:
        raise FormatError(f"{path}: a preference stands once, beside another condition")
    back = over.rule.preferences[0] if over.rule and over.rule.preferences else None
    if back is None or (back.over, back.by) != (contest.id, by.id) or back.choose == preference.choose:
        raise FormatError(
            f"{path}: {over.id} has no preference over {contest.id} by another option of {by.id}"
        )
    three = {contest.index, over.index, by.index}
    for style in definition.styles:
        if 0 < len(three & style.contest_set) < 3:
            raise FormatError(f"$.styles[{style.index}]: has not all of {contest.id}, {over.id} and {by.id}")
