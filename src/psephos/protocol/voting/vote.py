"""Casting: ballots encrypted, then challenged or signed (`spec/messages.md#opening`)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psephos.crypto.ballot import BLANK, check_opening, encrypt_ballots, sign_ballots
from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.draft import OPENED, SIGNED, Draft, settle
from psephos.protocol.entries import Ballot, decode, seal
from psephos.protocol.setup.definition import Definition

Choices = Sequence[int | None]
"""The position of an option, or None for a blank vote, in each contest of a style in its order."""


@dataclass(repr=False, eq=False)
class BallotDraft(Draft):
    """A ballot before its card signs it; `randomness` has 32 bytes for each ciphertext."""

    region: int
    card: bytes
    day: int
    serial: int
    choices: Choices
    body: bytes
    randomness: bytes

    @property
    def hash(self) -> bytes:
        """The ballot's hash, which the device shows before it is told: challenge or cast."""
        return sha256(self.body).digest()


@dataclass(frozen=True, repr=False)
class ChallengedBallot:
    """A challenged ballot, opened to a second device."""

    body: bytes
    choices: Choices
    randomness: bytes


def encrypt(
    definition: Definition,
    election: bytes,
    key: bytes,
    region: int,
    cards: bytes,
    days: Sequence[int],
    serials: Sequence[int],
    choices: Sequence[Choices],
    seed: bytes,
) -> list[BallotDraft]:
    """Ballots of one region by cards K, 32 bytes each, with a day, a serial and choices a ballot.

    FormatError for a choice that its contest does not have. `seed` is 32 random bytes.
    """
    shape = definition.regions[region].style.shape
    if any(len(some) != len(shape) for some in choices):
        raise FormatError("choices: expected one per contest")
    joined, lengths, randomness = encrypt_ballots(
        election,
        key,
        region,
        shape,
        cards,
        array("H", days),
        bytes(serials),
        array("H", [BLANK if one is None else one for some in choices for one in some]),
        seed,
    )
    return [
        BallotDraft(region, *columns)
        for columns in zip(
            rows(cards, 32),
            days,
            serials,
            map(tuple, choices),
            split(joined, lengths),
            rows(randomness, 32 * sum(options for _, options, _ in shape)),
            strict=True,
        )
    ]


def split(joined: bytes, lengths: bytes) -> list[bytes]:
    """Joined entries or bodies taken apart; `lengths` is a u32 column."""
    parts, end = [], 0
    for length in array("I", lengths):
        start, end = end, end + length
        parts.append(joined[start:end])
    return parts


def sign(election: bytes, drafts: Sequence[BallotDraft], secrets: bytes, seed: bytes) -> list[bytes]:
    """The entries of ballots of one region, signed by their cards, whose secrets have 16 bytes each.

    PhaseError when one was opened: it can never be cast. FormatError when a secret is another card's.
    """
    if len({draft.region for draft in drafts}) > 1:
        raise FormatError("ballots of several regions are signed region by region")
    if not drafts:
        return []
    scalars, _ = derive_cards(election, drafts[0].region, secrets)
    settle(drafts, SIGNED)
    bodies = [draft.body for draft in drafts]
    return split(*sign_ballots(b"".join(bodies), array("I", map(len, bodies)), scalars, seed))


def open_ballot(draft: BallotDraft) -> ChallengedBallot:
    """Open a challenged ballot, which is then never cast; PhaseError when it was signed before."""
    settle([draft], OPENED)
    return ChallengedBallot(draft.body, draft.choices, draft.randomness)


def check_ballot_opening(
    definition: Definition, election: bytes, key: bytes, opening: ChallengedBallot, recorded: bytes
) -> Ballot:
    """The ballot that was opened, if its hash is the recorded one and it holds exactly the choices shown.

    VerificationError `challenge` through the device otherwise.
    """
    if sha256(opening.body).digest() != recorded:
        raise _refuse("another ballot was opened than the one whose hash was shown")
    try:
        choices = array("H", [BLANK if choice is None else choice for choice in opening.choices])
        entry = decode(seal(opening.body, bytes(64)))
        ballot = entry.payload
        if not isinstance(ballot, Ballot) or entry.referendum != election:
            raise _refuse("no ballot of this referendum")
        if ballot.region >= len(definition.regions):
            raise _refuse(f"there is no region {ballot.region}")
        shape = definition.regions[ballot.region].style.shape
        honest = check_opening(opening.body, key, shape, choices, opening.randomness)
    except (FormatError, OverflowError) as error:
        raise _refuse(str(error)) from error
    if not honest:
        raise _refuse("the ballot does not hold the choices shown")
    return ballot


def _refuse(message: str) -> VerificationError:
    return VerificationError("challenge", "device", message)
