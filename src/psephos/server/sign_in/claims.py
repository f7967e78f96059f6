"""Invitations claimed: once for each account, and shown again for ten minutes to the same browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.mailing import AlreadyClaimed

SHOWN = 600.0
"""Seconds for which the same browser can see an invitation again."""
_THREADS = 32
_AT_ONCE = 4
"""Sign-ins of one sender that may be with the provider at the same time; others wait."""

T = TypeVar("T")

ClaimInvitation = Callable[[str], Invitation | None]
"""The invitation of an account, which is then claimed; None for nobody's, AlreadyClaimed the next time."""


@dataclass(frozen=True, repr=False)
class SignIn:
    """One way back: its state, the secret of its browser, and who tells the account, after a while."""

    state: str
    browser: str
    account: Callable[[], str]


@dataclass
class _Turns:
    """Who of a sender is with the provider, and who waits."""

    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    users: int = 0


class Claims:
    """What was claimed lately and what is being claimed. Of one event loop."""

    def __init__(self, claim_invitation: ClaimInvitation, clock: Callable[[], float]) -> None:
        """`clock` in seconds, monotonic."""
        self._claim_invitation, self._clock = claim_invitation, clock
        self._shown: dict[tuple[str, str, str], tuple[float, Invitation]] = {}
        self._under_way: dict[tuple[str, str], asyncio.Task[Invitation | None]] = {}
        self._turns: dict[str, _Turns] = {}
        self._threads = ThreadPoolExecutor(_THREADS, "sign-in")

    def shown(self, state: str, browser: str) -> Invitation | None:
        """What this sign-in was handed in the last ten minutes."""
        return self._known(browser, "state", state)

    async def claim(self, sign_in: SignIn, sender: str) -> Invitation | None:
        """The invitation of whoever signs in; None for an account of nobody's.

        Who presses twice, or loses the connection meanwhile, has signed in once. AlreadyClaimed where another
        browser has the invitation, or this one has had it for long; SignInError where the sign-in fails.
        """
        if invitation := self.shown(sign_in.state, sign_in.browser):
            return invitation
        place = sign_in.state, sign_in.browser
        task = self._under_way.get(place)
        if task is None:
            task = self._under_way[place] = asyncio.create_task(self._take(sign_in, sender))
            task.add_done_callback(lambda done: self._ended(place, done))
        return await asyncio.shield(task)

    def _ended(self, place: tuple[str, str], task: asyncio.Task[Invitation | None]) -> None:
        del self._under_way[place]
        if not task.cancelled():
            task.exception()  # whoever has gone away meanwhile hears of none

    async def _take(self, sign_in: SignIn, sender: str) -> Invitation | None:
        async with self._turn(sender):
            account = await self._apart(sign_in.account)
            place = sign_in.browser, "account", account
            try:
                invitation = await self._apart(partial(self._claim_invitation, account))
            except AlreadyClaimed:
                if self._known(*place) is None:
                    raise
            else:
                if invitation is None:
                    return None
                self._shown[place] = self._clock() + SHOWN, invitation
        kept = self._shown[place]
        self._shown[sign_in.browser, "state", sign_in.state] = kept
        return kept[1]

    async def _apart(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @asynccontextmanager
    async def _turn(self, sender: str) -> AsyncIterator[None]:
        """One of a sender's turns: whoever asks much waits behind themselves, and nobody else does."""
        turns = self._turns.setdefault(sender, _Turns())
        turns.users += 1
        try:
            async with turns.free:
                yield
        finally:
            turns.users -= 1
            if not turns.users:
                del self._turns[sender]

    def _known(self, browser: str, kind: str, name: str) -> Invitation | None:
        now = self._clock()
        while self._shown and next(iter(self._shown.values()))[0] <= now:
            del self._shown[next(iter(self._shown))]
        ends, invitation = self._shown.get((browser, kind, name), (now, None))
        return invitation if now < ends else None
