"""Tokens and admissions, with models of registrars and devices: what a registrar sees, and what it admits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, cast
from unittest.mock import patch

import batch
import cbor
import labels
import proofs
import provers
import pytest
import token_provers
import tokens
from device import Device, WrongResponseError
from group import L, add, decode, encode, equal, multiply, scalar, scalar_bytes, subtract
from provers import Stream
from registrar import Receipt, RefusedError, Registrar
from transcript import Transcript

ELECTION = sha256(b"an election").digest()
TRUSTEES = Stream("trustees").scalar()
JOINT = provers.base(TRUSTEES)
NAMES = {1: b"\x01" * 32, 2: b"\x02" * 32}
DECOYS = 4


class Admission(NamedTuple):
    """The items of an admission: spec/messages.md#admission"""

    version: int
    kind: int
    election: bytes
    card: bytes
    region: int
    registrar: int
    record: bytes
    token: bytes
    proof: bytes
    signature: bytes


def parsed(message: bytes) -> Admission:
    return Admission(*cast(Any, cbor.decode(message)))


def registrars(election: bytes = ELECTION) -> dict[int, Registrar]:
    """Two of them, for two regions, with a voter on both rolls of both regions."""
    random = Stream("registrars")
    found = {}
    for number, name in NAMES.items():
        secrets = [(random.scalar(), random.scalar()) for _ in range(2)]
        found[number] = Registrar(number, DECOYS, secrets, [{name}, {name}], election, JOINT)
    return found


@dataclass
class View:
    """All that all registrars see of a voter's enrolment, and what the device keeps."""

    requests: list[bytes]
    messages: list[bytes]
    receipts: list[Receipt]
    device: Device


def enrolled(counts: int, region: int = 0, seed: str = "coins", cards: int = 3) -> View:
    """A voter whose card number `counts` counts; the same coins in every world."""
    seeing = registrars()
    device = Device(ELECTION, JOINT, region, DECOYS, Stream(seed))
    device.make_cards(cards, counts)
    asked = {number: device.request(number) for number in seeing}
    answers = {number: seeing[number].give(region, NAMES[number], *asked[number]) for number in seeing}
    publics = {number: registrar.public(region) for number, registrar in seeing.items()}
    messages = device.make(publics, answers)
    receipts = [seeing[parsed(message).registrar].admit(message) for message in messages]
    return View([b"".join(request) for request in asked.values()], messages, receipts, device)


def shape(view: View) -> list[object]:
    """Everything but group elements, scalars and hashes of them."""
    lines: list[object] = [len(request) for request in view.requests]
    for message in view.messages:
        lines.append([len(item) if isinstance(item, bytes) else item for item in cbor.decode(message)])
    return lines + [receipt.batch for receipt in view.receipts]


def kinds(view: View, secret: int) -> dict[bytes, int]:
    """Which card counts, for whoever has the trustees' key: what F hides, E tells."""
    found = {}
    for message in map(parsed, view.messages):
        v, _ = registrars()[message.registrar].secrets[message.region]
        given = subtract(decode(message.token[64:]), multiply(secret, decode(message.token[32:64])))
        right = multiply(v, tokens.element(tokens.card_input(ELECTION, message.region, message.card)))
        found[message.card] = int(equal(given, right))
    return found


def test_which_card_counts_changes_no_size_and_no_order_of_what_registrars_see() -> None:
    worlds = [enrolled(counts) for counts in (0, 1, 2)]
    assert shape(worlds[0]) == shape(worlds[1]) == shape(worlds[2])
    keys = [[card.key for card in world.device.cards] for world in worlds]
    assert keys[0] == keys[1] == keys[2]


def test_the_number_of_cards_changes_nothing_in_the_requests() -> None:
    sizes = [[len(request) for request in enrolled(0, cards=cards).requests] for cards in (1, 3, 5)]
    assert sizes[0] == sizes[1] == sizes[2] == [32 * (1 + DECOYS)] * 2


