"""What a process that may hold secrets does first, so that a crash leaves none of them on disk."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """No core file of this process and its children; on Linux, no other of this user reads its memory.

    The limit alone is not enough there: it does not hold where a program takes core dumps through a pipe.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_DUMPABLE, *map(ctypes.c_ulong, (0, 0, 0, 0))):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "prctl")


def keep_files_private() -> None:
    """What this process and its children make is their owner's alone, unless it is made to be published."""
    os.umask(0o077)
