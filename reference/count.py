"""From shares to the result: spec/phases.md#release, spec/phases.md#totals, spec/definition.md#rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

import proofs
import rules
from areas import CountingArea, above, everywhere
from ceremony import FatalError, lagrange
from definition import Definition
from group import IDENTITY, G, Point, add, decode, encode, equal, multiply, negate, subtract, total

Ciphertext = tuple[Point, Point]
Place = tuple[int, int, int]  # region, day, chunk
ZERO_PAIR: Ciphertext = (IDENTITY, IDENTITY)


@dataclass(frozen=True)
class CountingRow:
    """A row of the counting set: what its ballot and its complete chain give."""

    weight: bytes  # C
    cells: bytes  # Y
    weighed: bytes  # X', Y'; empty without decoys


@dataclass
class Area:
    """A counting area of a contest; the numbers are there when it is counted and decrypted."""

    place: CountingArea
    rows: int = 0
    cards: int = 0
    sum_of_cards: Ciphertext = ZERO_PAIR
    weight: int | None = None  # e, once it is opened
    light: bool = False  # e is too small
    sums: list[Ciphertext] = field(default_factory=list)  # S_1..S_m, and T where there are decoys
    votes: list[int] = field(default_factory=list)
    voted: int = 0

    @property
    def regions(self) -> tuple[int, ...]:
        """Its regions with voters."""
        return self.place.regions

    @property
    def counted(self) -> bool:
        """Whether it has enough voters, and enough weight as far as that is known."""
        return self.place.counted and not self.light

    def most(self, most: list[tuple[int, int]]) -> int:
        """How many may have voted in it, where it is not counted: spec/definition.md#undecided"""
        voters = sum(min(most[region]) for region in self.regions)
        return voters if self.weight is None else min(voters, self.weight)

    @property
    def blank(self) -> int:
        """Who voted for no option."""
        return self.voted - sum(self.votes)


def pair(data: bytes) -> Ciphertext:
    """A ciphertext from its 64 bytes."""
    first, second = proofs.split(data)
    return decode(first), decode(second)


def plus(a: Ciphertext, b: Ciphertext, sign: int = 1) -> Ciphertext:
    """a + sign*b."""
    if sign == 1:
        return add(a[0], b[0]), add(a[1], b[1])
    return subtract(a[0], b[0]), subtract(a[1], b[1])


def signs(rows: list[CountingRow], shares: dict[int, bytes]) -> list[int]:
    """+1 or -1 for every row, from the first t trustees' shares of its X' (check 9.3).

    Lagrange coefficients of small indices are small fractions: multiplied by their common denominator d
    everything stays short, and d*G is sought instead of G.
    """
    coefficients, d = small_lagrange(list(shares))
    wanted = multiply(d, G)
    signs = []
    for number, row in enumerate(rows):
        point = multiply(d, decode(row.weighed[32:64]))
        for coefficient, given in zip(coefficients, shares.values(), strict=True):
            point = subtract(point, multiply(coefficient, decode(given[32 * number : 32 * number + 32])))
        if not equal(point, wanted) and not equal(point, negate(wanted)):
            raise FatalError("9.3", f"counting row {number} has another sign than +1 or -1", "trustees")
        signs.append(1 if equal(point, wanted) else -1)
    return signs


def add_weights(contests: list[list[Area]], cards: list[list[bytes]]) -> None:
    """The sum C over all cards of every area, from the cards' C of each region: spec/phases.md#release"""
    for area in (area for areas_ in contests for area in areas_ if area.counted):
        for weight in (weight for region in area.regions for weight in cards[region]):
            area.cards += 1
            area.sum_of_cards = plus(area.sum_of_cards, pair(weight))


def count_cards(definition: Definition, contests: list[list[Area]], cards: list[int]) -> None:
    """Without decoys every card weighs one; areas of too few are not counted."""
    for area in (area for areas_ in contests for area in areas_ if area.counted):
        area.weight = sum(cards[region] for region in area.regions)
        area.light = area.weight < definition.min_region


def weight_inputs(contests: list[list[Area]]) -> bytes:
    """The first components of the sums of cards: stage 1 of spec/entries.md#bundles"""
    counted = [area for areas_ in contests for area in areas_ if area.counted]
    return b"".join(encode(area.sum_of_cards[0]) for area in counted)


