"""The accepted records: one as small as can be, one with everything, and the other ways to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from psephos.protocol import entries
from psephos.testing.definitions import ABOUT, HARBOUR, TEMPLE, Keys, proposals, sample
from psephos.testing.referendum import BLANK as BLANK
from psephos.testing.referendum import Referendum
from psephos.testing.vectors.records.saying import APPEALS
from psephos.testing.vectors.records.story import PlayedReferendum, Step, ceremony_round

ALL, TWO = (1, 2, 3), (1, 2)
DAYS = ((1_900_000_000, 1_900_036_000), (1_900_086_400, 1_900_122_400))


def _rounds(present: tuple[int, ...]) -> dict[str, Step]:
    """The ceremony's five rounds."""
    names = ("committed", "revealed", "dealt", "confirmed")
    rounds: dict[str, Step] = {name: lambda told: ceremony_round(told, present) for name in names}
    rounds["witnessed"] = Referendum.checkpoint
    rounds["keyed"] = lambda told: ceremony_round(told, present)
    return rounds


GROUPS = ([0, 1], [1, 0], [0])
"""The weights of three devices' cards; the last device never finished."""


def _token_keys(told: Referendum) -> None:
    for registrar in told.registrars:
        told.log(*told.token_keys(registrar))


def _enrolment(voters: int = 2, groups: Sequence[Sequence[int]] = GROUPS) -> dict[str, Step]:
    """Of region 0: one batch, for which so many voters of the roll got tokens."""

    def issue(told: Referendum, registrar: int) -> None:
        hashes = told.roll_hashes(0, 3, registrar)[: 32 * voters]
        told.log(*told.issue(0, hashes, registrar))

    return {
        "rolled": lambda told: told.roll(0, 3),
        "given": lambda told: told.give(voters),
        "shut": lambda told: told.shut(0),
        "cut": lambda told: told.log(*told.batch(0, groups)),
        "batched": lambda told: told.log(*told.endorse(0, told.logged[-1])),
        "issued-once": lambda told: issue(told, 1),
        "issued": lambda told: issue(told, 2),
        "reviewed": lambda told: told.review(0),
    }


def _count(trustees: tuple[int, ...]) -> dict[str, Step]:
    """From the last complete chain to the organiser's result."""

    def share(told: Referendum) -> None:
        for trustee in trustees:
            told.log(*told.shares(trustee))

    def close(told: Referendum) -> None:
        right = told.closing.right
        if right is None:
            raise AssertionError("the close point is not reached")
        told.log(*(told.write(right, told.keys.trustees[trustee - 1]) for trustee in trustees))

    return {
        "closing": Referendum.checkpoint,
        "closed": close,
        "released": Referendum.checkpoint,
        "shared": share,
        "counted": lambda told: None if told.record.phase == "counted" else share(told),
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
        "opened": lambda told: told.open(0, 1),
        "voted": lambda told: told.log(
            told.ballot(told.cards[0][1], (1,)),
            told.ballot(told.cards[0][0], (1,)),
            told.ballot(told.cards[0][2], (BLANK,)),
            told.ballot(told.cards[0][1], (0,), serial=2),
        ),
        "sealed": lambda told: told.seal(0, 1),
        "weighed-once": lambda told: told.weigh((1,)),
        "weighed": lambda told: told.weigh((2,)),
    }
    return PlayedReferendum("whole", document, keys, steps | _count(TWO))


def _second_attempt(told: Referendum) -> None:
    """Trustee 3 commits and is heard of no more; of the others one complains and is answered."""
    ceremony_round(told, ALL)
    ceremony_round(told, TWO)
    told.deadline()
    for _ in range(3):
        ceremony_round(told, TWO)
    complaint = entries.CeremonyComplain(told.record.ceremony.attempt, 2)
    told.log(told.write(complaint, told.keys.trustees[0]))
    ceremony_round(told, (2, 1))
    _token_keys(told)
    told.checkpoint()
    ceremony_round(told, TWO)


def _enrol_two_regions(told: Referendum) -> None:
    """Two batches in region 0, one in region 1, which is small and merges into it.

    What the lead cut first is replaced; one registrar lists somebody afterwards.
    """
    told.roll(0, 5)
    told.roll(1, 2)
    told.give(3)
    told.log(*told.batch(0, [[0, 1]], last=False))
    del told.cards[0][:]
    _batch(told, 0, [[0, 1], [1, 0]], last=False)
    told.give(3)
    told.shut(0)
    _batch(told, 1, [[1, 0], [0]])
    _batch(told, 0, [[0, 1], [0, 1], [0]])
    for registrar in told.registrars:
        listed = told.roll_hashes(0, 5, registrar)
        if registrar == 2:
            told.log(*told.issue(0, listed[:64], registrar))
        told.log(*told.issue(0, listed, registrar))
        told.log(*told.issue(1, told.roll_hashes(1, 2, registrar)[:32], registrar))
    told.review(0)


def _batch(told: Referendum, region: int, groups: Sequence[Sequence[int]], last: bool = True) -> None:
    told.log(*told.batch(region, groups, last))
    told.log(*told.endorse(region, told.logged[-1]))


