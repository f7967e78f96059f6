"""Cards and invitations as addresses: spec/cards.md#addresses"""

from __future__ import annotations

import re
import unicodedata
from base64 import b32decode, b32encode

import cards
from group import FormatError
from transcript import u8, u16

BEFORE = re.compile(r"https?://[!-~]*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
LONGEST_NAME = 200
MOST_REGISTRARS = 8


def base32(data: bytes) -> str:
    """Without padding."""
    return b32encode(data).decode().rstrip("=")


def parse_base32(text: str) -> bytes:
    """Whatever is not written back the same is refused."""
    try:
        data = b32decode((text + "=" * (-len(text) % 8)).encode("ascii"))
    except ValueError:
        raise FormatError("not base32") from None
    if base32(data) != text:
        raise FormatError("unused bits, or padding")
    return data


def behind(text: str) -> tuple[str, str]:
    """The kind and the value of what is secret in an address."""
    before, hash_, fragment = text.partition("#")
    if not hash_ or not BEFORE.fullmatch(before):
        raise FormatError("no address with a #")
    parts = fragment.split("&")
    secrets = [part for part in parts if part[:2] in ("c=", "i=")]
    languages = [part for part in parts if LANGUAGE.fullmatch(part)]
    if len(secrets) != 1 or len(languages) > 1 or len(secrets) + len(languages) < len(parts):
        raise FormatError("not one card or invitation, and a language")
    return secrets[0][0], secrets[0][2:]


def card_address(site: str, election: bytes, region: int, secret: bytes) -> str:
    """spec/cards.md#qr-code"""
    return f"{site}booth/vote.html#c={base32(election + u16(region) + secret)}"


def parse_card_address(text: str) -> tuple[bytes, int, bytes]:
    """Election hash, region and secret."""
    kind, value = behind(text)
    if kind != "c":
        raise FormatError("an invitation")
    return cards.card_parts(parse_base32(value))


def invitation_address(
    site: str, definition: bytes, registrar: int, region: str, salt: bytes, voter: str
) -> str:
    """spec/messages.md#roll"""
    data = definition + u8(registrar) + salt + u8(len(region)) + region.encode() + voter.encode()
    return f"{site}booth/enrol.html#i={base32(data)}"


def parse_invitation_address(text: str) -> tuple[bytes, int, str, bytes, str]:
    """Definition hash, registrar, region, salt and voter."""
    kind, value = behind(text)
    if kind != "i":
        raise FormatError("a card")
    data = parse_base32(value)
    if len(data) < 50 or len(data) < 50 + data[49]:
        raise FormatError("too short")
    end = 50 + data[49]
    try:
        region, voter = data[50:end].decode("ascii"), data[end:].decode()
    except UnicodeDecodeError:
        raise FormatError("not UTF-8") from None
    if not 1 <= data[32] <= MOST_REGISTRARS or not IDENTIFIER.fullmatch(region) or not is_name(voter):
        raise FormatError("no registrar, no region, or no voter's name")
    return data[:32], data[32], region, data[33:49], voter


def is_name(voter: str) -> bool:
    """spec/messages.md#roll"""
    plain = not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in voter)
    return plain and voter == voter.strip() and 1 <= len(voter) <= LONGEST_NAME
