"""What people say of the demo's vote, in its log: the organiser, a trustee who objects, an observer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from psephos.crypto.signature import SigningKey
from psephos.protocol.statement import state
from psephos.rehearsal.stage import Stage

WATCH = "Lawyers of the Valleys"


@dataclass(frozen=True)
class Voice:
    """Who says something, about what, after which day; 0 is before the first."""

    day: int
    who: str
    subject: str
    text: str


VOICES = (
    Voice(0, "trustee 3", "Objection", "The coast was never asked. We keep our share, and object."),
    Voice(1, "observer", "Selm, polling place 4", "Armed men stood at the door from nine to eleven."),
    Voice(2, "organiser", "Selm, polling place 4", "They have been withdrawn. We regret that they came."),
    Voice(5, "observer", "The five days", "We saw 31 polling places; this log has all that we reported."),
)


class Voices:
    """Those who speak, each with a key; an observer is accredited before it does."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        observer = SigningKey(os.urandom(32))
        keys = {"organiser": stage.keys.organiser, "observer": observer}
        self._keys = keys | {f"trustee {index}": key for index, key in enumerate(stage.keys.trustees, 1)}
        names = [one.name for one in stage.definition.trustees.members]
        self._names = {f"trustee {index}": name for index, name in enumerate(names, 1)}
        self._names |= {"organiser": stage.definition.organiser.name, "observer": WATCH}
        stage.board.submit([stage.organiser.accredit(observer.public.raw, WATCH, "observer")])

    def speak(self, day: int) -> Iterator[str]:
        """Log what is said after a day; what was said, by whom."""
        for voice in VOICES:
            if voice.day == day:
                key = self._keys[voice.who]
                entry = state(self._stage.definition.hash, key, voice.subject, "en", voice.text)
                self._stage.board.submit([entry])
                yield f"  {self._names[voice.who]}, in the log, on “{voice.subject}”: “{voice.text}”"
