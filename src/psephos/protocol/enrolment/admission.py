"""Admissions as registrars judge them, and whoever judges a refusal (`spec/messages.md#admission`).

What is known and what is closed the registrar looks up between the steps here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hmac import compare_digest
from typing import NamedTuple

from psephos.crypto import admission
from psephos.crypto.card import PLAIN_RECORD, RECORD, check_cards
from psephos.crypto.column import rows
from psephos.crypto.group import check_points, sum_scalars
from psephos.crypto.schnorr import check_signatures
from psephos.crypto.token import token_inputs, token_outputs
from psephos.crypto.transcript import transcript_hashes
from psephos.errors import FormatError
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import Admission, Entry, decode
from psephos.protocol.labels import CARD_ENTRY

PURPOSE = "admission"
OUTPUT = 64
"""Bytes of what a card shows of its token where cards have no weights."""


class Rejection(NamedTuple):
    """Why something is refused: one word, and what is wrong."""

    reason: str
    detail: str
    evidence: bytes = b""


REFUSED = Rejection("refused", "the card's signature, its record or its token does not hold")
"""The same for all, so that it tells nothing of a token."""


def admission_of(entry: Entry) -> Admission:
    """The payload of a decoded admission."""
    if not isinstance(entry.payload, Admission):
        raise FormatError(f"a {entry.payload.type_name()} is no admission")
    return entry.payload


def decode_admissions(
    setting: Setting, registrar: int, messages: Sequence[bytes]
) -> tuple[dict[int, Entry], dict[int, Rejection]]:
    """Step 1: admissions to a registrar by their position in `messages`, and `form` of all others."""
    admissions: dict[int, Entry] = {}
    faults: dict[int, Rejection] = {}
    for position, message in enumerate(messages):
        try:
            admissions[position] = _decode(setting, registrar, message)
        except FormatError as error:
            faults[position] = Rejection("form", str(error))
    for position in _strange(setting, admissions):
        del admissions[position]
        faults[position] = Rejection("form", "admission: not all points and scalars are canonical")
    return admissions, faults


def _decode(setting: Setting, registrar: int, message: bytes) -> Entry:
    entry = decode(message, message=True)
    payload = admission_of(entry)
    if entry.referendum != setting.election:
        raise FormatError("admission: of another referendum")
    if payload.region >= len(setting.definition.regions):
        raise FormatError(f"admission: there is no region {payload.region}")
    if payload.registrar != registrar:
        raise FormatError(f"admission: to registrar {payload.registrar}")
    lengths = len(payload.record), len(payload.token), len(payload.proof)
    expected = (RECORD, admission.SHOWN, admission.PROOF) if setting.weighted else (PLAIN_RECORD, OUTPUT, 0)
    if lengths != expected:
        raise FormatError("admission: record, token or proof has another length")
    if entry.author != payload.record[:32] or not any(entry.author):
        raise FormatError("admission: its card is not its author, or none")
    return entry


def _strange(setting: Setting, admissions: Mapping[int, Entry]) -> set[int]:
    """The positions of admissions with a point or scalar that is not canonical: all are read in one call."""
    pieces = {position: _pieces(setting, admission_of(entry)) for position, entry in admissions.items()}
    owner = [position for position, (points, _) in pieces.items() for _ in range(len(points) // 32)]
    bad = check_points(b"".join(points for points, _ in pieces.values()), allow_identity=True)
    strange = {owner[row] for row in bad}
    if not _are_scalars(b"".join(scalars for _, scalars in pieces.values())):
        strange |= {position for position, (_, scalars) in pieces.items() if not _are_scalars(scalars)}
    return strange


def _pieces(setting: Setting, payload: Admission) -> tuple[bytes, bytes]:
    """All points and all scalars of an admission."""
    record = payload.record
    points, scalars = record[:32] + record[-64:-32], record[-32:]
    if setting.weighted:
        points += record[32:224] + payload.token + payload.proof[:160]
        scalars += record[224:320] + payload.proof[160:]
    return points, scalars


def _are_scalars(scalars: bytes) -> bool:
    try:
        sum_scalars(scalars)
    except FormatError:
        return False
    return True


def check_authors(admissions: Mapping[int, Entry]) -> dict[int, Rejection]:
    """Step 2: signatures of cards, of decoded admissions by position."""
    entries = list(admissions.values())
    keys, hashes, signatures = (
        b"".join(getattr(entry, name) for entry in entries) for name in ("author", "body_hash", "signature")
    )
    positions = list(admissions)
    return {positions[row]: REFUSED for row in check_signatures(PURPOSE, keys, hashes, signatures)}


def check_admissions(
    setting: Setting, registrar: int, secrets: Callable[[int], bytes], admissions: Mapping[int, Entry]
) -> dict[int, Rejection]:
    """Steps 5 and 6: records, then tokens of those whose record holds, of decoded admissions by position.

    `secrets` gives a region's `v || d`; `v` alone without decoys.
    """
    payloads = {position: admission_of(entry) for position, entry in admissions.items()}
    faults: dict[int, Rejection] = {}
    for region in {payload.region for payload in payloads.values()}:
        here = {position: one for position, one in payloads.items() if one.region == region}
        for position in _wrong_records(setting, region, here):
            faults[position] = REFUSED
        left = {position: one for position, one in here.items() if position not in faults}
        for position in _wrong_tokens(setting, (region, registrar), secrets(region), left):
            faults[position] = REFUSED
    return faults


def _wrong_records(setting: Setting, region: int, payloads: Mapping[int, Admission]) -> Iterator[int]:
    """The bit proof alone stops other weights than 0 and 1: it is checked first."""
    records, positions = b"".join(payload.record for payload in payloads.values()), list(payloads)
    bad = check_cards(setting.election, region, setting.key, records, not setting.weighted)
    return (positions[row] for row, _ in bad)


def _wrong_tokens(
    setting: Setting, place: tuple[int, int], secrets: bytes, payloads: Mapping[int, Admission]
) -> Iterator[int]:
    positions, region = list(payloads), place[0]
    records, shown, proofs = (
        b"".join(getattr(payload, name) for payload in payloads.values())
        for name in ("record", "token", "proof")
    )
    if setting.weighted:
        where = setting.election, place, setting.key
        bad = admission.check_admissions(*where, secrets, records, shown, proofs)
        return (positions[row] for row, _ in bad)
    keys = b"".join(record[:32] for record in rows(records, PLAIN_RECORD))
    outputs = token_outputs(secrets, token_inputs(setting.election, region, keys))
    pairs = zip(rows(outputs, OUTPUT), rows(shown, OUTPUT), strict=True)
    return iter([positions[row] for row, pair in enumerate(pairs) if not compare_digest(*pair)])


def known(setting: Setting, region: int, record: bytes) -> Rejection:
    """The refusal of another record for a card that was admitted with `record` in `region`."""
    evidence = card_entry_hash(setting, region, record) + record[-64:]
    return Rejection("known", "another record of this card was admitted", evidence)


def card_entry_hash(setting: Setting, region: int, record: bytes) -> bytes:
    """What a card's signature in its record is over (`spec/proofs.md#card-record`)."""
    ciphertext, proof = (record[32:96], record[96:320]) if setting.weighted else (b"", b"")
    labels = ["election", "region", "card", "ciphertext", "proof"]
    fields = setting.election, region.to_bytes(2, "little"), record[:32], ciphertext, proof
    return transcript_hashes(CARD_ENTRY, labels, [fields])
