"""Signing in at an organisation's identity provider: over HTTP, with a provider that may cheat."""

from __future__ import annotations

import base64
import concurrent.futures
import random
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from litestar.types import Receive, Scope, Send

from psephos.errors import FormatError
from psephos.language.languages import LANGUAGES
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.registrar.invitations.contact import Contact, Person
from psephos.registrar.invitations.engine import open_engine
from psephos.registrar.invitations.mailing import Mailing
from psephos.server.listening import Listener
from psephos.server.sign_in.application import BROWSER, CALLBACK, application
from psephos.server.sign_in.attempts import LONGEST, SignInAttempts
from psephos.server.sign_in.id_token import read_id_token
from psephos.server.sign_in.provider import ClientRegistration, Provider
from psephos.server.sign_in.provider_client import SignInError
from psephos.server.sign_in.sign_in_pages import SignInSettings
from tests.registrar.browser import Browser, Shown
from tests.registrar.identity import CLIENT, SECRET, Identity

KEY = bytes(range(64))
OTHERS = ("The post", "The town")
SITE = "https://vote.example/"
ACCOUNTS = {"Ada": "ada", "Blaise": "blaise@town.example"}


def invitation(voter: str) -> Invitation:
    return Invitation(bytes(32), 1, "north", RollOpening(random.Random(voter).randbytes(16), voter))


class Entrance:
    """The door, served, with the provider in front of it."""

    def __init__(self, directory: Path, claim: str = "sub", secret: str = SECRET) -> None:
        self.identity = Identity(secret)
        self.engine = open_engine(directory / "people.sqlite")
        self.mailing = Mailing(self.engine, bytes([9]) * 32, "north", KEY, random.Random(1).randbytes)
        people = [Person(Contact(name, "", (), one), invitation(name)) for name, one in ACCOUNTS.items()]
        self.mailing.add(people)
        self.listener = Listener(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.port}"
        self.client = ClientRegistration(CLIENT, secret, self.url + CALLBACK, claim, "openid email")
        provider = Provider.discover(self.identity.url, self.client)
        self._application = application(
            SignInSettings(provider, self.claim_invitation, "The register", 2, OTHERS, SITE)
        )
        self.listener.start()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    def claim_invitation(self, account: str) -> Invitation | None:
        person = self.mailing.claim_invitation(account)
        return person.invitation if person else None

    def close(self) -> None:
        self.listener.stop()
        self.identity.close()
        self.engine.dispose()

    def sign_in(self, language: str = "en", browser: Browser | None = None) -> Shown:
        """Press the button, be signed in at the provider, press the other button."""
        browser = browser or Browser()
        back = self.arrive(browser, language)
        return browser.press(back) if back.status == 200 else back

    def arrive(self, browser: Browser, language: str = "en") -> Shown:
        """There and back: the page with the second button."""
        return browser.press(browser.open(f"{self.url}/{language}/sign-in"))

    def begin(self, browser: Browser, language: str = "en") -> str:
        """Press the button and go nowhere: the state."""
        return led(browser.step(f"{self.url}/{language}/sign-in", b""))["state"][0]

    def back(self, browser: Browser, **answer: str) -> Shown:
        """Come back with this, and press the button if there is one."""
        page = browser.open(f"{self.url}{CALLBACK}?{urlencode(answer)}")
        return browser.press(page) if page.status == 200 else page


def led(sent: Shown) -> dict[str, list[str]]:
    """What the address says to which a page redirects."""
    assert sent.status == 303
    return parse_qs(urlsplit(sent.headers["location"]).query)


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[Entrance]:
    made = Entrance(tmp_path)
    yield made
    made.close()


def handed_over(page: str) -> Invitation:
    """The invitation on a page: to read, as the file that it offers, and in the address that it leads to."""
    (shown,) = re.findall(r'<code id="invitation">(.*?)</code>', page, re.DOTALL)
    (file,) = re.findall(r'href="data:application/octet-stream;base64,([^"]+)" download', page)
    found = Invitation.parse(unescape(shown).encode())
    assert Invitation.parse(base64.b64decode(unescape(file))) == found
    for address in re.findall(rf'href="({SITE}[^"]+)"', page):
        assert Invitation.from_address(unescape(address)) == found
    return found


