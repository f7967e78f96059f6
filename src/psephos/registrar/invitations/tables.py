"""The tables: people, sealed, and the letters to them.

Only the key of a region's contacts, a file of the registrar's key store, opens what is sealed. It is
destroyed when enrolment closes; what is left says nothing about anybody, nor does any copy of it. Neither
network addresses nor times are kept.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("registrar", LargeBinary, nullable=False),  # whose they are: its Ed25519 key
    Column("region", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("account", LargeBinary),  # the sealed mark of what a person signs in with, if that is how
    Index("ix_people_region", "registrar", "region"),
    Index("ix_people_account", "registrar", "region", "account", unique=True),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("issue", Integer, nullable=False),  # the first letter to a person, the second, ..
    Column("way", Text, nullable=False),  # email, paper, sign-in
    Column("state", Text, nullable=False, index=True),  # waiting, sent, returned, replaced
    Column("mark", Text, nullable=False, unique=True),  # by which a bounce names its letter
    Column("status", Text),  # why it was returned: RFC 3463's code
    UniqueConstraint("person", "issue"),
)
