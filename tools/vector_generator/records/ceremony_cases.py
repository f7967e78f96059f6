"""Checks 3.1 to 3.4: the ceremony."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.setup.dealing import Secret, advance
from psephos.simulation.referendum import Referendum
from vector_generator.records.played import ceremony_round
from vector_generator.records.record import Case
from vector_generator.records.scenarios import plain, rich, whole
from vector_generator.records.signing import by, flipped, said

ORDER = 2**252 + 27742317777372353535851937790883648493
COMMIT = entries.CeremonyCommit(1, bytes(32), bytes(32))
CONFIRM = entries.CeremonyConfirm(1)


def ceremony_cases() -> Iterator[Case]:
    """Everything before there is an election hash."""
    yield from _places()
    yield from _disqualified()
    yield from _signed()
    yield from _failed()


def _next(referendum: Referendum, trustee: int) -> list[Payload]:
    """What a trustee would write now."""
    secret, payloads = advance(
        referendum.record.ceremony, trustee, referendum.secrets.get(trustee), referendum.random(64)
    )
    if secret is not None:
        referendum.secrets[trustee] = secret
    return payloads


def _finish(referendum: Referendum) -> None:
    """Those who are left complete the ceremony."""
    while not referendum.record.ceremony.complete:
        if referendum.record.ceremony.round == 5 and referendum.record.ceremony.statement() is None:
            referendum.checkpoint()
        ceremony_round(referendum, referendum.record.ceremony.participants)


def _places() -> Iterator[Case]:
    """Check 3.1."""

    def case(
        name: str, stage: str, *payloads: Payload, party: str = "trustee 1", culprit: str = "board"
    ) -> Case:
        return Case("3.1", name, whole, stage, said(party, *payloads), culprit=culprit)

    reveal = entries.CeremonyReveal(1, bytes(64), bytes(64))
    yield case("commits-twice", "defined", COMMIT, COMMIT)
    yield case("commits-late", "committed", COMMIT)
    yield case("reveals-early", "defined", reveal)
    yield case("attempt-2", "defined", replace(COMMIT, attempt=2))
    yield case("attempt-0", "defined", replace(COMMIT, attempt=0))
    yield case("confirms-before-the-deals", "revealed", CONFIRM)
    yield case("confirms-twice", "dealt", CONFIRM, CONFIRM)
    for accused in (0, 1, 4):
        complain = entries.CeremonyComplain(1, accused)
        yield case(f"complains-of-{accused}", "dealt", complain, culprit="trustee 1")
    complain = entries.CeremonyComplain(1, 2)
    yield case("complains-twice", "dealt", complain, complain)
    yield case("complains-after-confirming", "dealt", CONFIRM, complain)
    yield case("complains-late", "confirmed", complain)
    yield case("answers-nobody", "dealt", entries.CeremonyAnswer(1, 2, bytes(32)), culprit="trustee 1")
    yield case("signs-before-all-confirmed", "dealt", entries.CeremonySign(1, bytes(32), b"", 0, bytes(32)))
    for name, late in {"round-2": (1, 2, 0), "round-0": (1, 0, 0), "attempt-2": (2, 1, 0)}.items():
        yield case(f"deadline-of-{name}", "defined", entries.CeremonyDeadline(*late), party="organiser")
    for round_ in (5, 6):
        over = entries.CeremonyDeadline(1, round_, 0)
        yield case(f"deadline-{round_}-when-complete", "keyed", over, party="organiser")
    yield from _deadlines()
    yield case("commits-when-complete", "keyed", COMMIT)
    yield Case(
        "3.1",
        "signs-twice",
        whole,
        "witnessed",
        lambda referendum: 2 * by(referendum, "trustee 1", *_next(referendum, 1)),
        culprit="board",
    )
    yield Case("3.1", "answers-twice", whole, "dealt", _answers_twice, culprit="board")
    yield Case("3.1", "not-a-participant", whole, "committed", _outsider, culprit="board")
    yield Case(
        "",
        "complaint-answered",
        whole,
        "dealt",
        lambda referendum: _answers_twice(referendum)[:1],
        then=_finish,
    )
    yield Case("", "deadline", whole, "committed", _without_third, then=_finish)


def _deadlines() -> Iterator[Case]:
    """A deadline is valid once witnesses saw the round begin, and then saw the time that it names."""

    def deadline(referendum: Referendum, seen: int | None, shift: int, passed: int) -> list[bytes]:
        """Checkpoints now and `passed` seconds after a round's time; the deadline names `shift`."""
        start = referendum.now
        if seen is not None:
            referendum.checkpoint()
        referendum.now = start + referendum.definition.tolerance + passed
        if passed:
            referendum.checkpoint()
        ceremony = referendum.record.ceremony
        time = start + referendum.definition.tolerance + shift
        return by(referendum, "organiser", entries.CeremonyDeadline(ceremony.attempt, ceremony.round, time))

    def case(name: str, stage: str, culprit: str, seen: int | None, shift: int, passed: int) -> Case:
        return Case(
            "3.1",
            name,
            whole,
            stage,
            lambda referendum: deadline(referendum, seen, shift, passed),
            culprit=culprit,
        )

    yield case("deadline-of-a-round-nobody-saw-begin", "committed", "board", None, 0, 0)
    yield case("deadline-names-too-early-a-time", "committed", "board", 0, -1, 60)
    yield case("deadline-before-its-time", "committed", "board", 0, 60, 59)
    yield case("deadline-without-a-later-checkpoint", "committed", "board", 0, 0, 0)
    yield case("deadline-before-there-is-something-to-sign", "confirmed", "board", None, 0, 0)
    for scenario, seconds in ((plain, 60), (rich, 900)):
        early = partial(_after, seconds=seconds - 1)
        yield Case("3.1", f"deadline-within-{seconds}-seconds", scenario, "defined", early, culprit="board")
    yield Case("", "deadline-after-60-seconds", plain, "defined", partial(_after, seconds=60))
    yield Case("3.1", "deadline-just-after-a-complaint", whole, "dealt", _hasty, culprit="board")
    yield Case("", "deadline-after-a-complaint", whole, "dealt", _accused_falls_silent, then=_finish)
    yield Case("", "deadline-by-the-earliest-that-saw-it", whole, "committed", _seen_twice, then=_finish)
    yield Case(
        "",
        "deadline-at-its-time",
        whole,
        "dealt",
        lambda referendum: _late_third(referendum, deadline),
        then=_finish,
    )


