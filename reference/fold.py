"""The state of a referendum as a fold over its log: spec/phases.md, with the checks of spec/checks.md.

`take` raises FatalError; void entries are collected, because a ballot's proofs are checked
together with all others of its day, when the day is sealed.
"""

from __future__ import annotations

from collections.abc import Callable

import closing
import definition
import ed25519
import enrolment
import entries
import note
import release
import voting
import words
from ceremony import SHORTEST, Ceremony, FatalError, VoidError
from entries import Entry
from head import definition_hash
from state import Region, State, Witnessed

Handler = Callable[[State, int, Entry], None]
AFTER_CANCEL = {"part", "checkpoint", "grant", "request"} | words.SPOKEN
AFTER_CLOSE = AFTER_CANCEL | {"annulment", "close", "shares", "result", "booth-manifest"}
SEVERAL = {
    "bundler": {"organiser", "registrar", "board", "trustee"},
    "speaker": {"organiser", "registrar", "board", "trustee", "appeals", "observer"},
    "grantor": {"organiser", "registrar", "trustee"},
}  # the roles of those who may write what several may; witnesses grant too
CHECKS = {
    "checkpoint": ["1.7", "1.8"],
    **{name: ["1.9"] for name in words.HANDLERS},
    "amend": ["2.3"],
    "cancel": ["2.3"],
    "ceremony-reveal": ["3.1", "3.2", "3.4"],
    "ceremony-deal": ["3.1", "3.2", "3.4"],
    "ceremony-answer": ["3.1", "3.2", "3.4"],
    "ceremony-sign": ["3.1", "3.3", "3.4"],
    "token-keys": ["4.4"],
    "roll": ["4.1"],
    "batch": ["4.2", "4.3", "4.5"],
    "issued": ["4.6"],
    "given": ["4.8"],
    "open": ["5.1", "5.3"],
    "seal": ["5.2", "5.3"],
    "ballot": ["6.1", "6.2", "6.3"],
    "weighing": ["7.1", "7.2"],
    "close": ["8.2", "8.1"],
    "shares": ["9.1", "9.2"],
    "result": ["10.2"],
}  # of each type in their order, but for 1.4 to 1.6: spec/judgement.md#counts


def take(state: State, data: bytes) -> None:
    """The next entry of the log."""
    index = state.index
    state.index += 1
    try:
        _judge(state, index, data)
    except FatalError as error:
        if state.stands < 0:
            raise
        state.afterwards.append((index, error.check, error.culprit, str(error)))


def _judge(state: State, index: int, data: bytes) -> None:
    entry = _parse(state, data)
    if not state.regions:
        return _definition(state, entry)
    try:
        if entry.type == "ballot":
            return _checked(state, index, entry, voting.take_ballot)
        _entry(state, index, entry)
    except FatalError:
        raise
    except VoidError as error:
        state.list_void(index, error.check, error.culprit or state.culprit(entry), str(error))


def _checked(state: State, index: int, entry: Entry, handle: Handler) -> None:
    """The checks of an entry's type, each counted up to the one that it fails."""
    started = entry.type.startswith("ceremony-")
    checks = CHECKS.get(entry.type, ["3.1", "3.4"] if started else [])
    try:
        handle(state, index, entry)
    except VoidError as error:
        if error.check != "1.6":
            state.examine(checks[: checks.index(error.check) + 1] if error.check in checks else checks)
        raise
    state.examine(checks)


def _parse(state: State, data: bytes) -> Entry:
    state.examine(["1.4"])
    try:
        return entries.parse(data)
    except ValueError as error:
        raise FatalError("1.4", str(error), "board") from error


def _definition(state: State, entry: Entry) -> None:
    """Checks 2.1 and 2.2: the hash is pinned, so the rest can be believed."""
    state.examine(["2.1"])
    arrived = state.arrival.take(entry, state.pinned)
    if arrived is None:
        return
    first, document = arrived
    state.must("2.1", definition_hash(document) == state.pinned, "not the pinned definition", "organiser")
    state.examine(["2.2"])
    try:
        state.definition = definition.parse(document)
    except ValueError as error:
        raise FatalError("2.2", str(error), "organiser") from error
    right = (first.author, first.referendum) == (state.definition.organiser, state.pinned)
    state.must("2.1", right and first.signed(), "not signed by the organiser", "organiser")
    state.must("2.1", state.log == state.definition.log, "the pin names another log", "organiser")
    needed = max(state.definition.threshold, state.definition.close)
    trustees, threshold = len(state.definition.trustees), state.definition.threshold
    timeout = max(state.definition.tolerance, state.definition.round, SHORTEST)
    state.ceremony = Ceremony(state.pinned, trustees, threshold, needed, timeout)
    state.regions = [Region(list(region.days)) for region in state.definition.regions]


