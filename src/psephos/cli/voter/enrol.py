"""Enrolling: cards made, then audited; or all registrars asked, all messages made, and sent."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, Timeout, location
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop
from psephos.cli.voter.app import voter
from psephos.cli.voter.asking import choose
from psephos.cli.voter.delivering import deliver
from psephos.cli.voter.inviting import Guest
from psephos.cli.voter.making import Making, make
from psephos.cli.voter.session import Session, at_device
from psephos.errors import VerificationError
from psephos.protocol.entries import Refusal
from psephos.voter.enrolling import LATER, Collected, Posts, shows_use
from psephos.voter.memory import Asking

ALONE = (
    "From here until the cards are saved, be where nobody watches: it takes a minute or so. Afterwards "
    "nothing on this device tells which card counts."
)


@voter.command
def enrol(
    *,
    making: Making,
    invitation: list[Path] | None = None,
    region: str | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make cards of which one counts, then enrol them; or have the device audited, and make others.

    What is not given is asked; which card counts always is: others see what a command was given. Give --then
    in rehearsals alone: a device must not know before it shows the commitment whether it will be audited. Run
    again it goes on where it was, until the log has all cards. Hand no card to anybody before.

    Example: psephos voter enrol --out cards --invitation letter.txt --invitation mail.txt --home phone

    Parameters
    ----------
    invitation
        A file with an invitation, or several; as often as need be, in any order. Those that are not given are
        asked.
    region
        Where to vote, as its id, where no invitation says so yet.
    """
    with at_device(options) as session:
        memory = session.device.memory
        if memory.made is None and memory.asking is None:
            guest = Guest(session, timeout)
            guest.take_files(invitation or [])
            if not _begin(session, making, guest, region):
                return 0
        if (asking := memory.asking) is not None:
            if asking.passed_on:
                raise Stop("decoys are under way: psephos voter decoys goes on", USAGE)
            _collect(session, asking, session.posts, timeout)
        return deliver(session, making, timeout)


