"""`psephos registrar sign-in`: a settings at which people sign in, and get their invitation once."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions
from psephos.cli.process.addresses import address
from psephos.cli.process.listening import Limit, Prefix, listening
from psephos.cli.process.running import heeding, repeat
from psephos.cli.process.stop import FAILED, USAGE, stopping
from psephos.cli.registrar.letter_tables import Tables, tables
from psephos.cli.registrar.opened import check_begun
from psephos.cli.verify import Switch
from psephos.protocol.enrolment.address import site_address
from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.facts import others
from psephos.registrar.invitations.mailing import AlreadyClaimed
from psephos.registrar.issuer import number_of
from psephos.server.sender import PREFIX
from psephos.server.sign_in.application import CALLBACK, application
from psephos.server.sign_in.provider import ClientRegistration, Provider
from psephos.server.sign_in.sign_in_pages import SignInSettings


def sign_in(
    *,
    issuer: str,
    client: str,
    url: str,
    claim: str = "sub",
    scope: str = "",
    site: Annotated[str, Parameter(env_var="PSEPHOS_SITE")] = "",
    listen: str = "127.0.0.1:8650",
    limit: Limit = 300,
    behind_proxy: Switch = False,
    ipv6_prefix: Prefix = PREFIX,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Hand invitations to who signs in at an OpenID Connect provider, until SIGTERM or SIGINT.

    Parameters
    ----------
    issuer
        The provider, exactly as it calls itself.
    client
        Our id there; what it must send people back to is the URL with /callback behind it.
    url
        Where people reach this settings.
    claim
        The claim of the ID token that tells the account; an e-mail address counts only if it is verified.
    scope
        What to ask for beside openid, such as email.
    site
        The address of the server where people enrol, such as https://vote.example/; a link leads there with
        the invitation behind its #.
    listen
        Address and port; port 0 takes a free one.
    limit
        Requests that one address may send a minute; 0 for any number.
    behind_proxy
        A proxy in front says in X-Forwarded-For who asks.
    ipv6_prefix
        How many bits of an IPv6 address are one sender's, 64 or fewer.
    """
    host, port = address(listen)
    with stopping(USAGE):
        site = site_address(site) if site else ""
        secret = os.environ.get("PSEPHOS_OIDC_SECRET", "")
        known = ClientRegistration(
            client, secret, url.rstrip("/") + CALLBACK, claim, f"openid {scope}".strip()
        )
    with stopping(FAILED):
        provider = Provider.discover(issuer, known)
    with tables(options) as of:
        number, names = _registrars(of)
        around = site, limit, behind_proxy, ipv6_prefix
        settings = SignInSettings(
            provider, partial(_claim_invitation, of), of.home.name, number, names, *around
        )
        with heeding() as over, listening(application(settings), host, port) as listener:
            return repeat(listener.check, over=over)


def _registrars(of: Tables) -> tuple[int, tuple[str, ...]]:
    """The registrar's number, and the names of all others."""
    with of.home.record() as record:
        check_begun(record)
        with stopping(FAILED):
            number = number_of(record.definition, of.registrar)
        return number, others(record.definition, number)


def _claim_invitation(of: Tables, account: str) -> Invitation | None:
    """An account's invitation in the first region where it waits; keys are read each time, for they end."""
    before: AlreadyClaimed | None = None
    for region in of.regions:
        if of.key(region) is None:
            continue
        try:
            if person := of.mailing(region).claim_invitation(account):
                return person.invitation
        except AlreadyClaimed as error:
            before = error
    if before is not None:
        raise before
    return None
