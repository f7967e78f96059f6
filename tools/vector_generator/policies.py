"""Policies, right and wrong (`spec/log.md#policy`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from psephos.log.note import ED25519, encode_base64
from vector_generator.log import LOG, ORIGIN, POLICY, WITNESSES, edited, signer, vkey
from vector_generator.vector import Vector, accepted, rejected


def policy_vectors() -> Iterator[Vector]:
    """tlog-policy texts."""
    yield accepted("policy", "none", policy="quorum none\n")
    yield accepted("policy", "one-witness", policy=f"witness W {vkey('w')}\nquorum W\n")
    nested = POLICY.replace(
        "quorum quorum",
        f"witness v {vkey('v')} https://v.example/\ngroup all all quorum v\n"
        "# a comment\n\n \t\n\tgroup \t any  any all\nquorum any",
    )
    yield accepted("policy", "nested", policy=nested)
    good = accepted("policy", "good", policy=POLICY)
    yield good
    yield from edited(good, "policy", _policy_slips(), None)
    many = "".join(f"witness n{number} {vkey(f'n{number}')}\n" for number in range(62))
    yield rejected(good, "65-witnesses", None, policy=POLICY.replace("group", many + "group", 1))


def _policy_slips() -> dict[str, tuple[str, str]]:
    last, group = "quorum quorum\n", "group quorum 2 w1 w2 w3\n"
    first, second = (f"witness w{number} {vkey(WITNESSES[number - 1])}\n" for number in (1, 2))
    return {
        "empty": (POLICY, ""),
        "no-quorum": (last, ""),
        "two-quorums": (last, last + last),
        "no-final-newline": (last, last[:-1]),
        "carriage-return": (last, last[:-1] + "\r\n"),
        "delete": (last, last + "# \x7f\n"),
        "unknown-line": (last, last + "witless x\n"),
        "unknown-quorum": (last, "quorum other\n"),
        "quorum-before-its-group": (group + last, last + group),
        "quorum-of-two": (last, "quorum w1 w2\n"),
        "name-twice": (second, second.replace("w2", "w1")),
        "group-named-as-a-witness": ("group quorum", "group w1"),
        "group-named-none": ("group quorum", "group none"),
        "witness-named-none": ("witness w1", "witness none"),
        "none-as-a-member": ("w1 w2 w3\n", "w1 w2 none\n"),
        "unknown-member": ("w1 w2 w3\n", "w1 w2 w4\n"),
        "member-twice": ("w1 w2 w3\n", "w1 w2 w2\n"),
        "member-of-two-groups": (last, "group other any w1\n" + last),
        "no-members": (group, "group quorum any\n"),
        "threshold-0": ("quorum 2", "quorum 0"),
        "threshold-above-members": ("quorum 2", "quorum 4"),
        "threshold-with-zero": ("quorum 2", "quorum 02"),
        "threshold-signed": ("quorum 2", "quorum +2"),
        "threshold-in-words": ("quorum 2", "quorum most"),
        "witness-key-twice": (second, first.replace("w1", "w2")),
        "log-twice": (f"log {LOG}\n", f"log {LOG}\n" * 2),
        "log-key-twice": (f"log {LOG}\n", f"log {LOG}\nlog {vkey('other', ED25519, ORIGIN)}\n"),
        "log-with-a-witness-key": (LOG, vkey(ORIGIN)),
        "witness-with-a-log-key": (first, f"witness w1 {vkey(WITNESSES[0], ED25519)}\n"),
        "witness-without-name": (first, first.replace("w1 ", "")),
        "two-urls": (f"log {LOG}\n", f"log {LOG} https://a.example https://b.example\n"),
        "wrong-key-id": (LOG, LOG.replace("+", "+0", 1).replace(LOG.split("+")[1][-1] + "+", "+", 1)),
        "key-id-in-capitals": (LOG, LOG.replace(LOG.split("+")[1], LOG.split("+")[1].upper(), 1)),
        "key-without-algorithm": (LOG.split("+", 2)[2], encode_base64(signer(ORIGIN).public.raw)),
        "key-cut-short": (LOG, LOG[:-4]),
        "name-with-a-control-character": (LOG, _control(LOG)),
    }


def _control(vkey: str) -> str:
    """A verifier key whose name holds U+0085, with the right id for it."""
    name, _, material = vkey.split("+", 2)
    name = name.replace(".", "\x85", 1)
    raw = name.encode() + b"\n" + bytes([ED25519]) + signer(ORIGIN).public.raw
    return f"{name}+{hashlib.sha256(raw).digest()[:4].hex()}+{material}"
