"""Addresses that a command is given, checked before it writes anything."""

from __future__ import annotations

from psephos.cli.process.stop import USAGE, Stop, stopping
from psephos.protocol.enrolment.address import site_address

_HIGHEST_PORT = 0xFFFF


def address(listen: str) -> tuple[str, int]:
    """Host and port of what --listen says; Stop where it is neither."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal():
        raise Stop(f"--listen {listen}: not of the form address:port", USAGE)
    if int(port) > _HIGHEST_PORT:
        raise Stop(f"--listen {listen}: invalid port {port}: a port is at most {_HIGHEST_PORT}", USAGE)
    return host.strip("[]"), int(port)


def check_site(option: str, url: str) -> None:
    """Stop where the value of an option is given, and is no plain http(s) address."""
    if url:
        with stopping(USAGE, option):
            site_address(url)
