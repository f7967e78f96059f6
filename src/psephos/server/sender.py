"""Who asks: the network that a request comes from, by which limits count."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from litestar import Request

PREFIX = 64
"""Bits of an IPv6 address that are one sender's, unless the operator says fewer."""
_FORWARDED = "X-Forwarded-For"
Asked: TypeAlias = Request[Any, Any, Any]
Sender: TypeAlias = Callable[[Asked], str]


def sender_of(proxied: bool, prefix: int = PREFIX) -> Sender:
    """What tells a request's sender; `proxied` if a proxy in front says so in X-Forwarded-For.

    `prefix`: how many bits of an IPv6 address count.
    """

    def tell(request: Asked) -> str:
        address = request.client.host if request.client else ""
        if proxied:
            address = last_hop(request.headers.getall(_FORWARDED, [])) or address
        return network(address, prefix)

    return tell


def last_hop(lines: Sequence[str]) -> str:
    """The address that the proxy in front has seen: the last on all lines, which are one list.

    Whatever stands before it the sender may have written. A port behind it tells nothing, nor do brackets.
    """
    hop = ",".join(lines).rpartition(",")[2].strip().strip('"')
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def network(address: str, prefix: int = PREFIX) -> str:
    """What counts as one sender: an address of IPv4, so many bits of one of IPv6, or whatever else it is."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, prefix), strict=False))
