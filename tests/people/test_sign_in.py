"""Signing in at an organisation's identity provider: over HTTP, with a provider that may cheat."""

from __future__ import annotations

import base64
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from litestar.types import Receive, Scope, Send

from psephos.errors import FormatError
from psephos.language.languages import LANGUAGES
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.token import Opening
from psephos.server.eligibility.asking import SignInError
from psephos.server.eligibility.attempts import LONGEST, Attempts
from psephos.server.eligibility.contact import Contact, Person
from psephos.server.eligibility.door import CALLBACK, Door, application
from psephos.server.eligibility.engine import open_engine
from psephos.server.eligibility.mailing import Mailing
from psephos.server.eligibility.provider import Client, Provider
from psephos.server.listening import Listener
from tests.people.identity import CLIENT, SECRET, Identity

KEY = bytes(range(64))
ACCOUNTS = {"Ada": "ada", "Blaise": "blaise@town.example"}


def invitation(voter: str) -> Invitation:
    return Invitation(bytes(32), "north", Opening(random.Random(voter).randbytes(16), voter))


class Entrance:
    """The door, served, with the provider in front of it."""

    def __init__(self, directory: Path, claim: str = "sub") -> None:
        self.identity = Identity()
        self.engine = open_engine(directory / "people.sqlite")
        self.mailing = Mailing(self.engine, "north", KEY, random.Random(1).randbytes)
        people = [Person(Contact(name, "", (), one), invitation(name)) for name, one in ACCOUNTS.items()]
        self.mailing.add(people)
        self.listener = Listener(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.port}"
        self.client = Client(CLIENT, SECRET, self.url + CALLBACK, claim, "openid email")
        provider = Provider.discover(self.identity.url, self.client)
        self._application = application(
            Door(provider, self.hand_over, "The register", "https://vote.example")
        )
        self.listener.start()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    def hand_over(self, account: str) -> Invitation | None:
        person = self.mailing.hand_over(account)
        return person.invitation if person else None

    def close(self) -> None:
        self.listener.stop()
        self.identity.close()
        self.engine.dispose()

    def sign_in(self, language: str = "en") -> tuple[int, str, str]:
        """Press the button: the status, the page and its URL, there and back."""
        return visit(f"{self.url}/{language}/sign-in", b"")

    def begin(self, language: str = "en") -> str:
        """Press the button and go nowhere: the state."""
        return led(f"{self.url}/{language}/sign-in", b"")["state"][0]

    def back(self, **answer: str) -> tuple[int, str, str]:
        """Come back with this."""
        return visit(f"{self.url}{CALLBACK}?{urlencode(answer)}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def led(url: str, data: bytes | None = None) -> dict[str, list[str]]:
    """What the address says to which a page redirects."""
    with pytest.raises(urllib.error.HTTPError) as sent:
        urllib.request.build_opener(_Stay).open(url, data)
    with sent.value as answer:
        assert answer.code == 303
        return parse_qs(urlsplit(answer.headers["Location"]).query)


def visit(url: str, data: bytes | None = None) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(url, data) as response:
            assert response.headers["Set-Cookie"] is None
            return response.status, response.read().decode(), response.geturl()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.geturl()


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[Entrance]:
    made = Entrance(tmp_path)
    yield made
    made.close()


def handed_over(page: str) -> Invitation:
    """The invitation on a page: to read, and as the file that it offers."""
    (shown,) = re.findall(r"<code>(.*?)</code>", page, re.DOTALL)
    (file,) = re.findall(r'href="data:application/octet-stream;base64,([^"]+)" download', page)
    found = Invitation.parse(unescape(shown).encode())
    assert Invitation.parse(base64.b64decode(unescape(file))) == found
    return found


def test_who_signs_in_is_handed_the_invitation_once(entrance: Entrance) -> None:
    status, page, url = entrance.sign_in()
    assert status == 200
    assert handed_over(page) == invitation("Ada")
    (asked,) = entrance.identity.asked
    assert (asked["scope"], asked["response_type"], asked["tenant"]) == ("openid email", "code", "1")
    assert asked["code_challenge_method"] == "S256"
    assert not re.search(r"<script|style=|src=\"http", page)

    # The way back is good for once; so is the invitation.
    assert visit(url)[0] == 400
    status, page, _ = entrance.sign_in()
    assert (status, "handed over before" in page, "psephos-invitation" in page) == (409, True, False)
    entrance.identity.account = "blaise@town.example"
    assert handed_over(entrance.sign_in()[1]) == invitation("Blaise")

    # The registrar may have the same one wait once more.
    entrance.mailing.again(Contact("Ada", "", (), "ada"))
    entrance.identity.account = "ada"
    assert handed_over(entrance.sign_in()[1]) == invitation("Ada")


def test_a_stranger_gets_nothing(entrance: Entrance) -> None:
    for stranger in ("carl", "Ada", "ADA", "blaise"):
        entrance.identity.account = stranger
        status, page, _ = entrance.sign_in()
        assert (status, "not on the list" in page) == (403, True)


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["another"]}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"iss": "https://id.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": NOW - 120}, "expired_token"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": " ada"}, "sub"),
        ({"sub": 7}, "sub"),
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    entrance: Entrance, claims: dict[str, Any], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    entrance.identity.claims = claims
    status, page, _ = entrance.sign_in()
    assert (status, "Signing in has failed" in page, "psephos-invitation" in page) == (502, True, False)
    (line,) = capfd.readouterr().err.splitlines()
    assert said in line
    entrance.identity.claims = {}
    assert entrance.sign_in()[0] == 200  # nothing was handed over before


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (ECKey.generate_key("P-256", {"kid": "1"}), {"alg": "ES256", "kid": "1"}),
        (ECKey.generate_key("P-256", {"kid": "2"}), {"alg": "ES256", "kid": "2"}),
        (OctKey.import_key(SECRET), {"alg": "HS256", "kid": "1"}),
    ],
)
def test_an_id_token_that_the_provider_has_not_signed_is_refused(
    entrance: Entrance, key: ECKey | OctKey, header: dict[str, str]
) -> None:
    entrance.identity.key, entrance.identity.header = key, header
    assert entrance.sign_in()[0] == 502


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSAKey.generate_key(2048, {"kid": "2"}), "RS256"), (ECKey.generate_key("P-384"), "ES384")],
)
def test_providers_may_sign_otherwise(entrance: Entrance, key: RSAKey | ECKey, algorithm: str) -> None:
    entrance.identity.key = entrance.identity.published = key
    entrance.identity.header = {"alg": algorithm}  # the only key needs no name
    assert handed_over(entrance.sign_in()[1]) == invitation("Ada")