def weights(contests: list[list[Area]], shares: dict[int, bytes]) -> int:
    """Fill in every area's weight (check 9.3); how many bytes of shares that took."""
    coefficients, offset = lagrange(list(shares)), 0
    for area in (area for areas_ in contests for area in areas_ if area.counted):
        given = [decode(share[offset : offset + 32]) for share in shares.values()]
        message = subtract(area.sum_of_cards[1], total(map(multiply, coefficients, given)))
        area.weight = logarithm(message, area.cards)
        if area.weight is None:
            raise FatalError("9.3", "an area weighs no number of its cards", "trustees")
        offset += 32
    return offset


def small_lagrange(indices: list[int]) -> tuple[list[int], int]:
    """Integers c_j and d such that c_j/d are the Lagrange coefficients at 0."""
    denominators, numerators = [], []
    for j in indices:
        numerator = denominator = 1
        for k in indices:
            if k != j:
                numerator, denominator = numerator * k, denominator * (k - j)
        numerators.append(numerator)
        denominators.append(denominator)
    d = 1
    for denominator in denominators:
        d *= abs(denominator)
    return [n * d // e for n, e in zip(numerators, denominators, strict=True)], d


def areas(definition: Definition, enrolled: list[int]) -> list[list[Area]]:
    """Of each contest its areas: spec/definition.md#areas"""
    places = everywhere(definition, enrolled)
    return [
        [Area(place) for place in places if contest in definition.contest_set(place.regions[0])]
        for contest in range(len(definition.contests))
    ]


def add_up(
    definition: Definition,
    contests: list[list[Area]],
    rows: dict[int, list[CountingRow]],
    signs_: dict[int, list[int]],
) -> None:
    """The sums of every counted area, from the rows (and signs) of each region: spec/phases.md#release"""
    for contest, areas_ in enumerate(contests):
        options = len(definition.contests[contest].options)
        for area in filter(lambda area: area.counted, areas_):
            area.sums = [ZERO_PAIR] * (options + (definition.decoys > 0))
            for region in area.regions:
                area.rows += len(rows[region])
                offset = _offset(definition, region, contest)
                for row, sign in zip(rows[region], signs_[region], strict=True):
                    _add_row(area.sums, row, sign, offset, options)


def _offset(definition: Definition, region: int, contest: int) -> int:
    """How many ciphertexts of the region's ballot come before those of a contest."""
    offset = 0
    for position, options, _ in definition.ballot_contests(region):
        if position == contest:
            return offset
        offset += options
    raise AssertionError("the region has the contest")


def _add_row(sums: list[Ciphertext], row: CountingRow, sign: int, offset: int, options: int) -> None:
    for j in range(options):
        start = 64 * (offset + j)
        sums[j] = plus(sums[j], pair(row.cells[start : start + 64]))
        if row.weighed:
            sums[j] = plus(sums[j], pair(row.weighed[start + 64 : start + 128]), sign)
    if row.weighed:
        sums[options] = plus(sums[options], pair(row.weight))


def inputs(contests: list[list[Area]]) -> bytes:
    """The first components of all sums of counted areas, in order: stage 2 of spec/entries.md#bundles"""
    return b"".join(encode(first) for areas_ in contests for area in areas_ for first, _ in area.sums)


def totals(definition: Definition, contests: list[list[Area]], shares: dict[int, bytes]) -> None:
    """Fill in votes and voted of every counted area; check 10.1: spec/phases.md#totals"""
    coefficients = lagrange(list(shares))
    offset = 0
    for contest, areas_ in enumerate(contests):
        for area in filter(lambda area: area.counted, areas_):
            numbers = []
            for _, second in area.sums:
                given = [decode(share[offset : offset + 32]) for share in shares.values()]
                message = subtract(second, total(map(multiply, coefficients, given)))
                numbers.append(logarithm(message, 2 * area.rows))
                offset += 32
            _fill(area, numbers, definition.decoys > 0, definition.contests[contest].blank)


def _fill(area: Area, numbers: list[int | None], weighed: bool, blank: int) -> None:
    known_numbers = [number for number in numbers if number is not None]
    if len(known_numbers) < len(numbers):
        raise FatalError("10.1", "a total is larger than the number of ballots", "trustees")
    area.voted = known_numbers.pop() if weighed else area.rows
    if weighed and any(number % 2 for number in known_numbers):
        raise FatalError("10.1", "a total is not a whole number of votes", "trustees")
    area.votes = [number // 2 for number in known_numbers] if weighed else known_numbers
    most = area.rows if area.weight is None else min(area.rows, area.weight)
    if area.voted > most or area.blank < 0 or (area.blank and not blank):
        raise FatalError("10.1", "totals are not possible", "trustees")


def logarithm(point: Point, limit: int) -> int | None:
    """The m of m*G with 0 <= m <= limit, by baby steps and giant steps (Shanks 1971)."""
    step = isqrt(limit) + 1
    baby, small = IDENTITY, dict[bytes, int]()
    for m in range(step):
        small[encode(baby)] = m
        baby = add(baby, G)
    giant = negate(baby)
    for n in range(step + 1):
        m_ = small.get(encode(point))
        if m_ is not None and m_ + n * step <= limit:
            return m_ + n * step
        point = add(point, giant)
    return None


# The result document: spec/schemas/result.json.


def known(
    definition: Definition, contest: int, areas_: list[Area], roll: list[int], most: list[tuple[int, int]]
) -> rules.Known:
    """What rules ask of a contest; `most` are enrolled voters and counting rows of each region."""
    described, having = definition.contests[contest], definition.regions_of(contest)
    counted = [area for area in areas_ if area.counted]
    return rules.Known(
        described.rule,
        list(described.options),
        [sum(area.votes[j] for area in counted) for j in range(len(described.options))],
        sum(area.voted for area in counted),
        {"roll": sum(roll[r] for r in having), "enrolled": sum(most[r][0] for r in having)},
        [area.votes if area.counted else None for area in areas_],
        [area.most(most) for area in areas_ if not area.counted],
    )


def contest_results(
    definition: Definition, contests: list[list[Area]], roll: list[int], most: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """All contests with what came of their rules; `most` are enrolled voters and counting rows by region."""
    names = [contest.id for contest in definition.contests]
    known_contests = [
        known(definition, contest, areas_, roll, most) for contest, areas_ in enumerate(contests)
    ]
    by_id = dict(zip(names, known_contests, strict=bool(known_contests)))
    results = []
    for contest, (areas_, counted) in enumerate(zip(contests, known_contests, strict=True)):
        result = contest_result(definition, contest, areas_, roll, counted)
        if definition.divisions:
            result["levels"] = list(_levels(definition, contest, areas_, roll, [n for n, _ in most]))
        results.append(result | ({"rule": rules.decide(by_id, names[contest])} if counted.rule else {}))
    return results


def contest_result(
    definition: Definition, contest: int, areas_: list[Area], roll: list[int], counted: rules.Known
) -> dict[str, Any]:
    """One contest: its areas and its total."""
    described = definition.contests[contest]
    closed = [area for area in areas_ if not area.counted]
    return {
        "id": described.id,
        "areas": [_area_result(definition, described.options, area, roll) for area in areas_],
        "total": {
            **counted.electorate,
            "not_counted": {
                "areas": len(closed),
                "roll": sum(roll[region] for area in closed for region in area.regions),
                "enrolled": sum(area.place.enrolled for area in closed),
                "more": counted.more,
            },
            **_tally(described.options, counted.votes, counted.voted),
        },
    }


def _levels(
    definition: Definition, contest: int, areas_: list[Area], roll: list[int], enrolled: list[int]
) -> Iterator[dict[str, Any]]:
    options = definition.contests[contest].options
    for number, division in enumerate(definition.divisions):
        below = {r for r in definition.regions_of(contest) if number in above(definition, r)}
        added = [area for area in areas_ if area.counted and set(area.regions) <= below]
        missing = sorted(r for r in below if enrolled[r] and not any(r in area.regions for area in added))
        if below:
            yield {
                "id": division.id,
                "areas": len(added),
                "roll": sum(roll[r] for r in below),
                "enrolled": sum(enrolled[r] for r in below),
                "missing": {
                    "regions": [definition.regions[r].id for r in missing],
                    "roll": sum(roll[r] for r in missing),
                    "enrolled": sum(enrolled[r] for r in missing),
                },
                **_tally(
                    options,
                    [sum(area.votes[j] for area in added) for j in range(len(options))],
                    sum(area.voted for area in added),
                ),
            }


def _tally(options: tuple[str, ...], votes: list[int], voted: int) -> dict[str, Any]:
    blank = voted - sum(votes)
    unanimous = int(voted > 0 and voted in (*votes, blank))
    named = dict(zip(options, votes, strict=True))
    return {"voted": voted, "votes": named, "blank": blank, "unanimous": unanimous}


def _area_result(
    definition: Definition, options: tuple[str, ...], area: Area, roll: list[int]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": area.place.id,
        "regions": [definition.regions[region].id for region in area.regions],
        "roll": sum(roll[region] for region in area.regions),
        "enrolled": area.place.enrolled,
        "counted": int(area.counted),
    }
    if area.weight is not None:
        result["weight"] = area.weight
    if area.place.remainder:
        result["remainder"] = 1
    return result | (_tally(options, area.votes, area.voted) if area.counted else {})
