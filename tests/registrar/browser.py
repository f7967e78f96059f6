"""A browser as far as signing in needs it: cookies, redirects, and the button of a page."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True)
class Shown:
    """A page: its status, text and URL, and the cookie that came with it."""

    status: int
    text: str
    url: str
    headers: dict[str, str]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Browser:
    """Cookies by host and port; `headers` go with every request."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def open(self, url: str, data: bytes | None = None, **headers: str) -> Shown:
        """What is at a URL in the end."""
        shown = self.step(url, data, **headers)
        while shown.status in (302, 303):
            shown = self.step(urljoin(shown.url, shown.headers["location"]), **headers)
        return shown

    def step(self, url: str, data: bytes | None = None, method: str | None = None, **headers: str) -> Shown:
        """One request and its answer."""
        jar = self.cookies.setdefault(urlsplit(url).netloc, {})
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.headers
        if jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            answer = urllib.request.build_opener(_Stay).open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            for one in SimpleCookie(answer.headers.get("Set-Cookie", "")).values():
                jar[one.key] = one.value
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Shown(answer.status, answer.read().decode(), url, found)

    def press(self, page: Shown, **headers: str) -> Shown:
        """Press the button of a page."""
        (form,) = re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', page.text, re.DOTALL)
        fields = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form[1]))
        body = urlencode({name: unescape(value) for name, value in fields.items()}).encode()
        return self.open(urljoin(page.url, form[0]), body, **headers)
