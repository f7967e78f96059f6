"""Published vectors: RFC 9496, RFC 8032, RFC 9497, RFC 6962, RFC 8785; and the strictness of parsers."""

from __future__ import annotations

import ast
import random
import sys
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import cbor
import ed25519
import group
import jcs
import log
import note
import provers
import pytest
import token_provers
from group import FormatError, G, L, decode, encode, is_identity, multiply
from multiscalar import multiscalar

unhex = bytes.fromhex
REFERENCE = Path(__file__).parents[2] / "reference"

# RFC 9496, appendix A.1: 0 to 5 times the generator.
MULTIPLES = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
    "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
]

# RFC 9496, appendix A.2.
INVALID = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
    "c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78",
    "47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
]


def test_multiples_of_the_generator() -> None:
    for scalar, encoded in enumerate(MULTIPLES):
        assert encode(multiply(scalar, G)).hex() == encoded
        assert encode(decode(unhex(encoded))).hex() == encoded
    assert is_identity(multiply(L, G))


@pytest.mark.parametrize("encoded", INVALID)
def test_invalid_points_are_refused(encoded: str) -> None:
    with pytest.raises(FormatError):
        decode(unhex(encoded))


def test_hashing_to_the_group() -> None:
    uniform = sha512(b"Ristretto is traditionally a short shot of espresso coffee").digest()
    expected = "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"
    assert encode(group.hash_to_group(uniform)).hex() == expected


@pytest.mark.parametrize("count", [0, 1, 2, 100, 700])
def test_multiscalar_multiplication_agrees_with_single_ones(count: int) -> None:
    draw = random.Random(count)
    edges = [0, 1, L - 1, 2**128 - 1, 2**252, L // 2]
    scalars = [draw.choice([draw.randrange(L), draw.getrandbits(128), *edges]) for _ in range(count)]
    logarithms = [draw.randrange(1, 1000) for _ in range(count)]
    points = [decode(encode(multiply(k, G))) for k in logarithms]
    expected = multiply(sum(s * k for s, k in zip(scalars, logarithms, strict=True)) % L, G)
    assert encode(multiscalar(scalars, points)) == encode(expected)


# RFC 8032, section 7.1: secret, public key, message, signature.
ED25519 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519(secret: str, public: str, message: str, signature: str) -> None:
    key, text, wire = unhex(public), unhex(message), unhex(signature)
    assert ed25519.public_key(unhex(secret)) == key
    assert ed25519.sign(unhex(secret), text) == wire
    assert ed25519.verify(key, text, wire)
    assert not ed25519.verify(key, text + b"x", wire)
    for at in range(64):
        assert not ed25519.verify(key, text, wire[:at] + bytes([wire[at] ^ 4]) + wire[at + 1 :])
    unreduced = (int.from_bytes(wire[32:], "little") + L).to_bytes(32, "little")
    assert not ed25519.verify(key, text, wire[:32] + unreduced)
    assert not ed25519.verify(b"\x02" + bytes(31), text, wire)


def test_tokens() -> None:
    """RFC 9497, appendix A.1.2, vector 1, without its proof."""
    secret = token_provers.derive_key(b"\xa3" * 32, b"test key")
    public = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"
    assert provers.base(secret).hex() == public
    blind = group.scalar(unhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"))
    blinded = token_provers.blind(b"\0", blind)
    assert blinded.hex() == "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"
    position, random = (0, 1, 1), provers.Stream("proof")
    evaluated, _ = token_provers.evaluate_blind(bytes(32), position, secret, blinded, random)
    assert evaluated.hex() == "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"
    output = token_provers.finalize(b"\0", token_provers.unblind(evaluated, blind))
    assert output == token_provers.finalize(b"\0", token_provers.token(secret, b"\0"))
    assert output.hex() == (
        "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
        "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"
    )


def root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return log.node(root(hashes[:k]), root(hashes[k:]))


def test_roots_at_every_size() -> None:
    leaves = [log.leaf(bytes([i % 256]) * (i % 7)) for i in range(70)]
    tree = log.Tree(leaves)
    for size in range(71):
        assert tree.root(size) == root(leaves[:size])
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    known = log.Tree([log.leaf(unhex(data)) for data in inputs])
    assert known.root(8).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_notes() -> None:
    """The example of C2SP signed-note."""
    key = note.verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", note.LOG)
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    text = f"This is an example message.\n\n— example.com/foo {signature}\n"
    parsed = note.parse_note(text.encode())
    assert ed25519.verify(key.public, parsed.text.encode(), parsed.signatures([key])[key])


@pytest.mark.parametrize("policy", ["", "quorum none", "quorum x\n", "quorum none\nquorum none\n", "hello\n"])
def test_wrong_policies_are_refused(policy: str) -> None:
    with pytest.raises(FormatError):
        note.parse_policy(policy.encode())


def test_json_is_canonical() -> None:
    value = {"b": [1, -2, 2**53 - 1], "a": 'Ζωή \u0007 " \\ / \u007f 😀', "": {}}
    del value[""]
    expected = '{"a":"Ζωή \\u0007 \\" \\\\ / \u007f 😀","b":[1,-2,9007199254740991]}'
    assert jcs.encode(value).decode() == expected
    assert jcs.decode(expected.encode()) == value


OTHER_JSON = [
    *["", " {}", "{} ", '{"b":1,"a":1}', '{"a":1,"a":1}', '{"":1}', '{"ä":1}', "1.0", "1e3", "-0", "01"],
    *["null", "true", "[false]", "NaN", "9007199254740992", '"\\u0041"', '"\\/"', '"\\ud800"', "[1, 2]"],
    *['"\\u000A"', '"\t"', "\ufeff{}", "1" * 5000, "[" * 60_000],
]


@pytest.mark.parametrize("text", OTHER_JSON, ids=range(len(OTHER_JSON)))
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        jcs.decode(text.encode())


def test_cbor_survives_a_round_trip() -> None:
    draw = random.Random(0)
    for _ in range(200):
        items: list[Any] = [
            draw.choice([draw.getrandbits(draw.randrange(54)), draw.randbytes(draw.randrange(300)), "ζ" * 9])
            for _ in range(draw.randrange(30))
        ]
        data = cbor.encode(items)
        assert cbor.decode(data) == items
        for end in range(len(data)):
            with pytest.raises(FormatError):
                cbor.decode(data[:end])


def test_the_reference_stands_on_the_standard_library_alone() -> None:
    own = {path.stem for path in REFERENCE.glob("*.py")}
    assert own
    for path in REFERENCE.glob("*.py"):
        for imported in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in imported.names] if isinstance(imported, ast.Import) else []
            names += [imported.module or ""] if isinstance(imported, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= own | sys.stdlib_module_names, path