def _entry(state: State, index: int, entry: Entry) -> None:
    """Checks 1.5 and 1.6, then those of the type."""
    state.examine(["1.5"])
    referendum = state.pinned if entry.scope == "d" else state.ceremony.election
    by_author = referendum and entry.referendum == referendum and _may_write(state, entry)
    proper = entry.authors != "anybody" or ed25519.proper_key(entry.author)
    if not by_author or not proper or not entry.signed():
        raise VoidError("1.5", "wrong referendum, author or signature", "board")
    if entry.type != "weighing":
        state.examine(["1.6"])
        state.in_phase(not state.cancelled or entry.type in AFTER_CANCEL, "the referendum is cancelled")
        state.in_phase(state.closed_at < 0 or entry.type in AFTER_CLOSE, "the referendum is closed")
    _checked(state, index, entry, HANDLERS.get(entry.type, _ceremony))


def _may_write(state: State, entry: Entry) -> bool:
    named = state.definition.party(entry.author)
    if entry.authors in ("lead", "endorser"):
        return named.startswith("registrar ") and (named == "registrar 1") == (entry.authors == "lead")
    role = named.split(" ")[0]
    if not role and entry.author in state.accredited:
        role = "observer"
    if entry.type == "grant" and state.definition.witness(entry.author):
        return True
    return entry.authors == "anybody" or role in SEVERAL.get(entry.authors, {entry.authors})


def _second_definition(state: State, index: int, entry: Entry) -> None:
    state.in_phase(False, "a second definition")


def _checkpoint(state: State, index: int, entry: Entry) -> None:
    """Checks 1.7 and 1.8."""
    try:
        checkpoint = note.parse_checkpoint(entry["note"])
        by_log = checkpoint.origin == state.log.name and checkpoint.signed_by(state.log)
    except ValueError as error:
        raise FatalError("1.7", str(error), "board") from error
    state.must("1.7", by_log and checkpoint.size <= index, "not a checkpoint of this log", "board")
    state.must("1.7", checkpoint.root == state.root(checkpoint.size), "another root", "board")
    try:
        times = sorted(checkpoint.cosignatures(state.definition.witnesses).values())
    except ValueError as error:
        raise VoidError("1.8", str(error), "board") from error
    if len(times) < state.definition.quorum:
        raise VoidError("1.8", "the quorum of witnesses has not cosigned", "board")
    seen, passed = times[(len(times) - 1) // 2], times[len(times) // 2]
    new = Witnessed(index, checkpoint.size, checkpoint.root, seen, passed)
    state.checkpoints.append(new)
    state.now = max(state.now, passed)
    enrolment.put_out(state, index)
    if state.stands < 0 <= state.concluded < new.size:
        state.stands = index


def _ceremony(state: State, index: int, entry: Entry) -> None:
    """Checks 3.1 to 3.4."""
    trustee = int(state.definition.party(entry.author).removeprefix("trustee ").replace("organiser", "0"))
    state.ceremony.take(entry, index, trustee, state.checkpoints)


def _cancel(state: State, index: int, entry: Entry) -> None:
    state.cancelled, state.concluded = True, index
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
    "token-keys": enrolment.take_token_keys,
    "roll": enrolment.take_roll,
    "given": enrolment.take_given,
    "batch": enrolment.take_batch,
    "endorse": enrolment.take_endorse,
    "issued": enrolment.take_issued,
    "open": voting.take_open,
    "seal": voting.take_seal,
    "weighing": closing.take_weighing,
    "close": _close,
    "shares": release.take_shares,
    "result": release.take_result,
    **words.HANDLERS,
    "amend": voting.take_amend,
    "cancel": _cancel,
    "booth-manifest": _manifest,
}  # all others are the ceremony's
