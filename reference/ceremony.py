"""Key generation as it stands on the log: spec/ceremony.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import batch
import labels
import proofs
from entries import Entry
from group import (
    IDENTITY,
    ZERO,
    FormatError,
    G,
    L,
    Point,
    add,
    decode,
    encode,
    equal,
    multiply,
    scalar,
    total,
)
from transcript import digest, u16

ROUNDS = {"commit": 1, "reveal": 2, "deal": 3, "confirm": 4, "complain": 4, "answer": 4, "sign": 5}
SHORTEST = 60  # seconds of a round, at least, before a deadline may end it
Context = list[tuple[str, bytes]]


class Checkpoint(Protocol):
    """What the ceremony asks of a valid checkpoint entry: spec/phases.md#time"""

    @property
    def size(self) -> int: ...
    @property
    def root(self) -> bytes: ...
    @property
    def seen(self) -> int: ...
    @property
    def passed(self) -> int: ...


class VoidError(Exception):
    """An entry that counts for nothing; `culprit` is empty when it is the author."""

    def __init__(self, check: str, message: str, culprit: str = "") -> None:
        super().__init__(message)
        self.check, self.culprit = check, culprit


class FatalError(VoidError):
    """An entry with which the referendum has failed."""


def context(definition: bytes, attempt: int, trustee: int) -> Context:
    """What every statement of a trustee in an attempt begins with."""
    return [("definition", definition), ("attempt", u16(attempt)), ("trustee", u16(trustee))]


def election_hash(
    definition: bytes, attempt: int, publics: dict[int, bytes], key: bytes, token_keys: bytes
) -> bytes:
    """spec/proofs.md#election-hash; `token_keys` are the body hashes of all registrars' entries"""
    participants = b"".join(u16(index) + publics[index] for index in sorted(publics))
    fields = [("definition", definition), ("attempt", u16(attempt)), ("participants", participants)]
    return digest(labels.ELECTION, *fields, ("key", key), ("token-keys", token_keys))


def reveal_holds(header: Context, threshold: int, commitment: bytes, points: bytes, proof: bytes) -> bool:
    """spec/ceremony.md#reveal"""
    fields = [*header, ("points", points)]
    if len(points) != 32 * threshold or digest(labels.CEREMONY_POLYNOMIAL, *fields) != commitment:
        return False
    try:
        for point in proofs.split(points):
            decode(point)
    except FormatError:
        return False
    message = digest(labels.CEREMONY_CONSTANT, *fields)
    return not batch.failures(proofs.signature, [(labels.CEREMONY_CONSTANT, points[:32], message, proof)])


def evaluate(points: bytes, index: int) -> Point:
    """sum_k index^k * A_k, the public counterpart of f(index)."""
    result = IDENTITY
    for point in reversed(proofs.split(points)):
        result = add(multiply(index, result), decode(point))
    return result


def share_holds(points: bytes, index: int, share: bytes) -> bool:
    """f(index)*G = sum_k index^k * A_k: spec/ceremony.md#confirm"""
    return equal(multiply(scalar(share), G), evaluate(points, index))


def joint_keys(points: dict[int, bytes]) -> tuple[bytes, dict[int, bytes]]:
    """H and every X_j: spec/ceremony.md#sign"""
    joint = encode(total(decode(trustee_points[:32]) for trustee_points in points.values()))
    return joint, {
        j: encode(total(evaluate(trustee_points, j) for trustee_points in points.values()))
        for j in sorted(points)
    }


def lagrange(indices: list[int]) -> list[int]:
    """The coefficients at 0 of these evaluation points, modulo l."""
    result = []
    for j in indices:
        numerator = denominator = 1
        for k in indices:
            if k != j:
                numerator, denominator = numerator * k, denominator * (k - j)
        result.append(numerator * pow(denominator, -1, L) % L)
    return result


