"""The registrar's sign-in at work, as a process of a town, and people who come there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.integration.by_hand import Town
from tests.registrar.browser import Browser, Shown
from tests.registrar.identity import CLIENT, Identity
from tests.server.deployment import free_port

TRACES = ("Planted/4.25", "192.0.2.77")
"""Program and address of whoever signs in: nobody is to remember them."""


class SigningIn:
    """`open` from when the roll has invitations, to `shut`."""

    def __init__(self, town: Town, identity: Identity) -> None:
        self.town, self.identity = town, identity
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None

    def accounts(self, name: str, **accounts: str) -> Path:
        """A file that says whose account is called what."""
        path = self.town.directory / name
        path.write_text("".join(["voter,account\n", *(f"{one},{two}\n" for one, two in accounts.items())]))
        return path

    @property
    def said(self) -> Path:
        """What the process has said of what went wrong."""
        return self.town.directory / "said"

    def open(self) -> None:
        """Let people sign in."""
        options = ["--issuer", self.identity.url, "--client", CLIENT, "--url", self.url, "--behind-proxy"]
        listen = ["--listen", self.url.removeprefix("http://")]
        with self.said.open("wb") as said:
            self.process = self.town.start("registrar-1", "sign-in", *options, *listen, stderr=said)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().decode() == f"answers at {self.url}\n"

    def shut(self) -> None:
        """End the process, if it has begun."""
        if self.process is not None:
            self.process.terminate()
            said, _ = self.process.communicate()
            assert (self.process.returncode, said) == (0, b"")

    def sign_in(self, account: str) -> Shown:
        """Press the button, be this at the provider, press the other button."""
        self.identity.account = account
        browser = Browser({"User-Agent": TRACES[0], "X-Forwarded-For": TRACES[1]})
        return browser.press(browser.press(browser.open(f"{self.url}/en/sign-in")))
