"""Responses of registrars: all proofs of all of them hold, or nothing of any is used.

A wrong element under a valid proof would mark the card that shows its token later; so would using the
responses of some registrars while another's is wrong (`spec/proofs.md#evaluation`).
"""

from __future__ import annotations

from collections.abc import Sequence

from psephos.crypto.column import rows
from psephos.crypto.token import finalize, unblind
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import DECOY, NO_CARD, VOTER, PendingTokens
from psephos.protocol.entries import Refusal, TokenReceipt, TokenResponse, decode
from psephos.protocol.message import answer, read, request_id

PROOF = 96
"""Bytes of a proof of evaluation."""


def read_response(setting: Setting, asked: PendingTokens, message: bytes) -> TokenResponse | Refusal:
    """What a registrar answered to a request, before its proofs are looked at.

    VerificationError `token` through the registrar when it is signed and does not fit.
    """
    author = setting.author(asked.registrar)
    if asked.named:
        payload = answer(message, setting.election, author, lambda: asked.named).payload
    else:
        payload = _passed_on(setting, asked, message)
    if isinstance(payload, Refusal):
        return payload
    if not isinstance(payload, TokenResponse):
        raise _refuse(asked.registrar, f"answers with a {payload.type_name()}")
    _check_fit(asked, payload)
    if asked.voters:
        read_token_receipt(setting, asked.registrar, asked.region, asked.hash, payload.receipt)
    return payload


def _passed_on(setting: Setting, asked: PendingTokens, message: bytes) -> TokenResponse | Refusal:
    """The answer to what a trustee passed on: the registrar's, or the trustee's own refusal."""
    entry, trustees = decode(message, message=True), setting.definition.trustees.members
    refused = isinstance(entry.payload, Refusal) and entry.author in [trustee.key for trustee in trustees]
    author = entry.author if refused else setting.author(asked.registrar)
    payload = read(message, setting.election, author).payload
    if (
        isinstance(payload, Refusal)
        and refused
        and payload.request != request_id(asked.message, message=True)
    ):
        raise VerificationError("signature", author.hex(), "refuses another request")
    return payload  # type: ignore[return-value]  # whose type is looked at next


def _check_fit(asked: PendingTokens, response: TokenResponse) -> None:
    """Everything about a response but its points."""
    decoys = len(asked.blinded) // 32 - asked.voters
    proof = PROOF if decoys else 0
    fits = (response.region, response.hash) == (asked.region, asked.hash)
    fits = fits and asked.named in (b"", response.request)
    fits = fits and (len(response.decoys), len(response.decoy_proof)) == (32 * decoys, proof)
    if not fits:
        raise _refuse(asked.registrar, "the response is to another request")
    if not asked.voters and (any(response.voter_evaluated + response.voter_proof) or response.receipt):
        raise _refuse(asked.registrar, "a voter token where none was asked for")


def read_token_receipt(
    setting: Setting, registrar: int, region: int, name: bytes, message: bytes
) -> TokenReceipt:
    """A registrar's word that it gave a hash of its roll tokens; VerificationError for anything else."""
    try:
        payload = read(message, setting.election, setting.author(registrar)).payload
    except FormatError as error:
        raise _refuse(registrar, f"token receipt: {error}") from error
    if not isinstance(payload, TokenReceipt) or (payload.region, payload.hash) != (region, name):
        raise _refuse(registrar, "the token receipt is another's")
    return payload


def tokens(
    setting: Setting, asked: Sequence[PendingTokens], responses: Sequence[TokenResponse]
) -> list[dict[int, bytes]]:
    """The tokens that each response gives, by the card of the draft; those of random inputs are thrown away.

    A token is a point, 32 bytes; without decoys RFC 9497's output, 64 bytes. All proofs are checked first:
    VerificationError `token` names the registrars whose do not hold.
    """
    given = _finished(setting, asked, responses)
    made, end = [], 0
    for one in asked:
        start, end = end, end + len(one.cards)
        pairs = zip(one.cards, given[start:end], strict=True)
        made.append({card: token for card, token in pairs if card != NO_CARD})
    return made


def _finished(
    setting: Setting, asked: Sequence[PendingTokens], responses: Sequence[TokenResponse]
) -> list[bytes]:
    """The tokens of all elements of all requests, in order."""
    try:
        return _unblinded(setting, asked, responses)
    except FormatError:
        wrong = sorted(
            {
                one.registrar
                for one, response in zip(asked, responses, strict=True)
                if not holds(setting, one, response)
            }
        )
        names = ", ".join(f"registrar {number}" for number in wrong)
        raise VerificationError("token", names, "a proof of evaluation does not hold") from None


def holds(setting: Setting, asked: PendingTokens, response: TokenResponse) -> bool:
    """Whether the proofs of a response hold, of whose elements there are as many as were asked for."""
    try:
        _unblinded(setting, [asked], [response])
    except FormatError:
        return False
    return True


def _unblinded(
    setting: Setting, asked: Sequence[PendingTokens], responses: Sequence[TokenResponse]
) -> list[bytes]:
    """One call for all, so that every proof is checked before the first element is unblinded."""
    places, counts, publics, evaluated, proofs = [], [], b"", b"", b""
    for one, response in zip(asked, responses, strict=True):
        keys, decoys = setting.publics(one.registrar, one.region), len(response.decoys) // 32
        if one.voters:
            places.append((one.region, one.registrar, VOTER))
            counts.append(1)
            publics, proofs = publics + keys[:32], proofs + response.voter_proof
            evaluated += response.voter_evaluated
        if decoys:
            places.append((one.region, one.registrar, DECOY))
            counts.append(decoys)
            publics, proofs = publics + keys[32:], proofs + response.decoy_proof
            evaluated += response.decoys
    blinds, blinded = (b"".join(getattr(one, name) for one in asked) for name in ("blinds", "blinded"))
    if setting.weighted:
        points = unblind(setting.election, places, counts, publics, blinds, blinded, evaluated, proofs)
        return rows(points, 32)
    inputs = b"".join(one.inputs for one in asked)
    outputs = finalize(setting.election, places, counts, publics, inputs, blinds, blinded, evaluated, proofs)
    return rows(outputs, 64)


def _refuse(registrar: int, message: str) -> VerificationError:
    return VerificationError("token", f"registrar {registrar}", message)