def test_who_signs_in_is_handed_the_invitation_once(entrance: Entrance) -> None:
    shown = entrance.sign_in()
    assert shown.status == 200
    assert handed_over(shown.text) == invitation("Ada")
    assert "registrar 2 of 3, The register. " in shown.text
    assert "You also need what you are sent by The post, The town." in shown.text
    assert "whoever has it can keep you from voting" in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert f'href="{SITE}booth/enrol.html#i=' in shown.text
    (asked,) = entrance.identity.asked
    assert (asked["scope"], asked["response_type"], asked["tenant"]) == ("openid email", "code", "1")
    assert asked["code_challenge_method"] == "S256"
    assert re.findall(r"<script[^>]*>", shown.text) == ['<script src="/copy.js" defer>']
    assert not re.search(r"style=|src=\"http", shown.text)

    again = entrance.sign_in()  # another browser
    assert (again.status, "handed over before" in again.text, "psephos-invitation" in again.text) == (
        409,
        True,
        False,
    )
    entrance.identity.account = "blaise@town.example"
    assert handed_over(entrance.sign_in().text) == invitation("Blaise")

    # The registrar may have the same one wait once more.
    entrance.mailing.again({2: Contact("Ada", "", (), "ada")})
    entrance.identity.account = "ada"
    assert handed_over(entrance.sign_in().text) == invitation("Ada")


def waiting(entrance: Entrance) -> int:
    """How many invitations wait."""
    return len(entrance.mailing.waiting("sign-in"))


def test_nothing_is_spent_by_a_get(entrance: Entrance) -> None:
    """Prefetching browsers, scanners, HEAD first, GET twice: in the end the person has the invitation."""
    browser = Browser()
    sent = browser.step(f"{entrance.url}/en/sign-in", b"")
    back = browser.step(sent.headers["location"]).headers["location"]
    for headers in (
        {"Sec_Purpose": "prefetch", "Sec_Fetch_Dest": "document"},
        {"Sec_Purpose": "prefetch;prerender", "Sec_Fetch_Dest": "document"},
        {"User_Agent": "link-scanner"},
    ):
        assert browser.step(back, **headers).status == 200
        assert Browser().step(back, **headers).status == 400  # a scanner elsewhere has no cookie
    assert browser.step(back, method="HEAD").status == 200
    assert entrance.identity.codes  # not redeemed
    assert waiting(entrance) == 2
    page = browser.step(back)
    assert "psephos-invitation" not in page.text
    assert handed_over(browser.press(page).text) == invitation("Ada")
    assert waiting(entrance) == 1


def test_the_same_sign_in_can_show_the_invitation_again(entrance: Entrance) -> None:
    """Loaded anew, after a lost connection, by the same button, or begun anew in the same browser."""
    browser = Browser()
    page = entrance.arrive(browser)
    lost = browser.step(f"{entrance.url}/en/invitation", _form(page))  # the answer never comes
    assert lost.status == 303
    shown = browser.press(page)
    for found in (shown, browser.open(shown.url), browser.press(page), entrance.sign_in(browser=browser)):
        assert handed_over(found.text) == invitation("Ada")
    assert Browser().open(shown.url).status == 400
    entrance.identity.account = "blaise@town.example"  # another account in the same browser
    assert handed_over(entrance.sign_in(browser=browser).text) == invitation("Blaise")


def test_who_presses_many_times_at_once_has_signed_in_once(entrance: Entrance) -> None:
    browser = Browser()
    page = entrance.arrive(browser)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: browser.press(page), range(8)))
    assert [handed_over(one.text) for one in found] == [invitation("Ada")] * 8


def _form(page: Shown) -> bytes:
    return urlencode(re.findall(r'name="([^"]*)" value="([^"]*)"', page.text)).encode()


def test_a_sign_in_begun_in_one_browser_is_not_ended_in_another(entrance: Entrance) -> None:
    mine, other = Browser(), Browser()
    entrance.begin(other)  # it has a cookie of its own
    page = entrance.arrive(mine)
    for browser in (other, Browser()):
        assert browser.open(page.url).status == 400
        refused = browser.open(f"{entrance.url}/en/invitation", _form(page))
        assert (refused.status, "another browser" in refused.text) == (400, True)
    assert waiting(entrance) == 2
    assert handed_over(mine.press(page).text) == invitation("Ada")
    for browser in (other, Browser()):
        assert browser.open(f"{entrance.url}/en/invitation", _form(page)).status == 400


def test_the_cookie_is_for_these_pages_alone_and_short(entrance: Entrance) -> None:
    browser = Browser()
    assert "set-cookie" not in browser.step(f"{entrance.url}/en/sign-in").headers
    begun = browser.step(f"{entrance.url}/en/sign-in", b"")
    name, _, attributes = begun.headers["set-cookie"].partition("=")
    assert name == BROWSER == "__Host-psephos-sign-in"
    parts = {one.strip().lower() for one in attributes.split(";")[1:]}
    assert parts == {"httponly", "max-age=600", "path=/", "samesite=lax", "secure"}
    page = entrance.arrive(browser)
    assert "set-cookie" not in page.headers
    assert "set-cookie" not in browser.press(page).headers
    first = browser.cookies[urlsplit(entrance.url).netloc][BROWSER]
    entrance.begin(browser)  # a second tab does not end the first
    assert browser.cookies[urlsplit(entrance.url).netloc][BROWSER] == first


