"""An OpenID Connect provider on this machine, which signs everybody in as it is told, or cheats."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qs, unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from litestar import Litestar, Request, Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from psephos.server.listening import Listener

Key: TypeAlias = ECKey | OctKey | RSAKey
CLIENT, SECRET = "psephos", "planted-client-secret"


class Identity:
    """`account` is who signs in; `claims` and `key` are what ID tokens say and are signed with."""

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.account = "ada"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.published: Key = ECKey.generate_key("P-256", {"kid": "1", "use": "sig"})
        self.key: Key = self.published
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "1"}
        self.odd: list[Any] = []
        """What stands before the key in the provider's set."""
        self.asked: list[dict[str, str]] = []
        """What came to the authorization endpoint."""
        self.codes: dict[str, dict[str, str]] = {}
        self.given: list[str] = []
        """Every code, every token."""
        self.listener = Listener(self._application(), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.port}"
        self.listener.start()

    def close(self) -> None:
        self.listener.stop()

    def document(self) -> dict[str, Any]:
        endpoints = {
            name: f"{self.url}/{path}"
            for name, path in {
                "authorization_endpoint": "authorize?tenant=1",
                "token_endpoint": "token",
                "jwks_uri": "keys",
            }.items()
        }
        return {"issuer": self.url, **endpoints, **self.metadata}

    def _application(self) -> Litestar:
        @get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, Any]:
            return self.document()

        @get("/keys")
        async def keys() -> dict[str, Any]:
            encrypting = {"kty": "oct-unknown", "kid": "0"}
            return {"keys": [encrypting, *self.odd, self.published.as_dict(private=False)]}

        @get("/authorize")
        async def authorize(
            request: Request[Any, Any, Any], back: Annotated[str, QueryParameter(name="redirect_uri")]
        ) -> Redirect:
            asked = {name: str(value) for name, value in request.query_params.items()}
            self.asked.append(asked)
            code = secrets.token_urlsafe(16)
            self.codes[code] = {"account": self.account, **asked}
            self.given.append(code)
            answer = {"code": code, "state": asked["state"], "iss": self.url}
            return Redirect(f"{back}?{urlencode(answer)}", status_code=303)

        @post("/token", status_code=200)
        async def token(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            kind, _, said = request.headers.get("Authorization", "").partition(" ")
            if kind != "Basic" or _client(said) != (CLIENT, self.secret):
                return Response({"error": "invalid_client"}, status_code=401)
            asked = self.codes.pop(form["code"], None)
            if asked is None or _challenge(form["code_verifier"]) != asked["code_challenge"]:
                return Response({"error": "invalid_grant"}, status_code=400)
            return Response({"token_type": "Bearer", "access_token": "x", "id_token": self._token(asked)})

        return Litestar([discovery, keys, authorize, token], openapi_config=None, logging_config=None)

    def _token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": asked["account"], "aud": CLIENT, "iat": now, "exp": now + 300}
        said = {**claims, "nonce": asked["nonce"], **self.claims}
        said = {name: one for name, one in said.items() if one is not None}
        self.given.append(jwt.encode(self.header, said, self.key, [self.header["alg"]]))
        return self.given[-1]


def _client(said: str) -> tuple[str, ...]:
    """Id and secret, as RFC 6749, section 2.3.1, encodes them."""
    return tuple(map(unquote_plus, base64.b64decode(said).decode().split(":")))


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
