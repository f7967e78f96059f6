"""A role's home: the directory with its keys, its state, and `home.json`, which says where the others are."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter, validators

from psephos.cli.home.modes import make_private
from psephos.cli.home.passphrase import FILE, read_passphrase
from psephos.cli.home.reading import Reading
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.source import read_file, read_pin
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError
from psephos.executor.execution import Execution
from psephos.executor.job import Executor
from psephos.files import PUBLIC, write_whole
from psephos.http_client import connect
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.checkpoints import TreeHead
from psephos.post.channel import Channel
from psephos.post.outbox import Outbox
from psephos.post.post import Post
from psephos.post.web import WebPost
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import policy

SIGNING = "signing"
"""The name of a role's Ed25519 seed in its key store."""

# What many commands take, explained once.
Timeout: TypeAlias = Annotated[
    float,
    Parameter(
        help="Seconds to wait for each answer of others; the same command asks for it again.",
        validator=validators.Number(gte=0),
    ),
]
PublishedLog: TypeAlias = Annotated[
    str, Parameter(help="Where the log is published: a directory or an http(s) URL.")
]
BoardPost: TypeAlias = Annotated[str, Parameter(help="The board's post: a directory or an http(s) URL.")]
RegistrarPost: TypeAlias = Annotated[
    str, Parameter(help="The registrar's post: a directory or an http(s) URL.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class HomeOptions:
    """Which home, and what opens its keys."""

    home: Path = Path()
    """The role's directory."""
    identity: Annotated[Path | None, Parameter(env_var="PSEPHOS_IDENTITY")] = None
    """An age identity file that opens the keys; without it a passphrase does, which is asked for,
    or read from the file that PSEPHOS_PASSPHRASE_FILE names."""
    pin: Path | None = None
    """The referendum's pin, from the organiser; kept in the home, so that it is named only once."""


DEFAULT_HOME = HomeOptions()


@dataclass(frozen=True)
class Home:
    """`log` is the published log, a directory or URL; `posts` too, by the party that answers."""

    options: HomeOptions
    role: str
    name: str
    log: str | None
    posts: Mapping[str, str]
    executor: Executor | None = None
    """Workers to whom work is given; without them it is done in this process."""
    box: str = "outbox"
    """Where in the home it lies what is on its way to the board."""

    @property
    def directory(self) -> Path:
        """Where it is."""
        return self.options.home

    # -- home.json

    @classmethod
    def read(cls, options: HomeOptions, role: str | None) -> Home:
        """What `init` has written; Stop when that was another role's, or nobody's. None is any role."""
        path = options.home / "home.json"
        if not path.exists():
            makes = "organiser new" if role == "organiser" else f"{role or 'ROLE'} init"
            raise Stop(f"{options.home} is no home yet: psephos {makes} makes one", USAGE)
        with stopping(USAGE, str(path)):
            members = Form(_strict_json(read_file(path))).members("version role name posts", "log")
            members["version"].integer(1, 1)
            if (found := members["role"].text()) != role is not None:
                raise members["role"].refuse(f"the home of a {found}, not of a {role}")
            posts = members["posts"]
            if not isinstance(posts.value, dict):
                raise posts.refuse("not an object")
            named = {name: posts.member(name).text() for name in posts.value}
            log = members["log"].text() if "log" in members else None
            return cls(options, found, members["name"].text(), log, named)

    def renewed(self) -> Home:
        """The home as `home.json` says by now; its keys stay open. Itself where nothing has changed."""
        read = Home.read(self.options, self.role)
        now = replace(self, name=read.name, log=read.log, posts=read.posts)
        if now == self:
            return self
        now.__dict__["keys"] = self.keys
        return now

    def write(self) -> None:
        """Make the directory a home, or give it new paths; Stop where it is another role's."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if (self.directory / "home.json").exists():
            Home.read(self.options, self.role)
        document = {"version": 1, "role": self.role, "name": self.name, "posts": dict(self.posts)}
        if self.log is not None:
            document["log"] = self.log
        text = json.dumps(document, indent=2, ensure_ascii=False)
        write_whole(self.directory / "home.json", text.encode() + b"\n")

    def create(self, card: Mapping[str, Any]) -> Path:
        """Make or renew a home, with its key; returns its public card, which has these further members."""
        with alone(self.directory):
            self.write()
            self.adopt(self.options.pin)
            self.draw_key()
            return self.publish_card(card)

    def make_private(self) -> None:
        """Take from others what an earlier version, or a copy, has let them read of the home and its post."""
        published = [] if self.log is None or is_url(self.log) else [Path(self.log)]
        post = self.posts.get(self.role, "")
        places = [self.directory] if is_url(post) or not post else [self.directory, Path(post)]
        for place in places:
            make_private(place, published)

    # -- keys

    @cached_property
    def keys(self) -> KeyStore:
        """The key store, opened."""
        directory = self.directory / "keys"
        with stopping(FAILED):
            if self.options.identity is not None:
                return KeyStore(
                    directory, Lock.parse(read_file(self.options.identity).decode(errors="replace"))
                )
            return KeyStore.unlock(directory, _passphrase(new=not any(directory.glob("*"))))

    def signing_key(self) -> SigningKey:
        """The role's key; Stop where there is none."""
        with stopping(FAILED):
            seed = self.keys.read(SIGNING)
        if seed is None:
            raise Stop(f"{self.directory}: there is no key yet: psephos {self.role} init draws it", FAILED)
        return SigningKey(seed)

    def draw_key(self) -> SigningKey:
        """The role's key, drawn the first time, like the identity."""
        self.draw_lock()
        with stopping(FAILED):
            if self.keys.read(SIGNING) is None:
                self.keys.write(SIGNING, os.urandom(32))
        return self.signing_key()

    def draw_lock(self) -> None:
        """What opens the keys: an identity, drawn unless its file is there; or a passphrase, asked now."""
        if (file := self.options.identity) is not None and not file.exists():
            write_whole(file, Lock.draw().encode().encode(), 0o600)
        _ = self.keys

    def publish_card(self, members: Mapping[str, Any]) -> Path:
        """Write the public card that the organiser collects: role, name, key, and what else there is."""
        path = self.directory / f"{self.role}.json"
        card = {"role": self.role, "name": self.name, "key": self.signing_key().public.raw.hex()}
        with stopping(USAGE, str(path)):
            write_whole(path, canonical_json.encode(card | dict(members)), PUBLIC)
        return path

    # -- the record

    def adopt(self, file: Path | None) -> None:
        """Keep a pin that somebody named; Stop where another is kept."""
        if file is None:
            return
        read_pin(file)
        kept = self.directory / "pin.json"
        if kept.exists() and kept.read_bytes() != read_file(file):
            raise Stop(f"{kept} is the pin of another referendum", FAILED)
        write_whole(kept, read_file(file), PUBLIC)

    @cached_property
    def pin(self) -> Pin:
        """The pin; Stop while there is none."""
        path = self.directory / "pin.json"
        if not path.exists():
            raise Stop(f"waits for the organiser: {path} is not there yet (give it with --pin)", WAITING)
        return read_pin(path)

    def record(self) -> AbstractContextManager[Record]:
        """The published record as far as it goes, verified: what is new since it was last asked for."""
        return self._reading.record()

    @property
    def latest(self) -> TreeHead | None:
        """The checkpoint up to which the record was read."""
        return self._reading.latest

    @property
    def site(self) -> Execution:
        """Where this role's work is done, once the record has been read."""
        return self._reading.site

    @cached_property
    def _reading(self) -> Reading:
        if self.log is None:
            raise Stop(f"{self.directory / 'home.json'} names no log", USAGE)
        return Reading(self.log, self.pin, self.directory / "seen", self.executor)

    # -- the post

    def post(self, party: str) -> Post:
        """The post at which this role answers as a party: a directory."""
        place = self._place(party)
        if is_url(place):
            raise Stop(f"{self.directory / 'home.json'}: the post of {party} is no directory", USAGE)
        return Post(Path(place))

    def channel(self, party: str) -> Channel:
        """The way to a party that answers: its directory, or its URL."""
        return self.channel_at(party, self._place(party))

    def channel_at(self, party: str, place: str) -> Channel:
        """The way to a party whose post is at a place: a directory, or a URL."""
        if party not in self._channels:
            self._channels[party] = WebPost(place) if is_url(place) else Post(Path(place))
        return self._channels[party]

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        return {}

    def _place(self, party: str) -> str:
        if party not in self.posts:
            raise Stop(f"{self.directory / 'home.json'} names no post of {party}", USAGE)
        return self.posts[party]

    @cached_property
    def outbox(self) -> Outbox:
        """What this role sends to the board, whose key is the pinned log's."""
        (log,) = policy(self.pin).logs.values()
        return Outbox(self.directory / self.box, self.channel("board"), log.public.raw)


@contextmanager
def open_home(
    options: HomeOptions, role: str | None, beside: bool = False, executor: Executor | None = None
) -> Iterator[Home]:
    """A home for one command at a time, None of any role; what Psephos refuses inside ends the command.

    `beside` another command only what changes nothing may be in it.
    """
    home = replace(Home.read(options, role), executor=executor)
    with nullcontext() if beside else alone(home.directory), stopping(FAILED):
        home.make_private()
        home.adopt(options.pin)
        yield home


class Occupied(Stop):
    """Another command is in the home."""


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep other commands out of a home; Occupied when one is in it. Ends with the process."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(f"another command is at work in {directory}", FAILED) from None
        yield


def is_url(place: str) -> bool:
    """Whether something is reached over HTTP; otherwise it is a directory."""
    return place.startswith(("http://", "https://"))


def location(place: str) -> str:
    """A URL as it is, or a directory by its whole path; Stop for a URL that leads nowhere."""
    if not is_url(place):
        return str(Path(place).resolve())
    with stopping(USAGE, place.rpartition("@")[2].partition("?")[0]):  # before and after it may be secrets
        connect(place, 0)
    return place


def _strict_json(data: bytes) -> object:
    """JSON, whatever its spaces; FormatError for what is none, or has a member twice."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise FormatError("JSON: a member stands there twice")
        return dict(pairs)

    try:
        return json.loads(data, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"JSON: {error}") from None


def _passphrase(new: bool) -> str:
    """What opens a key store; for a new one it is asked for twice, where somebody types it."""
    if not new or FILE in os.environ:
        return read_passphrase("Passphrase")
    first = read_passphrase("New passphrase")
    if read_passphrase("The same again") != first:
        raise Stop("the two passphrases are not the same", USAGE)
    return first
