"""What must hold between the parts of a definition (`spec/definition.md#validity`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from psephos.crypto.signature import check_signing_keys
from psephos.errors import FormatError
from psephos.protocol.setup.region import Region

if TYPE_CHECKING:
    from psephos.protocol.setup.definition import Definition


def check(definition: Definition) -> None:
    """Raise FormatError, naming what is wrong, unless a definition that has the form is valid."""
    check_party_keys(definition)
    check_token_keys(definition.regions)
    check_merging(definition.regions)
    check_use(definition)


def check_party_keys(definition: Definition) -> None:
    """All Ed25519 keys are distinct, and proper keys."""
    named = {
        "$.organiser.key": definition.organiser.key,
        "$.registrar.key": definition.registrar.key,
        "$.board.key": definition.board.key,
    }
    for role, members in (
        ("witnesses", definition.witnesses.members),
        ("trustees", definition.trustees.members),
    ):
        named |= {f"$.{role}.members[{i}].key": party.key for i, party in enumerate(members)}
    refuse_repeats(named.items())
    for row in check_signing_keys(b"".join(named.values())):
        raise FormatError(f"{list(named)[row]}: not a canonical Ed25519 key, or one of small order")


def check_token_keys(regions: tuple[Region, ...]) -> None:
    """All token keys are distinct, over regions and kinds."""
    keys = [(f"$.regions[{r.index}].voter_key", r.voter_key) for r in regions]
    keys += [(f"$.regions[{r.index}].decoy_key", r.decoy_key) for r in regions if r.decoy_key is not None]
    refuse_repeats(keys)


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