def test_an_unsigned_id_token_is_refused(entrance: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = entrance.identity._token

    def unsigned(asked: dict[str, str]) -> str:
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{header}.{signed(asked).split('.')[1]}."

    monkeypatch.setattr(entrance.identity, "_token", unsigned)
    assert entrance.sign_in()[0] == 502


def test_a_code_or_state_of_another_sign_in_is_refused(entrance: Entrance) -> None:
    first, second = entrance.begin(), entrance.begin()
    used = parse_qs(urlsplit(entrance.sign_in()[2]).query)
    assert entrance.back(state=first, code=used["code"][0])[0] == 502
    entrance.identity.account = "blaise@town.example"
    asked = {"redirect_uri": entrance.url + CALLBACK, "nonce": "n", "state": "s", "code_challenge": "c" * 43}
    others = led(f"{entrance.identity.url}/authorize?{urlencode(asked)}")
    assert entrance.back(state=second, code=others["code"][0])[0] == 502  # not our verifier's code
    for state in ("", "unknown", first, second, used["state"][0]):
        assert entrance.back(state=state, code="x")[0] == 400


def test_who_is_sent_back_by_another_issuer_or_without_a_code_is_refused(entrance: Entrance) -> None:
    for rest in (
        {"code": "x", "iss": "https://id.example"},
        {"error": "access_denied"},
        {"code": "x" * 5000},
    ):
        status, page, _ = entrance.back(state=entrance.begin("fr"), **rest)
        assert (status, "La connexion a échoué" in page) == (502, True)


def test_nobody_is_handed_an_invitation_inside_another_page(entrance: Entrance) -> None:
    found = urlencode({"code": "x", "state": entrance.begin()})
    for inside, status in (("iframe", 403), ("empty", 403), ("document", 502)):  # then it is as usual
        asked = urllib.request.Request(
            f"{entrance.url}{CALLBACK}?{found}", headers={"Sec-Fetch-Dest": inside}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked)
        with refused.value as answer:
            assert answer.code == status


def test_an_email_counts_only_if_it_is_verified(tmp_path: Path) -> None:
    entrance = Entrance(tmp_path, claim="email")
    try:
        for verified in (None, False, "true"):
            entrance.identity.claims = {"email": "blaise@town.example", "email_verified": verified}
            assert entrance.sign_in()[0] == 502
        entrance.identity.claims["email_verified"] = True
        assert handed_over(entrance.sign_in()[1]) == invitation("Blaise")
    finally:
        entrance.close()


def test_pages_are_in_every_language(entrance: Entrance) -> None:
    pages = {language: visit(f"{entrance.url}/{language}/sign-in")[1] for language in LANGUAGES}
    assert all(f'<html lang="{language}"' in page for language, page in pages.items())
    assert len(set(pages.values())) == len(LANGUAGES)
    assert visit(f"{entrance.url}/de/sign-in")[0] == 404
    assert visit(f"{entrance.url}/")[2] == f"{entrance.url}/en/sign-in"
    assert "Enregistrer" in entrance.sign_in("fr")[1]


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"issuer": "https://id.example"}, SignInError),
        ({"token_endpoint": None}, SignInError),
        ({"token_endpoint": "http://id.example/token"}, FormatError),
        ({"jwks_uri": "file:///etc/passwd"}, FormatError),
        ({"jwks_uri": "https://[::1"}, FormatError),
        ({"jwks_uri": "https://id.example/clés"}, FormatError),
    ],
)
def test_a_provider_that_is_another_or_in_the_open_is_refused(
    entrance: Entrance, metadata: dict[str, Any], error: type[Exception]
) -> None:
    entrance.identity.metadata = metadata
    with pytest.raises(error):
        Provider.discover(entrance.identity.url, entrance.client)


def test_without_tls_nobody_is_asked() -> None:
    with pytest.raises(FormatError, match="not an https URL"):
        Client(CLIENT, SECRET, "http://register.example/callback")
    client = Client(CLIENT, SECRET, "https://register.example/callback")
    with pytest.raises(FormatError, match="not an https URL"):
        Provider.discover("http://id.example", client)
    assert SECRET not in repr(client)


def test_a_way_back_ends_by_itself() -> None:
    now = 0.0
    attempts = Attempts(lambda: now, random.Random(1).randbytes)
    states = [attempts.begin("en")[0] for _ in range(3)]
    assert attempts.end(states[0]) is not None
    assert attempts.end(states[0]) is None
    now = LONGEST
    assert attempts.end(states[1]) is None
    assert attempts.end(attempts.begin("en")[0]) is not None