def test_the_trustees_key_tells_the_worlds_apart() -> None:
    for counts in (0, 2):
        world = enrolled(counts)
        expected = {card.key: int(at == counts) for at, card in enumerate(world.device.cards)}
        assert kinds(world, TRUSTEES) == expected
        assert set(kinds(world, TRUSTEES + 1).values()) == {0}


def test_what_a_device_keeps_after_make_tells_nothing_of_weights() -> None:
    device = enrolled(1).device
    assert not device.asked
    assert {(card.weight, card.r) for card in device.cards} == {(-1, -1)}


def scalars(view: View) -> Iterator[bytes]:
    """Every response in what a device sends; a record's, once."""
    for message in map(parsed, view.messages):
        yield from proofs.split(message.proof[160:] + message.signature[32:])
    for record in {message.record for message in map(parsed, view.messages)}:
        yield from proofs.split(record[224:320] + record[352:])


def test_no_scalar_and_no_point_of_a_proof_occurs_twice() -> None:
    view = enrolled(0)
    found = list(scalars(view))
    messages = list(map(parsed, view.messages))
    points = [point for message in messages for point in proofs.split(message.proof[:160])]
    shown = [point for message in messages for point in proofs.split(message.token)]
    blinded = [point for request in view.requests for point in proofs.split(request)]
    for values in (found, points, shown, blinded):
        assert len(set(values)) == len(values)


def simulated(registrar: Registrar, record: bytes, challenge: int, random: Stream) -> tuple[bytes, bytes]:
    """F || E and a proof, made by nobody who knows a weight, a token or a randomness."""
    token = b"".join(provers.base(random.scalar()) for _ in range(3))
    v, d = registrar.secrets[0]
    t = tokens.element(tokens.card_input(ELECTION, 0, record[:32]))
    f, e_0, e_1 = map(decode, proofs.split(token))
    q = subtract(add(multiply(d, t), multiply((v - d) % L, f)), e_1)
    w, z, r, rho = (random.scalar() for _ in range(4))
    joint, base, y = decode(JOINT), decode(proofs.GENERATOR), decode(provers.base(v - d))
    c_0, c_1 = map(decode, proofs.split(record[32:96]))
    left = [
        (add(multiply(w, t), multiply(z, base)), f),
        (multiply(r, base), c_0),
        (add(multiply(w, base), multiply(r, joint)), c_1),
        (multiply(rho, base), e_0),
        (subtract(multiply(z, y), multiply(rho, joint)), q),
    ]
    commitments = b"".join(encode(subtract(said, multiply(challenge, shown))) for said, shown in left)
    return token, commitments + b"".join(map(scalar_bytes, (w, z, r, rho)))


def test_a_simulated_view_passes_everything_but_the_challenge() -> None:
    random, registrar = Stream("simulator"), registrars()[1]
    record = b"".join(provers.base(random.scalar()) for _ in range(3)) + bytes(288)  # a card of no weight
    challenge = random.scalar()
    token, proof = simulated(registrar, record, challenge, random)
    claim = (ELECTION, (0, 1), JOINT, registrar.secrets[0], record, token, proof)
    assert batch.failures(tokens.admission, [claim])
    with patch.object(Transcript, "challenge", lambda *_: challenge):
        assert not batch.failures(tokens.admission, [claim])


def test_a_wrong_row_changes_every_coefficient() -> None:
    random = Stream("rows")
    rows = b"".join(provers.base(random.scalar()) for _ in range(5))

    def coefficients(evaluated: bytes) -> list[int]:
        statement = proofs.token_statement(ELECTION, (0, 1, 0), JOINT, rows, evaluated)
        return statement.coefficients("combination", 5)[1:]

    changed = rows[:64] + provers.base(7) + rows[96:]
    assert not set(coefficients(rows)) & set(coefficients(changed))


def test_a_device_uses_nothing_when_one_element_is_tampered_with() -> None:
    seeing, device = registrars(), Device(ELECTION, JOINT, 0, DECOYS, Stream("tampered"))
    device.make_cards(2)
    answers = {n: seeing[n].give(0, NAMES[n], *device.request(n)) for n in seeing}
    decoys = answers[2].decoys
    wrong = encode(add(decode(decoys[:32]), decode(proofs.GENERATOR))) + decoys[32:]
    answers[2] = type(answers[2])(answers[2].voter, answers[2].voter_proof, wrong, answers[2].decoy_proof)
    with pytest.raises(WrongResponseError, match="registrar 2"):
        device.make({n: seeing[n].public(0) for n in seeing}, answers)


