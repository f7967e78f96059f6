"""Relays of a plan: who holds and mixes voters' cards on their way to the registrars, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psephos.errors import FormatError
from psephos.http_client import connect
from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.relays import RelayAddress

_MEMBERS = {"name": 'name = "Bar association"', "address": 'address = "https://relay.example"'}


def read_relays(mistakes: Mistakes, there: Mapping[str, Form]) -> dict[str, Any]:
    """`relays` and `hold` of a definition: no relays, and 0, where a plan says nothing."""
    if "relays" not in there or there["relays"].value == []:
        if "hold" in there and there["hold"].value != 0:
            what = "is the period of relays, and there are none: leave it out, or name relays"
            mistakes.note(there["hold"].path, what, lines.TOP_OPTIONAL["relays"])
        return {"relays": [], "hold": 0}
    items = mistakes.take(lambda: there["relays"].items(1, 16), lines.TOP_OPTIONAL["relays"]) or []
    relays = [_relay(mistakes, item) for item in items]
    addresses = [relay.get("address") for relay in relays]
    for item, address in zip(items, addresses, strict=True):
        if addresses.index(address) != items.index(item):
            mistakes.note(f"{item.path}.address", f"{address} stands here for the second time")
    hold = there.get("hold", Form(lines.DAY))
    seconds = mistakes.take(lambda: hold.integer(1, 604_800), lines.TOP_OPTIONAL["hold"])
    return {"relays": relays, "hold": seconds}


def _relay(mistakes: Mistakes, form: Form) -> dict[str, Any]:
    there = mistakes.table(form, _MEMBERS, {})
    relay = {key: member.value for key, member in there.items()}
    if len(there) == len(_MEMBERS):
        mistakes.take(lambda: _read(Form(relay, form.path)), "; ".join(_MEMBERS.values()))
    return relay


def _read(form: Form) -> None:
    """FormatError where it is no relay, or its address none that can be asked."""
    address = RelayAddress.read(form).address
    try:
        connect(address, 0)
    except FormatError as error:
        raise form.member("address").refuse(str(error).removeprefix("URL: ")) from None
