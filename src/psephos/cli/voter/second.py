"""The second device: notes what the first one shows, then checks what that opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from psephos.cli.home.home import HERE, Where
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.voter.app import voter
from psephos.cli.voter.asking import ask
from psephos.cli.voter.session import Session, at_device
from psephos.cli.voter.wording import Picked, show_choices
from psephos.crypto.column import rows
from psephos.protocol.enrolment.card_face import ADJECTIVES, ANIMALS, COLOURS
from psephos.protocol.entry import GroupReceipt, decode
from psephos.protocol.voting.opening import read_ballot, read_group
from psephos.protocol.voting.vote import check_ballot_opening
from psephos.voter.card import Card
from psephos.voter.companion import NONE, Companion, resolve
from psephos.voter.expected import take
from psephos.voter.pasted import Piece, is_message, look
from psephos.voter.pasted import read as look_into
from psephos.voter.spelling import is_name, nearest, tokens

audit = App("audit", help="On a second device: check the cards that the first one makes.")
challenge = App("challenge", help="On a second device: check the ballots that the first one makes.")
voter.command(audit)
voter.command(challenge)

COMMITMENT, NAMED, TRACKER = "recorded-commitment", "recorded-card", "recorded-tracker"
"""What the key store calls what was noted."""


@audit.command(name="record")
def record_commitment(commitment: str, /, *, where: Where = HERE) -> int:
    """Note a commitment, and which card is said to count, before the first device hears what comes next.

    It asks for the card: its name or key, or `none` for decoys. Others see what a command was given.

    Example: psephos voter audit record 0123..cdef --home laptop

    Parameters
    ----------
    commitment
        As the first device shows it: 64 hex digits.
    """
    _note(where, {COMMITMENT: _hash(commitment, "group"), NAMED: ask("Which card counts?", _card)})
    return 0


@audit.command(name="check")
def check_opening(
    file: Path, cards: Annotated[tuple[Path, ...], Parameter()] = (), /, *, where: Where = HERE
) -> int:
    """Check the opening of the noted group; or, if it was enrolled, its receipt and the saved cards.

    Example: psephos voter audit check cards/opening-0123456789abcdef --home laptop

    Parameters
    ----------
    file
        The opening, or the registrar's receipt.
    cards
        With a receipt: the text files of the cards.
    """
    data = read_file(file)
    with _noted(where, COMMITMENT, NAMED) as (session, (commitment, named)):
        with stopping(USAGE, str(file)):
            _opening(data)
            receipt = isinstance(decode(data, message=True).payload, GroupReceipt)
            opening = None if receipt else read_group(session.definition, session.election, data)
            saved = [_scan(path) for path in cards] if receipt else []
        keys = [one.key for one in saved] if opening is None else _keys(session, opening.pairs)
        companion = Companion(
            session.definition,
            session.election,
            session.key,
            bytes.fromhex(commitment),
            resolve(named, keys),
        )
        if opening is not None:
            companion.audit(opening)
            print("the device made the cards that it showed: exactly the named one counts")
        else:
            found = companion.check_receipt(data)
            companion.check_cards(saved)
            print(f"enrolled as shown, in batch {found.batch} or the last, and {len(saved)} cards saved")
    return 0


def _opening(data: bytes) -> None:
    """FormatError for a file that is something else, by its name."""
    if not is_message(data):
        take(look_into(data), "opening")


def _keys(session: Session, pairs: bytes) -> list[bytes]:
    """K of each card of an opening."""
    return [pair[:32] for pair in rows(pairs, 96 if session.definition.coercion_resistant else 32)]


def _scan(path: Path) -> Card:
    with stopping(USAGE, str(path)):
        return Card.scan(take(look_into(read_file(path)), "card"))


@challenge.command(name="record")
def record_tracker(tracker: str, /, *, where: Where = HERE) -> int:
    """Note a ballot's tracker, before the first device hears whether it is challenged.

    Example: psephos voter challenge record 0123..cdef --home laptop

    Parameters
    ----------
    tracker
        As the first device shows it: 64 hex digits.
    """
    _note(where, {TRACKER: _hash(tracker, "ballot")})
    return 0


@challenge.command(name="check")
def check_ballot(file: Path, /, *, language: str | None = None, where: Where = HERE) -> int:
    """Check that the opened ballot is the noted one, and show what it votes for.

    Example: psephos voter challenge check opening-0123456789abcdef --home laptop

    Parameters
    ----------
    file
        The opening.
    language
        The language of the wording.
    """
    data = read_file(file)
    with _noted(where, TRACKER) as (session, (tracker,)):
        with stopping(USAGE, str(file)):
            _opening(data)
            opening = read_ballot(session.election, data)
        ballot = check_ballot_opening(
            session.definition, session.election, session.key, opening, bytes.fromhex(tracker)
        )
        style = session.definition.regions[ballot.region].style
        show_choices(
            Picked(style, language if language in style.languages else style.languages[0], opening.choices)
        )
        print("the ballot holds these choices: compare them with yours")
    return 0


def _note(where: Where, texts: dict[str, str]) -> None:
    with at_device(where) as session:
        for name, text in texts.items():
            session.home.keys.write(name, text.encode())
        print("noted")


@contextmanager
def _noted(where: Where, *names: str) -> Iterator[tuple[Session, list[str]]]:
    """What was noted; forgotten once it was checked, whatever came out."""
    with at_device(where) as session:
        kept = [session.home.keys.read(name) for name in names]
        noted = [one.decode() for one in kept if one is not None]
        if len(noted) < len(names):
            raise Stop("nothing is noted: record what the first device shows before it opens it", FAILED)
        keep = False
        try:
            yield session, noted
        except Stop as stop:
            keep = stop.code == USAGE  # the file could not be read: there may be another
            raise
        finally:
            for name in () if keep else names:
                session.home.keys.erase(name)


def _hash(text: str, code: str) -> str:
    """64 hex digits as they were shown, or the text of the code beside them."""
    with stopping(USAGE):
        return take(look(text), code, "tracker")


def _card(text: str) -> str:
    """A card's name or key as it was shown, however it is typed: a slip must not accuse the device."""
    words = tokens(text)
    if is_name(words):
        return " ".join(words)
    if words == [NONE]:
        return NONE
    [first, *others] = look(text).pieces or (Piece("unknown"),)
    if first.kind == "tracker" and first.block and not others:
        return first.block  # a key
    raise ValueError(_unlike(words))


def _unlike(words: list[str]) -> str:
    lists = (ADJECTIVES, COLOURS, ANIMALS)
    meant = [nearest(word, known) for word, known in zip(words, lists, strict=False)]
    expected = "three words, as the first device shows them, or a key, or none"
    if len(words) != len(lists) or not all(meant):
        return expected
    return f"no card has this name. Did you mean “{' '.join(near[0] for near in meant)}”?"
