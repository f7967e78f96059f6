"""Sealed shares against RFC 9180 written out: each opens what the other sealed (`spec/ceremony.md#deal`)."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from psephos.crypto import hpke
from psephos.errors import FormatError

KEM_SUITE = b"KEM\x00\x20"
SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"

# RFC 9180, A.2.1: base mode, encryption number 0.
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
EPHEMERAL = bytes.fromhex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
RECEIVER = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
RECEIVER_PUBLIC = bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
ENC = bytes.fromhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
PLAINTEXT = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")
AAD = b"Count-0"
CIPHERTEXT = bytes.fromhex(
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
)


def extract(salt: bytes, suite: bytes, label: bytes, key: bytes) -> bytes:
    """LabeledExtract, section 4."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, sha256)


def expand(key: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand, section 4; one block is enough."""
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labeled + b"\x01", sha256)[:length]


def cipher(shared: bytes, enc: bytes, public: bytes, info: bytes) -> tuple[ChaCha20Poly1305, bytes]:
    """The first message's cipher and nonce: Decap's ExtractAndExpand, then KeySchedule (4.1, 5.1)."""
    secret = extract(b"", KEM_SUITE, b"eae_prk", shared)
    secret = expand(secret, KEM_SUITE, b"shared_secret", enc + public, 32)
    context = b"\x00" + extract(b"", SUITE, b"psk_id_hash", b"") + extract(b"", SUITE, b"info_hash", info)
    secret = extract(secret, SUITE, b"secret", b"")
    key = expand(secret, SUITE, b"key", context, 32)
    return ChaCha20Poly1305(key), expand(secret, SUITE, b"base_nonce", context, 12)


def exchange(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def test_the_written_out_scheme_is_that_of_the_rfc() -> None:
    aead, nonce = cipher(exchange(EPHEMERAL, RECEIVER_PUBLIC), ENC, RECEIVER_PUBLIC, INFO)
    assert aead.encrypt(nonce, PLAINTEXT, AAD) == CIPHERTEXT
    assert hpke.public_key(RECEIVER) == RECEIVER_PUBLIC
    assert hpke.public_key(EPHEMERAL) == ENC


def test_what_the_rfc_seals_opens() -> None:
    aead, nonce = cipher(exchange(EPHEMERAL, RECEIVER_PUBLIC), ENC, RECEIVER_PUBLIC, INFO)
    assert hpke.open_sealed(ENC + aead.encrypt(nonce, PLAINTEXT, b""), RECEIVER, INFO) == PLAINTEXT


def test_what_is_sealed_opens_by_the_rfc() -> None:
    sealed = hpke.seal(bytes(range(32)), RECEIVER_PUBLIC, INFO)
    assert len(sealed) == 32 + hpke.OVERHEAD == 80
    aead, nonce = cipher(exchange(RECEIVER, sealed[:32]), sealed[:32], RECEIVER_PUBLIC, INFO)
    assert aead.decrypt(nonce, sealed[32:], b"") == bytes(range(32))
    assert hpke.seal(bytes(range(32)), RECEIVER_PUBLIC, INFO) != sealed


@pytest.mark.parametrize("place", [0, 31, 32, 79])
def test_a_changed_byte_does_not_open(place: int) -> None:
    sealed = bytearray(hpke.seal(bytes(32), RECEIVER_PUBLIC, INFO))
    sealed[place] ^= 1
    with pytest.raises(FormatError):
        hpke.open_sealed(bytes(sealed), RECEIVER, INFO)


def test_other_keys_infos_and_lengths_do_not_open() -> None:
    sealed = hpke.seal(bytes(32), RECEIVER_PUBLIC, INFO)
    for data, key, info in (
        (sealed, EPHEMERAL, INFO),
        (sealed, RECEIVER, b""),
        (sealed[:-1], RECEIVER, INFO),
        (sealed[:20], RECEIVER, INFO),
        (bytes(80), RECEIVER, INFO),
        (b"", RECEIVER, INFO),
    ):
        with pytest.raises(FormatError):
            hpke.open_sealed(data, key, info)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), bytes(31)])
def test_nothing_is_sealed_to_a_key_without_use(public: bytes) -> None:
    with pytest.raises(FormatError):
        hpke.seal(bytes(32), public, INFO)
