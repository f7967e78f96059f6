"""The state of a referendum as a fold over its log: spec/phases.md, with the checks of spec/checks.md.

`take` raises FatalError or MissingError; void entries are collected, because a ballot's proofs are checked
together with all others of its day, when the day is sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import closing
import definition
import ed25519
import enrolment
import entries
import note
import release
import voting
from ceremony import Ceremony, FatalError, VoidError
from entries import Entry
from state import Region, State, Witnessed

Handler = Callable[[State, int, Entry], None]
AFTER_CANCEL = {"part", "checkpoint", "statement", "accreditation"}


def take(state: State, data: bytes) -> None:
    """The next entry of the log."""
    index, entry = state.index, _parse(state, data)
    state.index += 1
    if index == 0:
        return _definition(state, entry)
    if entry.type == "ballot":
        return _attempt(state, index, entry, voting.take_ballot)
    _attempt(state, index, entry, _entry)


def _attempt(state: State, index: int, entry: Entry, handle: Handler) -> None:
    try:
        handle(state, index, entry)
    except FatalError:
        raise
    except VoidError as error:
        state.list_void(index, error.check, error.culprit or state.culprit(entry), str(error))


def _parse(state: State, data: bytes) -> Entry:
    state.looked["1.4"] += 1
    try:
        return entries.parse(data)
    except ValueError as error:
        raise FatalError("1.4", str(error), "board") from error


def _definition(state: State, entry: Entry) -> None:
    """Checks 2.1 and 2.2: the hash is pinned, so the rest can be believed."""
    state.looked.update(["2.1"])
    state.must("2.1", entry.type == "definition", "entry 0 is no definition", "organiser")
    document = entry["document"]
    state.must("2.1", sha256(document).digest() == state.pinned, "not the pinned definition", "organiser")
    state.looked.update(["2.2"])
    try:
        state.definition = definition.parse(document)
    except ValueError as error:
        raise FatalError("2.2", str(error), "organiser") from error
    right = (entry.author, entry.referendum) == (state.definition.organiser, state.pinned)
    state.must("2.1", right and entry.signed(), "not signed by the organiser", "organiser")
    state.must("2.1", state.log == state.definition.log, "the pin names another log", "organiser")
    trustees, threshold = len(state.definition.trustees), state.definition.threshold
    state.ceremony = Ceremony(state.pinned, trustees, threshold)
    state.regions = [Region(list(region.days)) for region in state.definition.regions]


def _entry(state: State, index: int, entry: Entry) -> None:
    """Check 1.5, then the checks of the type."""
    state.looked["1.5"] += 1
    referendum = state.pinned if entry.scope == "d" else state.ceremony.election
    by_author = referendum and entry.referendum == referendum and _may_write(state, entry)
    if not by_author or not entry.signed():
        raise VoidError("1.5", "wrong referendum, author or signature", "board")
    if entry.type != "weighing":
        _in_time(state, entry)
    HANDLERS.get(entry.type, _ceremony)(state, index, entry)


def _may_write(state: State, entry: Entry) -> bool:
    named = state.definition.party(entry.author)
    if entry.authors in ("named", "accredited"):
        return bool(named) or (entry.authors == "accredited" and entry.author in state.accredited)
    return named.split(" ")[0] == entry.authors


def _in_time(state: State, entry: Entry) -> None:
    """Check 1.6 of what a cancel ends."""
    state.looked["1.6"] += 1
    ended = state.cancelled and entry.type not in AFTER_CANCEL
    state.need("1.6", not ended, "the referendum is cancelled")


def _second_definition(state: State, index: int, entry: Entry) -> None:
    raise VoidError("1.6", "a second definition")


def _statement(state: State, index: int, entry: Entry) -> None:
    said = entry["subject"] and entry["language"] and entry["text"]
    state.need("1.6", bool(said), "an empty statement")
    state.need("1.6", len(entry["attachment"]) in (0, 32), "attachment is not a hash")


def _accreditation(state: State, index: int, entry: Entry) -> None:
    new = entry["key"] not in state.accredited and not state.definition.party(entry["key"])
    state.need("1.6", new, "accredits a key that is known")
    state.need("1.6", bool(entry["name"] and entry["role"]), "name or role is empty")
    state.need("1.6", ed25519.proper_key(entry["key"]), "not a proper Ed25519 key")
    state.accredited.add(entry["key"])


def _checkpoint(state: State, index: int, entry: Entry) -> None:
    """Checks 1.7 and 1.8."""
    state.looked.update(["1.7"])
    try:
        checkpoint = note.parse_checkpoint(entry["note"])
        own = checkpoint.origin == state.log.name and checkpoint.signed_by(state.log)
    except ValueError as error:
        raise FatalError("1.7", str(error), "board") from error
    state.must("1.7", own and checkpoint.size <= index, "not a checkpoint of this log", "board")
    state.must("1.7", checkpoint.root == state.root(checkpoint.size), "another root", "board")
    state.looked.update(["1.8"])
    try:
        times = sorted(checkpoint.cosignatures(state.definition.witnesses).values())
    except ValueError as error:
        raise VoidError("1.8", str(error), "witnesses") from error
    if len(times) < state.definition.quorum:
        raise VoidError("1.8", "the quorum of witnesses has not cosigned", "witnesses")
    time = times[(len(times) - 1) // 2]
    state.checkpoints.append(Witnessed(index, checkpoint.size, checkpoint.root, time))


def _ceremony(state: State, index: int, entry: Entry) -> None:
    """Checks 3.1 to 3.4."""
    state.looked["3.1"] += 1
    checks = {"ceremony-reveal": "3.2", "ceremony-deal": "3.2", "ceremony-answer": "3.2"}
    checks["ceremony-sign"] = "3.3"
    state.looked.update([checks[entry.type]] if entry.type in checks else [])
    trustee = int(state.definition.party(entry.author).removeprefix("trustee ").replace("organiser", "0"))
    state.ceremony.take(entry, index, trustee, [(c.size, c.root) for c in state.checkpoints])
    state.looked["3.4"] = 1


def _cancel(state: State, index: int, entry: Entry) -> None:
    state.looked["2.3"] += 1
    state.need("2.3", state.closed_at < 0, "the referendum is closed")
    state.cancelled = True
    state.result = release.document(state, "cancelled")


def _close(state: State, index: int, entry: Entry) -> None:
    closing.take_close(state, index, entry)
    if state.closed_at == index:
        release.begin_count(state)


def _part(state: State, index: int, entry: Entry) -> None:
    state.parts.add(entry)


def _manifest(state: State, index: int, entry: Entry) -> None:
    """Always valid."""


HANDLERS: dict[str, Handler] = {
    "definition": _second_definition,
    "part": _part,
    "checkpoint": _checkpoint,
    "roll": enrolment.take_roll,
    "batch": enrolment.take_batch,
    "issued": enrolment.take_issued,
    "open": voting.take_open,
    "seal": voting.take_seal,
    "weighing": closing.take_weighing,
    "close": _close,
    "shares": release.take_shares,
    "result": release.take_result,
    "statement": _statement,
    "accreditation": _accreditation,
    "amend": voting.take_amend,
    "cancel": _cancel,
    "booth-manifest": _manifest,
}  # all others are the ceremony's