# What a registrar admits.


def refusal(registrar: Registrar, message: bytes) -> tuple[str, bytes]:
    """How it is refused."""
    with pytest.raises(RefusedError) as refused:
        registrar.admit(message)
    return refused.value.word, refused.value.evidence


def signed(secret: int, items: list[cbor.Item]) -> bytes:
    """An admission by whoever has the card's secret."""
    body = sha256(cbor.encode(items)).digest()
    signature = provers.sign(labels.ADMISSION, secret, body, Stream("signing"))
    return cbor.encode([*items, signature])


def test_the_same_record_gets_the_same_receipt_and_another_is_known() -> None:
    registrar, view = registrars()[1], enrolled(0)
    message = view.messages[0]
    assert registrar.admit(message) == registrar.admit(message) == view.receipts[0]
    items = cbor.decode(message)[:-1]
    card = next(card for card in view.device.cards if card.key == items[3])
    other = provers.card(ELECTION, JOINT, 0, card.secret, 0, 77, Stream("other record"))
    word, evidence = refusal(registrar, signed(card.secret, [*items[:6], other, *items[7:]]))
    assert word == "known"
    claim = (labels.CARD_ENTRY, card.key, evidence[:32], evidence[32:])
    assert not batch.failures(proofs.signature, [claim])


def test_a_card_is_admitted_in_one_region_alone() -> None:
    registrar, view = registrars()[1], enrolled(0)
    registrar.admit(view.messages[0])
    items = cbor.decode(view.messages[0])[:-1]
    card = next(card for card in view.device.cards if card.key == items[3])
    elsewhere = provers.card(ELECTION, JOINT, 1, card.secret, 0, 5, Stream("elsewhere"))
    assert refusal(registrar, signed(card.secret, [*items[:4], 1, 1, elsewhere, *items[7:]]))[0] == "known"


def test_a_decoy_token_admits_no_card_that_counts() -> None:
    registrar, random = registrars()[1], Stream("forger")
    secret = provers.card_secret(ELECTION, 0, random.bytes(16))
    record = provers.card(ELECTION, JOINT, 0, secret, 1, 5, random)
    name = tokens.card_input(ELECTION, 0, record[:32])
    decoy, voter = (token_provers.token(key, name) for key in reversed(registrar.secrets[0]))
    for token, said in ((decoy, 1), (decoy, 0), (encode(multiply(3, decode(decoy))), 1)):
        where = (ELECTION, (0, 1), JOINT, registrar.public(0), record)
        shown, proof = token_provers.admit(*where, (said, 5), token, random)
        items: list[cbor.Item] = [1, 66, ELECTION, record[:32], 0, 1, record, shown, proof]
        assert refusal(registrar, signed(secret, items))[0] == "refused"
    shown, proof = token_provers.admit(*where, (1, 5), voter, random)
    right = signed(secret, [1, 66, ELECTION, record[:32], 0, 1, record, shown, proof])
    assert registrar.admit(right).card == record[:32]


def test_an_interpolated_token_admits_a_weight_between_only_where_no_bit_is_proven() -> None:
    """N of weight 2 is 2*v*T - d*T: whoever has both tokens of one K can make it."""
    registrar, random = registrars()[1], Stream("interpolated")
    secret = provers.card_secret(ELECTION, 0, random.bytes(16))
    other = provers.card(ELECTION, JOINT, 0, secret, 1, 5, random)
    record = other[:32] + provers.encrypt(JOINT, 2, 5) + other[96:]
    name = tokens.card_input(ELECTION, 0, record[:32])
    v, d = (decode(token_provers.token(key, name)) for key in registrar.secrets[0])
    token = encode(subtract(multiply(2, v), d))
    shown, proof = token_provers.admit(
        ELECTION, (0, 1), JOINT, registrar.public(0), record, (2, 5), token, random
    )
    claim = (ELECTION, (0, 1), JOINT, registrar.secrets[0], record, shown, proof)
    assert not batch.failures(tokens.admission, [claim])
    items: list[cbor.Item] = [1, 66, ELECTION, record[:32], 0, 1, record, shown, proof]
    assert refusal(registrar, signed(secret, items))[0] == "refused"


