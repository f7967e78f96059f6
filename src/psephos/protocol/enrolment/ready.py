"""Whether a registrar is ready for a voter: asked of every one before tokens (`spec/messages.md#ready`)."""

from __future__ import annotations

from psephos.errors import VerificationError
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import padded
from psephos.protocol.entries import Ready, ReadyRequest, Refusal
from psephos.protocol.message import answer, request_id
from psephos.protocol.setup.definition import Definition

LONGEST_WAIT = 600
"""Seconds for tokens, or four rounds of the board where these are longer."""


def ask_ready(setting: Setting, region: int, opening: RollOpening) -> bytes:
    """The request that shows a registrar the opening of a hash on its roll."""
    return padded(setting.election, lambda zeros: ReadyRequest(region, opening.salt, opening.voter, zeros))


def read_ready(
    setting: Setting, registrar: int, region: int, opening: RollOpening, message: bytes
) -> Ready | Refusal:
    """What a registrar answered; VerificationError `ready` when that is neither."""
    request = request_id(ask_ready(setting, region, opening), message=True)
    payload = answer(message, setting.election, setting.author(registrar), lambda: request).payload
    if isinstance(payload, Refusal):
        return payload
    name = opening.hash(setting.definition.hash, registrar, region)
    if not isinstance(payload, Ready) or (payload.request, payload.region, payload.hash) != (
        request,
        region,
        name,
    ):
        raise VerificationError("ready", f"registrar {registrar}", "answers another request")
    if payload.wait > (longest := longest_wait(setting.definition)):
        detail = f"would take {payload.wait} seconds for tokens, and {longest} are the most"
        raise VerificationError("ready", f"registrar {registrar}", detail)
    return payload


def longest_wait(definition: Definition) -> int:
    """Seconds within which every registrar must answer a token request."""
    return max(LONGEST_WAIT, 4 * definition.round)
