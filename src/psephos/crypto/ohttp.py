"""Oblivious HTTP: messages sealed to a gateway, and its responses (RFC 9458), over HPKE (RFC 9180)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, KEMKeyPair
from pyhpke.exceptions import PyHPKEError

from psephos.errors import FormatError

AES_128_GCM, CHACHA20_POLY1305 = 1, 3
"""AEADs by their numbers in RFC 9180. Psephos uses the second; the examples of RFC 9458 use the first."""
HEADER, ENC, TAG = 7, 32, 16
"""Bytes of a sealed request before the encapsulated key, of that key, and of the tag behind the content."""
_KEM, _KDF = 0x0020, 0x0001
_REQUEST, _RESPONSE = b"message/bhttp request", b"message/bhttp response"
_KEY_SIZES = {AES_128_GCM: 16, CHACHA20_POLY1305: 32}
_NONCE = 12


@dataclass(frozen=True)
class ResponseKey:
    """What opens the response to one sealed request, or seals it: 32 bytes, and the exported secret."""

    enc: bytes
    secret: bytes = field(repr=False)
    aead: int = CHACHA20_POLY1305

    @property
    def nonce_size(self) -> int:
        """Random bytes that a response begins with."""
        return max(_KEY_SIZES[self.aead], _NONCE)

    def seal(self, content: bytes, nonce: bytes) -> bytes:
        """The sealed response; `nonce` are `nonce_size` random bytes, used for this response alone."""
        if len(nonce) != self.nonce_size:
            raise FormatError(f"response nonce: {len(nonce)} bytes instead of {self.nonce_size}")
        cipher, iv = self._cipher(nonce)
        return nonce + cipher.encrypt(iv, content, b"")

    def open(self, sealed: bytes) -> bytes:
        """What was sealed; FormatError unless it is the response to this request."""
        if len(sealed) < self.nonce_size + TAG:
            raise FormatError("sealed response: cut short")
        cipher, iv = self._cipher(sealed[: self.nonce_size])
        try:
            return cipher.decrypt(iv, sealed[self.nonce_size :], b"")
        except InvalidTag:
            raise FormatError("sealed response: does not open") from None

    def _cipher(self, nonce: bytes) -> tuple[AESGCM | ChaCha20Poly1305, bytes]:
        """RFC 9458, section 4.4."""
        size = _KEY_SIZES[self.aead]
        key = HKDF(SHA256(), size, self.enc + nonce, b"key").derive(self.secret)
        iv = HKDF(SHA256(), _NONCE, self.enc + nonce, b"nonce").derive(self.secret)
        return AESGCM(key) if self.aead == AES_128_GCM else ChaCha20Poly1305(key), iv


def seal_request(
    content: bytes, key: int, public: bytes, ephemeral: bytes, aead: int = CHACHA20_POLY1305
) -> tuple[bytes, ResponseKey]:
    """The sealed request, and what opens its response.

    `key` is the gateway's key identifier, `public` its X25519 key of 32 bytes; `ephemeral` are 32 random
    bytes, used for this request alone. FormatError when the key has no use.
    """
    header = _header(key, aead)
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    pair = KEMKeyPair(*map(KEMKey.from_pyca_cryptography_key, (private, private.public_key())))
    try:
        receiver = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(public))
        enc, context = _suite(aead).create_sender_context(receiver, _info(header), eks=pair)
    except (PyHPKEError, ValueError):
        raise FormatError("X25519 public key: wrong length or of small order") from None
    reply = ResponseKey(enc, context.export(_RESPONSE, max(_KEY_SIZES[aead], _NONCE)), aead)
    return header + enc + context.seal(content), reply


def open_request(
    sealed: bytes, key: int, private: bytes, aead: int = CHACHA20_POLY1305
) -> tuple[bytes, ResponseKey]:
    """What was sealed, and what seals its response; FormatError unless it was sealed to this key."""
    header, enc = _header(key, aead), sealed[HEADER : HEADER + ENC]
    if not sealed.startswith(header) or len(sealed) < HEADER + ENC + TAG:
        raise FormatError("sealed request: to another key, for other algorithms, or cut short")
    receiver = KEMKey.from_pyca_cryptography_key(X25519PrivateKey.from_private_bytes(private))
    try:
        context = _suite(aead).create_recipient_context(enc, receiver, _info(header))
        content = context.open(sealed[HEADER + ENC :])
    except (PyHPKEError, ValueError):
        raise FormatError("sealed request: does not open") from None
    return content, ResponseKey(enc, context.export(_RESPONSE, max(_KEY_SIZES[aead], _NONCE)), aead)


def _suite(aead: int) -> CipherSuite:
    return CipherSuite.new(KEMId(_KEM), KDFId(_KDF), AEADId(aead))


def _header(key: int, aead: int) -> bytes:
    return bytes([key]) + b"".join(number.to_bytes(2, "big") for number in (_KEM, _KDF, aead))


def _info(header: bytes) -> bytes:
    return _REQUEST + b"\0" + header
