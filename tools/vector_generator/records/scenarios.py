"""The accepted records: one as small as can be, one with everything, and the other ways to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from psephos.protocol import entries
from psephos.simulation.definitions import ABOUT, HARBOUR, TEMPLE, Keys, proposals, sample
from psephos.simulation.referendum import BLANK as BLANK
from psephos.simulation.referendum import Referendum
from vector_generator.records.played import PlayedReferendum, Step, ceremony_round
from vector_generator.records.signing import APPEALS

ALL, TWO = (1, 2, 3), (1, 2)
DAYS = ((1_900_000_000, 1_900_036_000), (1_900_086_400, 1_900_122_400))


def _rounds(present: tuple[int, ...]) -> dict[str, Step]:
    """The ceremony's five rounds."""
    names = ("committed", "revealed", "dealt", "confirmed")
    rounds: dict[str, Step] = {name: lambda referendum: ceremony_round(referendum, present) for name in names}
    rounds["witnessed"] = Referendum.checkpoint
    rounds["keyed"] = lambda referendum: ceremony_round(referendum, present)
    return rounds


GROUPS = ([0, 1], [1, 0], [0])
"""The weights of three devices' cards; the last device never finished."""


def _token_keys(referendum: Referendum) -> None:
    for registrar in referendum.registrars:
        referendum.log(*referendum.token_keys(registrar))


def _enrolment(voters: int = 2, groups: Sequence[Sequence[int]] = GROUPS) -> dict[str, Step]:
    """Of region 0: one batch, for which so many voters of the roll got tokens."""

    def issue(referendum: Referendum, registrar: int) -> None:
        hashes = referendum.roll_hashes(0, 3, registrar)[: 32 * voters]
        referendum.log(*referendum.issue(0, hashes, registrar))

    return {
        "rolled": lambda referendum: referendum.roll(0, 3),
        "given": lambda referendum: referendum.give(voters),
        "shut": lambda referendum: referendum.shut(0),
        "cut": lambda referendum: referendum.log(*referendum.batch(0, groups)),
        "batched": lambda referendum: referendum.log(*referendum.endorse(0, referendum.logged[-1])),
        "issued-once": lambda referendum: issue(referendum, 1),
        "issued": lambda referendum: issue(referendum, 2),
        "reviewed": lambda referendum: referendum.review(0),
    }


def _count(trustees: tuple[int, ...]) -> dict[str, Step]:
    """From the last complete chain to the organiser's result."""

    def share(referendum: Referendum) -> None:
        for trustee in trustees:
            referendum.log(*referendum.shares(trustee))

    def close(referendum: Referendum) -> None:
        right = referendum.closing.right
        if right is None:
            raise AssertionError("the close point is not reached")
        referendum.log(
            *(referendum.write(right, referendum.keys.trustees[trustee - 1]) for trustee in trustees)
        )

    return {
        "closing": Referendum.checkpoint,
        "closed": close,
        "released": Referendum.checkpoint,
        "shared": share,
        "counted": lambda referendum: None if referendum.record.phase == "counted" else share(referendum),
        "certified": Referendum.certify,
    }


@cache
def whole() -> PlayedReferendum:
    """One region, one contest, one day, three ballots of which one weighs nothing and one is cast again."""
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        registrars=2,
        min_batch=2,
        min_region=2,
        languages=("en",),
    )
    steps: dict[str, Step] = {"begun": lambda _: None, "defined": Referendum.publish}
    steps |= {"token-keys": _token_keys} | _rounds(ALL) | _enrolment()
    steps |= {
        "opened": lambda referendum: referendum.open(0, 1),
        "voted": lambda referendum: referendum.log(
            referendum.ballot(referendum.cards[0][1], (1,)),
            referendum.ballot(referendum.cards[0][0], (1,)),
            referendum.ballot(referendum.cards[0][2], (BLANK,)),
            referendum.ballot(referendum.cards[0][1], (0,), serial=2),
        ),
        "sealed": lambda referendum: referendum.seal(0, 1),
        "weighed-once": lambda referendum: referendum.weigh((1,)),
        "weighed": lambda referendum: referendum.weigh((2,)),
    }
    return PlayedReferendum("whole", document, keys, steps | _count(TWO))


