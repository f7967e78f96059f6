"""The ways to all registrars, for roles that ask them: a post each, in the definition's order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from psephos.cli.home.home import Home, location
from psephos.cli.process.stop import USAGE, Stop
from psephos.post.channel import Channel
from psephos.protocol.record import Record

RegistrarPosts: TypeAlias = Annotated[
    list[str] | None,
    Parameter(
        name="--registrar",
        help="A registrar's post, a directory or an http(s) URL; as often as there are registrars, in the "
        "definition's order. Without it each registrar's is the one that the log names.",
        negative="",
    ),
]


def registrar_posts(places: Sequence[str] | None) -> dict[str, str]:
    """What `home.json` says of them: `registrar 1`, `registrar 2`, .."""
    return {f"registrar {number}": location(place) for number, place in enumerate(places or (), 1)}


def registrar_channel(home: Home, record: Record, number: int) -> Channel:
    """The way to a registrar: the post that was named, else the one that its token keys name."""
    name, gateway = f"registrar {number}", record.registrar_keys.gateways.get(number)
    if name in home.posts or gateway is None or not gateway.address:
        return home.channel(name)
    return home.channel_at(name, gateway.address)


def registrar_channels(home: Home, record: Record) -> dict[int, Channel]:
    """The ways to all, by number; Stop where a post is named for more registrars than there are."""
    numbers = record.setting.registrars
    more = [
        name for name in home.posts if name.startswith("registrar ") and int(name.split()[1]) not in numbers
    ]
    if more:
        raise Stop(f"{home.directory / 'home.json'}: there is no {', '.join(more)} in the definition", USAGE)
    return {number: registrar_channel(home, record, number) for number in numbers}
