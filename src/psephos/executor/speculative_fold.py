"""A fold that goes on while workers check its proofs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from psephos.crypto.workers import workers
from psephos.errors import ExecutorError, Fault
from psephos.executor.asking import BlockingChecks, DeferredChecks
from psephos.executor.beside import Beside
from psephos.executor.distributed_proofs import DistributedProofs
from psephos.executor.job import Executor
from psephos.executor.logged import Log
from psephos.protocol.proofs import Proofs

State = TypeVar("State")
Found = TypeVar("Found")


class SpeculativeFold(Generic[State]):
    """Folds a log as if every proof held, while workers find out whether they do.

    If one does not, it folds anew from the beginning, with all that they have found out, and waits for each
    answer that is not known yet. So what comes out is what a fold would have found that never believed.
    """

    def __init__(
        self,
        begin: Callable[[Proofs], State],
        executor: Executor | None,
        log: Callable[[], Log],
        *,
        here: bool = False,
    ) -> None:
        """`begin` makes the state from which all of the log is folded; `log` is what is being folded.

        Without an executor, threads of this process check beside the fold. `here`: jobs of the executor stay
        in this process.
        """
        self._begin = begin
        self._executor = executor or Beside()
        self._spread = partial(DistributedProofs, log=log, here=here or executor is None)
        self._later = DeferredChecks(self._executor)
        self._proofs = self._spread(self._later)
        self._state = begin(self._proofs)

    def fold(self, step: Callable[[State], Found]) -> Found:
        """What a step finds that folds what is new. It may be done twice: then the state is a new one.

        ExecutorError where the workers fail, or Fault, which say nothing about the record: it is folded anew
        then.
        """
        try:
            return self._fold(step)
        except (ExecutorError, Fault):
            self._state = self._begin(self._proofs)  # what was only believed must not count as known
            raise

    def _fold(self, step: Callable[[State], Found]) -> Found:
        self._proofs.asker = self._later
        try:
            found = step(self._state)
        except Exception as error:  # what follows from a wrong answer can be anything
            if self._later.right() or isinstance(error, Fault):
                raise
        else:
            if self._later.right():
                return found
        self._proofs = self._spread(BlockingChecks(self._executor, self._later.answers))
        self._state = self._begin(self._proofs)
        return step(self._state)


def folded(
    begin: Callable[[Proofs], State],
    executor: Executor | None,
    log: Callable[[], Log],
    step: Callable[[State], Found],
) -> Found:
    """What a step finds that folds a log from its beginning, once: as `SpeculativeFold` does it.

    With one thread and no executor everything is done one after the other.
    """
    if executor is None and workers() == 1:
        return step(begin(Proofs()))
    return SpeculativeFold(begin, executor, log).fold(step)
