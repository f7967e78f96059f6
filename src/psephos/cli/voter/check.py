"""After the vote: whether a ballot is in the log, and whether the board kept its promise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.times import utc
from psephos.cli.source import open_record, read_file
from psephos.cli.voter.app import voter
from psephos.cli.voter.session import Session, at_device
from psephos.errors import FormatError, PhaseError
from psephos.files import write_whole
from psephos.log.checkpoints import TreeHead
from psephos.log.tree import Tree
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.entries import Ballot, CardReceipt, Payload, Promise, TokenReceipt, decode
from psephos.protocol.message import read
from psephos.verifier.run import policy
from psephos.voter.expected import take
from psephos.voter.logged import check_enrolled, find_ballot, is_issued, is_kept, make_receipt
from psephos.voter.pasted import is_message, look
from psephos.voter.pasted import read as look_into

_Message = TypeVar("_Message", bound=Payload)


class _Latest(NamedTuple):
    """The log's latest checkpoint: its tree, its note, and the times of its cosignatures, ascending."""

    tree: Tree
    note: bytes
    times: list[int]


@voter.command
def check(
    *,
    promise: Path | None = None,
    tracker: str | None = None,
    enrolled: list[Path] | None = None,
    receipt: Path | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Look in the log for a ballot, and keep a receipt that holds without it; or for a card's enrolment.

    Exits with 1 if the ballot is void, or not there as it was promised; with 3 while it is not due.

    Example: psephos voter check --promise promise-0123456789abcdef --home phone

    Parameters
    ----------
    promise
        The board's promise.
    tracker
        The ballot's tracker, where there is no promise.
    enrolled
        Registrars' receipts of one card, or a token receipt, instead of a ballot; the receipts of all
        registrars name the one that left a card out.
    receipt
        The receipt's file, `receipt-` and the tracker's beginning unless it is given: see
        `psephos receipt verify`.
    """
    if sum(bool(one) for one in (promise, tracker, enrolled)) != 1:
        raise Stop("give one of --promise, --tracker, --enrolled", USAGE)
    with at_device(options) as session:
        if enrolled:
            return _check_enrolled(session, enrolled)
        promised = None if promise is None else _read(session, promise, Promise, session.definition.board.key)
        wanted = promised.ballot if promised else _tracker(tracker or "")
        latest = _latest(session)
        found = find_ballot(latest.tree, wanted)
        print(f"tracker     {wanted.hex()}")
        if found is not None:
            _keep(latest, *found, receipt or Path(f"receipt-{wanted.hex()[:16]}"))
            _check_valid(session, found[0])
        return _judge(session, latest, promised, None if found is None else found[0])


def _check_enrolled(session: Session, files: Sequence[Path]) -> int:
    """Whether the log has the card, or the hash, that receipts of registrars name."""
    found = [(file, *_receipt(session, file)) for file in files]
    given = [(file, number, one) for file, number, one in found if isinstance(one, TokenReceipt)]
    for file, number, one in given:
        _check_issued(session, file, number, one)
    cards = {number: one for _, number, one in found if isinstance(one, CardReceipt)}
    if len(cards) + len(given) < len(files):
        raise Stop("give each registrar's receipt once", USAGE)
    if not cards:
        return 0
    with stopping(FAILED):
        try:
            check_enrolled(session.record, cards)
        except PhaseError as error:
            raise Stop(f"waits for a batch: {error}", WAITING) from None
    receipt = next(iter(cards.values()))
    region = session.definition.regions[receipt.region].id
    print(f"card        {face(receipt.card).name}, {receipt.card.hex()}")
    print(f"enrolled    in {region}, with the record that was admitted")
    return 0


def _check_issued(session: Session, file: Path, number: int, receipt: TokenReceipt) -> None:
    with stopping(USAGE, str(file)):
        listed = is_issued(session.record, number, receipt)
    if listed is None:
        raise Stop(f"waits for {session.registrar(number)}: it has not listed its tokens yet", WAITING)
    if not listed:
        name = session.registrar(number)
        raise Stop(f"{name} does not list the tokens that it gave: {file} is evidence against it", FAILED)
    print(f"tokens      listed by {session.registrar(number)}")


def _receipt(session: Session, file: Path) -> tuple[int, CardReceipt | TokenReceipt]:
    """A registrar's receipt, and its number."""
    data, keys = read_file(file), [party.key for party in session.definition.registrars]
    with stopping(USAGE, str(file)):
        if not is_message(data):
            take(look_into(data), "enrolment")
        author = decode(data, message=True).author
        if author not in keys:
            raise FormatError("no registrar of this referendum has signed it")
        payload = read(data, session.election, author).payload
        if not isinstance(payload, CardReceipt | TokenReceipt):
            raise FormatError(f"it is a {payload.type_name()}, not a receipt of a registrar")
    return keys.index(author) + 1, payload


def _read(session: Session, file: Path, kind: type[_Message], author: bytes) -> _Message:
    """A message of that kind, by that key, in this referendum."""
    data = read_file(file)
    with stopping(USAGE, str(file)):
        if not is_message(data):
            take(look_into(data), "promise")
        payload = read(data, session.election, author).payload
        if not isinstance(payload, kind):
            raise FormatError(f"it is a {payload.type_name()}, not a {kind.type_name()}")
    return payload


def _tracker(text: str) -> bytes:
    with stopping(USAGE, "--tracker"):
        return bytes.fromhex(take(look(text), "tracker", "ballot"))


def _latest(session: Session) -> _Latest:
    """The log now, which extends the record that was read."""
    record, known = session.record, policy(session.home.pin)
    with open_record(session.home.log or "") as source:
        note = source.checkpoint()
        checkpoint, times = known.verify(note)
        tree = Tree(checkpoint, source.fetch)
        tree.check_extends(TreeHead(checkpoint.origin, record.size, record.log.root(record.size)))
        return _Latest(tree, note, sorted(times.values()))


def _keep(latest: _Latest, index: int, entry: bytes, path: Path) -> None:
    write_whole(path, make_receipt(latest.tree, latest.note, index, entry))
    payload = decode(entry).payload
    what = f", day {payload.day}, serial {payload.serial}" if isinstance(payload, Ballot) else ": no ballot"
    print(f"recorded    entry {index}{what}")
    print(f"checkpoint  size {latest.tree.checkpoint.size}, seen by {len(latest.times)} witnesses")
    print(f"receipt     {path}: psephos receipt verify {path} --pin pin.json")


def _check_valid(session: Session, index: int) -> None:
    for void in session.record.void:
        if void.entry == index:
            raise Stop(f"the ballot is void: check {void.check}: {void.message}", FAILED)


def _judge(session: Session, latest: _Latest, promised: Promise | None, index: int | None) -> int:
    """Say what became of the promise."""
    if promised is None:
        if index is None:
            raise Stop("the log has no such ballot", FAILED)
        return 0
    now = latest.times[(len(latest.times) - 1) // 2]
    kept = is_kept(promised, index, session.record, now)
    if not kept and session.record.cancelled is not None:
        raise Stop("the referendum was cancelled: no ballot counts, and none is promised any more", FAILED)
    if kept is None:
        raise Stop(f"waits for the board: it promised the ballot for {utc(promised.deadline)}", WAITING)
    if not kept:
        what = "is not there" if index is None else "came later"
        raise Stop(f"promise broken: due at {utc(promised.deadline)}, the ballot {what}", FAILED)
    print("promise     kept")
    return 0
