"""Mail that comes back: which letter, and why (RFC 3464, delivery status notifications)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default

from psephos.errors import FormatError

_MARK = r"(?P<mark>[0-9a-f]{32})"
_RETURN = re.compile(rf"\+{_MARK}@")
_ID = re.compile(rf"<{_MARK}@")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
LARGEST = 8 << 20
"""Bytes: a notification may have all that it returns with it."""


@dataclass(frozen=True)
class Bounce:
    """A letter's mark, and RFC 3463's code; `final` unless the mail server still tries."""

    mark: str
    status: str
    final: bool


def read_bounce(data: bytes) -> Bounce:
    """A delivery status notification for one of our letters; FormatError for any other mail."""
    if len(data) > LARGEST:
        raise FormatError(f"bounce: more than {LARGEST >> 20} MiB")
    try:
        return _read(message_from_bytes(data, policy=default))
    except FormatError:
        raise
    except Exception as error:  # the email package fails in many ways on mail that is broken enough
        raise FormatError(f"bounce: cannot be read as mail: {type(error).__name__}") from None


def _read(mail: Message) -> Bounce:
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if len(reports) != 1:
        raise FormatError("bounce: not a mail with one delivery status in it")
    fields = [_fields(block) for block in _blocks(reports[0])]
    actions = [one for one in fields if "action" in one]
    if len(actions) != 1:
        raise FormatError("bounce: not about one recipient")
    status = _STATUS.match(actions[0].get("status", ""))
    if not status:
        raise FormatError("bounce: no status")
    return Bounce(_mark(mail), status[0], actions[0]["action"].strip().lower() == "failed")


def _blocks(report: Message) -> list[Message]:
    blocks = report.get_payload()
    return [one for one in blocks if isinstance(one, Message)] if isinstance(blocks, list) else []


def _fields(block: Message) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in block.items()}


def _mark(mail: Message) -> str:
    """The mark in the address that it came back to, or in the returned letter's Message-ID."""
    found = {
        one["mark"] for name in ("To", "Delivered-To") for one in _RETURN.finditer(str(mail[name] or ""))
    }
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            found |= {one["mark"] for one in _ID.finditer(str(part.get_payload()))}
        elif part is not mail:
            found |= {one["mark"] for one in _ID.finditer(str(part["Message-ID"] or ""))}
    if len(found) != 1:
        raise FormatError("bounce: names none of our letters, or more than one")
    return found.pop()