def _speak(told: Referendum) -> None:
    """Statements, an accredited observer, a manifest, and a day that is postponed."""
    observer = told.keys.witnesses[0]
    said = entries.Statement("The harbour", "en", "It is deep enough.", bytes(32))
    told.log(
        told.write(said, told.keys.registrars[0]),
        told.write(entries.Grant(observer.public.raw, "The league", "observer"), told.keys.organiser),
        told.write(entries.Statement("Seen", "en", "All is well.", b""), observer),
        told.write(entries.BoothManifest(b"{}"), told.keys.board),
        told.write(entries.Amend(1, 2, DAYS[1][0] + 60, DAYS[1][1] + 60, "rain"), told.keys.organiser),
    )


def _first_day(told: Referendum) -> None:
    told.open(0, 1)
    told.open(1, 1)
    told.log(
        told.ballot(told.cards[0][1], (0, 0)),
        told.ballot(told.cards[0][0], (1, 1)),
        told.ballot(told.cards[1][0], (BLANK, 2)),
        told.ballot(told.cards[0][5], (1, BLANK)),
    )
    told.seal(0, 1)
    told.seal(1, 1)
    told.weigh((2, 1))


def _second_day(told: Referendum) -> None:
    told.open(0, 2)
    told.now += 60
    told.open(1, 2)
    told.log(told.ballot(told.cards[0][1], (1, 2), day=2), told.ballot(told.cards[0][3], (0, 0), day=2))
    told.seal(0, 2)
    told.now += 60
    told.seal(1, 2)
    told.weigh((1, 2))


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
        "enrolled": lambda told: told.enrol(0, [[1]] * 3),
        "opened": lambda told: told.open(0, 1),
        "voted": lambda told: told.log(*(told.ballot(told.cards[0][at], (at,)) for at in (0, 1))),
        "sealed": lambda told: told.seal(0, 1),
    }
    return PlayedReferendum("plain", document, keys, steps | _count((2,)))


@cache
def unvoted() -> PlayedReferendum:
    """Nobody votes: no rows, weights without signs, totals of nothing."""
    story = whole()
    steps = {stage: step for stage, step in story.steps.items() if stage not in ("voted", "weighed-once")}
    return PlayedReferendum("unvoted", story.document, story.keys, steps)


@cache
def half() -> PlayedReferendum:
    """Three regions: in one people vote, in one nobody of the roll enrols, one has nobody on its roll."""
    steps = dict(whole().steps)

    def others(stage: str, step: Callable[[Referendum, int], None]) -> Step:
        """A stage of all regions, of the first as in `whole`."""

        def all_three(told: Referendum) -> None:
            whole().steps[stage](told)
            for region in (1, 2):
                step(told, region)

        return all_three

    steps["rolled"] = others("rolled", lambda told, region: told.roll(region, 6 - 3 * region))
    steps["batched"] = others("batched", lambda told, region: _batch(told, region, []))
    steps["issued"] = others("issued", lambda told, region: told.issue_all(region, 0))
    steps["opened"] = others("opened", lambda told, region: told.open(region, 1))
    steps["sealed"] = others("sealed", lambda told, region: told.seal(region, 1))
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

    def vote(told: Referendum) -> None:
        for region, ballots in wanted.items():
            cards = told.cards[region]
            told.log(*(told.ballot(*cast) for cast in zip(cards, ballots, strict=True)))

    def enrol(told: Referendum) -> None:
        voters = {region: len(ballots) for region, ballots in wanted.items()}
        told.enrol_all({region: ([[1]] * number, number) for region, number in voters.items()})

    def open_all(told: Referendum) -> None:
        for region in wanted:
            told.open(region, 1)

    def seal_all(told: Referendum) -> None:
        for region in wanted:
            told.seal(region, 1)

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
    athens = [(*both, last) for both, last in zip(accepted, deciding, strict=True)]
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
    story = whole()
    names = list(story.steps)
    steps: dict[str, Step] = {stage: story.steps[stage] for stage in names[: names.index("voted") + 1]}
    steps["cancelled"] = lambda told: told.log(told.write(entries.Cancel("plague"), told.keys.organiser))
    steps["afterwards"] = Referendum.checkpoint
    return PlayedReferendum("cancelled", story.document, story.keys, steps)


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
    story = whole()
    steps: dict[str, Step] = {}
    for stage, step in story.steps.items():
        steps[stage] = step
        if stage == "issued":
            steps["spoken"] = lambda told: told.log(*_statements(told, 240))
        if stage == "sealed":
            steps["spoken-again"] = lambda told: told.log(*_statements(told, 260))
    return PlayedReferendum("long", story.document, story.keys, steps)


def _statements(told: Referendum, count: int) -> list[bytes]:
    """So many, of which none was logged before."""
    first = len(told.logged)
    return [
        told.write(entries.Statement(f"Number {number}", "en", "Heard.", b""), told.keys.registrars[0])
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

    def both(stage: str, step: Step) -> Step:
        def both_regions(told: Referendum) -> None:
            step(told)
            plain().steps[stage](told)

        return both_regions

    steps["enrolled"] = lambda told: told.enrol_all({0: ([[1]] * 3, 3), 1: ([], 0)})
    steps["opened"] = both("opened", lambda told: told.open(1, 1))
    steps["sealed"] = both("sealed", lambda told: told.seal(1, 1))
    return PlayedReferendum("heard", document, keys, steps)


STORIES = {
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
