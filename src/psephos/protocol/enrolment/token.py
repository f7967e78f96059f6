"""Blind tokens: eligibility, proven once, and spent by nobody in particular (`spec/messages.md#token`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psephos.crypto.group import base_multiples, random_scalars
from psephos.crypto.signature import SigningKey
from psephos.crypto.token import blind, finalize
from psephos.crypto.transcript import transcript_hashes
from psephos.errors import FormatError, VerificationError
from psephos.protocol.entry import Refusal, TokenRequest, TokenResponse, encode, encode_body, seal
from psephos.protocol.message import answer, identity
from psephos.protocol.setup.definition import Definition

DECOY, VOTER = 0, 1
"""Kinds of tokens, and what the cards of the groups that they admit weigh together."""
NOBODY = bytes(32)
UNSIGNED = bytes(64)
UNPROVEN = bytes(96)
"""Where a response evaluates no voter token."""
REGISTRAR = 1
"""The registrar's number: there is one."""
MOST_DECOYS = 8
"""Decoy tokens of one voter."""
MOST_AT_ONCE = 2_000
"""Decoy tokens in one request of a trustee, so that it fits a message."""


@dataclass(frozen=True, repr=False)
class Opening:
    """What shows that a hash on the roll is a certain voter's: 16 random bytes, and the name."""

    salt: bytes
    voter: str

    def hash(self, definition: bytes, region: int) -> bytes:
        """The salted hash on the roll of a region (`spec/messages.md#roll`)."""
        return roll_hashes(definition, [(region, self)])


def roll_hashes(definition: bytes, openings: Sequence[tuple[int, Opening]]) -> bytes:
    """The salted hashes, 32 bytes each, of openings with the regions on whose rolls they are."""
    labels = ["definition", "region", "salt", "voter"]
    named = [
        (definition, region.to_bytes(2, "little"), one.salt, one.voter.encode()) for region, one in openings
    ]
    return transcript_hashes("roll", labels, named)


@dataclass(frozen=True, repr=False)
class Token:
    """The right to enrol one group: a Schnorr key pair and the registrar's 64 bytes on the public half."""

    region: int
    kind: int
    secret: bytes
    key: bytes
    output: bytes


@dataclass(frozen=True, repr=False)
class Request:
    """Tokens of one region that are asked for: `message` goes to the registrar, the rest stays.

    `secrets`, `keys`, `blinds` and `blinded` have 32 bytes a token; `voters` (0 or 1) of them, the first, are
    voter tokens. `hash` is that on the roll, zero for a trustee.
    """

    message: bytes
    region: int
    hash: bytes
    voters: int
    secrets: bytes
    keys: bytes
    blinds: bytes
    blinded: bytes

    def finish(self, definition: Definition, election: bytes, payload: TokenResponse) -> list[Token]:
        """The tokens that a response makes of this; VerificationError `token` when it does not fit."""
        decoys = len(self.keys) // 32 - self.voters
        if (payload.region, payload.hash) != (self.region, self.hash) or len(payload.decoys) != 32 * decoys:
            raise VerificationError("token", "registrar", "the response is to another request")
        outputs = self._outputs(definition, election, payload)
        return [
            Token(self.region, VOTER if at < self.voters else DECOY, secret, key, output)
            for at, (secret, key, output) in enumerate(
                zip(rows(self.secrets, 32), rows(self.keys, 32), rows(outputs, 64), strict=True)
            )
        ]

    def _outputs(self, definition: Definition, election: bytes, payload: TokenResponse) -> bytes:
        """Of all tokens: the proofs of both kinds are checked before anything is unblinded."""
        region, decoys = definition.regions[self.region], len(payload.decoys) // 32
        counts = {VOTER: self.voters, DECOY: decoys}
        places = [(self.region, REGISTRAR, kind) for kind, count in counts.items() if count]
        publics, evaluated, proofs = b"", payload.decoys, payload.decoy_proof
        if self.voters:
            publics = region.voter_key
            evaluated, proofs = payload.voter_evaluated + evaluated, payload.voter_proof + proofs
        if decoys:
            publics += region.decoy_key or b""
        asked = publics, self.keys, self.blinds, self.blinded
        try:
            return finalize(election, places, list(filter(None, counts.values())), *asked, evaluated, proofs)
        except FormatError as error:
            raise VerificationError("token", "registrar", str(error)) from error


def rows(data: bytes, width: int) -> list[bytes]:
    """Bytes cut into rows of `width`."""
    return [data[at : at + width] for at in range(0, len(data), width)]


def ask(
    definition: Definition,
    election: bytes,
    region: int,
    openings: Sequence[Opening],
    decoys: Sequence[int],
    seed: bytes,
) -> list[Request]:
    """A request for each voter of a region, who asks for so many decoy tokens besides.

    `seed` is 32 random bytes, used for this call alone.
    """
    if any(not 0 <= count <= (MOST_DECOYS if definition.coercion_resistant else 0) for count in decoys):
        raise FormatError(f"decoy tokens: not 0 to {MOST_DECOYS} each, or not with one card")
    requests = []
    counts = [1 + count for count in decoys]
    for opening, made in zip(openings, _blinded(counts, seed), strict=True):
        _, _, _, blinded = made
        payload = TokenRequest(region, opening.voter, opening.salt, blinded[:32], blinded[32:])
        message = seal(encode_body(payload, election, NOBODY), UNSIGNED)
        requests.append(Request(message, region, opening.hash(definition.hash, region), 1, *made))
    return requests


def ask_decoys(election: bytes, region: int, count: int, trustee: SigningKey, seed: bytes) -> list[Request]:
    """Requests for so many decoy tokens, by a trustee; `seed` as for `ask`."""
    counts = [min(MOST_AT_ONCE, count - first) for first in range(0, count, MOST_AT_ONCE)]
    requests = []
    for made in _blinded(counts, seed):
        payload = TokenRequest(region, "", bytes(16), NOBODY, made[3])
        message = encode(payload, election, trustee.public.raw, trustee.sign)
        requests.append(Request(message, region, NOBODY, 0, *made))
    return requests


def _blinded(counts: Sequence[int], seed: bytes) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Fresh secrets, their keys, blinds and blinded keys, for requests of so many tokens each."""
    secrets = random_scalars(seed, sum(counts))
    keys = base_multiples(secrets)
    blinds, blinded = blind(keys, seed)
    end = 0
    for count in counts:
        start, end = end, end + 32 * count
        yield secrets[start:end], keys[start:end], blinds[start:end], blinded[start:end]


def finish(
    definition: Definition, election: bytes, requests: Sequence[Request], responses: Sequence[bytes]
) -> list[list[Token] | Refusal]:
    """What the registrar's responses give: tokens, a voter's own first, or its signed refusal.

    VerificationError when a response is not the registrar's, does not fit, or its proof does not hold.
    """
    return [
        _finish(definition, election, request, response)
        for request, response in zip(requests, responses, strict=True)
    ]


def _finish(
    definition: Definition, election: bytes, request: Request, response: bytes
) -> list[Token] | Refusal:
    payload = answer(response, election, definition.registrar.key, identity(request.message)).payload
    if isinstance(payload, Refusal):
        return payload
    if not isinstance(payload, TokenResponse):
        raise VerificationError("token", "registrar", f"answers with a {payload.type_name()}")
    return request.finish(definition, election, payload)