def _after(referendum: Referendum, seconds: int) -> list[bytes]:
    """All but the last trustee commit, and so many seconds after the definition was seen all is over."""
    ceremony_round(referendum, tuple(range(1, len(referendum.keys.trustees))))
    referendum.checkpoint()
    referendum.now += seconds
    referendum.checkpoint()
    return by(referendum, "organiser", entries.CeremonyDeadline(1, 1, referendum.now))


def _hasty(referendum: Referendum) -> list[bytes]:
    """A deadline of round 4 that was right before trustee 1 complained."""
    referendum.checkpoint()
    time = referendum.record.ceremony.earliest_deadline() or 0
    referendum.now = time
    referendum.log(*by(referendum, "trustee 1", entries.CeremonyComplain(1, 2)))
    referendum.checkpoint()
    return by(referendum, "organiser", entries.CeremonyDeadline(1, 4, time))


def _accused_falls_silent(referendum: Referendum) -> list[bytes]:
    """Trustee 2 answers nobody within a round's time of the complaint."""
    referendum.checkpoint()
    referendum.now = referendum.record.ceremony.earliest_deadline() or 0
    referendum.log(*by(referendum, "trustee 1", entries.CeremonyComplain(1, 2)))
    referendum.log(*by(referendum, "trustee 3", entries.CeremonyConfirm(1)))
    referendum.deadline()
    return []


