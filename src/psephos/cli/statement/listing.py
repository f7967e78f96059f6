"""`psephos statement list`: what was said, with when it was logged and how long answers took."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import first_use, open_record, read_pin
from psephos.cli.verify import Switch
from psephos.language.formats import duration, local_span, local_time
from psephos.observer.text import plain
from psephos.protocol import entries
from psephos.protocol.correspondence import AWAITING, Author, Reply, Words, unquoted, words
from psephos.protocol.entries import Payload
from psephos.protocol.record import Record
from psephos.protocol.sayings import SAYINGS, read_point
from psephos.protocol.setup.pin import policy_text
from psephos.protocol.witnessed import Span, Timeline, Witnessed
from psephos.reader import Reader, witnessed
from psephos.verifier.run import policy

_LISTED: tuple[type[Payload], ...] = (*SAYINGS, entries.Request, entries.Grant)
KINDS = sorted(one.type_name() for one in _LISTED)
_MINUTE = 60
_REST = ("language", "text", "attachment", "sponsor", "countersignature", "work")
"""Members that are not facts of their own in a line."""


def listing(
    record: str,
    /,
    *,
    pin: Path | None = None,
    kind: str | None = None,
    unanswered: Switch = False,
    json: Switch = False,
) -> int:
    """List what was said in a log, in its order: by whom, between which times, who answered and how late.

    Times are those that witnesses signed. What is void is not listed. Without a pin the record's own
    definition is believed; `psephos verify` verifies the record.

    Example: psephos statement list https://vote.example/log --pin pin.json --kind incident --unanswered

    Parameters
    ----------
    record
        A directory with a log's files, or the http(s) URL of a log.
    pin
        The referendum's pin, from somebody you trust.
    kind
        Only this kind, such as incident or request.
    unanswered
        Only incidents, objections and requests that nobody has answered.
    json
        Print one JSON object an entry; times are UTC seconds, durations seconds.
    """
    if kind is not None and kind not in KINDS:
        raise Stop(f"no kind {kind!r}; there are {', '.join(KINDS)}", USAGE)
    known = None if pin is None else read_pin(pin)
    with open_record(record) as log, stopping(FAILED):
        the_policy = policy(known or first_use(log))
        folded = Reader(log, the_policy).read()
        timeline = _timeline(folded, log.checkpoint())
    for one in reversed(words(folded)):
        if one.kind in KINDS and kind in (None, one.kind) and (one.waiting or not unanswered):
            document = as_document(one, timeline, folded)
            print(json_text.dumps(document) if json else "\n".join(_lines(one, document)))
    return 0


def _timeline(record: Record, note: bytes) -> Timeline:
    size, root, times = witnessed(note, policy_text(record.definition))
    latest = Witnessed.of(size, size, root, times) if times else None
    return Timeline(tuple(record.checkpoints), latest)


def as_document(one: Words, timeline: Timeline, record: Record) -> dict[str, Any]:
    """What an entry says, as JSON: points in degrees, regions and contests by their ids."""
    definition = record.definition
    said: dict[str, Any] = {field.name: getattr(one.payload, field.name) for field in fields(one.payload)}
    if "point" in said:
        said["point"] = read_point(said["point"])
    for name in ("region", "area"):
        if name in said:
            known = said[name] < len(definition.regions)
            said[name] = definition.regions[said[name]].id if known else None
    if "contest" in said:
        said["contest"] = definition.contests[said["contest"]].id
    return {
        "index": one.index,
        "type": one.kind,
        "author": _author(one.author) | {"key": one.key.hex()},
        "hash": one.body_hash.hex(),
        "logged": _span(timeline.span(one.index)),
        "said": {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()},
        "about": one.about,
        "answers": [_reply(one, reply, timeline) for reply in one.answers],
        "granted": _reply(one, one.granted, timeline) if one.granted else None,
        "waiting": one.waiting,
        "silent_for": one.silence(timeline),
    }


def _author(author: Author) -> dict[str, Any]:
    return {"name": author.name, "role": author.role}


def _span(span: Span) -> dict[str, Any]:
    return {"after": span.after, "before": span.before}


def _reply(one: Words, reply: Reply, timeline: Timeline) -> dict[str, Any]:
    delay = one.took(reply, timeline)
    took = {"at_least": delay.least, "at_most": delay.most}
    logged = _span(timeline.span(reply.index))
    return {
        "index": reply.index,
        "author": _author(reply.author),
        "own": reply.own,
        "logged": logged,
        "took": took,
    }


def _lines(one: Words, document: dict[str, Any]) -> Iterator[str]:
    author, logged, said = document["author"], document["logged"], document["said"]
    yield str(plain(f"{one.index:>8}  {one.kind}: {author['name']}, {author['role']}, {_between(logged)}"))
    if facts := "; ".join(_facts(said, document["about"])):
        yield str(plain(f"          {facts}"))
    if text := said.get("text", ""):
        yield str(plain(f"          {unquoted(text)}"))
    for reply in document["answers"]:
        verb = "its author adds" if reply["own"] else "answered"
        yield str(plain(f"          {verb} in entry {reply['index']}: {_replied(reply)}"))
    if document["granted"]:
        granted = document["granted"]
        yield str(plain(f"          granted in entry {granted['index']}: {_replied(granted)}"))
    if one.kind in AWAITING and one.waiting:
        silent = document["silent_for"]
        known = silent is not None and silent >= _MINUTE
        silence = f"for at least {duration(silent, 'en')}" if known else "yet"
        yield f"          not answered {silence}"


def _facts(said: dict[str, Any], about: int | None) -> Iterator[str]:
    for name, value in said.items():
        if name in _REST or value in ("", None):
            continue
        if name.startswith("observed"):
            yield f"{name.replace('_', ' ')} {local_time(value, 'UTC', 'en')}"
        elif name == "entry":
            yield f"about entry {value if about is None else about}"
        else:
            yield f"{name} {value}"


def _between(logged: dict[str, Any]) -> str:
    after, before = logged["after"], logged["before"]
    if after is not None and before is not None:
        same = after // _MINUTE == before // _MINUTE
        return local_time(after, "UTC", "en") if same else local_span(after, before, "UTC", "en")
    if after is None and before is None:
        return "not witnessed yet"
    return f"{'before' if after is None else 'after'} {local_time(after or before, 'UTC', 'en')}"


def _replied(reply: dict[str, Any]) -> str:
    author, took = reply["author"], reply["took"]
    least, most = took["at_least"], took["at_most"]
    said = [f"at least {duration(least, 'en')}"] if least >= _MINUTE else []
    said += [] if most is None else [f"at most {duration(max(most, _MINUTE), 'en', up=True)}"]
    return f"{author['name']}, {author['role']}" + (f", after {' and '.join(said)}" if said else "")
