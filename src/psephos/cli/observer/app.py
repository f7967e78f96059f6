"""`psephos observer`: follows a log as it grows, compares what others see, and keeps evidence."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from psephos.cli.home.home import DEFAULT_HOME, BoardPost, Home, HomeOptions, PublishedLog, location
from psephos.cli.observer.requesting import request
from psephos.cli.observer.watching import Passes, say_alarm, watching
from psephos.cli.process.running import repeat
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.process.terminal import progress_bar
from psephos.cli.source import open_record, read_file, read_pin
from psephos.cli.verify import Switch
from psephos.log.note import check_name
from psephos.observer.evidence_folder import EvidenceFolder
from psephos.observer.text import plain
from psephos.observer.view import compare as compare_views
from psephos.observer.view import seen_at
from psephos.scratch import Scratch
from psephos.verifier.evidence import Evidence
from psephos.verifier.histories import Fork
from psephos.verifier.run import Verification

observer = App("observer", help="Watch a log, and keep evidence of what goes wrong.")

Seconds = Annotated[float, Parameter(validator=validators.Number(gt=0))]


@observer.command
def init(
    *,
    name: str,
    log: PublishedLog | None = None,
    board: BoardPost | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home with a fresh key: to cosign what was verified (`watch --cosign`), and to make statements.

    Statements need log and board, and that somebody accredits the key in observer.json: see `request`.

    Example: psephos observer init --home observer --name observer.example --log https://vote.example/log
    --board https://vote.example/post/board

    Parameters
    ----------
    name
        The observer's name as a witness: no spaces, no plus.
    """
    with stopping(USAGE):
        check_name(name)
    posts = {} if board is None else {"board": location(board)}
    print(Home(options, "observer", name, None if log is None else location(log), posts).create({}))
    return 0


observer.command(request)


@observer.command
def watch(
    record: str,
    /,
    *,
    once: Switch = False,
    every: Seconds = 60.0,
    peers: Annotated[list[str] | None, Parameter(negative="")] = None,
    promises: Path | None = None,
    cosign: Path | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Follow a log: copy it into the home, verify every new entry, and raise alarms.

    Each alarm is a line on stderr and a file in the home's `evidence` directory. With --once: exits with 0
    when there is something new and all is well, 1 on an alarm, 3 when there is nothing new. Without it: goes
    on until SIGTERM or SIGINT, and then exits with 1 if there was an alarm.

    Example: psephos observer watch https://log.example/2026 --pin pin.json --home observer --every 300

    Parameters
    ----------
    record
        A directory with a log's files, or the http(s) URL of a log.
    once
        One pass.
    every
        Seconds between passes.
    peers
        A checkpoint that another observer has: a file, a log's directory or its URL; as often as there are.
    promises
        A directory of what board and registrars signed outside the log, a file each: promises, receipts,
        answers before batches, refusals and responses as NAME.refusal, NAME.response beside NAME.entry.
    cosign
        A file to write the latest checkpoint to, cosigned with the home's key, once it is verified.
    """
    with watching(record, options) as station:
        again = Passes(station, tuple(peers or ()), promises, cosign)
        if once:
            return again.once()
        repeat(lambda: again.due(every))
        return FAILED if again.alarmed else 0


@observer.command
def compare(*places: str, pin: Path, log: str | None = None, out: Path = Path("evidence")) -> int:
    """Compare checkpoints that different people were shown; writes evidence of every fork.

    Exits with 0 when all are of one log, 1 when two contradict one another, 3 when that cannot be told.

    Example: psephos observer compare mine/checkpoint https://log.example/2026 --pin pin.json

    Parameters
    ----------
    places
        Two or more: a checkpoint's file, a log's directory, or its URL.
    pin
        The referendum's pin, from somebody you trust.
    log
        A log to take consistency proofs from, where a checkpoint comes alone.
    out
        A directory for evidence.
    """
    if len(places) + (log is not None) < 2:
        raise Stop("nothing to compare with: name two checkpoints, or one and --log", USAGE)
    known = Verification(read_pin(pin), Scratch())
    with ExitStack() as opened, stopping(FAILED):
        views = [
            opened.enter_context(seen_at(place, known.policy)) for place in (*places, *([log] if log else []))
        ]
        found = list(compare_views(views))
    forks = [one for one in found if isinstance(one, Fork)]
    for fork in forks:
        path = EvidenceFolder(out, known).put(fork, shows := fork.proves(known), int(time.time()))
        say_alarm(shows, fork, path)
    for untold in sorted({one for one in found if isinstance(one, str)}):
        print(plain(untold))
    if not found:
        print(f"all {len(views)} are of one log")
    return FAILED if forks else WAITING if found else 0


@observer.command
def check(evidence: Path, /, *, pin: Path, log: str | None = None) -> int:
    """Check somebody's evidence again: exits with 0 if it is proven, with 1 if it is not.

    Example: psephos observer check evidence/20260523T080000Z-fork.json --pin pin.json

    Parameters
    ----------
    evidence
        A file that `watch` or `compare` has written.
    pin
        The referendum's pin, from somebody you trust.
    log
        The log's directory or URL; everything but forks needs it, and all of it is verified.
    """
    known = Verification(read_pin(pin), Scratch())
    document = read_file(evidence)
    with stopping(FAILED, f"not proven: {evidence}"):
        found = Evidence.parse(document)
    if log is not None:
        with open_record(log) as source, progress_bar("Verifying") as progress:
            known.follow(source, progress)
    with stopping(FAILED, f"{found.exhibit.kind}: not proven"):
        print(plain(f"{found.exhibit.kind}: proven: {found.proves(known)}"))
    return 0