def _seen_twice(referendum: Referendum) -> list[bytes]:
    """Two checkpoints cover the beginning of the round; the second was witnessed before the first."""
    early, late = referendum.note(), referendum.now + 100
    ceremony_round(referendum, (1, 2))
    referendum.now, before = late, referendum.now
    referendum.log(*by(referendum, "board", entries.CheckpointEntry(referendum.note())))
    referendum.now = before
    referendum.log(
        *by(referendum, "board", entries.CheckpointEntry(referendum.note()), entries.CheckpointEntry(early))
    )
    time = referendum.record.ceremony.earliest_deadline() or 0
    if time >= late + referendum.definition.tolerance:
        raise AssertionError("the earlier one counts")
    referendum.now = time
    referendum.checkpoint()
    return by(referendum, "organiser", entries.CeremonyDeadline(1, 2, time))


def _late_third(referendum: Referendum, deadline: Callable[..., list[bytes]]) -> list[bytes]:
    ceremony_round(referendum, (1, 2))
    return deadline(referendum, 0, 60, 60)


def _answers_twice(referendum: Referendum) -> list[bytes]:
    referendum.log(*by(referendum, "trustee 1", entries.CeremonyComplain(1, 2)))
    return 2 * by(referendum, "trustee 2", *_next(referendum, 2)[:1])


def _without_third(referendum: Referendum) -> list[bytes]:
    """Trustee 3 does not reveal: the second attempt."""
    ceremony_round(referendum, (1, 2))
    referendum.deadline()
    return []


def _outsider(referendum: Referendum) -> list[bytes]:
    """Trustee 3 wants to take part in it."""
    _without_third(referendum)
    return by(referendum, "trustee 3", replace(COMMIT, attempt=2))


def _disqualified() -> Iterator[Case]:
    """Check 3.2: the entry is void, its author out, the others may go on."""

    def reveal(referendum: Referendum) -> entries.CeremonyReveal:
        (payload,) = _next(referendum, 3)
        if not isinstance(payload, entries.CeremonyReveal):
            raise TypeError("it is time to reveal")
        return payload

    def other_points(referendum: Referendum) -> list[bytes]:
        payload = reveal(referendum)
        swapped = payload.points[32:] + payload.points[:32]
        return by(referendum, "trustee 3", replace(payload, points=swapped))

    def one_point(referendum: Referendum) -> list[bytes]:
        payload = reveal(referendum)
        return by(referendum, "trustee 3", replace(payload, points=payload.points[:32]))

    def proof(referendum: Referendum) -> list[bytes]:
        payload = reveal(referendum)
        return by(referendum, "trustee 3", replace(payload, proof=flipped(payload.proof, 32)))

    yield Case("3.2", "other-points", whole, "committed", other_points, then=_finish)
    yield Case("3.2", "one-point-fewer", whole, "committed", one_point)
    yield Case("3.2", "constant-not-proven", whole, "committed", proof)
    yield Case("3.2", "commits-to-the-identity", whole, "defined", _identity)
    for name, sealed in {"short": bytes(159), "long": bytes(161), "none": b""}.items():
        deal = said("trustee 2", entries.CeremonyDeal(1, sealed))
        yield Case("3.2", f"deal-{name}", whole, "revealed", deal)
    for name, share in {"wrong": b"\1" + bytes(31), "unreduced": b"\xff" * 32}.items():
        yield Case(
            "3.2",
            f"answer-{name}",
            whole,
            "dealt",
            partial(_answer, share=share),
            then=_finish,
        )


