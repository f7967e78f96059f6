"""The second device: notes what the first one shows, then checks what that opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cyclopts import App

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.voter.app import voter
from psephos.cli.voter.asking import ask, ask_block
from psephos.cli.voter.session import Session, at_device
from psephos.cli.voter.wording import Picked, show_choices
from psephos.crypto.column import rows
from psephos.errors import FormatError
from psephos.protocol.enrolment.card_face import ADJECTIVES, ANIMALS, COLOURS
from psephos.protocol.voting.opening import read_ballot, read_cards
from psephos.protocol.voting.vote import check_ballot_opening
from psephos.voter.card import Card
from psephos.voter.companion import Companion, EnrolledKeys
from psephos.voter.expected import take
from psephos.voter.pasted import PastedBlock, is_message, look
from psephos.voter.pasted import read as look_into
from psephos.voter.spelling import is_name, nearest, tokens

audit = App("audit", help="On a second device: check the cards that the first one makes.")
challenge = App("challenge", help="On a second device: check the ballots that the first one makes.")
voter.command(audit)
voter.command(challenge)

COMMITMENT, NAMED, KEYS, TRACKER = (
    "recorded-commitment",
    "recorded-card",
    "recorded-keys",
    "recorded-tracker",
)
"""What the key store calls what was noted."""


@audit.command(name="record")
def record_commitment(commitment: str, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Note a commitment, and which card is said to count, before the first device hears what comes next.

    It asks for the card: its name or key. Others see what a command was given.

    Example: psephos voter audit record 0123..cdef --home laptop

    Parameters
    ----------
    commitment
        As the first device shows it: 64 hex digits.
    """
    _note(options, {COMMITMENT: _hash(commitment, "commitment"), NAMED: ask("Which card counts?", _card)})
    return 0


@audit.command(name="check")
def check_opening(file: Path, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Check the opening of the noted cards, which are then thrown away.

    Example: psephos voter audit check cards/opening-0123456789abcdef --home laptop

    Parameters
    ----------
    file
        The opening.
    """
    data = read_file(file)
    with _noted(options, COMMITMENT, NAMED) as (session, (commitment, named)):
        with stopping(USAGE, str(file)):
            _opening(data)
            opening = read_cards(session.definition, session.election, data)
        Companion(session.record.setting, bytes.fromhex(commitment), named).audit(opening)
        print("the device made the cards that it showed: exactly the named one counts")
    return 0


@audit.command(name="enrolled")
def note_keys(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Note the keys of the cards, once the first device enrols them; forget which was said to count.

    It asks for the lines that begin with `key`, as the first device shows them.

    Example: psephos voter audit enrolled --home laptop
    """
    with _noted(options, COMMITMENT, NAMED) as (session, (commitment, named)):
        companion = Companion(session.record.setting, bytes.fromhex(commitment), named)
        enrolled = ask_block("The keys of the cards:", lambda text: companion.enrol(_keys(text)))
        session.home.keys.write(KEYS, b"".join(enrolled.keys))
        print(f"noted: {len(enrolled.keys)} keys; which card counts is forgotten here")
    return 0


@audit.command(name="cards")
def check_cards(cards: list[Path], /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Check that exactly the cards were saved whose keys were noted, and that the log has them all.

    Exits with 3 while a card is in no batch.

    Example: psephos voter audit cards cards/*.txt --home laptop

    Parameters
    ----------
    cards
        The text files of all cards.
    """
    with at_device(options) as session:
        noted = session.home.keys.read(KEYS)
        if noted is None:
            raise Stop("no keys are noted: psephos voter audit enrolled", FAILED)
        saved = [_scan(path) for path in cards]
        EnrolledKeys(tuple(rows(noted, 32))).check_cards(saved)
        print(f"saved as shown: {len(saved)} cards")
        _check_logged(session, saved)
        session.home.keys.erase(KEYS)
    return 0


def _check_logged(session: Session, cards: Sequence[Card]) -> None:
    """Whether the log has these cards; whether with the record that was made, their receipts tell."""
    rosters = session.record.rosters
    missing = [one for one in cards if not rosters[one.region].has(one.key)]
    if not missing:
        print("all are in the log; the first device, or their receipts, tell whether as they were made")
        return
    names = ", ".join(one.face.name for one in missing)
    over = all(rosters[one.region].complete for one in missing)
    said = "the last batch has been cut without" if over else "not in the log yet:"
    raise Stop(f"{said} {names}: hand no card to anybody", FAILED if over else WAITING)


def _keys(text: str) -> list[bytes]:
    """All keys in a text, one a line, behind the word `key` or alone."""
    lines = [line.split()[-1] for line in text.splitlines() if line.strip()]
    try:
        found = [bytes.fromhex(line) for line in lines]
    except ValueError:
        raise FormatError("not keys: lines of 64 hex digits, as the first device shows them") from None
    if not found or not text.endswith("\n") or any(len(key) != 32 for key in found):
        raise FormatError("not whole keys: lines of 64 hex digits, and an empty one at the end")
    return found


def _opening(data: bytes) -> None:
    """FormatError for a file that is something else, by its name."""
    if not is_message(data):
        take(look_into(data), "opening")


def _scan(path: Path) -> Card:
    with stopping(USAGE, str(path)):
        return Card.scan(take(look_into(read_file(path)), "card"))


@challenge.command(name="record")
def record_tracker(tracker: str, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Note a ballot's tracker, before the first device hears whether it is challenged.

    Example: psephos voter challenge record 0123..cdef --home laptop

    Parameters
    ----------
    tracker
        As the first device shows it: 64 hex digits.
    """
    _note(options, {TRACKER: _hash(tracker, "ballot")})
    return 0


@challenge.command(name="check")
def check_ballot(file: Path, /, *, language: str | None = None, options: HomeOptions = DEFAULT_HOME) -> int:
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
    with _noted(options, TRACKER) as (session, (tracker,)):
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


def _note(options: HomeOptions, texts: dict[str, str]) -> None:
    with at_device(options) as session:
        for name, text in texts.items():
            session.home.keys.write(name, text.encode())
        print("noted")


@contextmanager
def _noted(options: HomeOptions, *names: str) -> Iterator[tuple[Session, list[str]]]:
    """What was noted; forgotten once it was checked, whatever came out."""
    with at_device(options) as session:
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
    [first, *others] = look(text).pieces or (PastedBlock("unknown"),)
    if first.kind == "tracker" and first.block and not others:
        return first.block  # a key
    raise ValueError(_unlike(words))


def _unlike(words: list[str]) -> str:
    lists = (ADJECTIVES, COLOURS, ANIMALS)
    meant = [nearest(word, known) for word, known in zip(words, lists, strict=False)]
    expected = "three words, as the first device shows them, or a key"
    if len(words) != len(lists) or not all(meant):
        return expected
    return f"no card has this name. Did you mean “{' '.join(near[0] for near in meant)}”?"