@voter.command
def decoys(
    *,
    making: Making,
    trustee: str,
    region: str | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make more cards of which none counts, with tokens that a trustee asks for, without your name.

    For who was told beforehand to bring more cards than they have; until enrolment closes. Enrol your own
    cards first. Run again it goes on where it was.

    Example: psephos voter decoys --out more --trustee https://trustee.example/post --home phone

    Parameters
    ----------
    trustee
        The trustee's post: a directory or an http(s) URL.
    region
        Where to vote, as its id.
    """
    with at_device(options) as session:
        memory, enrolling = session.device.memory, session.device.enrolling
        if memory.made is None and memory.asking is None:
            if not session.definition.decoys:
                raise Stop("this referendum has no decoys: every card counts", USAGE)
            draft = make(session, _region(session, region), making, counts=False)
            if draft is None:
                return 0
            enrolling.begin_more(draft, int(time.time()), os.urandom)
        if (asking := memory.asking) is not None:
            if not asking.passed_on:
                raise Stop("an enrolment is under way: psephos voter enrol goes on", USAGE)
            channel = session.home.channel_at("trustee", location(trustee))
            _collect(session, asking, dict.fromkeys(session.record.setting.registrars, channel), timeout)
        return deliver(session, making, timeout)


@voter.command
def abandon(*, options: HomeOptions = DEFAULT_HOME) -> int:
    """Give up an enrolment that cannot go on: its cards are lost, and so are tokens that were given for them.

    Example: psephos voter abandon --home phone
    """
    with at_device(options) as session:
        memory = session.device.memory
        if memory.made is None and memory.asking is None:
            raise Stop("no enrolment is under way", USAGE)
        if memory.made is not None:
            print("Admitted cards stay in the log, or come into it: burn them all, hand none to anybody.")
        if choose("Give it up?", ["yes", "no"]) == "yes":
            session.device.enrolling.end()
            print("given up; token receipts are kept")
    return 0


def _begin(session: Session, making: Making, guest: Guest, region: str | None) -> bool:
    """Cards are made, and all registrars are ready: whether something is to be enrolled."""
    position = guest.invitations.region
    if position is None:
        position = _region(session, region)
    if not session.record.rosters[position].enrolling:
        raise Stop("enrolment in this region is over: its last batch of cards is in the log", FAILED)
    draft = make(session, position, making)
    if draft is None:
        return False
    guest.ask_missing()
    if guest.invitations.region != position:
        raise Stop(
            "the invitations are to another region: the cards are thrown away; nothing is lost", FAILED
        )
    print(ALONE)
    enrolling, openings = session.device.enrolling, guest.invitations.openings
    enrolling.begin(draft, openings, guest.waits, int(time.time()), os.urandom)
    return True


def _region(session: Session, wanted: str | None) -> int:
    names = [region.id for region in session.definition.regions]
    if wanted is not None and wanted not in names:
        raise Stop(f"--region {wanted}: there are {', '.join(names)}", USAGE)
    if wanted is None and len(names) > 1:
        wanted = choose("Which region? An invitation says it.", names)
    return names.index(wanted or names[0])


def _collect(session: Session, asking: Asking, posts: Posts, timeout: float) -> None:
    """All registrars' tokens, and all messages; Stop while one is missing, or when one refuses."""
    enrolling = session.device.enrolling
    found = enrolling.collect(posts, timeout, time.time)
    if found.refused:
        _give_way(session, asking, posts, found)
    if found.waiting:
        raise Stop(_waits(session, found), WAITING)
    try:
        enrolling.make(found.responses, os.urandom)
    except VerificationError as error:
        paths = _evidence(session, found.messages)
        raise Stop(
            f"{error}: nothing of any response is used. The signed responses are evidence: {paths}. "
            "Show them to the organiser; psephos voter abandon gives this enrolment up",
            FAILED,
        ) from error
    for one in asking.asked:
        post = posts[one.registrar]
        post.withdraw(post.send(one.message))


def _waits(session: Session, found: Collected) -> str:
    names = ", ".join(map(session.registrar, found.waiting))
    said = (
        f"waits for {names}: the cards' tokens are asked for, and not all there; run the same command again"
    )
    if found.silent:
        late = ", ".join(map(session.registrar, found.silent))
        said += (
            f"\n{late} said that it would have answered by now. Ask it, and tell the organiser: without its "
            "tokens nobody enrols here. Your request stays good; it is answered once"
        )
    return said


def _give_way(session: Session, asking: Asking, posts: Posts, found: Collected) -> NoReturn:
    """A registrar refuses: what that means, and what is lost."""
    number, answer = min(found.refused.items())
    refusal, name = answer.refusal, session.registrar(number)
    if refusal is None:
        raise TypeError("a refusal is there")
    said = f"{name} {session.refusal(answer)}"
    proven = refusal.reason != "issued" or shows_use(
        session.record.setting, asking.asked[number - 1], refusal
    )
    if refusal.reason == LATER or not proven:
        session.device.enrolling.ask_again(posts, number)
        raise Stop(f"{said}\n{_unproven(refusal)}", WAITING if refusal.reason == LATER else FAILED)
    if refusal.reason == "issued":
        path = session.keep("evidence", f"other-request-{number}", refusal.evidence)
        said += f"\nThe other request for your tokens: {path}"
    session.device.enrolling.end()
    raise Stop(f"{said}\n{_lost(session, found)}", FAILED)


def _unproven(refusal: Refusal) -> str:
    if refusal.reason == LATER:
        return "The cards and the request are kept: run the same command again later."
    return (
        "It shows no other request for your tokens, so nothing proves that they were given: the invitation "
        "is kept as unused, and so is the request. Show the refusal to the registrar and to the organiser."
    )


def _lost(session: Session, found: Collected) -> str:
    """What goes with an enrolment that ends here."""
    given = ", ".join(map(session.registrar, sorted(found.responses)))
    lost = f", and so are the tokens that {given} gave for them" if given else ""
    return f"This enrolment has ended: its cards are lost{lost}. No card of it counts."


def _evidence(session: Session, messages: Mapping[int, bytes]) -> str:
    return ", ".join(
        str(session.keep("evidence", f"token-response-{number}", message))
        for number, message in sorted(messages.items())
    )
