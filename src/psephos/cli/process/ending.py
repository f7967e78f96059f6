"""How a process ends that has served over HTTP: at once, without taking its interpreter apart."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

served = threading.Event()
"""Set by whoever has served over HTTP.

The server's threads may end a little after it. One that comes back to an interpreter that is being taken
apart aborts the whole process, with a code that says nothing; and what has to be closed is closed by then.
"""


def ended(code: int) -> int:
    """The exit code, for the caller to end with; where something was served it ends here."""
    if served.is_set():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, AttributeError):
                stream.flush()
        os._exit(code)
    return code
