"""`psephos demo` and `psephos replay`: whole referendums on this machine."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, Token, validators

from psephos.cli.process.stop import FAILED, USAGE, stopping
from psephos.cli.process.terminal import show
from psephos.simulation import demo as the_demo
from psephos.simulation import replay as the_replay
from psephos.simulation.figures import read
from psephos.simulation.parties import check_empty
from psephos.simulation.replay_definition import check


def _whole(_: type, tokens: Sequence[Token]) -> int:
    """A whole number; left to itself, the command would round 1.5."""
    text = tokens[0].value
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


Voters = Annotated[int, Parameter(converter=_whole, validator=validators.Number(gte=1, lte=1_000_000))]
Seed = Annotated[int | None, Parameter(converter=_whole)]
Scale = Annotated[int, Parameter(converter=_whole, validator=validators.Number(gte=1))]


def demo(*, voters: Voters = 400, seed: Seed = None, out: Path | None = None) -> int:
    """Hold a whole referendum in a minute: four regions, five days, coerced voters, a trustee who vanishes.

    With 400 voters it takes about two minutes of computing, which a busy machine needs longer for.
    Leaves the record, the pin and the result, has both verifiers check them, then tampers with copies twice.
    Exits with 0 when everything came out as it must, and both forgeries were refused.

    Parameters
    ----------
    voters
        How many voters there are.
    seed
        Fixes who does what, and so the totals; never a key.
    out
        An empty directory, or one to be made; a temporary one unless it is given.
    """
    directory = _directory(out, "psephos-demo-")
    show("This takes about two minutes with 400 voters, on a machine that does nothing else.")
    show(f"All keys of this rehearsal lie in {directory}: at the end you are told how to remove them.\n")
    with stopping(FAILED):
        done = the_demo.perform(directory, voters, seed, show)
    for name in ("record", "pin.json", "result.json"):
        show(f"{name}: {directory / name}")
    show(f"Check it again: psephos verify {directory / 'record'} --pin {directory / 'pin.json'}")
    show(f"Look at it in the browser: psephos show {directory / 'record'} --pin {directory / 'pin.json'}")
    show(_removal(directory))
    return 0 if done else FAILED


def replay(file: Path, /, *, scale: Scale, out: Path | None = None) -> int:
    """Vote and count the figures of a real referendum again, divided by SCALE.

    Exits with 0 when the counted result is exactly these figures in every region, in every division and in
    total, and the record verifies; with 1 otherwise.

    Parameters
    ----------
    file
        Figures, as docs/replay.md describes them.
    scale
        What every number is divided by, rounded half up.
    out
        An empty directory, or one to be made; a temporary one unless it is given.
    """
    with stopping(USAGE):
        figures = read(file)
    with stopping(USAGE, str(file)):
        check(figures, scale)
    directory = _directory(out, "psephos-replay-")
    with stopping(FAILED):
        done = the_replay.perform(directory, figures, scale, show)
    show(f"Record: {directory / 'record'}, pin: {directory / 'pin.json'}")
    show(_removal(directory))
    return 0 if done else FAILED


def _removal(directory: Path) -> str:
    """What to do with the directory, once everything was looked at."""
    remove = f"rm -r {shlex.quote(str(directory))}"
    return f"It holds the keys of all parties, which are worth nothing. Remove it: {remove}"


def _directory(out: Path | None, prefix: str) -> Path:
    if out is None:
        return Path(tempfile.mkdtemp(prefix=prefix))
    with stopping(USAGE):
        check_empty(out)
    return out