def test_no_page_of_somebody_else_presses_the_buttons(entrance: Entrance) -> None:
    browser = Browser()
    page = entrance.arrive(browser)
    for site in ("cross-site", "same-site"):
        assert browser.press(page, Sec_Fetch_Site=site).status == 403
        assert browser.step(f"{entrance.url}/en/sign-in", b"", Sec_Fetch_Site=site).status == 403
    assert waiting(entrance) == 2
    assert browser.press(page, Sec_Fetch_Site="same-origin").status == 200


def test_however_many_begin_nobody_is_locked_out(entrance: Entrance) -> None:
    """Nothing of an attempt is kept, so there is nothing to fill."""
    browser = Browser()
    page = entrance.arrive(browser)
    attempts = SignInAttempts(time.monotonic, random.Random(1).randbytes)
    before = dict(vars(attempts))
    states = {attempts.begin("en", attempts.browser(""))[0] for _ in range(1000)}
    assert len(states) == 1000
    assert vars(attempts) == before
    for _ in range(300):
        entrance.begin(Browser())
    assert handed_over(browser.press(page).text) == invitation("Ada")


def test_a_stranger_gets_nothing(entrance: Entrance) -> None:
    for stranger in ("carl", "Ada", "ADA", "blaise"):
        entrance.identity.account = stranger
        shown = entrance.sign_in()
        assert (shown.status, "not on the list" in shown.text) == (403, True)


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
    shown = entrance.sign_in()
    assert (shown.status, "Sign-in failed" in shown.text) == (502, True)
    assert "psephos-invitation" not in shown.text
    (line,) = capfd.readouterr().err.splitlines()
    assert said in line
    entrance.identity.claims = {}
    assert entrance.sign_in().status == 200  # nothing was handed over before


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
    assert entrance.sign_in().status == 502


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSAKey.generate_key(2048, {"kid": "2"}), "RS256"), (ECKey.generate_key("P-384"), "ES384")],
)
def test_providers_may_sign_otherwise(entrance: Entrance, key: RSAKey | ECKey, algorithm: str) -> None:
    entrance.identity.key = entrance.identity.published = key
    entrance.identity.header = {"alg": algorithm}  # the only key needs no name
    assert handed_over(entrance.sign_in().text) == invitation("Ada")