@dataclass
class Attempt:
    """What the participants of one attempt have done; each part is done once."""

    participants: list[int]
    round: int = 1
    commitments: dict[int, bytes] = field(default_factory=dict)
    points: dict[int, bytes] = field(default_factory=dict)
    dealt: set[int] = field(default_factory=set)
    confirmed: set[int] = field(default_factory=set)
    complaints: dict[tuple[int, int], bool] = field(default_factory=dict)  # by, of: answered
    signed: set[int] = field(default_factory=set)

    def done(self) -> set[int]:
        """Who has done all that the round asks."""
        by_round = {1: self.commitments.keys(), 2: self.points.keys(), 3: self.dealt, 5: self.signed}
        return set(by_round.get(self.round, self.confirmed))

    def late(self) -> set[int]:
        """Who is out when the organiser ends the round."""
        if self.round != 4:
            return set(self.participants) - self.done()
        accused = {of for (_, of), answered in self.complaints.items() if not answered}
        waiting = {by for (by, _), answered in self.complaints.items() if not answered}
        return accused | (set(self.participants) - self.confirmed - waiting)


class Ceremony:
    """A fold over ceremony entries; complete when `election` is there."""

    def __init__(self, definition: bytes, trustees: int, threshold: int, needed: int, timeout: int) -> None:
        self.definition, self.threshold = definition, threshold
        self.needed, self.timeout = needed, timeout  # participants that must be left; seconds of a round
        self.began = 0  # the entry with which the round began, or its last complaint
        self.number, self.attempt = 1, Attempt(list(range(1, trustees + 1)))
        self.joint, self.publics, self.election = b"", dict[int, bytes](), b""
        self.token_keys = b""  # body hashes of all registrars' entries: without them nobody signs

    def take(self, entry: Entry, index: int, trustee: int, checkpoints: Sequence[Checkpoint]) -> None:
        """One entry by `trustee` (0: the organiser); raises when it is void or fatal.

        `checkpoints` are the valid checkpoint entries so far.
        """
        before = self._moment()
        try:
            self._take(entry, trustee, checkpoints)
        finally:
            if self._moment() != before:
                self.began = index

    def take_token_keys(self, index: int, hashes: bytes) -> None:
        """All registrars' keys are logged: a round that waited for them begins."""
        self.token_keys = hashes
        if self.attempt.round == 5:
            self.began = index

    def _moment(self) -> tuple[int, int, int]:
        return self.number, self.attempt.round, len(self.attempt.complaints)

    def _take(self, entry: Entry, trustee: int, checkpoints: Sequence[Checkpoint]) -> None:
        kind, attempt = entry.type.removeprefix("ceremony-"), self.attempt
        self._in_round(not self.election and entry["attempt"] == self.number, "not the current attempt")
        waiting = attempt.round == 5 and not self.token_keys
        self._in_round(not waiting, "token keys are missing")
        if kind == "deadline":
            self._in_round(entry["round"] == attempt.round, "not the current round")
            self._deadline(entry["time"], checkpoints)
            return
        self._in_round(ROUNDS[kind] == attempt.round, "not the current round")
        self._in_round(trustee in attempt.participants, "not a participant")
        parts: dict[str, Callable[[Entry, int], None]] = {
            "commit": self._commit,
            "reveal": self._reveal,
            "deal": self._deal,
            "confirm": self._confirm,
            "complain": self._complain,
            "answer": self._answer,
        }
        if kind == "sign":
            self._sign(entry, trustee, checkpoints)
        else:
            parts[kind](entry, trustee)
        self._advance()

    def _deadline(self, time: int, checkpoints: Sequence[Checkpoint]) -> None:
        """Nobody is out before witnesses saw the round begin, nor before the time that the deadline names."""
        seen = min((c.seen for c in checkpoints if c.size > self.began), default=None)
        self._in_round(seen is not None and time >= seen + self.timeout, "names too early a time")
        self._in_round(max((c.passed for c in checkpoints), default=0) >= time, "its time was not witnessed")
        self._disqualify(self.attempt.late(), "organiser")

    def _in_round(self, condition: bool, why: str) -> None:
        """The board chose the position."""
        if not condition:
            raise VoidError("3.1", why, "board")

    def _need(self, condition: bool, why: str) -> None:
        if not condition:
            raise VoidError("3.1", why)

    def _disqualify(self, out: set[int], culprit: str = "trustees") -> None:
        """The next attempt, without them."""
        left = [index for index in self.attempt.participants if index not in out]
        self.number, self.attempt = self.number + 1, Attempt(left)
        if len(left) < self.needed:
            raise FatalError("3.4", "fewer participants than threshold and close ask for are left", culprit)

    def _wrong(self, trustee: int, why: str) -> VoidError:
        """A disqualifying entry is void, and its author out."""
        self._disqualify({trustee})
        return VoidError("3.2", why)

    def _commit(self, entry: Entry, trustee: int) -> None:
        self._in_round(trustee not in self.attempt.commitments, "committed already")
        self.attempt.commitments[trustee] = entry["commitment"]

    def _reveal(self, entry: Entry, trustee: int) -> None:
        self._in_round(trustee not in self.attempt.points, "revealed already")
        header, commitment = self._context(trustee), self.attempt.commitments[trustee]
        if not reveal_holds(header, self.threshold, commitment, entry["points"], entry["proof"]):
            raise self._wrong(trustee, "reveal does not open the commitment or prove its constant")
        self.attempt.points[trustee] = entry["points"]

    def _context(self, trustee: int) -> Context:
        return context(self.definition, self.number, trustee)

    def _deal(self, entry: Entry, trustee: int) -> None:
        self._in_round(trustee not in self.attempt.dealt, "dealt already")
        if len(entry["sealed"]) != 80 * (len(self.attempt.participants) - 1):
            raise self._wrong(trustee, "deal has a wrong length")
        self.attempt.dealt.add(trustee)

    def _confirm(self, entry: Entry, trustee: int) -> None:
        self._in_round(trustee not in self.attempt.confirmed, "confirmed already")
        self.attempt.confirmed.add(trustee)

    def _complain(self, entry: Entry, trustee: int) -> None:
        accused = entry["accused"]
        self._in_round(trustee not in self.attempt.confirmed, "confirmed already")
        self._need(accused in self.attempt.participants and accused != trustee, "accuses nobody")
        self._in_round((trustee, accused) not in self.attempt.complaints, "complained already")
        self.attempt.complaints[trustee, accused] = False

    def _answer(self, entry: Entry, trustee: int) -> None:
        complainant = entry["complainant"]
        complaint = self.attempt.complaints.get((complainant, trustee))
        self._need(complaint is not None, "answers no complaint")
        self._in_round(not complaint, "answered already")
        try:
            right = share_holds(self.attempt.points[trustee], complainant, entry["share"])
        except FormatError:
            right = False
        if not right:
            raise self._wrong(trustee, "answers with a wrong share")
        self.attempt.complaints[complainant, trustee] = True

    def _sign(self, entry: Entry, trustee: int, checkpoints: Sequence[Checkpoint]) -> None:
        attempt = self.attempt
        self._in_round(trustee not in attempt.signed, "signed already")
        right = next(((c.size, c.root) for c in checkpoints if c.size > self.began), None)
        result = (self.joint, b"".join(self.publics.values()), right)
        if result != (entry["key"], entry["publics"], (entry["size"], entry["root"])):
            raise VoidError("3.3", "signs something else than the result at the right checkpoint")
        attempt.signed.add(trustee)

    def _advance(self) -> None:
        """End the round when all have done their part."""
        attempt = self.attempt
        if attempt.done() != set(attempt.participants) or not all(attempt.complaints.values()):
            return
        attempt.round += 1
        if attempt.round == 5:
            self.joint, self.publics = joint_keys(attempt.points)
            if ZERO in (self.joint, *self.publics.values()):
                raise FatalError("3.4", "a key is the identity", "trustees")
        elif attempt.round == 6:
            self.election = election_hash(
                self.definition, self.number, self.publics, self.joint, self.token_keys
            )
