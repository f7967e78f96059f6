"""Invitations handed over: once, shown again to the same browser for a while, and to each in turn."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.registrar.invitations.mailing import AlreadyClaimed
from psephos.server.sign_in.claims import SHOWN, Claims, SignIn


class Register:
    """One invitation for each account, once."""

    def __init__(self) -> None:
        self.now, self.handed = 0.0, set[str]()

    def claim_invitation(self, account: str) -> Invitation | None:
        if account == "stranger":
            return None
        if account in self.handed:
            raise AlreadyClaimed
        self.handed.add(account)
        return Invitation(bytes(32), 1, "north", RollOpening(random.Random(account).randbytes(16), account))


def come(claims: Claims, state: str, browser: str, account: str) -> Invitation | None:
    return asyncio.run(claims.claim(SignIn(state, browser, lambda: account), "192.0.2.1"))


def test_an_invitation_is_shown_again_for_ten_minutes_to_its_browser() -> None:
    register = Register()
    claims = Claims(register.claim_invitation, lambda: register.now)
    ada = come(claims, "1", "A", "ada")
    assert ada is not None
    register.now = SHOWN / 2
    assert claims.shown("1", "A") == ada
    assert come(claims, "2", "A", "ada") == ada
    assert come(claims, "3", "A", "stranger") is None
    for state, browser in (("1", "B"), ("2", "B"), ("3", "A")):
        assert claims.shown(state, browser) is None
    with pytest.raises(AlreadyClaimed):
        come(claims, "1", "B", "ada")
    blaise = come(claims, "4", "A", "blaise")
    register.now = SHOWN  # counted from when it was handed over, not from when it was seen last
    assert claims.shown("1", "A") is claims.shown("2", "A") is None
    assert claims.shown("4", "A") == blaise
    with pytest.raises(AlreadyClaimed):
        come(claims, "5", "A", "ada")
    register.now = 2 * SHOWN
    assert claims.shown("4", "A") is None
    assert not claims._shown


def test_whoever_goes_away_meanwhile_has_signed_in() -> None:
    register, asked = Register(), threading.Event()
    claims = Claims(register.claim_invitation, lambda: 0.0)

    async def lose_the_connection() -> Invitation | None:
        sign_in = SignIn("1", "A", lambda: "ada" if asked.wait(60) else "")
        first = asyncio.create_task(claims.claim(sign_in, "192.0.2.1"))
        await asyncio.sleep(0.05)
        first.cancel()
        asked.set()
        return await claims.claim(sign_in, "192.0.2.1")

    assert asyncio.run(lose_the_connection()) is not None


def test_an_address_that_asks_much_waits_behind_itself() -> None:
    register, answered = Register(), threading.Event()
    claims = Claims(register.claim_invitation, lambda: 0.0)

    async def crowd() -> Invitation | None:
        slow = [
            SignIn(str(number), "A", lambda: "stranger" if answered.wait(60) else "") for number in range(100)
        ]
        waiting = [asyncio.create_task(claims.claim(one, "192.0.2.1")) for one in slow]
        await asyncio.sleep(0.05)
        served = await asyncio.wait_for(claims.claim(SignIn("x", "B", lambda: "ada"), "192.0.2.2"), 60)
        assert not any(one.done() for one in waiting)
        answered.set()
        assert await asyncio.gather(*waiting) == [None] * 100
        return served

    assert asyncio.run(crowd()) is not None
    assert not claims._turns
    assert not claims._under_way
