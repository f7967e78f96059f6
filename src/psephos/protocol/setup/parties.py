"""Who a definition names: parties, board, witnesses, trustees (`spec/definition.md#members`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.protocol.encoding.form import ORIGIN, Form, distinct


@dataclass(frozen=True)
class Party:
    """A name and an Ed25519 key of 32 bytes."""

    name: str
    key: bytes

    @classmethod
    def read(cls, form: Form) -> Party:
        """A party with a name for people."""
        members = form.members("name key")
        return cls(members["name"].text(), members["key"].key())


@dataclass(frozen=True)
class BoardParty(Party):
    """The party whose key signs the log's checkpoints too; `origin` is the log's name."""

    origin: str

    @classmethod
    def read(cls, form: Form) -> BoardParty:
        """The board."""
        members = form.members("name key origin")
        return cls(members["name"].text(), members["key"].key(), log_name(members["origin"]))


@dataclass(frozen=True)
class Appeals(Party):
    """Whom to appeal to, at which address (a text for people), within how many days."""

    address: str
    days: int

    @classmethod
    def read(cls, form: Form) -> Appeals:
        """The body that hears appeals."""
        members = form.members("name address days key")
        address, days = members["address"].text(), members["days"].integer(1, 366)
        return cls(members["name"].text(), members["key"].key(), address, days)


@dataclass(frozen=True)
class Witnesses:
    """`quorum` of the members must cosign a checkpoint; at most `faulty` of them are thought to lie."""

    members: tuple[Party, ...]
    quorum: int
    faulty: int

    @classmethod
    def read(cls, form: Form) -> Witnesses:
        """The witnesses; any two quorums must share an honest one (`spec/definition.md#validity`, 3)."""
        members = form.members("members quorum faulty")
        forms = [item.members("name key") for item in members["members"].items(1, 60)]
        names = distinct([f["name"] for f in forms], [log_name(f["name"]) for f in forms])
        parties = tuple(Party(name, f["key"].key()) for name, f in zip(names, forms, strict=True))
        quorum, faulty = members["quorum"].integer(1, len(parties)), members["faulty"].integer(0)
        if 2 * faulty >= quorum:
            raise members["faulty"].refuse("half of a quorum could be faulty, and times would mean nothing")
        if 2 * quorum - len(parties) <= faulty:
            raise members["quorum"].refuse("two quorums need not share an honest witness")
        return cls(parties, quorum, faulty)


@dataclass(frozen=True)
class Trustees:
    """`threshold` of the members decrypt; `close` of them must agree on what is counted."""

    members: tuple[Party, ...]
    threshold: int
    close: int

    @classmethod
    def read(cls, form: Form, decoys: int) -> Trustees:
        """The trustees (`spec/definition.md#validity`, 2)."""
        members = form.members("members threshold close")
        parties = tuple(map(Party.read, members["members"].items(1, 64)))
        threshold = members["threshold"].integer(2 if decoys else 1, len(parties))
        return cls(parties, threshold, members["close"].integer(threshold, len(parties)))

    def index(self, key: bytes) -> int | None:
        """The trustee, from 1, whose Ed25519 key this is."""
        return next((at for at, party in enumerate(self.members, 1) if party.key == key), None)


def log_name(form: Form) -> str:
    """A name as logs and witnesses have it: printable ASCII without spaces or plus."""
    return form.match(ORIGIN, "printable ASCII without spaces or plus")
