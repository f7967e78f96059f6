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
from fold import take
from group import L, scalar_bytes
from provers import Stream
from release import share_chunks
from state import State
from transcript import digest

START, END = 1_800_000_000, 1_800_003_600


@dataclass
class Rehearsal:
    """One region, two trustees (both are needed), one contest, one day."""

    cards: int = 2
    voters: int = 3
    seed: str = "rehearsal"
    log_entries: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Stream(self.seed)
        names = ("organiser", "registrar", "board", "witness", "trustee 1", "trustee 2")
        self.secrets = {name: self.random.bytes(32) for name in names}
        self.keys = {name: ed25519.public_key(secret) for name, secret in self.secrets.items()}
        self.document = jcs.encode(self._definition())
        self.hash = sha256(self.document).digest()
        self.definition = parse(self.document)
        self.contests = self.definition.ballot_contests(0)
        self.election = self.joint = b""

    def _definition(self) -> dict[str, Any]:
        def party(name: str) -> dict[str, str]:
            return {"name": name, "key": self.keys[name].hex()}

        region: dict[str, Any] = {"id": "north", "name": {"en": "North"}, "style": "all", "timezone": "UTC"}
        region |= {"days": [[START, END]], "voter_key": provers.base(self.random.scalar()).hex()}
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
            "registrar": party("registrar"),
            "board": party("board") | {"origin": "rehearsal.example"},
            "witnesses": {"members": [party("witness")], "quorum": 1, "faulty": 0},
            "trustees": {"members": [party("trustee 1"), party("trustee 2")], "threshold": 2, "close": 2},
            "cards": self.cards,
            "min_batch": self.voters,
            "min_region": 1,
            "tolerance": 600,
            "round": 60,
            "regions": [region],
            "contests": [{"id": "park", "options": ["yes", "no"], "blank": 1, "rule": rule}],
            "styles": [{"id": "all", "contests": [question]}],
        }
        if self.cards > 1:
            region["decoy_key"] = provers.base(self.random.scalar()).hex()
            definition["cover"] = {"epsilon": [1, 2], "delta": 6, "decoys": 4}
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
        pieces = [data[at : at + entries.PIECE] for at in range(0, len(data), entries.PIECE)] or [b""]
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
        own = key.id + ed25519.sign(self.secrets["board"], text.encode())
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        witness = self.definition.witnesses[0]
        stamped = witness.id + time.to_bytes(8, "big") + ed25519.sign(self.secrets["witness"], message)
        lines = [(key.name, own), (witness.name, stamped)]
        return (text + "\n" + "".join(f"— {n} {base64.b64encode(w).decode()}\n" for n, w in lines)).encode()

    def checkpoint(self, time: int) -> tuple[int, bytes]:
        """Log the checkpoint of the log so far; returns its size and root."""
        size = len(self.log_entries)
        root = self.tree.root(size)
        self.write("board", "checkpoint", self.signed_checkpoint(time))
        return size, root

    # The steps of a referendum.

    def begin(self) -> None:
        """Definition, roll and ceremony."""
        self.write("organiser", "definition", self.document)
        self.roll = sorted(self.random.bytes(32) for _ in range(self.voters + 1))
        digest_ = self.bundle("registrar", b"".join(self.roll))
        self.write("registrar", "roll", 0, len(self.roll), digest_)
        self.ceremony()

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
        self.election = ceremony.election_hash(self.hash, 1, publics, self.joint)

    def enrol(self) -> None:
        """One batch with every voter's cards, the first of which counts."""
        self.card_secrets: list[int] = []
        records, randomness = [], 0
        for _ in range(self.voters):
            for at in range(min(self.cards, 2)):
                secret = provers.card_secret(self.election, 0, self.random.bytes(16))
                self.card_secrets.append(secret)
                if self.cards == 1:
                    records.append(provers.plain_card(self.election, 0, secret, self.random))
                else:
                    r, weight = self.random.scalar(), int(at == 0)
                    randomness += r
                    records.append(provers.card(self.election, self.joint, 0, secret, weight, r, self.random))
        groups = sorted(self.random.bytes(32) for _ in range(self.voters))
        digest_ = self.bundle("registrar", b"".join([*sorted(records), *groups]))
        numbers = (0, 1, self.voters, self.voters, len(records), 1, 0)
        self.write("registrar", "batch", *numbers, scalar_bytes(randomness), digest_)
        digest_ = self.bundle("registrar", b"".join(self.roll[: self.voters]))
        self.write("registrar", "issued", 0, self.voters, digest_)
        self.records = {record[:32]: record for record in records}

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
            where = (stage, trustee, *place)
            bundle += provers.shares(self.election, where, self.shares[trustee], inputs, self.random)
        digest_ = self.bundle(f"trustee {trustee}", bundle)
        self.write(f"trustee {trustee}", "shares", stage, digest_)

    def finish(self) -> None:
        """Weighing to result."""
        for number in range(len(self.fold().regions[0].chunks[0])):
            self.weigh(2, number)
            self.weigh(1, number)
        self.close()
        for stage in (1, 2) if self.cards > 1 else (2,):
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


def played(cards: int, votes: list[tuple[int, int, int]], voters: int = 3) -> Rehearsal:
    """A whole referendum with these ballots (card, choice, serial)."""
    rehearsal = Rehearsal(cards=cards, voters=voters)
    rehearsal.begin()
    rehearsal.enrol()
    rehearsal.open()
    for vote in votes:
        rehearsal.ballot(*vote)
    rehearsal.seal()
    rehearsal.finish()
    return rehearsal


if __name__ == "__main__":
    whole = played(2, [(0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 0, 1), (4, 0, 2), (4, 1, 1)])
    whole.export(Path(sys.argv[1]))
