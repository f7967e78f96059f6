"""ID tokens: what a provider says of one person, signed for us alone (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet

from psephos.server.eligibility.asking import SignInError

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384"]
"""Of signatures that a provider alone can make."""
_KEY_TYPES = ("RSA", "EC")
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
        token = jwt.decode(str(granted.get("id_token")), _usable(jwks), ALGORITHMS)
        claims = CodeIDToken(token.claims, token.header, expected, context)
        claims.validate(now, _LEEWAY)
    except ClaimError as error:
        raise SignInError(f"ID token: {error.error}: {error.claim}") from None
    except JoseError as error:
        raise SignInError(f"ID token: {error.error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise SignInError(f"ID token or keys: {type(error).__name__}") from None
    return dict(claims)


def _usable(jwks: dict[str, Any]) -> KeySet:
    """The keys for signatures; others are passed over, as RFC 7517 says."""
    keys = [one for one in jwks.get("keys", []) if one.get("kty") in _KEY_TYPES and one.get("use") != "enc"]
    return KeySet.import_key_set({"keys": keys})
