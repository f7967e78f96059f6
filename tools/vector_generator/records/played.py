"""A referendum told stage by stage, from any of which it can go on another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from psephos.protocol.setup.dealing import Secret, advance
from psephos.simulation.definitions import Keys
from psephos.simulation.referendum import HeldCard, Referendum

Step = Callable[[Referendum], None]


@dataclass(frozen=True)
class _Moment:
    """What a referendum was at the end of a stage."""

    size: int
    now: int
    drawn: int
    secrets: dict[int, Secret]
    cards: dict[int, list[HeldCard]]


@dataclass
class PlayedReferendum:
    """A referendum played once; `at` gives a copy of it as it was at the end of a stage."""

    name: str
    document: bytes
    keys: Keys
    steps: Mapping[str, Step]
    coins: bytes = bytes(32)
    logged: list[bytes] = field(default_factory=list)
    _moments: dict[str, _Moment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        referendum = Referendum(self.document, self.keys, self.coins)
        for stage, step in self.steps.items():
            step(referendum)
            cards = {region: list(made) for region, made in referendum.cards.items()}
            self._moments[stage] = _Moment(
                len(referendum.logged), referendum.now, referendum._drawn, dict(referendum.secrets), cards
            )
        self.logged = referendum.logged
        if referendum.record.void:
            raise AssertionError(f"{self.name}: {referendum.record.void}")

    def after(self, stage: str) -> Referendum:
        """A referendum of its own that has come as far as the end of a stage."""
        moment = self._moments[stage]
        copy = Referendum(self.document, self.keys, self.coins, now=moment.now)
        copy.secrets, copy._drawn = dict(moment.secrets), moment.drawn
        copy.cards = {region: list(made) for region, made in moment.cards.items()}
        copy.log(*self.logged[: moment.size])
        return copy

    def go_on(self, referendum: Referendum, after: str) -> None:
        """Let a referendum take every stage that comes after one."""
        names = list(self.steps)
        for stage in names[names.index(after) + 1 :]:
            self.steps[stage](referendum)


def ceremony_round(referendum: Referendum, present: tuple[int, ...]) -> None:
    """Let those present do what is theirs, once."""
    for trustee in present:
        secret, payloads = advance(
            referendum.record.ceremony, trustee, referendum.secrets.get(trustee), referendum.random(64)
        )
        if secret is not None:
            referendum.secrets[trustee] = secret
        referendum.log(
            *(referendum.write(payload, referendum.keys.trustees[trustee - 1]) for payload in payloads)
        )
