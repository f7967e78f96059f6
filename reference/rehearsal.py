"""A tiny referendum, played from definition to result with the provers: it writes the log's entries.

Everybody's secrets come from one seed, so the record is the same every time. HPKE is not played: the log
does not look inside sealed shares.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor
import ceremony
import ed25519
import entries
import jcs
import labels
import log
import provers
from batch import Batch
from closing import right_close
from definition import parse
from device import Device
from fold import take
from group import L, scalar_bytes
from provers import Stream
from registrar import Registrar
from release import share_chunks
from state import State
from transcript import digest

START, END = 1_800_000_000, 1_800_003_600
CLOSES, REVIEW, TOLERANCE = START - 5_000, 1_000, 600


@dataclass
class Rehearsal:
    """One region, two registrars, two trustees (both are needed), one contest, one day.

    Each voter has two cards, one of which counts; without decoys one.
    """

    decoys: int = 4
    voters: int = 3
    registrars: int = 2
    unfinished: int = 0  # voters, the last ones, who ask for tokens and make nothing of them
    min_region: int = 1
    idle: int = 0  # regions beside the one in which nobody does anything
    seed: str = "rehearsal"
    log_entries: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Stream(self.seed)
        self.authorities = {f"registrar {number}": number for number in range(1, self.registrars + 1)}
        names = ("organiser", *self.authorities, "board", "witness", "trustee 1", "trustee 2")
        self.secrets = {name: self.random.bytes(32) for name in names}
        self.keys = {name: ed25519.public_key(secret) for name, secret in self.secrets.items()}
        self.document = jcs.encode(self._definition())
        self.definition = parse(self.document)
        self.hash = self.definition.hash
        self.contests = self.definition.ballot_contests(0)
        self.election = self.joint = self.token_entries = b""
        self.card_secrets: list[int] = []
        self.records: list[bytes] = []
        self.registrar = {
            number: Registrar(
                number,
                self.decoys,
                [(self.random.scalar(), self.random.scalar()) for _ in range(1 + self.idle)],
                [set() for _ in range(1 + self.idle)],
            )
            for number in self.authorities.values()
        }

    def _definition(self) -> dict[str, Any]:
        def party(name: str) -> dict[str, str]:
            return {"name": name, "key": self.keys[name].hex()}

        region: dict[str, Any] = {"id": "north", "name": {"en": "North"}, "style": "all", "timezone": "UTC"}
        region |= {"days": [[START, END]], "closes": CLOSES, "review": REVIEW}
        question = {
            "contest": "park",
            "question": {"en": "A park?"},
            "options": [{"en": "yes"}, {"en": "no"}],
        }
        rule = {"option": "yes", "conditions": [{"kind": "simple-majority"}]}
        definition = {
            "version": 1,
            "title": {"en": "A rehearsal"},
            "languages": ["en"],
            "organiser": party("organiser"),
            "registrars": [party(name) for name in self.authorities],
            "board": party("board") | {"origin": "rehearsal.example"},
            "witnesses": {"members": [party("witness")], "quorum": 1, "faulty": 0},
            "trustees": {"members": [party("trustee 1"), party("trustee 2")], "threshold": 2, "close": 2},
            "decoys": self.decoys,
            "relays": [],
            "hold": 0,
            "min_batch": 1,
            "min_region": self.min_region,
            "tolerance": TOLERANCE,
            "round": 60,
            "regions": [region, *(region | {"id": f"idle-{number}"} for number in range(self.idle))],
            "contests": [{"id": "park", "options": ["yes", "no"], "blank": 1, "rule": rule}],
            "styles": [{"id": "all", "contests": [question]}],
        }
        if self.decoys:
            definition["cover"] = {"epsilon": [1, 2], "delta": 6, "ballots": 4}
        return definition

    # Writing to the log.

    def write(self, party: str, kind: str, *payload: cbor.Item) -> bytes:
        """Sign an entry and append it."""
        scope = entries.TABLE[entries.NUMBERS[kind]][1]
        referendum = self.hash if scope == "d" else self.election
        items = entries.body(kind, referendum, self.keys[party], *payload)
        message = labels.ENTRY + cbor.encode(items)
        self.log_entries.append(cbor.encode([*items, ed25519.sign(self.secrets[party], message)]))
        return self.log_entries[-1]

    def bundle(self, party: str, data: bytes) -> bytes:
        """Append the parts of a bundle; returns its digest."""
        name = sha256(data).digest()
        pieces = [data[start : start + entries.PIECE] for start in range(0, len(data), entries.PIECE)] or [
            b""
        ]
        for index, piece in enumerate(pieces):
            self.write(party, "part", name, index, len(pieces), piece)
        return name

    @property
    def tree(self) -> log.Tree:
        """The log's hash tree."""
        return log.Tree([log.leaf(entry) for entry in self.log_entries])

    def signed_checkpoint(self, time: int) -> bytes:
        """The log's checkpoint with its witness's cosignature."""
        size, key = len(self.log_entries), self.definition.log
        root = base64.b64encode(self.tree.root(size)).decode()
        text = f"{key.name}\n{size}\n{root}\n"
        board_signature = key.id + ed25519.sign(self.secrets["board"], text.encode())
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        witness = self.definition.witnesses[0]
        stamped = witness.id + time.to_bytes(8, "big") + ed25519.sign(self.secrets["witness"], message)
        lines = [(key.name, board_signature), (witness.name, stamped)]
        return (text + "\n" + "".join(f"— {n} {base64.b64encode(w).decode()}\n" for n, w in lines)).encode()

    def checkpoint(self, time: int) -> tuple[int, bytes]:
        """Log the checkpoint of the log so far; returns its size and root."""
        size = len(self.log_entries)
        root = self.tree.root(size)
        self.write("board", "checkpoint", self.signed_checkpoint(time))
        return size, root

    # The steps of a referendum.

    def begin(self) -> None:
        """Definition, rolls, token keys and ceremony."""
        self.write("organiser", "definition", self.document)
        self.rolls = {number: self.roll(name) for name, number in self.authorities.items()}
        for name in self.authorities:
            self.token_keys(name)
        self.ceremony()
        for registrar in self.registrar.values():
            registrar.election, registrar.joint = self.election, self.joint
            registrar.batches = lambda region: self.fold().regions[region].batches

    def roll(self, name: str) -> list[bytes]:
        """A registrar's roll: each draws salts of its own, so hashes differ; one person never comes."""
        roll = sorted(self.random.bytes(32) for _ in range(self.voters + 1))
        self.registrar[self.authorities[name]].rolls[0] = set(roll)
        self.write(name, "roll", 0, len(roll), self.bundle(name, b"".join(roll)))
        return roll

    def token_keys(self, name: str) -> None:
        """The public keys under which a registrar evaluates."""
        registrar = self.registrar[self.authorities[name]]
        public = b"".join(registrar.public(region) for region in range(1 + self.idle))
        digest_ = self.bundle(name, public)
        entry = self.write(name, "token-keys", self.random.bytes(32), f"https://{name[-1]}.example", digest_)
        self.token_entries += entries.parse(entry).body_hash

    def ceremony(self) -> None:
        """All rounds of one attempt: spec/ceremony.md"""
        polynomials = {i: [self.random.scalar() for _ in range(2)] for i in (1, 2)}
        points = {i: provers.commitments(f) for i, f in polynomials.items()}
        fields = {i: [*ceremony.context(self.hash, 1, i), ("points", points[i])] for i in (1, 2)}
        for i in (1, 2):
            commitment = digest(labels.CEREMONY_POLYNOMIAL, *fields[i])
            self.write(f"trustee {i}", "ceremony-commit", 1, self.random.bytes(32), commitment)
        for i in (1, 2):
            message = digest(labels.CEREMONY_CONSTANT, *fields[i])
            proof = provers.sign(labels.CEREMONY_CONSTANT, polynomials[i][0], message, self.random)
            self.write(f"trustee {i}", "ceremony-reveal", 1, points[i], proof)
        for i in (1, 2):
            self.write(f"trustee {i}", "ceremony-deal", 1, self.random.bytes(80))
        for i in (1, 2):
            self.write(f"trustee {i}", "ceremony-confirm", 1)
        size, root = self.checkpoint(START - 9000)
        self.shares = {j: sum(provers.polynomial(f, j) for f in polynomials.values()) % L for j in (1, 2)}
        self.joint = provers.base(sum(f[0] for f in polynomials.values()))
        publics = {j: provers.base(x) for j, x in self.shares.items()}
        for i in (1, 2):
            joined = b"".join(publics.values())
            self.write(f"trustee {i}", "ceremony-sign", 1, self.joint, joined, size, root)
        self.election = ceremony.election_hash(self.hash, 1, publics, self.joint, self.token_entries)

    def enrol(self) -> None:
        """All voters enrol, the first in a batch of its own; the rest once enrolment has closed."""
        self.admit_all()
        self.checkpoint(CLOSES + TOLERANCE)
        self.cut(2, self.records[2 if self.decoys else 1 :], last=1)
        self.issue()

    def admit_all(self) -> None:
        """All voters enrol; the first one's cards are a batch of their own."""
        for voter in range(self.voters):
            self.enrol_voter(voter, voter < self.voters - self.unfinished)
            if voter == 0:
                self.cut(1, self.records)

    def enrol_voter(self, voter: int, finishes: bool = True) -> None:
        """From cards to receipts; all registrars see the same cards, and nothing that tells them apart."""
        device = Device(self.election, self.joint, 0, self.decoys, self.random)
        device.make_cards(2 if self.decoys else 1)
        responses = {}
        for name, number in self.authorities.items():
            hash_ = self.rolls[number][voter]
            responses[number] = self.registrar[number].give(0, hash_, *device.request(number))
            self.write(name, "given", *self.registrar[number].digest(self.secrets[name]))
        if not finishes:
            return
        publics = {number: registrar.public(0) for number, registrar in self.registrar.items()}
        for message in device.make(publics, responses):
            self.registrar[addressed(message)].admit(message)
        self.card_secrets += [card.secret for card in device.cards]
        self.records += [card.record for card in device.cards]

    def cut(self, number: int, records: list[bytes], last: int = 0) -> None:
        """The lead cuts a batch of what all have admitted; the others endorse it."""
        digest_ = self.bundle("registrar 1", b"".join(sorted(records)))
        entry = self.write("registrar 1", "batch", 0, number, len(records), last, digest_)
        for name in list(self.authorities)[1:]:
            self.write(name, "endorse", 0, number, entries.parse(entry).body_hash)

    def issue(self) -> None:
        """Every registrar shows who got tokens, and its secrets of the region; then they are reviewed."""
        for name, number in self.authorities.items():
            registrar = self.registrar[number]
            hashes = sorted(hash_ for _, hash_ in registrar.given)
            secrets = b"".join(map(scalar_bytes, registrar.secrets[0]))[: 64 if self.decoys else 32]
            digest_ = self.bundle(name, b"".join(hashes))
            self.write(name, "issued", 0, secrets, len(hashes), digest_)
        self.checkpoint(CLOSES + 2 * TOLERANCE)
        self.checkpoint(CLOSES + 2 * TOLERANCE + REVIEW)

    def open(self) -> None:
        """Open the day behind a checkpoint that shows its time, witnessed."""
        self.checkpoint(START)
        self.write("board", "open", 0, 1)
        self.checkpoint(START + 10)

    def ballot(self, card: int, choice: int, serial: int = 1) -> bytes:
        """A ballot by a card: choice 0, 1, or 2 for blank."""
        secret = self.card_secrets[card]
        public, place = provers.base(secret), (0, 1, serial)
        votes = b"".join(
            provers.vote(self.election, self.joint, place, public, contest, choice, self.random)
            for contest in self.contests
        )
        items = entries.body("ballot", self.election, public, *place, votes)
        message = sha256(cbor.encode(items)).digest()
        signature = provers.sign(labels.BALLOT, secret, message, self.random)
        self.log_entries.append(cbor.encode([*items, signature]))
        return self.log_entries[-1]

    def seal(self) -> None:
        """Seal the day behind a checkpoint that shows its time, witnessed."""
        self.checkpoint(END)
        self.write("board", "seal", 0, 1)
        self.checkpoint(END + 10)

    def fold(self) -> State:
        """What the log says so far; the parties act on nothing else."""
        state = State(self.hash, self.definition.log, self.tree.root, Batch())
        for entry in self.log_entries:
            take(state, entry)
        return state

    def weigh(self, trustee: int, number: int = 0) -> bytes:
        """The next position of a chunk's chain: spec/proofs.md#weighing"""
        chunk = self.fold().regions[0].chunks[0][number]
        position = len(chunk.authors) + 1
        rows = b""
        for i, row in enumerate(chunk.rows):
            sign = 1 if self.random.bytes(1)[0] & 1 else -1
            place = (0, 1, number, position, trustee, i)
            rows += provers.weigh(self.election, self.joint, place, row, sign, self.random)
        payload = (0, 1, number, position, chunk.previous, rows)
        return self.write(f"trustee {trustee}", "weighing", *payload)

    def close(self) -> None:
        """Both trustees sign the right close."""
        self.checkpoint(END + 100)
        right = right_close(self.fold())
        for trustee in (1, 2):
            self.write(f"trustee {trustee}", "close", *(right or ()))
        self.checkpoint(END + 200)

    def release(self, stage: int, trustee: int) -> None:
        """A trustee's shares of a stage: spec/proofs.md#shares"""
        bundle = b""
        for place, inputs in share_chunks(self.fold(), stage):
            share_place = (stage, trustee, *place)
            bundle += provers.shares(self.election, share_place, self.shares[trustee], inputs, self.random)
        digest_ = self.bundle(f"trustee {trustee}", bundle)
        self.write(f"trustee {trustee}", "shares", stage, digest_)

    def finish(self) -> None:
        """Weighing to result."""
        for number in range(len(self.fold().regions[0].chunks[0])):
            self.weigh(2, number)
            self.weigh(1, number)
        self.close()
        for stage in (1, 2) if self.decoys else (2,):
            for trustee in (2, 1):
                self.release(stage, trustee)
        self.write("organiser", "result", self.fold().result or b"")

    # Publishing.

    def pin(self) -> dict[str, Any]:
        """The pin of this referendum: spec/schemas/pin.json"""
        keys = self.definition.log, self.definition.witnesses[0]
        policy = f"log {keys[0]}\nwitness w {keys[1]}\nquorum w\n"
        return {"version": 1, "definition": self.hash.hex(), "policy": policy}

    def files(self) -> dict[str, bytes]:
        """The static record, by path: spec/log.md#layout"""
        size, tree = len(self.log_entries), self.tree
        files = {"checkpoint": self.signed_checkpoint(END + 1000)}
        for number, width in enumerate(widths(size)):
            bundle = self.log_entries[256 * number : 256 * number + width]
            joined = b"".join(len(entry).to_bytes(2, "big") + entry for entry in bundle)
            files[log.tile_path("entries", number, width)] = joined
        for level in range(8):
            hashes = tree.levels[8 * level] if 8 * level < len(tree.levels) else []
            for number, width in enumerate(widths(size >> 8 * level)):
                tile = b"".join(hashes[256 * number : 256 * number + width])
                files[log.tile_path(str(level), number, width)] = tile
        return files

    def export(self, directory: Path) -> None:
        """Write the static record and its pin."""
        for name, data in (self.files() | {"pin.json": jcs.encode(self.pin())}).items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def widths(count: int) -> list[int]:
    """The widths of the tiles of a level with `count` hashes."""
    return [256] * (count // 256) + ([count % 256] if count % 256 else [])


def addressed(message: bytes) -> int:
    """To which registrar an admission goes."""
    return int(cbor.decode(message)[5])


def played(decoys: int, votes: list[tuple[int, int, int]], voters: int = 3, registrars: int = 2) -> Rehearsal:
    """A whole referendum with these ballots (card, choice, serial)."""
    rehearsal = Rehearsal(decoys=decoys, voters=voters, registrars=registrars)
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    for vote in votes:
        rehearsal.ballot(*vote)
    rehearsal.seal()
    rehearsal.finish()
    return rehearsal


if __name__ == "__main__":
    whole = played(4, [(0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 0, 1), (4, 0, 2), (4, 1, 1)])
    whole.export(Path(sys.argv[1]))
