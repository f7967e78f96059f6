"""Commands as processes of their own, forked from a process that has loaded the program.

To load it takes longer than most commands do. Whoever kills a command shall find it at work; tests of how a
command is loaded start Python themselves.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ENDS = 4
"""So many are sent with a line: standard input, output and error, and where it is said how it ended."""


class Command(subprocess.Popen[bytes]):
    """A process like any other, but for where it comes from: the line is what follows `psephos`."""

    def _execute_child(self, args: list[str], *rest: Any) -> None:
        # Of `rest` the environment is the sixth, the ends of pipes follow the ninth; -1: this process's own.
        read, write = os.pipe()
        environment, pipes = rest[5], rest[9:15]
        ends = [end if end >= 0 else usual for usual, end in enumerate((pipes[0], pipes[3], pipes[5]))]
        request = {"line": args, "cwd": os.getcwd(), "environment": dict(environment or os.environ)}
        socket.send_fds(_loaded(), [json.dumps(request).encode()], [*ends, write])
        os.close(write)
        self._ended = os.fdopen(read)
        self.pid = int(self._ended.readline())
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags == os.WNOHANG and not select.select([self._ended], [], [], 0)[0]:
            return 0, 0
        with self._ended:
            return self.pid, int(self._ended.readline())


@cache
def _loaded() -> socket.socket:
    """The way to the process that has loaded the program; it ends when this one does."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    line = [sys.executable, "-m", __name__, str(its.fileno())]
    process = subprocess.Popen(line, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(requests: socket.socket) -> int:
    """Fork for each request, until nobody is left who could send one; in the fork, run its command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who watches over a command needs nobody to wait for him
    while True:
        data, ends, _, _ = socket.recv_fds(requests, 1 << 20, ENDS)
        if not data:
            return 0
        if os.fork() == 0:
            requests.close()
            return _watched(ends, **json.loads(data))
        for end in ends:
            os.close(end)


def _watched(ends: list[int], line: list[str], cwd: str, environment: dict[str, str]) -> int:
    """Run a command in a fork of this process, and say what its number is and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, told = ends
    if pid := os.fork():
        for end in streams:
            os.close(end)
        os.write(told, b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        os.write(told, b"%d\n" % status)
        os._exit(0)
    os.close(told)
    for usual, end in enumerate(streams):
        os.dup2(end, usual)
        os.close(end)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    from psephos.cli.main import main

    return main(line)


if __name__ == "__main__":
    import gc

    from psephos.cli.main import app

    app.resolved_commands()  # which loads them all
    gc.freeze()
    sys.exit(_serve(socket.socket(fileno=int(sys.argv[1]))))
