"""Whatever ends a command, in one line that says what, and what to do; never a traceback."""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path

from cyclopts import CycloptsError

from psephos import extras
from psephos.cli.process.stop import FAILED, USAGE, Stop
from psephos.errors import Fault, PsephosError

TRACEBACK = "PSEPHOS_TRACEBACK"
"""The variable that lets a developer see where an error comes from."""
INTERRUPTED = 130
"""As shells have it: 128, and the number of SIGINT."""

_PLACE = "is the disk there, and may this user read and write it?"
_ADVICE = {
    errno.ENOSPC: "free some space, then run the same command again",
    errno.EDQUOT: "free some space, then run the same command again",
    errno.EROFS: _PLACE,
    errno.EACCES: _PLACE,
    errno.EPERM: _PLACE,
    errno.EIO: "is the disk sound?",
    errno.ENOENT: "is the path right, and the disk there?",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "name a directory",
    errno.EMFILE: "too many files are open: see `ulimit -n`",
    errno.ENOMEM: "close other programs, then run the same command again",
}


def described(error: BaseException) -> tuple[str, int]:
    """What is said of an error, and the exit code. What nobody foresaw is raised where TRACEBACK is set."""
    match error:
        case Stop():
            return str(error), error.code
        case CycloptsError():
            return str(error), USAGE
        case PsephosError() | Fault():
            return str(error), FAILED
        case KeyboardInterrupt():
            return "interrupted: run the same command again to go on", INTERRUPTED
        case OSError():
            return _of_system(error), FAILED
        case UnicodeError():
            return f"text that is not Unicode: {error}", USAGE
        case MemoryError():
            return "not enough memory: close other programs, then run the same command again", FAILED
        case RecursionError():
            return "a document is nested too deeply", USAGE
        case ImportError() if missing := extras.advice(error):
            return missing, USAGE
    if TRACEBACK in os.environ:
        raise error
    what = f"{type(error).__name__} at {_place(error)}"
    return f"internal error: {what}: please report it; {TRACEBACK}=1 shows more", FAILED


def _of_system(error: OSError) -> str:
    """What the operating system refuses: of which file, why, and what helps."""
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    parts = [*names[:1], error.strerror or str(error) or type(error).__name__]
    if advice := _ADVICE.get(error.errno or 0):
        parts.append(advice)
    return ": ".join(parts)


def _place(error: BaseException) -> str:
    """The line of ours that it comes from, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "psephos" in Path(frame.filename).parts] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "an unknown place"
