"""Sealed requests at a registrar's post: opened, answered like the others, and sealed again.

Dummies wait with the admissions that came with them: their answers are there at one time
(`spec/messages.md#sealed-messages`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psephos.errors import FormatError
from psephos.protocol.enrolment.sealed import DUMMY, Opened, open_request, seal_response
from psephos.protocol.enrolment.token_keys import Gateway

_NONCE = 32
Answerer = Callable[[Sequence[bytes]], list[bytes]]
"""An answer to each message: what a registrar does with requests that are not sealed."""


class SealedPost:
    """Opens what was sealed to one registrar."""

    def __init__(self, gateway: Gateway, private: bytes, random: Callable[[int], bytes]) -> None:
        """`private` is the X25519 key of `gateway`; `random` gives so many bytes of the system's."""
        self._gateway, self._private, self._random = gateway, private, random

    def answer(self, requests: Sequence[bytes], admit: Answerer, refuse: Answerer) -> list[bytes]:
        """To each request the sealed response; to those that do not open what `refuse` says.

        `admit` gets the admissions, in their order, and nothing of dummies.
        """
        opened = [self._open(request) for request in requests]
        admissions = [one.content for one in opened if one is not None and one.content]
        answers = iter(admit(admissions) if admissions else [])
        refusals = iter(refuse([data for data, one in zip(requests, opened, strict=True) if one is None]))
        return [
            next(refusals) if one is None else self._seal(one, next(answers) if one.content else DUMMY)
            for one in opened
        ]

    def _open(self, request: bytes) -> Opened | None:
        try:
            return open_request(self._gateway, self._private, request)
        except FormatError:
            return None

    def _seal(self, opened: Opened, answer: bytes) -> bytes:
        return seal_response(opened, answer, self._random(_NONCE))
