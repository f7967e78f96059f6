"""What people say of the demo's vote, in its log: the organiser, a trustee who objects, an observer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.sayings import NO_REGION
from psephos.protocol.statement import write
from psephos.simulation.parties import Simulation

WATCH = "Lawyers of the Valleys"
PLACE = "Selm, polling place 4"
_AGO = 11 * 3_600
"""Seconds before the evening of a day at which the armed men came."""


@dataclass(frozen=True)
class Voice:
    """A statement: its day (0 is before the first), speaker, kind, subject and text."""

    day: int
    speaker: str
    kind: str
    subject: str
    text: str


OBSERVERS = (
    Voice(
        0,
        "trustee 3",
        "objection",
        "The question",
        "The coast was never asked. We keep our share, and object.",
    ),
    Voice(
        1, "observer", "incident", "Selm, polling place 4", "Armed men stood at the door from nine to eleven."
    ),
    Voice(
        2,
        "organiser",
        "answer",
        "Selm, polling place 4",
        "They have been withdrawn. We regret that they came.",
    ),
    Voice(
        5,
        "observer",
        "statement",
        "The five days",
        "We saw 31 polling places; this log has all that we reported.",
    ),
)


class Observers:
    """Those who speak, each with a key; an observer is accredited before it does."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._last = b""
        observer = SigningKey(os.urandom(32))
        keys = {"organiser": simulation.keys.organiser, "observer": observer}
        self._keys = keys | {f"trustee {index}": key for index, key in enumerate(simulation.keys.trustees, 1)}
        names = [trustee.name for trustee in simulation.definition.trustees.members]
        self._names = {f"trustee {index}": name for index, name in enumerate(names, 1)}
        self._names |= {"organiser": simulation.definition.organiser.name, "observer": WATCH}
        simulation.board.submit([simulation.organiser.accredit(observer.public.raw, WATCH, "observer")])

    def _words(self, voice: Voice) -> Payload:
        """What is said: an answer answers what was said last."""
        match voice.kind:
            case "objection":
                return entries.Objection(b"", voice.subject, "en", voice.text, b"")
            case "incident":
                seen = self._simulation.clock() - _AGO, self._simulation.clock() - _AGO + 2 * 3_600
                location = (voice.subject, b"", NO_REGION)
                return entries.Incident("intimidation", *location, *seen, "en", voice.text, b"")
            case "answer":
                return entries.Answer(self._last, "en", voice.text, b"")
        return entries.Statement(voice.subject, "en", voice.text, b"")

    def speak(self, day: int) -> Iterator[str]:
        """Log what is said after a day; what was said, by whom."""
        for voice in OBSERVERS:
            if voice.day == day:
                key = self._keys[voice.speaker]
                entry = write(self._simulation.definition.hash, key, self._words(voice))
                self._simulation.board.submit([entry])
                self._last = entries.decode(entry).body_hash
                yield f"  {self._names[voice.speaker]}, in the log, on “{voice.subject}”: “{voice.text}”"