def _second_attempt(referendum: Referendum) -> None:
    """Trustee 3 commits and is heard of no more; of the others one complains and is answered."""
    ceremony_round(referendum, ALL)
    ceremony_round(referendum, TWO)
    referendum.deadline()
    for _ in range(3):
        ceremony_round(referendum, TWO)
    complaint = entries.CeremonyComplain(referendum.record.ceremony.attempt, 2)
    referendum.log(referendum.write(complaint, referendum.keys.trustees[0]))
    ceremony_round(referendum, (2, 1))
    _token_keys(referendum)
    referendum.checkpoint()
    ceremony_round(referendum, TWO)


def _enrol_two_regions(referendum: Referendum) -> None:
    """Two batches in region 0, one in region 1, which is small and merges into it.

    What the lead cut first is replaced; one registrar lists somebody afterwards.
    """
    referendum.roll(0, 5)
    referendum.roll(1, 2)
    referendum.give(3)
    referendum.log(*referendum.batch(0, [[0, 1]], last=False))
    del referendum.cards[0][:]
    _batch(referendum, 0, [[0, 1], [1, 0]], last=False)
    referendum.give(3)
    referendum.shut(0)
    _batch(referendum, 1, [[1, 0], [0]])
    _batch(referendum, 0, [[0, 1], [0, 1], [0]])
    for registrar in referendum.registrars:
        listed = referendum.roll_hashes(0, 5, registrar)
        if registrar == 2:
            referendum.log(*referendum.issue(0, listed[:64], registrar))
        referendum.log(*referendum.issue(0, listed, registrar))
        referendum.log(*referendum.issue(1, referendum.roll_hashes(1, 2, registrar)[:32], registrar))
    referendum.review(0)


def _batch(referendum: Referendum, region: int, groups: Sequence[Sequence[int]], last: bool = True) -> None:
    referendum.log(*referendum.batch(region, groups, last))
    referendum.log(*referendum.endorse(region, referendum.logged[-1]))


def _speak(referendum: Referendum) -> None:
    """Statements, an accredited observer, a manifest, and a day that is postponed."""
    observer = referendum.keys.witnesses[0]
    said = entries.Statement("The harbour", "en", "It is deep enough.", bytes(32))
    referendum.log(
        referendum.write(said, referendum.keys.registrars[0]),
        referendum.write(
            entries.Grant(observer.public.raw, "The league", "observer"), referendum.keys.organiser
        ),
        referendum.write(entries.Statement("Seen", "en", "All is well.", b""), observer),
        referendum.write(entries.BoothManifest(b"{}"), referendum.keys.board),
        referendum.write(
            entries.Amend(1, 2, DAYS[1][0] + 60, DAYS[1][1] + 60, "rain"), referendum.keys.organiser
        ),
    )


def _first_day(referendum: Referendum) -> None:
    referendum.open(0, 1)
    referendum.open(1, 1)
    referendum.log(
        referendum.ballot(referendum.cards[0][1], (0, 0)),
        referendum.ballot(referendum.cards[0][0], (1, 1)),
        referendum.ballot(referendum.cards[1][0], (BLANK, 2)),
        referendum.ballot(referendum.cards[0][5], (1, BLANK)),
    )
    referendum.seal(0, 1)
    referendum.seal(1, 1)
    referendum.weigh((2, 1))


def _second_day(referendum: Referendum) -> None:
    referendum.open(0, 2)
    referendum.now += 60
    referendum.open(1, 2)
    referendum.log(
        referendum.ballot(referendum.cards[0][1], (1, 2), day=2),
        referendum.ballot(referendum.cards[0][3], (0, 0), day=2),
    )
    referendum.seal(0, 2)
    referendum.now += 60
    referendum.seal(1, 2)
    referendum.weigh((1, 2))


@cache
def rich() -> PlayedReferendum:
    """Two regions, one merged into the other, two contests, two days, a second attempt at the ceremony."""
    document, keys = sample(
        regions=("athens", "sounion"),
        questions=(HARBOUR, TEMPLE),
        registrars=3,
        min_batch=2,
        min_region=2,
        languages=("en",),
        windows=DAYS,
        merge_into={"sounion": "athens"},
        seconds=900,
    )
    steps: dict[str, Step] = {
        "defined": Referendum.publish,
        "keyed": _second_attempt,
        "enrolled": _enrol_two_regions,
        "spoken": _speak,
        "first-day": _first_day,
        "weighed": _second_day,
    }
    return PlayedReferendum("rich", document, keys, steps | _count(TWO))


