"""ID tokens: what a provider says of one person, signed for us alone (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, RSAKey

from psephos.server.sign_in.provider_client import SignInError

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384"]
"""Of signatures that a provider alone can make."""
_KEY_TYPES: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
_LEEWAY = 60
"""Seconds by which clocks may differ."""


def read_id_token(
    granted: dict[str, Any], jwks: dict[str, Any], issuer: str, client: str, nonce: str, now: int
) -> dict[str, Any]:
    """The claims of the ID token that was granted, signed with one of these keys; SignInError for any other.

    `now` in POSIX seconds. No error repeats a claim's value.
    """
    expected = {
        name: {"essential": True, "value": value} for name, value in (("iss", issuer), ("aud", client))
    }
    context = {"nonce": nonce, "client_id": client, "access_token": granted.get("access_token")}
    try:
        token = _signed(str(granted.get("id_token")), _usable(jwks))
        claims = CodeIDToken(token.claims, token.header, expected, context)
        claims.validate(now, _LEEWAY)
    except ClaimError as error:
        raise SignInError(f"ID token: {error.error}: {error.claim}") from None
    except JoseError as error:
        raise SignInError(f"ID token: {error.error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise SignInError(f"ID token or keys: {type(error).__name__}") from None
    return dict(claims)


def _usable(jwks: dict[str, Any]) -> list[RSAKey | ECKey]:
    """The keys for signatures; each other is passed over, as RFC 7517, section 5, says."""
    listed = jwks.get("keys")
    keys = map(_key, listed if isinstance(listed, list) else [])
    return [one for one in keys if one is not None]


def _key(data: Any) -> RSAKey | ECKey | None:
    """A key of a kind and curve that is known here and well formed; None for any other, whatever it is."""
    if not isinstance(data, dict) or data.get("use", "sig") != "sig":
        return None
    try:
        key = _KEY_TYPES[data["kty"]].import_key(data)
        key.public_key  # noqa: B018  # made only when it is asked for
    except Exception:  # whatever a strange key makes of the libraries
        return None
    return key


def _signed(token: str, keys: list[RSAKey | ECKey]) -> jwt.Token:
    """A token that one of the keys has signed, whatever name it gives to that; JoseError."""
    error: JoseError = InvalidKeyIdError("no key of the provider's")
    for key in keys:
        try:
            return jwt.decode(token, key, ALGORITHMS)
        except JoseError as found:
            error = found
    raise error
