"""Notes, right and wrong (`spec/log.md#notes`)."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.log.note import Signature, encode_base64
from vector_generator.log import edited
from vector_generator.vector import Vector, accepted, rejected


def note_vectors() -> Iterator[Vector]:
    """What parses as a note, whoever signed it, and what does not."""
    line = Signature("signer.example", b"abcd", b"signature").encode().decode()
    yield accepted("note", "blank-lines-in-text", note=f"text\n\nmore\n\n\n{line}")
    yield accepted("note", "empty-text", note=f"\n\n{line}")
    yield accepted("note", "delete-in-text", note=f"te\x7fxt\n\n{line}")
    yield accepted("note", "unicode-name", note="text\n\n" + line.replace("signer", "Ζεύς\u200b"))
    yield accepted("note", "100-lines", note="text\n\n" + "— n AAAAAAA=\n" * 100)
    good = accepted("note", "good", note=f"text\n\n{line}")
    yield good
    yield from edited(good, "note", _note_slips(line), None)
    yield rejected(
        good,
        "not-utf-8",
        None,
        note=None,
        data=good["note"].replace("text", "te\udcffxt").encode(errors="surrogateescape").hex(),
    )


def _note_slips(line: str) -> dict[str, tuple[str, str]]:
    base64 = line.split(" ")[2].strip()
    slips = {
        "no-blank-line": ("\n\n", "\n"),
        "no-lines": (line, ""),
        "no-final-newline": (line, line[:-1]),
        "blank-line-at-end": (line, line + "\n"),
        "tab": ("text", "te\txt"),
        "carriage-return": ("text\n", "text\r\n"),
        "nul": ("text", "te\0xt"),
        "hyphen-for-dash": ("— ", "- "),
        "two-spaces-before-name": ("— ", "—  "),
        "two-spaces-after-name": ("signer.example ", "signer.example  "),
        "space-at-end": (line, line[:-1] + " \n"),
        "no-name": ("signer.example", ""),
        "plus-in-name": ("signer", "sig+ner"),
        "unpadded": (base64, base64.rstrip("=")),
        "url-alphabet": (base64, "-_" + base64[2:]),
        "unused-bits": (base64, _unused_bits(base64)),
        "four-bytes": (base64, encode_base64(b"abcd")),
        "101-lines": (line, line * 101),
        "something-after-a-line": (line, line[:-1] + " x\n"),
    }
    for code in (0x7F, 0x85, 0x9F, 0xA0, 0x1680, 0x2003, 0x2028, 0x202F, 0x205F, 0x3000):
        slips[f"name-with-u+{code:04x}"] = ("signer", f"sig{chr(code)}ner")
    return slips


def _unused_bits(base64: str) -> str:
    """Another text that a lax decoder takes for the same bytes."""
    last = base64.rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    neighbour = alphabet[alphabet.index(last[-1]) + 1]
    return last[:-1] + neighbour + base64[len(last) :]