@cache
def plain() -> PlayedReferendum:
    """No decoys, nothing to weigh, one registrar, one trustee of two."""
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        decoys=0,
        trustees=2,
        threshold=1,
        languages=("en",),
        min_region=2,
        tolerance=0,
        seconds=30,
    )
    steps: dict[str, Step] = {"defined": Referendum.publish, "token-keys": _token_keys} | _rounds(TWO)
    steps |= {
        "enrolled": lambda referendum: referendum.enrol(0, [[1]] * 3),
        "opened": lambda referendum: referendum.open(0, 1),
        "voted": lambda referendum: referendum.log(
            *(referendum.ballot(referendum.cards[0][index], (index,)) for index in (0, 1))
        ),
        "sealed": lambda referendum: referendum.seal(0, 1),
    }
    return PlayedReferendum("plain", document, keys, steps | _count((2,)))


@cache
def unvoted() -> PlayedReferendum:
    """Nobody votes: no rows, weights without signs, totals of nothing."""
    scenario = whole()
    steps = {stage: step for stage, step in scenario.steps.items() if stage not in ("voted", "weighed-once")}
    return PlayedReferendum("unvoted", scenario.document, scenario.keys, steps)


@cache
def half() -> PlayedReferendum:
    """Three regions: in one people vote, in one nobody of the roll enrols, one has nobody on its roll."""
    steps = dict(whole().steps)

    def of_all_regions(stage: str, step: Callable[[Referendum, int], None]) -> Step:
        """A stage of all regions, of the first as in `whole`."""

        def all_three(referendum: Referendum) -> None:
            whole().steps[stage](referendum)
            for region in (1, 2):
                step(referendum, region)

        return all_three

    steps["rolled"] = of_all_regions(
        "rolled", lambda referendum, region: referendum.roll(region, 6 - 3 * region)
    )
    steps["batched"] = of_all_regions("batched", lambda referendum, region: _batch(referendum, region, []))
    steps["issued"] = of_all_regions("issued", lambda referendum, region: referendum.issue_all(region, 0))
    steps["opened"] = of_all_regions("opened", lambda referendum, region: referendum.open(region, 1))
    steps["sealed"] = of_all_regions("sealed", lambda referendum, region: referendum.seal(region, 1))
    document, keys = sample(
        regions=("athens", "sounion", "delos"),
        questions=(HARBOUR,),
        registrars=2,
        min_batch=2,
        min_region=2,
        languages=("en",),
    )
    return PlayedReferendum("half", document, keys, steps)


@cache
def levels() -> PlayedReferendum:
    """A rehearsal with divisions: what is too small is counted beside or above, and something not at all."""
    regions = {"athens": 3, "sounion": 1, "megara": 1, "delos": 1, "naxos": 1, "patras": 1, "cyrene": 1}
    parents = {"athens": "attica", "sounion": "attica", "megara": "attica", "delos": "isles"}
    parents |= {"naxos": "isles", "attica": "hellas", "isles": "hellas"}
    parents |= {"patras": "achaia", "achaia": "hellas", "cyrene": "libya"}
    document, keys = sample(
        regions=tuple(regions),
        questions=(HARBOUR, TEMPLE),
        ballots={"naxos": ["temple"]},
        parents=parents,
        decoys=0,
        min_batch=1,
        min_region=2,
        languages=("en",),
        **ABOUT,
    )
    wanted: dict[int, list[tuple[int, ...]]] = {
        0: [(0, 0), (1, 1), (BLANK, 2)],
        1: [(0, 1)],
        2: [(1, 1)],
        3: [(1, 0)],
        4: [(2,)],
        5: [(0, 1)],
        6: [(1, 2)],
    }
    return _in_one_day("levels", document, keys, wanted)


def _in_one_day(
    name: str, document: bytes, keys: Keys, wanted: Mapping[int, Sequence[tuple[int, ...]]]
) -> PlayedReferendum:
    """Without decoys everybody, of each region, enrols and votes on one day."""

    def vote(referendum: Referendum) -> None:
        for region, ballots in wanted.items():
            cards = referendum.cards[region]
            referendum.log(*(referendum.ballot(*cast) for cast in zip(cards, ballots, strict=True)))

    def enrol(referendum: Referendum) -> None:
        voters = {region: len(ballots) for region, ballots in wanted.items()}
        referendum.enrol_all({region: ([[1]] * number, number) for region, number in voters.items()})

    def open_all(referendum: Referendum) -> None:
        for region in wanted:
            referendum.open(region, 1)

    def seal_all(referendum: Referendum) -> None:
        for region in wanted:
            referendum.seal(region, 1)

    steps: dict[str, Step] = {"defined": Referendum.publish, "token-keys": _token_keys} | _rounds(ALL)
    steps |= {"enrolled": enrol, "opened": open_all, "voted": vote, "sealed": seal_all}
    return PlayedReferendum(name, document, keys, steps | _count(TWO))