def test_an_unsigned_id_token_is_refused(entrance: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = entrance.identity._token

    def unsigned(asked: dict[str, str]) -> str:
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{header}.{signed(asked).split('.')[1]}."

    monkeypatch.setattr(entrance.identity, "_token", unsigned)
    assert entrance.sign_in().status == 502


def test_a_code_or_state_of_another_sign_in_is_refused(entrance: Entrance) -> None:
    browser = Browser()
    first, second = entrance.begin(browser), entrance.begin(browser)
    page = entrance.arrive(browser)
    used = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', page.text))
    browser.press(page)
    assert entrance.back(browser, state=first, code=used["code"]).status == 502
    entrance.identity.account = "blaise@town.example"
    asked = {"redirect_uri": entrance.url + CALLBACK, "nonce": "n", "state": "s", "code_challenge": "c" * 43}
    others = led(browser.step(f"{entrance.identity.url}/authorize?{urlencode(asked)}"))
    assert entrance.back(browser, state=second, code=others["code"][0]).status == 502  # not our verifier's
    for state in ("", "unknown", "é", f"{first}A", first[:-1] + ("A" if first[-1] != "A" else "B")):
        assert entrance.back(browser, state=state, code="x").status == 400


def test_who_is_sent_back_by_another_issuer_or_without_a_code_is_refused(entrance: Entrance) -> None:
    for rest in (
        {"code": "x", "iss": "https://id.example"},
        {"error": "access_denied"},
        {"code": "x" * 5000},
        {"code": "x", "iss": "x" * 5000},
    ):
        browser = Browser()
        shown = entrance.back(browser, state=entrance.begin(browser, "fr"), **rest)
        assert (shown.status, "La connexion a échoué" in shown.text) == (502, True)


def test_who_has_failed_can_try_again(entrance: Entrance) -> None:
    browser = Browser()
    page = entrance.arrive(browser)
    with patch.object(Provider, "account", side_effect=SignInError("token endpoint: TimeoutError")):
        failed = browser.press(page)
    assert failed.status == 502
    assert handed_over(browser.press(failed).text) == invitation("Ada")


def test_nobody_is_handed_an_invitation_inside_another_page(entrance: Entrance) -> None:
    browser = Browser()
    page = entrance.arrive(browser)
    for inside in ("iframe", "empty", "image"):
        assert browser.open(page.url, Sec_Fetch_Dest=inside).status == 403
        assert browser.press(page, Sec_Fetch_Dest=inside).status == 403
    shown = browser.press(page, Sec_Fetch_Dest="document")
    assert handed_over(shown.text) == invitation("Ada")
    assert browser.open(shown.url, Sec_Fetch_Dest="iframe").status == 403


def test_a_mistake_of_ours_is_told_on_a_page_and_in_a_line(
    entrance: Entrance, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = Browser()
    page = entrance.arrive(browser)
    with patch.object(Provider, "account", side_effect=KeyError("planted-secret")):
        shown = browser.press(page)
    assert (shown.status, shown.headers["content-type"]) == (500, "text/html; charset=utf-8")
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("psephos: sign-in: internal error: KeyError at ")
    assert "planted-secret" not in line + shown.text
    assert handed_over(browser.press(page).text) == invitation("Ada")


def test_an_email_counts_only_if_it_is_verified(tmp_path: Path) -> None:
    entrance = Entrance(tmp_path, claim="email")
    try:
        for verified in (None, False, "true"):
            entrance.identity.claims = {"email": "blaise@town.example", "email_verified": verified}
            assert entrance.sign_in().status == 502
        entrance.identity.claims["email_verified"] = True
        assert handed_over(entrance.sign_in().text) == invitation("Blaise")
    finally:
        entrance.close()


def test_pages_are_in_every_language(entrance: Entrance) -> None:
    browser = Browser()
    pages = {language: browser.open(f"{entrance.url}/{language}/sign-in").text for language in LANGUAGES}
    assert all(f'<html lang="{language}"' in page for language, page in pages.items())
    assert len(set(pages.values())) == len(LANGUAGES)
    missing = browser.open(f"{entrance.url}/de/sign-in")
    assert (missing.status, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert browser.open(f"{entrance.url}/").url == f"{entrance.url}/en/sign-in"
    assert "Enregistrer" in entrance.sign_in("fr").text


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
        ClientRegistration(CLIENT, SECRET, "http://register.example/callback")
    client = ClientRegistration(CLIENT, SECRET, "https://register.example/callback")
    with pytest.raises(FormatError, match="not an https URL"):
        Provider.discover("http://id.example", client)
    assert SECRET not in repr(client)


def test_a_way_back_ends_by_itself() -> None:
    now = 5.5
    attempts = SignInAttempts(lambda: now, random.Random(1).randbytes)
    browser, other = attempts.browser(""), attempts.browser("short")
    assert attempts.browser(browser) == browser != other
    state, attempt = attempts.begin("cy", browser)
    assert attempts.resume(state, browser) == attempt
    assert attempt.language == "cy"
    assert attempts.begin("cy", browser)[1].nonce != attempt.nonce
    assert attempts.resume(state, other) is attempts.resume(state, "") is None
    assert SignInAttempts(lambda: now, random.Random(2).randbytes).resume(state, browser) is None
    now += LONGEST - 1
    assert attempts.resume(state, browser) == attempt
    now += 1
    assert attempts.resume(state, browser) is None


ODD = [
    {"kty": "AKP", "alg": "ML-DSA-65", "kid": "1", "pub": "AAAA"},
    {"kty": "EC", "crv": "BP-256", "kid": "1", "x": "AAAA", "y": "AAAA"},
    {"kty": "EC", "crv": "P-256", "kid": "1", "x": "AAAA", "y": "AAAA"},
    {"kty": "EC", "crv": ["P-256"], "kid": "1"},
    {"kty": "RSA", "n": "!", "e": "AQAB"},
    {"kty": "RSA", "n": "AAAA", "e": "AQAB", "kid": "1"},
    {"kty": "RSA", "n": 7, "e": {}},
    {"kty": ["EC"]},
    {},
    None,
    "key",
]


def test_odd_keys_of_a_provider_are_passed_over_one_by_one(entrance: Entrance) -> None:
    entrance.identity.odd = ODD
    assert handed_over(entrance.sign_in().text) == invitation("Ada")
    for keys in ({}, {"keys": None}, {"keys": ODD}, {"keys": {"kty": "EC"}}):
        with pytest.raises(SignInError):
            read_id_token({"id_token": entrance.identity.given[-1]}, keys, "i", "c", "n", NOW)


def test_a_client_secret_is_form_encoded(tmp_path: Path) -> None:
    """RFC 6749, 2.3.1: a provider that decodes reads the same secret."""
    entrance = Entrance(tmp_path, secret="a%2B b:c/+=")
    try:
        assert handed_over(entrance.sign_in().text) == invitation("Ada")
    finally:
        entrance.close()
