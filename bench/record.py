"""A small referendum whose record is verified, here or by workers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from psephos.executor.asking import BlockingChecks
from psephos.executor.distributed_proofs import DistributedProofs
from psephos.executor.job import Executor
from psephos.executor.logged import Followed, Log
from psephos.executor.speculative_fold import SpeculativeFold
from psephos.log import checkpoints
from psephos.log.client import Client
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.verifier.report import Report
from psephos.verifier.run import Verification, verify

CARDS = 3
"""Of a voter; with two of them the voter casts a ballot."""
WEIGHERS = (1, 2)


def weighed_once(voters: int) -> Referendum:
    """One region and day, weighed by the first trustee."""
    document, keys = sample(regions=("piraeus",))
    held = Referendum(document, keys)
    held.publish()
    held.ceremony()
    held.enrol(0, [[1] + [0] * (CARDS - 1)] * voters)
    held.open(0, 1)
    choices = [0] * len(held.definition.regions[0].style.shape)
    voting = [card for position, card in enumerate(held.cards[0]) if position % CARDS < 2]
    held.log(*(held.ballot(card, choices) for card in voting))
    held.seal(0, 1)
    held.weigh(WEIGHERS[:1])
    return held


def close(held: Referendum) -> None:
    """All the rest of weighing, and the close."""
    held.weigh(WEIGHERS[1:])
    held.close(WEIGHERS)


def certify(held: Referendum) -> None:
    """Shares, and the result."""
    held.release(WEIGHERS)
    held.certify()


@dataclass(frozen=True)
class Published:
    """A record on disk, and how to verify it."""

    directory: Path
    pin: Pin

    @classmethod
    def of(cls, held: Referendum, directory: Path) -> Published:
        """The record as far as it goes."""
        return cls(directory / "record", held.export(directory))

    def log(self) -> Log:
        """The log for jobs."""
        return Log(str(self.directory), checkpoints.read((self.directory / "checkpoint").read_bytes())[0])

    def verified(self, executor: Executor, wait: bool = False) -> bytes:
        """The report; the fold may wait for each answer of the workers."""
        with Client(self.directory) as client:
            followed = Followed(client, str(self.directory))
            if wait:
                return verify(
                    followed, self.pin, proofs=DistributedProofs(BlockingChecks(executor), followed.log)
                ).encode()
            begin = partial(Verification, self.pin, None)
            return SpeculativeFold(begin, executor, followed.log).fold(partial(_report, followed)).encode()


def _report(followed: Followed, verification: Verification) -> Report:
    verification.follow(followed)
    return verification.report()
