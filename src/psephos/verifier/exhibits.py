"""What many messages might prove, each a file: receipts and answers that belong together are one exhibit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psephos.errors import FormatError, PsephosError
from psephos.protocol import entries
from psephos.protocol.entries import BatchAnswer, BatchQuery, CardReceipt, Entry
from psephos.verifier.claims import claim
from psephos.verifier.enrolment_claims import LeftOut
from psephos.verifier.evidence import Exhibit

REQUEST = ".entry"
"""How a file's name ends that holds what another of the same name answers."""
_ANSWERS = (".refusal", ".response")


def exhibits(
    documents: Mapping[str, bytes], checkpoint: bytes
) -> Iterator[tuple[str, Exhibit | PsephosError]]:
    """What files might prove under a checkpoint, or why nothing, by the name of the first.

    A refusal, or a response with tokens, is `NAME.refusal` or `NAME.response` beside `NAME.entry`.
    """
    messages = dict(_decoded(documents))
    receipts: dict[tuple[int, bytes, bytes], list[str]] = {}
    for name in sorted(set(documents) - {name for name in documents if name.endswith(REQUEST)}):
        entry = messages.get(name)
        if entry is not None and isinstance(entry.payload, CardReceipt):
            one = entry.payload
            receipts.setdefault((one.region, one.card, one.record), []).append(name)
        elif entry is None or not isinstance(entry.payload, BatchQuery | BatchAnswer):
            yield name, _single(name, documents, checkpoint)
    for (_, _, record), names in receipts.items():
        asked = list(_about(record, messages))
        yield names[0], LeftOut(tuple(documents[name] for name in [*names, *asked]), checkpoint)


def _decoded(documents: Mapping[str, bytes]) -> Iterator[tuple[str, Entry]]:
    for name, message in documents.items():
        try:
            yield name, entries.decode(message, message=True)
        except FormatError:
            continue  # said when the file itself is looked at


def _single(name: str, documents: Mapping[str, bytes], checkpoint: bytes) -> Exhibit | PsephosError:
    bare, dot, suffix = name.rpartition(".")
    request = documents.get(bare + REQUEST) if dot + suffix in _ANSWERS else None
    try:
        return claim(documents[name], checkpoint, request)
    except PsephosError as error:
        return error


def _about(record: bytes, messages: Mapping[str, Entry]) -> Iterator[str]:
    """The files with queries about a card's record, and with their answers."""
    queries = {
        entry.body_hash
        for entry in messages.values()
        if isinstance(entry.payload, BatchQuery) and record in entry.payload.records
    }
    for name, entry in sorted(messages.items()):
        payload = entry.payload
        if entry.body_hash in queries or (isinstance(payload, BatchAnswer) and payload.query in queries):
            yield name
