"""One log with its keys, and how to serve it, build the tools of others and run them."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from socketserver import BaseServer, ThreadingTCPServer

from psephos.crypto.signature import SigningKey
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, ED25519, VerifierKey, encode_base64
from psephos.log.store import LogStore

ORIGIN = "example.org/log"
LOG_SEED, WITNESS_SEED = bytes([1]) * 32, bytes([10]) * 32
LOG, WITNESS = SigningKey(LOG_SEED), SigningKey(WITNESS_SEED)
LOG_KEY = VerifierKey(ORIGIN, ED25519, LOG.public)
WITNESS_KEY = VerifierKey("example.org/witness", COSIGNATURE_V1, WITNESS.public)


def policy_text(witness_url: str) -> bytes:
    """Believe the one log, and want the one witness."""
    return f"log {LOG_KEY}\nwitness W {WITNESS_KEY} {witness_url}\ngroup G 1 W\nquorum G\n".encode()


def signed(store: LogStore, size: int) -> bytes:
    """The log's checkpoint at a size, by nobody else yet."""
    return checkpoints.sign(TreeHead(ORIGIN, size, store.root(size)), LOG)


def signing_key(key: VerifierKey, seed: bytes) -> str:
    """A secret key as Go writes it."""
    return f"PRIVATE+KEY+{key.name}+{key.id.hex()}+{encode_base64(bytes([key.algorithm]) + seed)}"


def build(directory: Path) -> None:
    """Everything that go.mod names as a tool, and our program over the libraries of others."""
    command = ["go", "build", "-mod=readonly", "-o", f"{directory}/", ".", "tool"]
    subprocess.run(command, cwd=Path(__file__).parent / "go", check=True)


def run(program: Path, *args: object, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end."""
    command = [str(program), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def serving(server: BaseServer) -> Iterator[str]:
    """The URL of a server on 127.0.0.1, which runs meanwhile."""
    thread = threading.Thread(target=partial(server.serve_forever, 0.02))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving_files(directory: Path) -> Iterator[str]:
    """The URL of a directory's files."""
    with serving(_Server(("127.0.0.1", 0), partial(_Quiet, directory=directory))) as url:
        yield url


@contextmanager
def process(command: Iterable[object], stdin: str | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process that is stopped at the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*map(str, command)], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as started:
        try:
            if stdin is not None and started.stdin:
                started.stdin.write(stdin)
                started.stdin.close()
            yield started
        finally:
            started.kill()


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[str]) -> None:
    """Until the process listens on this port; a failure if it has ended or takes more than 10 seconds."""
    for _ in range(500):
        if server.poll() is not None:
            raise AssertionError(server.stderr.read() if server.stderr else "it ended")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")
