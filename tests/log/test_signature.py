"""Ed25519: RFC 8032's first vector, refusals, and no secret in a repr."""

from __future__ import annotations

import pytest

from psephos.crypto.signature import PublicKey, SigningKey
from psephos.errors import FormatError, VerificationError

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_rfc_8032_vector() -> None:
    key = SigningKey(SEED)
    assert key.public == PublicKey(PUBLIC)
    assert key.sign(b"") == SIGNATURE
    key.public.verify(b"", SIGNATURE)


def test_refusals() -> None:
    public = PublicKey(PUBLIC)
    with pytest.raises(VerificationError, match=PUBLIC.hex()):
        public.verify(b"x", SIGNATURE)
    with pytest.raises(FormatError):
        public.verify(b"", SIGNATURE[:-1])
    for size in (0, 31, 33):
        with pytest.raises(FormatError):
            PublicKey(bytes(size))
        with pytest.raises(FormatError):
            SigningKey(bytes(size))


def test_repr_shows_no_secret() -> None:
    key = SigningKey(SEED)
    assert SEED.hex() not in repr(key)
    assert repr(SEED) not in repr(key)
    assert PUBLIC.hex() in repr(key)
