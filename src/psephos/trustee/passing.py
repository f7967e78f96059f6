"""Requests for decoy tokens that a trustee passes on for anybody (`spec/messages.md#tokens`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256

from psephos.crypto import cbor
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.post.channel import Channel
from psephos.post.post import Requests
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NOBODY, pass_on
from psephos.protocol.entries import DecoyRequest, Refusal, decode, encode
from psephos.protocol.message import request_id

_PASSED = "passed"
MOST = 100
"""Requests of a region to a registrar, unless the trustee says otherwise."""


class Passing:
    """Answers decoy-requests. Of those it passed on it keeps hashes: each counts once."""

    def __init__(
        self,
        setting: Setting,
        key: SigningKey,
        posts: Mapping[int, Channel],
        secrets: KeyStore,
        clock: Callable[[], int],
        most: int = MOST,
    ) -> None:
        """`posts` are registrars' by number; at most `most` requests of a region are passed on to each."""
        self._setting, self._key, self._posts = setting, key, posts
        self._secrets, self._clock, self._most = secrets, clock, most
        stored = secrets.read(_PASSED)
        items = cbor.decode(stored)[1:] if stored else []
        self._passed = {bytes(name): place for place, name in zip(items[::2], items[1::2], strict=True)}  # type: ignore[arg-type]

    def answer(self, message: bytes, timeout: float = 0.0) -> bytes | None:
        """What the registrar answers, or a refusal; None while the registrar has not answered."""
        try:
            request = self._read(message)
            own = pass_on(self._setting, request, self._key)
        except FormatError as error:
            return self._refuse(message, "form", str(error)[:200])
        if self._clock() >= self._setting.definition.regions[request.region].closes:
            return self._refuse(message, "closed", "no tokens are given for this region any more")
        if not self._count(message, request):
            return self._refuse(message, "limit", f"{self._most} requests of this region were passed on")
        return self._posts[request.registrar].exchange(own, timeout)

    def _read(self, message: bytes) -> DecoyRequest:
        entry = decode(message, message=True)
        request = entry.payload
        if not isinstance(request, DecoyRequest) or entry.author != NOBODY:
            raise FormatError(f"a {request.type_name()} is no decoy-request of nobody")
        if entry.referendum != self._setting.election:
            raise FormatError("decoy-request: of another referendum")
        if request.region >= len(self._setting.definition.regions):
            raise FormatError(f"decoy-request: there is no region {request.region}")
        return request

    def _count(self, message: bytes, request: DecoyRequest) -> bool:
        """Whether a request may be passed on; it is on disk, then, that it was."""
        name, place = sha256(message).digest(), request.registrar << 16 | request.region
        if name in self._passed:
            return True
        if Counter(self._passed.values())[place] >= self._most:
            return False
        self._passed[name] = place
        flat = [item for name, place in self._passed.items() for item in (place, name)]
        self._secrets.write(_PASSED, cbor.encode([1, *flat]))
        return True

    def _refuse(self, message: bytes, reason: str, detail: str) -> bytes:
        refusal = Refusal(request_id(message, message=True), reason, detail, b"")
        return encode(refusal, self._setting.election, self._key.public.raw, self._key.sign)


def serve(passing: Passing, post: Requests, timeout: float = 0.0) -> int:
    """Answer what can be answered now of all that waits; returns how many that were."""
    served = 0
    for name, message in post.waiting():
        if (answer := passing.answer(message, timeout)) is not None:
            post.answer(name, answer)
            served += 1
    return served
