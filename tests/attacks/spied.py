"""The `psephos` command, watched: runs it, then writes to a pipe its secrets, and what it did in the open.

python -m tests.attacks.spied FD ARGUMENT ..
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from psephos.cli import main
from psephos.crypto.column import rows
from psephos.crypto.signature import SigningKey
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan
from psephos.protocol.enrolment.token import PendingTokens
from psephos.protocol.setup.dealing import Secret
from psephos.protocol.voting.vote import BallotDraft
from psephos.registrar import gateway
from psephos.registrar.token_secrets import NAME, TokenSecrets
from psephos.scratch import Scratch

FIELDS = [
    (PendingTokens, "blinds", 32),
    (GroupPlan, "secrets", 16),
    (CardsDraft, "randomness", 32),
    (BallotDraft, "randomness", 32),
    (Secret, "coefficients", 32),
    (Secret, "hpke_key", 32),
    (Secret, "share", 32),
    (TokenSecrets, "gateway", 32),  # not the scalars: `issued` publishes them when enrolment is over
    (TokenSecrets, "salts", 32),
]
WRITING = os.O_WRONLY | os.O_RDWR

secrets: dict[str, set[bytes]] = defaultdict(set)
nonces: set[bytes] = set()
"""What was drawn and is sent in the clear: with it a sealed response begins (RFC 9458, section 4.4)."""
shown: list[str] = []
written: set[str] = set()
scratch = bytearray()


def after(owner: Any, name: str, watch: Callable[..., None]) -> None:
    """Have a function's arguments and what it returned watched, every time."""
    function = getattr(owner, name)

    @wraps(function)
    def watched(*arguments: Any, **named: Any) -> Any:
        returned = function(*arguments, **named)
        watch(returned, *arguments)
        return returned

    bound = isinstance(vars(owner).get(name), classmethod)  # `function` then has its class already
    setattr(owner, name, staticmethod(watched) if bound else watched)


def watch_field(owner: type, name: str, width: int) -> None:
    """Keep what every object of a class has in a field, row by row."""

    def watch(_: None, self: Any, *__: Any) -> None:
        secrets[f"{owner.__name__}.{name}"].update(rows(getattr(self, name), width))

    after(owner, "__init__", watch)


def watch_process(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: command lines, environments, and files opened to be written."""
    if event == "subprocess.Popen":
        shown.append(repr(arguments))
    elif event == "sqlite3.connect":
        written.add(str(arguments[0]))
    elif event == "open" and isinstance(arguments[0], str | bytes | Path) and arguments[2] & WRITING:
        written.add(os.fsdecode(arguments[0]))


def watch_all() -> None:
    """Everything below."""
    for owner, name, width in FIELDS:
        watch_field(owner, name, width)
    after(SigningKey, "__init__", lambda _, __, seed: secrets["signing seed"].add(seed))
    after(KeyStore, "write", lambda _, __, name, data: name == NAME and secrets["token secrets"].add(data))
    after(Lock, "draw", lambda lock: secrets["identity"].add(lock.encode().splitlines()[1].encode()))
    after(os, "urandom", lambda drawn, size: size > 16 and secrets["drawn"].add(drawn))
    after(gateway, "seal_response", lambda _, __, ___, nonce: nonces.add(nonce))
    after(Scratch, "append", lambda _, __, data: scratch.extend(data))
    sys.addaudithook(watch_process)


if __name__ == "__main__":
    watch_all()
    code = main(sys.argv[2:])
    shown += [Path("/proc/self/cmdline").read_text(), repr(dict(os.environ))]
    secrets["drawn"] -= nonces
    found = {name: [one.hex() for one in some if one.strip(b"\0")] for name, some in secrets.items()}
    with open(int(sys.argv[1]), "w") as pipe:
        told = {"secrets": found, "shown": shown, "written": sorted(written), "scratch": scratch.hex()}
        json.dump(told, pipe)
    sys.exit(code)
