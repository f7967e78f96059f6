"""Admissions as a device makes them: a message for each card and registrar (`spec/messages.md#admission`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256

from psephos.crypto import admission
from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.schnorr import sign
from psephos.errors import VerificationError
from psephos.protocol.enrolment.admission import PURPOSE, admission_of
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import Admission, CardReceipt, Refusal, decode, encode_body, seal
from psephos.protocol.message import answer, refused_as


def present(
    setting: Setting,
    registrar: int,
    drafts: Sequence[CardsDraft],
    tokens: Sequence[Mapping[int, bytes]],
    seed: bytes,
) -> list[list[bytes]]:
    """The admissions of drafts of one region to one registrar, in the order of their cards.

    `tokens` are those of each draft, by card, of that registrar. `seed` is 64 random bytes, others for each
    registrar: the first half is for what a proof hides, the second for signatures.
    """
    region, records = drafts[0].region, b"".join(draft.records for draft in drafts)
    own = [rows(draft.secrets, 16) for draft in drafts]
    given = b"".join(
        some[card] for some, cards in zip(tokens, own, strict=True) for card in range(len(cards))
    )
    shown, proofs = rows(given, 64), [b""] * (len(given) // 64)
    if setting.weighted:
        shown, proofs = _proven(setting, (region, registrar), drafts, given, seed[:32])
    pieces = zip(rows(records, setting.width), shown, proofs, strict=True)
    bodies = [
        encode_body(Admission(region, registrar, record, token, proof), setting.election, record[:32])
        for record, token, proof in pieces
    ]
    messages = iter(_signed(setting, region, drafts, bodies, seed[32:]))
    return [[next(messages) for _ in cards] for cards in own]


def _proven(
    setting: Setting, place: tuple[int, int], drafts: Sequence[CardsDraft], given: bytes, seed: bytes
) -> tuple[list[bytes], list[bytes]]:
    """What is shown of each token, and the proof that it fits its record."""
    region, registrar = place
    records, weights, randomness = (
        b"".join(getattr(draft, name) for draft in drafts) for name in ("records", "weights", "randomness")
    )
    publics = setting.publics(registrar, region)
    shown, proofs = admission.make_admissions(
        setting.election, place, setting.key, publics, records, weights, randomness, given, seed
    )
    return rows(shown, admission.SHOWN), rows(proofs, admission.PROOF)


def _signed(
    setting: Setting, region: int, drafts: Sequence[CardsDraft], bodies: Sequence[bytes], seed: bytes
) -> list[bytes]:
    """Each message signed by its card."""
    scalars, _ = derive_cards(setting.election, region, b"".join(draft.secrets for draft in drafts))
    hashes = b"".join(sha256(body).digest() for body in bodies)
    signatures = rows(sign(PURPOSE, hashes, scalars, seed), 64)
    return [seal(body, signature) for body, signature in zip(bodies, signatures, strict=True)]


def read_receipt(setting: Setting, admission_message: bytes, message: bytes) -> CardReceipt | Refusal:
    """What a registrar answered to an admission; VerificationError `receipt` for another card's receipt."""
    sent = admission_of(decode(admission_message, message=True))
    author = setting.author(sent.registrar)
    refused = partial(refused_as, admission_message, message=True)
    payload = answer(message, setting.election, author, refused).payload
    if isinstance(payload, Refusal):
        return payload
    wanted = (sent.region, sent.record[:32], sha256(sent.record).digest())
    if not isinstance(payload, CardReceipt) or (payload.region, payload.card, payload.record) != wanted:
        raise VerificationError("receipt", f"registrar {sent.registrar}", "the receipt is another card's")
    return payload
