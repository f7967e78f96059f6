"""An organisation's identity provider, and what it says of who signs in (OpenID Connect Core 1.0).

Authorization code flow with PKCE (RFC 7636), state and nonce. Only the ID token is used: the access token is
dropped, nothing else is asked about anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from psephos.errors import FormatError
from psephos.registrar.voter_list.contacts import is_account
from psephos.server.sign_in.attempts import SignInAttempt
from psephos.server.sign_in.id_token import read_id_token
from psephos.server.sign_in.provider_client import SignInError, ask, check_url


@dataclass(frozen=True)
class ClientRegistration:
    """As whom the provider knows us: `redirect` is where it sends people back to."""

    id: str
    secret: str = field(repr=False)
    redirect: str
    claim: str = "sub"
    """What an account is called by."""
    scope: str = "openid"

    def __post_init__(self) -> None:
        if not (self.id + self.secret).isascii():
            raise FormatError("identity provider: client id or secret are not ASCII")
        check_url(self.redirect, "URL of the sign-in")


@dataclass(frozen=True)
class Provider:
    """The provider's endpoints, as its discovery document names them."""

    client: ClientRegistration
    issuer: str
    authorization: str
    token: str
    keys: str
    method: str
    """How we say who we are when we redeem a code."""
    names_itself: bool
    """Whether it says on the way back who it is (RFC 9207)."""

    @classmethod
    def discover(cls, issuer: str, client: ClientRegistration) -> Provider:
        """Ask the provider (OpenID Connect Discovery 1.0); SignInError where it is away, or another."""
        document = ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration", "identity provider")
        if document.get("issuer") != issuer:
            raise SignInError("identity provider: calls itself otherwise than by --issuer")
        authorization, token, keys = (
            _endpoint(document, one) for one in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        )
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        named = document.get("authorization_response_iss_parameter_supported") is True
        return cls(client, issuer, authorization, token, keys, method if client.secret else "none", named)

    def address(self, state: str, attempt: SignInAttempt) -> str:
        """Where to send somebody who signs in."""
        return str(
            prepare_grant_uri(
                self.authorization,
                self.client.id,
                "code",
                self.client.redirect,
                self.client.scope,
                state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        )

    def account(self, code: str, issuer: str, attempt: SignInAttempt, clock: Callable[[], float]) -> str:
        """The account of somebody who came back with a code; SignInError where anything does not hold.

        `issuer` is who sent them back, if it says so; `clock` in POSIX seconds.
        """
        if issuer != self.issuer and (issuer or self.names_itself):
            raise SignInError("sent back by another issuer")
        body = prepare_token_request(
            "authorization_code", "", self.client.redirect, code=code, code_verifier=attempt.verifier
        )
        _, headers, body = self._client().prepare("POST", self.token, {}, body)
        granted = ask(self.token, "token endpoint", body, headers)
        keys = ask(self.keys, "keys of the identity provider")
        claims = read_id_token(granted, keys, self.issuer, self.client.id, attempt.nonce, int(clock()))
        return self._named(claims)

    def _client(self) -> ClientAuth:
        """Who we are; in HTTP Basic both parts are form-encoded first (RFC 6749, section 2.3.1)."""
        known = self.client.id, self.client.secret
        if self.method == "client_secret_basic":
            known = quote_plus(known[0]), quote_plus(known[1])
        return ClientAuth(*known, self.method)

    def _named(self, claims: Mapping[str, Any]) -> str:
        account = claims.get(self.client.claim)
        if not isinstance(account, str) or not is_account(account):
            raise SignInError(f"ID token: no claim {self.client.claim}, or none that an account is called by")
        if self.client.claim == "email" and claims.get("email_verified") is not True:
            raise SignInError("ID token: the provider has not verified the e-mail address")
        return account


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str):
        raise SignInError(f"identity provider: has no {name}")
    check_url(url, f"identity provider: {name}")
    return url
