"""Cards on their way into the log: saved, sent, admitted by every registrar, and found there."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.times import utc
from psephos.cli.source import read_file
from psephos.cli.voter.making import Making
from psephos.cli.voter.session import Session
from psephos.errors import PhaseError
from psephos.files import write_whole
from psephos.post.relayed import RelayAway, RelayPost
from psephos.protocol.enrolment.address import site_address
from psephos.protocol.enrolment.admission import admission_of
from psephos.protocol.entries import CardReceipt, decode
from psephos.protocol.setup.periods import Periods
from psephos.voter import card
from psephos.voter.card import Card
from psephos.voter.card_files import write_cards
from psephos.voter.logged import check_enrolled, is_logged
from psephos.voter.memory import Made
from psephos.voter.relaying import FEW, Relaying, TooLate
from psephos.voter.sending import refused, send

DIRECT = (
    "There are no relays: the registrars can learn that these cards are one voter's, all of them, though not "
    "which one counts."
)
WARNING = (
    "Hand no card to anybody before all are in the log: one that is left out would tell about the others."
)


def deliver(session: Session, making: Making, timeout: float) -> int:
    """Save the cards, send what is not answered, and say what is missing; 0 once all are admitted."""
    cards = _save(session, making)
    made = _send(session, timeout)
    _keep_receipts(making.out, cards, made)
    _complain(session, cards, made)
    if not _logged(session, made).issuperset(range(len(cards))) and not all(map(all, made.answers)):
        raise _unfinished(session, made)
    return _look(session, cards, made)


def _logged(session: Session, made: Made) -> set[int]:
    """Which cards the log has, by their positions: no receipt is needed for these any more."""
    records = [admission_of(decode(message, message=True)).record for message in made.messages[0]]
    return {at for at, record in enumerate(records) if is_logged(session.record, made.region, record)}


def _save(session: Session, making: Making) -> list[Card]:
    """The cards as files; what is read back from them gives the same keys."""
    language, cards = session.language(making.language), session.device.enrolling.cards
    with stopping(USAGE):
        site = site_address(making.site) if making.site else ""
    paths = write_cards(making.out, cards, session.definition, language, site)
    card.check([Card.scan(read_file(path).decode(errors="replace").split("\n")[0]) for path in paths])
    for path in paths:
        print(f"card        {path}")
    return cards


def _send(session: Session, timeout: float) -> Made:
    memory, setting, definition = session.device.memory, session.record.setting, session.definition
    if not definition.relays:
        print(DIRECT)
        made = send(setting, memory, session.posts, timeout)
    else:
        _warn_of_few(session)
        relaying = Relaying(setting, memory, lambda at: RelayPost(at, definition.hash), os.urandom)
        kept = memory.made
        logged = _logged(session, kept) if kept else set[int]()
        try:
            made = relaying.run(int(time.time()), logged.__contains__)
        except RelayAway as error:
            raise Stop(f"waits for a relay: {error}", WAITING) from error
        except TooLate:
            made = memory.made
    if made is None:
        raise TypeError("messages were made before they are sent")
    return made


def _warn_of_few(session: Session) -> None:
    """Say among how few voters the cards will hide, where they are few."""
    period, made = Periods.of(session.definition).at(int(time.time())), session.device.memory.made
    if period is None or made is None or made.envelopes:
        return
    voters = session.record.answered_since(period[0])
    if voters < FEW:
        print(
            f"The log shows {voters} voters who got tokens since {utc(period[0])}: your cards hide among "
            "these voters' alone. What they weigh shows to nobody."
        )


def _keep_receipts(out: Path, cards: Sequence[Card], made: Made) -> None:
    """Receipts as files beside the cards: who left a card out is named by those of all registrars."""
    for number, row in enumerate(made.answers, 1):
        for one, answer in zip(cards, row, strict=True):
            if answer and isinstance(decode(answer, message=True).payload, CardReceipt):
                name = f"receipt-{number}-{one.face.name.replace(' ', '-')}-{one.key.hex()[:8]}"
                write_whole(out / name, answer, 0o600)


def _complain(session: Session, cards: Sequence[Card], made: Made) -> None:
    """Stop where a registrar has refused a card."""
    said = [
        f"{session.registrar(number)}, card {one.face.name}: {session.refusal(answer)}"
        for number in session.record.setting.registrars
        for at, one in enumerate(cards)
        if (answer := refused(session.record.setting, made, number, at)) is not None
    ]
    if said:
        lost = "A card that one registrar refuses never comes into the log: burn all of these cards."
        raise Stop("\n".join([*said, lost, WARNING]), FAILED)


def _unfinished(session: Session, made: Made) -> Stop:
    """Why the log lacks a card that not all registrars have accepted."""
    if session.record.rosters[made.region].complete and not made.envelopes:
        return Stop(_too_late(session, made), FAILED)
    return Stop(f"{_on_the_way(session, made)}\n{WARNING}", WAITING)


def _too_late(session: Session, made: Made) -> str:
    """Nobody has promised more: without the receipts of all registrars no one is shown to be at fault."""
    region = session.definition.regions[made.region]
    names = _waited_for(session, made)
    return (
        f"Enrolment in {region.id} closed at {utc(region.closes)}; {names} had not accepted every card. "
        "A card that is not in the log cannot vote. Hand no card to anybody: one that stays out of the log "
        "would tell about the others. If you sent the cards in good time, show the receipts beside them to "
        "those who watch this vote."
    )


def _waited_for(session: Session, made: Made) -> str:
    late = [number for number, row in enumerate(made.answers, 1) if not all(row)]
    return ", ".join(map(session.registrar, late))


def _on_the_way(session: Session, made: Made) -> str:
    if made.envelopes:
        return f"waits for the relay: it passes the cards on until {utc(made.due)}; run the same command then"
    closes = session.definition.regions[made.region].closes
    if session.definition.relays and time.time() >= closes:
        return (
            f"Enrolment in {session.definition.regions[made.region].id} closed at {utc(closes)}, and relays "
            "take nothing more of it. Only cards that all registrars had before can still come into the log: "
            "run the same command again once the region's last batch is there."
        )
    return f"waits for {_waited_for(session, made)}: the cards are saved, and not admitted yet"


def _look(session: Session, cards: Sequence[Card], made: Made) -> int:
    """Whether the log has all cards; then the device drops their messages."""
    missing = sorted({*range(len(cards))} - _logged(session, made))
    if not missing:
        session.device.enrolling.end()
        print("enrolled    all cards are in the log, each as it was made; keep them apart")
        return 0
    for at in missing:
        receipts = {number: _receipt(row[at]) for number, row in enumerate(made.answers, 1)}
        with stopping(FAILED), suppress(PhaseError):
            check_enrolled(session.record, receipts)
    logged = f"{len(cards) - len(missing)} of {len(cards)} cards are in the log"
    print(f"admitted    by all registrars; {logged}: run the same command again once there are more batches")
    print(WARNING)
    return 0


def _receipt(answer: bytes) -> CardReceipt:
    payload = decode(answer, message=True).payload
    if not isinstance(payload, CardReceipt):
        raise TypeError("what is no refusal was checked to be a receipt")
    return payload