def _identity(referendum: Referendum) -> list[bytes]:
    """Trustee 3's polynomial has the constant term 0."""
    ceremony_round(referendum, (1, 2))
    referendum.secrets[3] = Secret(1, bytes(32) + referendum.random(31) + b"\0", referendum.random(32))
    ceremony_round(referendum, (3,))
    points, scalar = referendum.secrets[3].points, referendum.secrets[3].coefficients[32:]
    # With the constant term's point the identity, (z*G, z) is a signature by it over anything.
    return by(referendum, "trustee 3", entries.CeremonyReveal(1, points, points[32:] + scalar))


def _answer(referendum: Referendum, share: bytes) -> list[bytes]:
    referendum.log(*by(referendum, "trustee 1", entries.CeremonyComplain(1, 2)))
    return by(referendum, "trustee 2", entries.CeremonyAnswer(1, 1, share))


def _signed() -> Iterator[Case]:
    """Check 3.3."""

    def statement(referendum: Referendum) -> entries.CeremonySign:
        (payload,) = _next(referendum, 1)
        if not isinstance(payload, entries.CeremonySign):
            raise TypeError("it is time to sign")
        return payload

    def signed(referendum: Referendum, **change: Any) -> list[bytes]:
        return by(referendum, "trustee 1", replace(statement(referendum), **change))

    def early(referendum: Referendum) -> list[bytes]:
        result = referendum.record.ceremony.current.result
        if result is None:
            raise TypeError("all have confirmed")
        size = len(referendum.logged)
        said = entries.CeremonySign(1, result.point, result.joined_shares, size, referendum.root(size))
        return by(referendum, "trustee 1", said)

    yield Case("3.3", "before-the-checkpoint", whole, "confirmed", early)
    changes: dict[str, dict[str, Any]] = {
        "other-key": {"key": bytes(32)},
        "no-publics": {"publics": b""},
        "other-size": {"size": 3},
        "other-root": {"root": bytes(32)},
    }
    for name, change in changes.items():
        yield Case(
            "3.3",
            name,
            whole,
            "witnessed",
            partial(signed, **change),
            then=_finish,
        )

    def later_checkpoint(referendum: Referendum) -> list[bytes]:
        referendum.checkpoint()
        size = len(referendum.logged) - 1
        return by(
            referendum, "trustee 1", replace(statement(referendum), size=size, root=referendum.root(size))
        )

    yield Case("3.3", "later-checkpoint", whole, "witnessed", later_checkpoint)


def _failed() -> Iterator[Case]:
    """Check 3.4."""

    def alone(referendum: Referendum) -> list[bytes]:
        ceremony_round(referendum, (1,))
        referendum.checkpoint()
        time = referendum.record.ceremony.earliest_deadline() or 0
        referendum.now = time
        referendum.checkpoint()
        return by(referendum, "organiser", entries.CeremonyDeadline(1, 1, time))

    def one_after_another(referendum: Referendum) -> list[bytes]:
        _without_third(referendum)
        ceremony_round(referendum, (1, 2))
        return by(referendum, "trustee 1", entries.CeremonyReveal(2, bytes(64), bytes(64)))

    def identity(referendum: Referendum) -> list[bytes]:
        """Together the constant terms are nothing."""
        ceremony_round(referendum, (1, 2))
        terms = [
            int.from_bytes(referendum.secrets[trustee].coefficients[:32], "little") for trustee in (1, 2)
        ]
        opposite = (-sum(terms) % ORDER).to_bytes(32, "little")
        referendum.secrets[3] = Secret(
            1, opposite + referendum.secrets[1].coefficients[32:], referendum.random(32)
        )
        ceremony_round(referendum, (3,))
        for _ in range(2):
            ceremony_round(referendum, (1, 2, 3))
        ceremony_round(referendum, (1, 2))
        return by(referendum, "trustee 3", CONFIRM)

    yield Case("3.4", "deadline-leaves-one", whole, "defined", alone, culprit="organiser")
    yield Case("3.4", "disqualified-to-one", whole, "committed", one_after_another)
    yield Case("3.4", "key-is-the-identity", whole, "defined", identity)
