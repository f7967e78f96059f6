"""Requests for blind tokens: for the card that counts, for decoys, for nothing (`spec/messages.md#tokens`).

Every voter asks every registrar for one voter token and exactly as many decoy tokens as the definition says:
what a voter's cards do not need is asked for random inputs, and thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from psephos.crypto.column import rows
from psephos.crypto.signature import SigningKey
from psephos.crypto.token import blind, token_inputs
from psephos.errors import FormatError
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.draft import ENROLLED, settle
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import DecoyRequest, Payload, TokenRequest, encode, encode_body, seal
from psephos.protocol.message import request_id

DECOY, VOTER = 0, 1
"""Kinds of tokens, and what the cards weigh that they admit."""
NOBODY = bytes(32)
UNSIGNED = bytes(64)
PADDED = 2_048
"""Bytes of a device's ready-requests and token-requests."""
MOST_AT_ONCE = 1_024
"""Elements in one request of a trustee."""
NO_CARD = -1
"""Whose token a random input's is."""


@dataclass(frozen=True, repr=False)
class PendingTokens:
    """What a device must hold until a registrar has answered, and tell nobody.

    `blinds`, `inputs` and `blinded` have 32 bytes an element, the voter token's first; `cards` says which
    card of its draft each element is for. `hash` is that on the roll, zero where only decoy tokens are asked
    for; `named` is the body hash that the response must name, empty where a trustee passes the request on.
    """

    message: bytes
    registrar: int
    region: int
    hash: bytes
    named: bytes
    cards: tuple[int, ...]
    inputs: bytes
    blinds: bytes
    blinded: bytes

    @property
    def voters(self) -> int:
        """How many voter tokens are asked for: 0 or 1."""
        return int(self.hash != NOBODY)


def padded(election: bytes, payload: Callable[[bytes], Payload]) -> bytes:
    """A message of nobody, with zeros in it that make it PADDED bytes long."""
    bare = len(_unsigned(election, payload(b"")))
    return _unsigned(election, payload(bytes(PADDED - bare - 2)))  # 2 more for the zeros' length


def _unsigned(election: bytes, payload: Payload) -> bytes:
    return seal(encode_body(payload, election, NOBODY), UNSIGNED)


def ask(
    setting: Setting,
    registrar: int,
    drafts: Sequence[CardsDraft],
    openings: Sequence[RollOpening],
    seed: bytes,
) -> list[PendingTokens]:
    """A request to one registrar for each voter of a region, whose cards are no draft any more.

    Blinds and the order of elements are of this call alone: `seed` is 32 random bytes, another for each
    registrar. PhaseError for cards that were audited.
    """
    if any(draft.counting is None for draft in drafts):
        raise FormatError("a voter asks for a token for the card that counts")
    settle(drafts, ENROLLED)
    made = _blinded(setting, drafts, [setting.definition.decoys] * len(drafts), seed)
    asked = []
    for draft, opening, (cards, *columns) in zip(drafts, openings, made, strict=True):
        message = _voter_request(setting, draft.region, opening, columns[-1])
        name = opening.hash(setting.definition.hash, registrar, draft.region)
        asked.append(
            PendingTokens(
                message, registrar, draft.region, name, request_id(message, message=True), cards, *columns
            )
        )
    return asked


def _voter_request(setting: Setting, region: int, opening: RollOpening, blinded: bytes) -> bytes:
    return padded(
        setting.election,
        lambda zeros: TokenRequest(region, opening.salt, opening.voter, blinded[:32], blinded[32:], zeros),
    )


def ask_decoys(
    setting: Setting, registrar: int, draft: CardsDraft, elements: int, trustee: SigningKey, seed: bytes
) -> PendingTokens:
    """A trustee's request for so many decoy tokens, at least one for each card; `seed` as for `ask`."""
    cards, *columns = _decoys(setting, draft, elements, seed)
    payload = TokenRequest(draft.region, bytes(16), "", NOBODY, columns[-1], b"")
    message = encode(payload, setting.election, trustee.public.raw, trustee.sign)
    return PendingTokens(
        message, registrar, draft.region, NOBODY, request_id(message, message=True), cards, *columns
    )


def pass_on(setting: Setting, request: DecoyRequest, trustee: SigningKey) -> bytes:
    """Somebody's request as a trustee's own, with exactly its elements; FormatError for another number."""
    if len(request.decoys) != 32 * setting.definition.decoys or request.registrar not in setting.registrars:
        raise FormatError("decoy-request: not the definition's number of elements, or to no registrar")
    payload = TokenRequest(request.region, bytes(16), "", NOBODY, request.decoys, b"")
    return encode(payload, setting.election, trustee.public.raw, trustee.sign)


def ask_more(setting: Setting, registrar: int, draft: CardsDraft, seed: bytes) -> PendingTokens:
    """A request for decoy tokens that a trustee passes on to a registrar; `seed` as for `ask`."""
    cards, *columns = _decoys(setting, draft, setting.definition.decoys, seed)
    message = _unsigned(setting.election, DecoyRequest(draft.region, registrar, columns[-1]))
    return PendingTokens(message, registrar, draft.region, NOBODY, b"", cards, *columns)


_Elements = tuple[tuple[int, ...], bytes, bytes, bytes]
"""Cards, inputs, blinds and blinded elements of a request."""


def _decoys(setting: Setting, draft: CardsDraft, elements: int, seed: bytes) -> _Elements:
    if draft.counting is not None or not len(draft.weights) <= elements <= MOST_AT_ONCE:
        raise FormatError(f"{len(draft.weights)} cards are not decoys for at most {elements} tokens")
    settle([draft], ENROLLED)
    [made] = _blinded(setting, [draft], [elements], seed)
    return made


def _blinded(
    setting: Setting, drafts: Sequence[CardsDraft], decoys: Sequence[int], seed: bytes
) -> Iterator[_Elements]:
    """Inputs of each draft, those of decoys in an order drawn uniformly among random ones, and blinded."""
    total = sum(decoys)
    drawn = hashlib.shake_256(b"token request" + seed).digest(32 + 48 * total)
    ranks, randoms = iter(rows(drawn[32:][: 16 * total], 16)), iter(rows(drawn[32 + 16 * total :], 32))
    chosen = [
        _slots(draft, [next(ranks) for _ in range(count)])
        for draft, count in zip(drafts, decoys, strict=True)
    ]
    inputs = []
    for draft, slots in zip(drafts, chosen, strict=True):
        own = rows(token_inputs(setting.election, draft.region, draft.keys), 32)
        inputs.append(b"".join(next(randoms) if slot == NO_CARD else own[slot] for slot in slots))
    blinds, blinded = blind(b"".join(inputs), drawn[:32])
    end = 0
    for slots, own_inputs in zip(chosen, inputs, strict=True):
        start, end = end, end + len(own_inputs)
        yield slots, own_inputs, blinds[start:end], blinded[start:end]


def _slots(draft: CardsDraft, ranks: Sequence[bytes]) -> tuple[int, ...]:
    """The card that each element is for: the one that counts, and the others among random inputs."""
    others = [position for position, weight in enumerate(draft.weights) if not weight]
    others += [NO_CARD] * (len(ranks) - len(others))
    shuffled = [slot for _, slot in sorted(zip(ranks, others, strict=True), key=lambda pair: pair[0])]
    return (*(position for position, weight in enumerate(draft.weights) if weight), *shuffled)
