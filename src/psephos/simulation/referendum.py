"""A referendum in memory, step by step, with a hand on every lever: what tests play with."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from psephos.crypto.ballot import encrypt_ballots, sign_ballots
from psephos.crypto.card import PLAIN_RECORD, RECORD, derive_cards, make_cards, make_plain_cards
from psephos.crypto.column import sort_records
from psephos.crypto.signature import SigningKey
from psephos.executor.execution import LOCAL
from psephos.executor.release import release
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.export import export
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.store import LogStore
from psephos.protocol import entries, multipart
from psephos.protocol.entries import Payload
from psephos.protocol.record import Record
from psephos.protocol.setup.arrival import payloads
from psephos.protocol.setup.dealing import Secret, advance
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.protocol.state import LogView
from psephos.protocol.tally import result
from psephos.protocol.tally.closing import Closing
from psephos.reader import witnessed
from psephos.simulation.definitions import Keys, token_publics, token_secrets

BLANK = 0xFFFF


@dataclass(frozen=True)
class HeldCard:
    """A card as only its holder knows it."""

    region: int
    scalar: bytes = field(repr=False)
    key: bytes
    weight: int


@dataclass(repr=False)
class Referendum:
    """Entries as they are logged, the record folded from them, and every secret behind them.

    Randomness comes from `coins`, so that two of the same coins are the same but for what a test changes.
    """

    document: bytes
    keys: Keys
    coins: bytes = bytes(32)
    logged: list[bytes] = field(default_factory=list)
    now: int = 1_899_990_000
    secrets: dict[int, Secret] = field(default_factory=dict)
    cards: dict[int, list[HeldCard]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.definition: Definition = parse(self.document)
        self.record = Record(LogView(self.root, witnessed))
        self._drawn = 0

    def random(self, size: int = 32) -> bytes:
        """The next bytes of the coins."""
        self._drawn += 1
        return hashlib.shake_128(self.coins + self._drawn.to_bytes(8, "little")).digest(size)

    # -- the log

    def root(self, size: int) -> bytes:
        """The root of the first entries."""
        return root_of(list(map(leaf_hash, self.logged[:size])))

    def log(self, *data: bytes) -> None:
        """Append entries and fold them; raises what is fatal."""
        self.logged += data
        self.record.extend(data)

    def write(self, payload: Payload, key: SigningKey, referendum: bytes | None = None) -> bytes:
        """An entry by the holder of a key."""
        scope = self.definition.hash if payload.scope == "definition" else self.record.election or bytes(32)
        return entries.encode(payload, referendum or scope, key.public.raw, key.sign)

    def note(
        self, size: int | None = None, witnesses: Sequence[int] | None = None, shifts: Sequence[int] = ()
    ) -> bytes:
        """A checkpoint of the log, signed and cosigned now, by all witnesses or those given by position.

        `shifts`, if given, are the seconds by which each of their clocks is ahead.
        """
        size = len(self.logged) if size is None else size
        checkpoint = TreeHead(self.definition.board.origin, size, self.root(size))
        return self.cosigned(checkpoint, witnesses, shifts)

    def cosigned(
        self, checkpoint: TreeHead, witnesses: Sequence[int] | None = None, shifts: Sequence[int] = ()
    ) -> bytes:
        """Any checkpoint with the board's signature and cosignatures."""
        _, signed = checkpoints.read(checkpoints.sign(checkpoint, self.keys.board))
        names = [party.name for party in self.definition.witnesses.members]
        chosen = range(len(names)) if witnesses is None else witnesses
        ahead = shifts or [0] * len(chosen)
        lines = [
            cosignature.sign(signed.text, self.now + shift, names[witness], self.keys.witnesses[witness])
            for witness, shift in zip(chosen, ahead, strict=True)
        ]
        return signed.with_signatures(lines).encode()

    def checkpoint(self) -> None:
        """Log a cosigned checkpoint of the log as it stands."""
        self.log(self.write(entries.CheckpointEntry(self.note()), self.keys.board))

    def bundle(self, content: bytes, closing: Payload, key: SigningKey) -> list[bytes]:
        """The entries of a bundle and the one that closes it."""
        return [self.write(payload, key) for payload in (*multipart.cut(content), closing)]

    def export(self, directory: Path) -> Pin:
        """The log as files in `directory/record`; returns the pin."""
        directory.mkdir(parents=True, exist_ok=True)
        with LogStore(directory / "log.sqlite", self.definition.board.origin) as store:
            store.append(self.logged[store.size :]).result()
            store.save_checkpoint(self.note())
            export(store, directory / "record")
        return Pin.of(self.definition)

    # -- before the vote

    def publish(self) -> None:
        """The definition."""
        self.log(*(self.write(payload, self.keys.organiser) for payload in payloads(self.document)))

    def ceremony(self, present: Sequence[int] | None = None) -> None:
        """All trustees, or those present, make the key; deadlines pass for the others."""
        chosen = range(1, len(self.keys.trustees) + 1) if present is None else present
        ceremony = self.record.ceremony
        for registrar in self.registrars:
            if registrar not in self.record.registrar_keys.entries:
                self.log(*self.token_keys(registrar))
        while not ceremony.complete:
            if ceremony.statement() is None and ceremony.round == 5:
                self.checkpoint()
            before = len(self.logged)
            for trustee in chosen:
                secret, payloads = advance(ceremony, trustee, self.secrets.get(trustee), self.random(64))
                if secret is not None:
                    self.secrets[trustee] = secret
                self.log(*(self.write(payload, self.keys.trustees[trustee - 1]) for payload in payloads))
            if len(self.logged) == before:
                self.deadline()

    @property
    def registrars(self) -> range:
        """The numbers of all."""
        return range(1, len(self.keys.registrars) + 1)

    def token_keys(self, registrar: int) -> list[bytes]:
        """The entries with a registrar's token keys."""
        regions, decoys = len(self.definition.regions), self.definition.decoys
        content = token_publics(self.keys, registrar, regions, decoys)
        address = f"https://registrar-{registrar}.example/post" if self.definition.relays else ""
        closing = entries.TokenKeys(self.random(), address, multipart.digest(content))
        return self.bundle(content, closing, self.keys.registrars[registrar - 1])

    def deadline(self) -> None:
        """End the round of the ceremony without those who are missing, once witnesses saw the time pass."""
        ceremony = self.record.ceremony
        if ceremony.witnessed is None:
            self.checkpoint()
        time = ceremony.earliest_deadline() or 0
        self.now = max(self.now, time)
        self.checkpoint()
        late = entries.CeremonyDeadline(ceremony.attempt, ceremony.round, time)
        self.log(self.write(late, self.keys.organiser))

    def roll_hashes(self, region: int, voters: int, registrar: int = 1) -> bytes:
        """Salted hashes of so many voters, as a registrar's roll lists them."""
        hashes = b"".join(
            hashlib.sha256(f"voter {registrar} {region} {voter}".encode() + self.coins).digest()
            for voter in range(voters)
        )
        return sort_records(hashes, 32)[0]

    def roll(self, region: int, voters: int) -> None:
        """Log a region's roll by each registrar."""
        for registrar in self.registrars:
            content = self.roll_hashes(region, voters, registrar)
            closing = entries.Roll(region, voters, multipart.digest(content))
            self.log(*self.bundle(content, closing, self.keys.registrars[registrar - 1]))

    def give(self, voters: int) -> None:
        """Let every registrar count so many more who get tokens."""
        for registrar in self.registrars:
            count = self.record.registrar_keys.given.get(registrar, 0) + voters
            given = entries.Given(count, self.random())
            self.log(self.write(given, self.keys.registrars[registrar - 1]))

    def make_cards(self, region: int, weights: Sequence[int]) -> tuple[bytes, bytes]:
        """Cards of these weights, remembered; their records, in this order, and their randomness."""
        keys = self.record.joint_key
        scalars, publics = derive_cards(keys.election_hash, region, self.random(16 * len(weights)))
        if not self.definition.decoys:
            records = make_plain_cards(keys.election_hash, region, scalars, self.random())
            randomness = bytes(32 * len(weights))
        else:
            seed = self.random()
            records, randomness = make_cards(
                keys.election_hash, region, keys.point, scalars, bytes(weights), seed
            )
        self.cards.setdefault(region, []).extend(
            HeldCard(
                region,
                scalars[32 * position : 32 * position + 32],
                publics[32 * position : 32 * position + 32],
                weight,
            )
            for position, weight in enumerate(weights)
        )
        return records, randomness

    def batch(
        self,
        region: int,
        groups: Sequence[Sequence[int]],
        last: bool = True,
        change: Callable[[bytes, entries.Batch], tuple[bytes, entries.Batch]] | None = None,
    ) -> list[bytes]:
        """The entries of a batch of voters' cards, given by their weights; `change` may falsify it."""
        weights = [weight for group in groups for weight in group]
        records, _ = self.make_cards(region, weights)
        content, _ = sort_records(records, RECORD if self.definition.decoys else PLAIN_RECORD)
        number = len(self.record.rosters[region].batches) + 1
        batch = entries.Batch(region, number, len(weights), int(last), multipart.digest(content))
        if change:
            content, batch = change(content, batch)
        return self.bundle(content, batch, self.keys.registrars[0])

    def endorse(self, region: int, batch: bytes) -> list[bytes]:
        """All other registrars' endorsements of a batch entry."""
        name, number = entries.decode(batch).body_hash, len(self.record.rosters[region].batches) + 1
        endorsement = entries.Endorse(region, number, name)
        return [self.write(endorsement, key) for key in self.keys.registrars[1:]]

    def issue(self, region: int, hashes: bytes, registrar: int = 1) -> list[bytes]:
        """The entries that say which of a registrar's hashes got tokens, and show the region's secrets."""
        secrets = token_secrets(self.keys, registrar, region, self.definition.decoys)
        closing = entries.Issued(region, secrets, len(hashes) // 32, multipart.digest(hashes))
        return self.bundle(hashes, closing, self.keys.registrars[registrar - 1])

    def shut(self, region: int) -> None:
        """Let witnesses see that enrolment in a region is closed."""
        self.now = max(self.now, self.definition.shut(self.definition.regions[region]))
        self.checkpoint()

    def review(self, region: int) -> None:
        """Let witnesses see that a region's issued hashes were public for long enough."""
        self.checkpoint()
        self.now += self.definition.regions[region].review
        self.checkpoint()

    def enrol(self, region: int, groups: Sequence[Sequence[int]], voters: int | None = None) -> None:
        """Rolls, tokens, one batch and issued hashes of a region, reviewed."""
        voters = sum(1 for group in groups if sum(group)) if voters is None else voters
        self.enrol_all({region: (groups, voters)})

    def enrol_all(self, regions: Mapping[int, tuple[Sequence[Sequence[int]], int]]) -> None:
        """The same of several regions, by their groups of cards and voters, reviewed together."""
        for region, (_, voters) in regions.items():
            self.roll(region, voters)
            if voters:
                self.give(voters)
        self.shut(next(iter(regions)))
        for region, (groups, voters) in regions.items():
            self.log(*self.batch(region, groups))
            self.log(*self.endorse(region, self.logged[-1]))
            self.issue_all(region, voters)
        self.review(next(iter(regions)))

    def issue_all(self, region: int, voters: int) -> None:
        """Let every registrar say that so many voters got tokens, the whole roll."""
        for registrar in self.registrars:
            self.log(*self.issue(region, self.roll_hashes(region, voters, registrar), registrar))

    # -- the vote

    def open(self, region: int, day: int) -> None:
        """Open a day, witnessed."""
        self.reach(self.record.windows[region].plans[day - 1][0])
        self.log(self.write(entries.Open(region, day), self.keys.board))
        self.checkpoint()

    def seal(self, region: int, day: int) -> None:
        """Seal a day, witnessed."""
        self.reach(self.record.windows[region].plans[day - 1][1])
        self.log(self.write(entries.Seal(region, day), self.keys.board))
        self.checkpoint()

    def reach(self, plan: int) -> None:
        """Let the time of an open or seal come, and show it by a checkpoint where none does."""
        self.now = max(self.now, plan)
        if self.record.latest_plan < plan:
            self.checkpoint()

    def ballot(
        self, card: HeldCard, choices: Sequence[int], day: int = 1, serial: int = 1, region: int | None = None
    ) -> bytes:
        """A ballot's entry; `region` may be another than the card's."""
        keys, region = self.record.joint_key, card.region if region is None else region
        shape = self.definition.regions[region].style.shape
        bodies, lengths, _ = encrypt_ballots(
            keys.election_hash,
            keys.point,
            region,
            shape,
            card.key,
            array("H", [day]),
            bytes([serial]),
            array("H", choices),
            self.random(),
        )
        return sign_ballots(bodies, lengths, card.scalar, self.random())[0]

    def weigh(self, trustees: Sequence[int]) -> None:
        """Let trustees weigh, in this order, every chunk that they can extend."""
        for trustee in trustees:
            self.log(*self.weighings(trustee))

    def weighings(self, trustee: int) -> list[bytes]:
        """A trustee's weighings of every chunk that it can extend now."""
        weighing_chains = self.record.weighing_chains
        if weighing_chains is None:
            return []
        return [
            self.write(weighing_chains.weigh(chain, trustee, self.random()), self.keys.trustees[trustee - 1])
            for chain in weighing_chains.chains.values()
            if len(chain.weighers) < weighing_chains.length and trustee not in chain.weighers
        ]

    # -- the count

    @property
    def closing(self) -> Closing:
        """What is to be signed."""
        return self.record.closing

    def close(self, trustees: Sequence[int]) -> None:
        """A checkpoint, right closes by these trustees, and the checkpoint that contains them."""
        self.checkpoint()
        right = self.closing.right
        if right is None:
            raise AssertionError("the close point is not reached")
        self.log(*(self.write(right, self.keys.trustees[trustee - 1]) for trustee in trustees))
        self.checkpoint()

    def shares(self, trustee: int) -> list[bytes]:
        """A trustee's entries for the stage that is due."""
        if self.record.count is None:
            raise AssertionError("the referendum is not closed")
        share = self.secrets[trustee].share
        simulation, content = release(LOCAL, self.record.count, trustee, share, self.random)
        closing = entries.Shares(simulation, multipart.digest(content))
        return self.bundle(content, closing, self.keys.trustees[trustee - 1])

    def release(self, trustees: Sequence[int]) -> None:
        """All stages, by these trustees."""
        while self.record.phase != "counted":
            for entry in [share for trustee in trustees for share in self.shares(trustee)]:
                self.log(entry)

    def certify(self) -> None:
        """The organiser's result, and a last checkpoint."""
        self.log(
            self.write(entries.Result(result.logged(self.record.result_document())), self.keys.organiser)
        )
        self.checkpoint()


def held(
    document: bytes,
    keys: Keys,
    groups: Mapping[int, Sequence[Sequence[int]]],
    votes: Sequence[tuple[int, int, int, int, Sequence[int]]],
    trustees: Sequence[int] = (1, 2),
) -> Referendum:
    """A whole referendum: groups by region, votes as (region, card, day, serial, choices)."""
    held = Referendum(document, keys)
    held.publish()
    held.ceremony()
    for region, enrolled in groups.items():
        held.enrol(region, enrolled)
    for day in range(1, max(len(region.days) for region in held.definition.regions) + 1):
        for region in groups:
            held.open(region, day)
        ballots = [
            held.ballot(held.cards[region][card], choices, day, serial)
            for region, card, when, serial, choices in votes
            if when == day
        ]
        held.log(*ballots)
        for region in groups:
            held.seal(region, day)
        held.weigh(trustees)
    if len(groups) < len(held.definition.regions):
        held.now += 1
        held.checkpoint()  # the others did not open in time, and hold nothing back
    held.close(trustees)
    held.release(trustees)
    held.certify()
    return held
