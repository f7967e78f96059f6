"""`psephos relay`: passes sealed messages on to registrars, late and mixed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from psephos.cli.home.home import Home, HomeOptions, PublishedLog, location
from psephos.cli.process.addresses import address
from psephos.cli.process.listening import Limit, Prefix, listening
from psephos.cli.process.rehearsal import ClockFile, clock_from
from psephos.cli.process.running import heeding, persist
from psephos.cli.process.stop import USAGE, Stop
from psephos.cli.relay.homes import RelayHome, open_relay
from psephos.cli.verify import Switch
from psephos.relay.relay import Relay
from psephos.relay.web import LIMIT, application
from psephos.server.sender import PREFIX

relay = App("relay", help="Pass voters' cards on to registrars, so that nobody learns whose they are.")

_HELD_BYTES = 4096
"""Of the disk, for one request or response: what is sealed, its row and its index."""
_TIMEOUT = 1.0
"""Seconds that a turn waits for answers."""
Room = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1_000_000))]


@relay.command
def init(home: Path, *, log: PublishedLog, pin: Path | None = None) -> int:
    """Make a home for one referendum that this relay serves. A relay has no key.

    Example: psephos relay init referendum-1 --log https://vote.example/log --pin pin.json

    Parameters
    ----------
    home
        The referendum's directory: what the relay knows of it, and what it holds.
    pin
        The referendum's pin, from the organiser.
    """
    made = Home(HomeOptions(home), "relay", "relay", location(log), {})
    made.write()
    made.adopt(pin)
    print(f"{home}: run `psephos relay run {home}`")
    return 0


@relay.command
def run(
    *homes: Path,
    listen: str = "127.0.0.1:8660",
    room: Room = 1024,
    limit: Limit = LIMIT,
    behind_proxy: Switch = False,
    ipv6_prefix: Prefix = PREFIX,
    private_networks: Switch = False,
    clock: ClockFile = None,
) -> int:
    """Serve these referendums until SIGTERM or SIGINT: hold what devices send, and forward it.

    Plain HTTP: put a proxy with TLS in front, and have it write no addresses down. Not on a machine of a
    registrar or the board.

    Example: psephos relay run referendum-1 --listen 127.0.0.1:8660

    Parameters
    ----------
    homes
        The homes that `psephos relay init` has made.
    listen
        Address and port; port 0 takes a free one.
    room
        Megabytes of the disk that a referendum may take.
    limit
        Requests that one address may send a minute; 0 for any number.
    behind_proxy
        A proxy in front says in X-Forwarded-For who asks.
    ipv6_prefix
        How many bits of an IPv6 address are one sender's, 64 or fewer.
    private_networks
        Registrars may be on this machine or in a private network. Without it only public addresses are
        connected to, whatever registrars have logged.
    """
    if not homes:
        raise Stop("name at least one home: `psephos relay init` makes them", USAGE)
    host, port = address(listen)
    rows = (room << 20) // _HELD_BYTES
    with ExitStack() as opened, heeding() as over:
        served = [
            opened.enter_context(open_relay(HomeOptions(home), rows, clock_from(clock), private_networks))
            for home in homes
        ]
        relays: dict[bytes, Relay | None] = {one.definition: None for one in served}
        if len(relays) < len(served):
            raise Stop("two of these homes are of the same referendum", USAGE)
        opened.enter_context(listening(application(relays, limit, behind_proxy, ipv6_prefix), host, port))
        _serve(served, relays, over)
        return 0


def _serve(served: list[RelayHome], relays: dict[bytes, Relay | None], over: threading.Event) -> None:
    """Each referendum in a thread of its own: none waits for another's log or gateways."""

    def turn(home: RelayHome) -> None:
        relays[home.definition] = home.learn()
        home.learn().turn(_TIMEOUT)

    with ThreadPoolExecutor(len(served), thread_name_prefix="home") as pool:
        homes = [pool.submit(persist, partial(turn, home), over, over.wait) for home in served]
        for ended in as_completed(homes):
            over.set()
            ended.result()
