"""Policies: the specification's example, refusals, quorums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, ED25519, Note, Signature, VerifierKey
from psephos.log.policy import Policy

if TYPE_CHECKING:
    from conftest import Keys


def vkey(name: str, algorithm: int = COSIGNATURE_V1) -> str:
    return str(VerifierKey(name, algorithm, SigningKey(name.encode().ljust(32, b".")).public))


EXAMPLE = f"""log {vkey("log", ED25519)} https://log.example/

  # two organisations
witness X1 {vkey("x1")}
witness\tX2 {vkey("x2")}  https://x2.example/
witness X3 {vkey("x3")}
group X-witnesses 2 X1 X2 X3

witness Y1 {vkey("y1")}
witness Y2 {vkey("y2")}
witness Ÿ3 {vkey("y3")}
group Y-witnesses any Y1 Y2 Ÿ3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_nested_groups() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    assert list(policy.logs) == ["log"]
    assert list(policy.witnesses) == ["X1", "X2", "X3", "Y1", "Y2", "Ÿ3"]
    assert policy.urls[policy.witnesses["X2"]] == "https://x2.example/"
    assert policy.smallest_quorum() == 3
    for names in (["X1", "X2", "Y1"], ["X3", "X1", "Ÿ3"], list(policy.witnesses)):
        assert policy.satisfied(names)
    for names in ([], ["X1", "X2", "X3"], ["X1", "Y1", "Y2", "Ÿ3"], ["X1", "Y1", "X-witnesses"]):
        assert not policy.satisfied(names)


def test_quorum_of_one_and_of_none() -> None:
    one = Policy.parse(f"witness W {vkey('w')}\nquorum W\n".encode())
    assert one.satisfied(["W"])
    assert not one.satisfied([])
    none = Policy.parse(b"quorum none\n")
    assert none.satisfied([])
    assert (one.smallest_quorum(), none.smallest_quorum()) == (1, 0)


def test_names_are_opaque_octets() -> None:
    policy = Policy.parse(b"witness \xff " + vkey("w").encode() + b"\nquorum \xff\n")
    assert policy.satisfied(policy.witnesses)


def test_a_quorum_lies_between_one_and_all() -> None:
    lines = f"witness A {vkey('a')}\nwitness B {vkey('b')}\ngroup G %s A B\nquorum G\n"
    assert Policy.parse((lines % 2).encode()).smallest_quorum() == 2
    for quorum in (0, 3):
        with pytest.raises(FormatError):
            Policy.parse((lines % quorum).encode())


BAD = {
    "empty": "",
    "no quorum": f"witness W {vkey('w')}\n",
    "two quorums": "quorum none\nquorum none\n",
    "no final newline": "quorum none",
    "carriage return": "quorum none\r\n",
    "delete": "quorum none # \x7f\n",
    "unknown word": "quorum none\nwitless x\n",
    "undefined quorum": "quorum W\n",
    "quorum defined below": f"quorum W\nwitness W {vkey('w')}\n",
    "name twice": f"witness W {vkey('w')}\nwitness W {vkey('v')}\nquorum none\n",
    "group named as a witness": f"witness W {vkey('w')}\ngroup W any W\nquorum none\n",
    "witness named none": f"witness none {vkey('w')}\nquorum none\n",
    "group named none": f"witness W {vkey('w')}\ngroup none any W\nquorum none\n",
    "none as a member": "group G any none\nquorum G\n",
    "key twice": f"witness W {vkey('w')}\nwitness V {vkey('w')}\nquorum none\n",
    "log twice": f"log {vkey('l', ED25519)}\nlog {vkey('l', ED25519)}\nquorum none\n",
    "log with a witness key": f"log {vkey('w')}\nquorum none\n",
    "witness with a log key": f"witness W {vkey('w', ED25519)}\nquorum none\n",
    "group without members": "group G any\nquorum none\n",
    "member twice": f"witness W {vkey('w')}\ngroup G any W W\nquorum G\n",
    "member of two groups": f"witness W {vkey('w')}\ngroup G any W\ngroup H any W\nquorum G\n",
    "threshold 0": f"witness W {vkey('w')}\ngroup G 0 W\nquorum G\n",
    "threshold 2 of 1": f"witness W {vkey('w')}\ngroup G 2 W\nquorum G\n",
    "threshold 01": f"witness W {vkey('w')}\ngroup G 01 W\nquorum G\n",
    "too many words": f"witness W {vkey('w')} url more\nquorum none\n",
    "too many names": "".join(f"witness W{n} {vkey(f'w{n}')}\n" for n in range(65)) + "quorum none\n",
    "too long": "#" * 65536 + "\nquorum none\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_policies_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Policy.parse(text.encode())


def test_checkpoints_under_a_policy(keys: Keys) -> None:
    checkpoint = TreeHead(keys.origin, 5, bytes(32))
    signed = Note.parse(checkpoints.sign(checkpoint, keys.log))
    lines = [cosignature.sign(signed.text, 100 + n, *item) for n, item in enumerate(keys.witnesses.items())]

    def with_lines(*chosen: Signature) -> bytes:
        return signed.with_signatures(chosen).encode()

    assert keys.policy.verify(with_lines(lines[0], lines[2])) == (checkpoint, {"W0": 100, "W2": 102})
    stranger = cosignature.sign(signed.text, 1, "example.org/w9", SigningKey(bytes(32)))
    with pytest.raises(LogError, match="no quorum"):
        keys.policy.verify(with_lines(lines[0], stranger))
    spoilt = Signature(lines[1].name, lines[1].key_id, bytes(72))
    with pytest.raises(LogError):  # a quorum does not make up for a bad cosignature
        keys.policy.verify(with_lines(lines[0], lines[2], spoilt))
    other_log = checkpoints.sign(TreeHead("example.org/other", 5, bytes(32)), keys.log)
    with pytest.raises(LogError, match="not a log of the policy"):
        keys.policy.verify(other_log)
