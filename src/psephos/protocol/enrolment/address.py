"""Cards and invitations as addresses, all that is secret behind `#` (`spec/cards.md#addresses`)."""

from __future__ import annotations

import base64
import binascii
import re

from psephos.errors import FormatError

CARD, INVITATION = "c", "i"
PAGES = {CARD: "booth/vote.html", INVITATION: "booth/enrol.html"}
LONGEST_SITE = 200
_HIGHEST_PORT = 0xFFFF
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
_SITE = re.compile(rf"https?://{_HOST}(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_ADDRESS = re.compile(r"https?://[!\"$-~]*#([!-~]*)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def site_address(text: str) -> str:
    """The address of a site, with `/` at its end; FormatError unless it is a plain http(s) URL."""
    found = _SITE.fullmatch(text)
    if len(text) > LONGEST_SITE or not found:
        raise FormatError(
            f"site: {text!r} is not a web address such as https://vote.example/ of at most {LONGEST_SITE} "
            "ASCII characters"
        )
    if int(found["port"] or 0) > _HIGHEST_PORT:
        raise FormatError(f"site: {text!r}: invalid port: a port is a number of at most {_HIGHEST_PORT}")
    return text if text.endswith("/") else f"{text}/"


def write(site: str, kind: str, data: bytes) -> str:
    """The address of bytes of a kind, CARD or INVITATION; `site` as `site_address` gives it."""
    return f"{site}{PAGES[kind]}#{fragment(kind, data)}"


def fragment(kind: str, data: bytes) -> str:
    """What stands behind `#`, whatever page is before it."""
    return f"{kind}={base64.b32encode(data).decode('ascii').rstrip('=')}"


def is_address(text: str) -> bool:
    """Whether a text begins as an address does."""
    return text.startswith(("https://", "http://"))


def read(text: str, kind: str) -> bytes:
    """The bytes of a kind that an address holds; FormatError for any other text holds nothing of it."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        raise FormatError("address: not an http(s) address with a # in it")
    secrets, languages = dict[str, str](), 0
    for part in found[1].split("&"):
        name, equals, value = part.partition("=")
        if equals and name in PAGES and not secrets:
            secrets[name] = value
        elif _LANGUAGE.fullmatch(part) and not languages:
            languages += 1
        else:
            raise FormatError("address: behind # is not one card or invitation")
    if kind not in secrets:
        raise FormatError(f"address: behind # is no {'card' if kind == CARD else 'invitation'}")
    return _bytes(secrets[kind])


def _bytes(text: str) -> bytes:
    """What base32 without padding holds, in its one encoding."""
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raise FormatError("address: not base32") from None
    if base64.b32encode(data).decode("ascii").rstrip("=") != text:
        raise FormatError("address: not base32 in its one form")
    return data