def _proposals(name: str, deciding: Sequence[int]) -> PlayedReferendum:
    """Both proposals are accepted; a region of one voter is not counted."""
    document, keys = sample(
        regions=("athens", "megara"),
        questions=proposals(),
        decoys=0,
        min_batch=1,
        min_region=2,
        languages=("en",),
    )
    accepted = [(0, 0), (0, 0), (0, 0), (0, 0), (0, 1), (1, 0)]
    athens = [(*answers, last) for answers, last in zip(accepted, deciding, strict=True)]
    return _in_one_day(name, document, keys, {0: athens, 1: [(0, 0, 1)]})


@cache
def decided() -> PlayedReferendum:
    """An initiative and a counter-proposal are accepted; the deciding question carries one of them."""
    return _proposals("decided", (0, 0, 0, 0, 1, BLANK))


@cache
def undecided() -> PlayedReferendum:
    """The same, but the one voter who is not counted could have decided."""
    return _proposals("undecided", (0, 0, 0, 1, 1, BLANK))


@cache
def cancelled() -> PlayedReferendum:
    """Called off while a day is open."""
    scenario = whole()
    names = list(scenario.steps)
    steps: dict[str, Step] = {stage: scenario.steps[stage] for stage in names[: names.index("voted") + 1]}
    steps["cancelled"] = lambda referendum: referendum.log(
        referendum.write(entries.Cancel("plague"), referendum.keys.organiser)
    )
    steps["afterwards"] = Referendum.checkpoint
    return PlayedReferendum("cancelled", scenario.document, scenario.keys, steps)


@cache
def clocks() -> PlayedReferendum:
    """As `whole`, with four witnesses, one of which may have a false clock."""
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        registrars=2,
        min_batch=2,
        min_region=2,
        languages=("en",),
        witnesses=4,
        quorum=3,
    )
    return PlayedReferendum("clocks", document, keys, whole().steps)


@cache
def long() -> PlayedReferendum:
    """As `whole`, with so much said meanwhile that the log has three bundles, two of them full."""
    scenario = whole()
    steps: dict[str, Step] = {}
    for stage, step in scenario.steps.items():
        steps[stage] = step
        if stage == "issued":
            steps["spoken"] = lambda referendum: referendum.log(*_statements(referendum, 240))
        if stage == "sealed":
            steps["spoken-again"] = lambda referendum: referendum.log(*_statements(referendum, 260))
    return PlayedReferendum("long", scenario.document, scenario.keys, steps)


def _statements(referendum: Referendum, count: int) -> list[bytes]:
    """So many, of which none was logged before."""
    first = len(referendum.logged)
    return [
        referendum.write(
            entries.Statement(f"Number {number}", "en", "Heard.", b""), referendum.keys.registrars[0]
        )
        for number in range(first, first + count)
    ]


@cache
def heard() -> PlayedReferendum:
    """As `plain`, with somebody to appeal to, and requests that need little work."""
    appeals = {"name": "The Areopagus", "address": "Athens", "days": 3, "key": APPEALS.public.raw.hex()}
    document, keys = sample(
        regions=("athens", "delos"),
        questions=(HARBOUR,),
        decoys=0,
        trustees=2,
        threshold=1,
        languages=("en",),
        min_region=2,
        appeals=appeals,
        budgets={"work": 8},
    )
    steps = dict(plain().steps)

    def in_both_regions(stage: str, step: Step) -> Step:
        def both_regions(referendum: Referendum) -> None:
            step(referendum)
            plain().steps[stage](referendum)

        return both_regions

    steps["enrolled"] = lambda referendum: referendum.enrol_all({0: ([[1]] * 3, 3), 1: ([], 0)})
    steps["opened"] = in_both_regions("opened", lambda referendum: referendum.open(1, 1))
    steps["sealed"] = in_both_regions("sealed", lambda referendum: referendum.seal(1, 1))
    return PlayedReferendum("heard", document, keys, steps)


SCENARIOS = {
    "whole": whole,
    "rich": rich,
    "plain": plain,
    "unvoted": unvoted,
    "half": half,
    "cancelled": cancelled,
    "clocks": clocks,
    "long": long,
    "heard": heard,
}
