"""The coercion game with everybody against the voter who could be: all registrars, the board, t-1 trustees.

The same referendum is played twice with the same coins: voters enrol by messages to two registrars, vote,
and are counted. In one world the card that is handed over counts, in the other another card of that voter
does. The coercer gets all messages that any registrar got or sent, in their order, and all registrars'
secrets; what the voter's device keeps once its messages are made; the record; the secrets of t-1 trustees;
and the card. All of it is the same but for points, scalars, hashes and signatures, blanked piece by piece.

That the blanked group elements are indistinguishable is shown by no test (`tests/attacks/test_coercion.py`).
With the trustees' key the worlds are told apart, so the test can fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows, sort_records
from psephos.crypto.group import base_multiples
from psephos.protocol import entries, multipart
from psephos.protocol.enrolment import presentation, response, token
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import decode
from psephos.simulation.adversary import fork
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import HeldCard, Referendum
from psephos.voter.memory import Made
from reference import group
from tests.attacks.shape import point, points, proof, scalars, shape
from tests.protocol.enrolling import Registrar

YES, NO = 0, 1
HANDED, FREE = 0, 1
"""Positions of the coerced voter's cards, as they are drawn."""
VOTERS, CARDS = 3, 3


@dataclass
class World:
    """A referendum, what all registrars saw and said, and what the coerced voter's device keeps."""

    told: Referendum
    registrars: dict[int, Registrar] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    kept: Made | None = None

    def enrol(self, voter: int, counts: int) -> CardsDraft:
        """A voter's enrolment by messages."""
        told, setting = self.told, self.told.record.setting
        plan = GroupPlan(0, told.random(16 * CARDS), counts, told.random())
        [draft] = make_drafts(setting, [plan], told.random())
        asked, responses = [], []
        for number, registrar in self.registrars.items():
            [one] = token.ask(setting, number, [draft], [self.opening(voter, number)], told.random())
            answer = registrar.give(one.message)
            self.messages += [one.message, answer]
            asked.append(one)
            responses.append(response.read_response(setting, one, answer))
        given = response.tokens(setting, asked, responses)
        messages = [
            tuple(presentation.present(setting, one.registrar, [draft], [own], told.random(64))[0])
            for one, own in zip(asked, given, strict=True)
        ]
        blank = tuple((b"",) * CARDS for _ in messages)
        if voter == 0:
            self.kept = Made(0, draft.secrets, tuple(messages), blank)
        for number, own in enumerate(messages, 1):
            for message in own:
                self.messages += [message, self.registrars[number].admit(message)]
        self._remember(draft)
        return draft

    def opening(self, voter: int, registrar: int) -> RollOpening:
        return RollOpening(sha256(b"%d %d" % (voter, registrar)).digest()[:16], f"voter {voter}")

    def _remember(self, draft: CardsDraft) -> None:
        election = self.told.record.joint_key.election_hash
        for secret, weight in zip(rows(draft.secrets, 16), draft.weights, strict=True):
            scalar, key = derive_cards(election, 0, secret)
            self.told.cards.setdefault(0, []).append(HeldCard(0, scalar, key, weight))

    def list_voters(self) -> None:
        """Rolls and token givers."""
        told, setting = self.told, self.told.record.setting
        for number in setting.registrars:
            registrar = Registrar(number, setting, told.keys, told.random())
            for voter in range(VOTERS):
                registrar.enter(0, self.opening(voter, number))
            self.registrars[number] = registrar
            names = b"".join(sorted(name for _, name in registrar.rolls))
            roll = entries.Roll(0, VOTERS, multipart.digest(names))
            told.log(*told.bundle(names, roll, registrar.key))

    def close_enrolment(self) -> None:
        told = self.told
        told.shut(0)
        records = b"".join(record for _, record in self.registrars[1].admitted.values())
        content, _ = sort_records(records, 384)
        batch = entries.Batch(0, 1, len(content) // 384, 1, multipart.digest(content))
        told.log(*told.bundle(content, batch, told.keys.registrars[0]))
        told.log(*told.endorse(0, told.logged[-1]))
        for number, registrar in self.registrars.items():
            told.log(*told.issue(0, b"".join(sorted(name for _, name in registrar.given)), number))
        told.review(0)


@cache
def _begun() -> Referendum:
    document, keys = sample(
        regions=("athens",), questions=(HARBOUR,), registrars=2, min_batch=2, min_region=2, trustees=3
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    return referendum


@cache
def play(counts: int) -> tuple[World, bytes]:
    """The whole referendum, in which the coerced voter's card `counts` does; K of the lowest, handed over."""
    told = fork(_begun())
    told.coins = b"\x0b" * 32
    world = World(told)
    world.list_voters()
    first = world.enrol(0, counts)
    handed = first.keys[:32]
    for voter in range(1, VOTERS):
        world.enrol(voter, 0)
    told.give(VOTERS)
    world.close_enrolment()
    told.open(0, 1)
    cast(world, handed)
    told.seal(0, 1)
    told.weigh((1, 2))
    told.close((1, 2))
    told.release((1, 2))
    told.certify()
    return world, handed


def cast(world: World, handed: bytes) -> None:
    """The handed card votes as demanded, the next freely, and another voter's makes the totals equal."""
    cards = {card.key: card for card in world.told.cards[0]}
    own = sorted(world.told.cards[0][:CARDS], key=lambda card: card.key)
    counts = bool(cards[handed].weight)
    other = next(card for card in world.told.cards[0][CARDS:] if card.weight)
    equal = NO if counts else YES
    for card, choice in ((own[HANDED], YES), (own[FREE], NO), (other, equal)):
        world.told.now += 60
        world.told.log(world.told.ballot(card, (choice,), 1, 1))
        world.told.checkpoint()


def worlds() -> tuple[World, World]:
    """One in which the handed card counts, and one in which the voter's other card does."""
    found: dict[bool, World] = {}
    for counts in range(CARDS):
        world, handed = play(counts)
        own = {card.key: card.weight for card in world.told.cards[0][:CARDS]}
        keys = sorted(own)
        if own[keys[HANDED]] or own[keys[FREE]]:
            found[bool(own[handed])] = world
    return found[True], found[False]


# -- what everybody but the trustees sees


def blanked(message: bytes) -> Iterator[object]:
    """A message with nothing but its points, scalars, hashes and signatures blanked."""
    entry = decode(message, message=True)
    yield from (entry.payload.type_name(), len(message), entry.author, entry.referendum)
    match entry.payload:
        case entries.TokenRequest() as asked:
            yield asked.region, asked.salt, asked.voter, len(asked.padding)
            yield points(asked.voter_blinded + asked.decoys)
        case entries.TokenResponse() as given:
            yield given.region, given.hash, points(given.voter_evaluated + given.decoys)
            for one in (given.voter_proof, given.decoy_proof):
                yield points(one[:64]), scalars(one[64:])
            yield tuple(blanked(given.receipt))
        case entries.TokenReceipt() as receipt:
            yield receipt
        case entries.Admission() as shown:
            yield shown.region, shown.registrar, shown.record[:32], points(shown.record[32:96])
            yield proof(shown.record[96:320]), point(shown.record[320:352]), scalars(shown.record[352:])
            yield points(shown.token + shown.proof[:160]), scalars(shown.proof[160:])
            yield point(entry.signature[:32]), scalars(entry.signature[32:])
        case entries.CardReceipt() as admitted:
            yield admitted.region, admitted.card, admitted.batch
        case other:
            raise AssertionError(other.type_name())


def kept(made: Made) -> tuple[object, ...]:
    """What is left on the device."""
    rows_ = [[tuple(blanked(message)) for message in row] for row in made.messages]
    return made.region, made.secrets, rows_, made.answers, made.envelopes, made.due


def secrets(world: World) -> list[object]:
    """What registrars, the board and t-1 trustees hold."""
    told = world.told
    tokens = [registrar.secrets(0) for registrar in world.registrars.values()]
    below = told.definition.trustees.threshold - 1
    return [told.keys, tokens, [told.secrets[trustee] for trustee in range(1, below + 1)]]


def test_nothing_that_all_registrars_see_tells_which_card_counts() -> None:
    real, decoy = worlds()
    assert len(real.messages) == len(decoy.messages)
    for first, second in zip(real.messages, decoy.messages, strict=True):
        assert tuple(blanked(first)) == tuple(blanked(second))
    assert real.messages != decoy.messages
    assert secrets(real) == secrets(decoy)


def test_nothing_that_the_device_keeps_after_make_tells_it() -> None:
    real, decoy = worlds()
    assert real.kept is not None
    assert decoy.kept is not None
    assert kept(real.kept) == kept(decoy.kept)


def test_nothing_in_the_record_of_two_registrars_tells_it() -> None:
    real, decoy = worlds()
    assert real.told.record.result_document() == decoy.told.record.result_document()
    assert (real.told.record.void, real.told.record.notices) == ([], decoy.told.record.notices)
    assert shape(real.told) == shape(decoy.told)


def trustees_key(world: World, trustees: tuple[int, ...]) -> int:
    """The key that the shares of trustees combine to: of t of them it is the trustees'."""
    total = 0
    for one in trustees:
        share = int.from_bytes(world.told.secrets[one].share, "little")
        for other in trustees:
            share = share * (1 if one == other else other * pow(other - one, -1, group.L)) % group.L
        total += share
    return total % group.L


def told_apart(world: World, key: int) -> list[int]:
    """What each card of the coerced voter weighs, for whoever has a key that might be the trustees'."""
    weights = []
    assert world.kept is not None
    for message in world.kept.messages[0]:
        record = decode(message, message=True).payload.record
        first, second = (group.decode(record[at : at + 32]) for at in (32, 64))
        point_ = group.encode(group.subtract(second, group.multiply(key, first)))
        weights.append({bytes(32): 0, base_multiples((1).to_bytes(32, "little")): 1}.get(point_, -1))
    return weights


def test_the_trustees_key_tells_the_worlds_apart_and_fewer_shares_do_not() -> None:
    for world in worlds():
        weights = {card.key: card.weight for card in world.told.cards[0][:CARDS]}
        expected = [weights[key] for key in sorted(weights)]
        assert told_apart(world, trustees_key(world, (1, 2))) == expected
        assert told_apart(world, trustees_key(world, (1,))) == [-1] * CARDS


def test_no_scalar_and_no_point_of_a_device_occurs_twice() -> None:
    world, _ = worlds()
    own = [decode(message, message=True) for message in world.messages]
    shown = [entry for entry in own if isinstance(entry.payload, entries.Admission)]
    pieces = [piece for entry in shown for piece in rows(entry.payload.token + entry.payload.proof, 32)]
    pieces += [piece for entry in shown for piece in rows(entry.signature, 32)]
    records = {entry.payload.record for entry in shown}
    pieces += [piece for record in records for piece in rows(record, 32)]
    asked = [entry.payload for entry in own if isinstance(entry.payload, entries.TokenRequest)]
    pieces += [piece for one in asked for piece in rows(one.voter_blinded + one.decoys, 32)]
    assert len(set(pieces)) == len(pieces)
    assert len({entry.payload.registrar for entry in shown}) == 2