@pytest.mark.parametrize("piece", ["record", "token", "proof", "signature"])
def test_another_piece_is_refused(piece: str) -> None:
    registrar, view = registrars()[1], enrolled(0)
    message = parsed(view.messages[0])
    wire = getattr(message, piece)
    other = provers.base(9) if piece == "token" else scalar_bytes(scalar(wire[-32:]) + 1)
    assert refusal(registrar, cbor.encode([*message._replace(**{piece: wire[:-32] + other})])) == (
        "refused",
        b"",
    )


def test_a_message_for_another_registrar_region_or_election_is_refused() -> None:
    view = enrolled(0)
    assert refusal(registrars()[2], view.messages[0])[0] == "form"
    assert refusal(registrars(bytes(32))[1], view.messages[0])[0] == "form"
    items = cbor.decode(view.messages[0])
    items[4] = 1
    assert refusal(registrars()[1], cbor.encode(items))[0] == "refused"


def test_after_the_close_receipts_are_still_given_and_nothing_is_admitted() -> None:
    registrar, view = registrars()[1], enrolled(0)
    registrar.admit(view.messages[0])
    registrar.closed.add(0)
    assert registrar.admit(view.messages[0]) == view.receipts[0]
    assert refusal(registrar, view.messages[1])[0] == "closed"


def test_whoever_has_the_published_secrets_can_judge_a_refusal() -> None:
    """Once `issued` shows v and d, a message that is right convicts the registrar that refused it."""
    view = enrolled(2)
    judge = registrars()[2]
    message = next(message for message in view.messages if parsed(message).registrar == 2)
    judging = Registrar(2, DECOYS, judge.secrets, [set(), set()], ELECTION, JOINT)
    assert judging.admit(message).card == parsed(message).card


# Whom a registrar gives tokens.


def test_a_hash_gets_its_tokens_once_and_the_same_again() -> None:
    registrar, random = registrars()[1], Stream("requests")
    requests = [
        [token_provers.blind(random.bytes(32), random.scalar()) for _ in range(1 + DECOYS)] for _ in range(2)
    ]
    first, second = ((request[0], b"".join(request[1:])) for request in requests)
    assert registrar.give(0, NAMES[1], *first) is registrar.give(0, NAMES[1], *first)
    with pytest.raises(RefusedError) as refused:
        registrar.give(0, NAMES[1], *second)
    assert (refused.value.word, refused.value.evidence) == ("issued", b"".join(requests[0]))
    with pytest.raises(RefusedError, match="roll"):
        registrar.give(0, NAMES[2], *second)
    with pytest.raises(RefusedError, match="form"):
        registrar.give(1, NAMES[1], second[0], second[1][32:])
    with pytest.raises(RefusedError, match="form"):
        registrar.give(1, NAMES[1], bytes(32), second[1])


def test_a_registrar_that_was_restored_does_not_fit_its_own_count() -> None:
    registrar, random = registrars()[1], Stream("restored")
    request = [token_provers.blind(random.bytes(32), random.scalar()) for _ in range(1 + DECOYS)]
    states = [registrar.digest(b"salt")]
    for region in (0, 1):
        registrar.give(region, NAMES[1], request[0], b"".join(request[1:]))
        states.append(registrar.digest(b"salt"))
    assert [count for count, _ in states] == [0, 1, 2]
    assert len(set(states)) == 3
    del registrar.given[1, NAMES[1]]
    assert registrar.digest(b"salt") != states[2]
    registrar.give(1, NAMES[1], request[0], b"".join(request[1:]))  # rebuilt from the token receipt
    assert registrar.digest(b"salt") == states[2]
