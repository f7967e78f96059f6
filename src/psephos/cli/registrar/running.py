"""`psephos registrar run`: all that is due, again and again, and the post over HTTP if it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout
from psephos.cli.process.addresses import address
from psephos.cli.process.listening import Limit, Prefix, listening
from psephos.cli.process.rehearsal import ClockFile, clock_from
from psephos.cli.process.running import heeding, repeat
from psephos.cli.registrar.turns import turns
from psephos.cli.verify import Switch
from psephos.server.forwarding import Forwarding
from psephos.server.registrar_post import application
from psephos.server.sender import PREFIX

_BETWEEN = 3.0
"""Seconds between two counts of those who got tokens, each of which is an entry of the log."""


def run(
    *,
    listen: str = "",
    limit: Limit = 300,
    behind_proxy: Switch = False,
    ipv6_prefix: Prefix = PREFIX,
    timeout: Timeout = 5.0,
    clock: ClockFile = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Do what is due, again and again, until SIGTERM or SIGINT.

    Parameters
    ----------
    listen
        Address and port; port 0 takes a free one. Without it, whoever serves the post reaches its directory.
    limit
        Requests that one address may send a minute; 0 for any number.
    behind_proxy
        A proxy in front says in X-Forwarded-For who asks.
    ipv6_prefix
        How many bits of an IPv6 address are one sender's, 64 or fewer.
    """
    place = address(listen) if listen else None
    with (
        heeding() as over,
        ExitStack() as opened,
        turns(options, timeout, clock_from(clock), _BETWEEN) as work,
    ):
        served: list[Callable[[], object]] = []
        if place is not None:
            served = _serve(opened, work.home, place, (limit, behind_proxy, ipv6_prefix))

        def turn() -> None:
            for check in served:
                check()
            work.turn()

        return repeat(turn, over=over)


def _serve(
    opened: ExitStack, home: Home, place: tuple[str, int], limits: tuple[int, bool, int]
) -> list[Callable[[], object]]:
    """Answer over HTTP until the stack is left; what is to be done in every pass."""
    box = Forwarding(Path(home.posts["registrar"]))
    listener = opened.enter_context(listening(application(box, *limits), *place))
    return [listener.check, lambda: box.sweep(time.time())]
