"""`python -m bench.ingest`: ballots that the server accepts a second, beside one insert of the same bytes.

The yardstick is the same HTTP server with nothing behind it but a table of SQLite, into which it puts what
has come in one transaction, on disk before it answers. Both get the same ballots from the same clients, in
turn. Ends with 1 when Psephos accepts fewer than 0.4 of what the yardstick does.
"""

from __future__ import annotations

import argparse
import queue
import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from statistics import median

from bench.machine import header
from bench.serving import Load, cpu, opened, prepared

LEAST = 0.4
_RATE = 2500
"""Ballots a second that are made ready: more than either accepts."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured, in turn")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--yardstick", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(given)


def main(options: argparse.Namespace) -> int:
    """Measure both in turn, and print what each took."""
    per_round = int(_RATE * options.seconds)
    referendum, ballots = prepared(per_round * options.runs)
    samples: dict[str, list[tuple[float, float]]] = {"yardstick": [], "psephos": []}
    with tempfile.TemporaryDirectory() as directory:
        deployment = opened(Path(directory) / "deployment", referendum)
        line = [sys.executable, "-m", "bench.ingest", "--yardstick", str(Path(directory) / "table.sqlite")]
        yardstick = subprocess.Popen(line, stdout=subprocess.PIPE)
        try:
            assert yardstick.stdout is not None
            port = int(yardstick.stdout.readline())
            own_port = int(deployment.url.rpartition(":")[2])
            for run in range(options.runs):
                share = ballots[run * per_round : (run + 1) * per_round]
                samples["yardstick"].append(_measure(port, yardstick.pid, share, options))
                samples["psephos"].append(_measure(own_port, deployment.process.pid, share, options))
        finally:
            yardstick.kill()
            yardstick.wait()
            deployment.stop()
    return _report(samples, options)


def _measure(port: int, pid: int, ballots: list[bytes], options: argparse.Namespace) -> tuple[float, float]:
    """Ballots a second, and milliseconds of processor for each."""
    load, before = Load(port, ballots), cpu(pid)
    took = load.run(options.clients, options.seconds)
    assert set(load.statuses) == {200}, load.statuses
    return len(load.answers) / took, 1000 * (cpu(pid) - before) / len(load.answers)


def _report(samples: dict[str, list[tuple[float, float]]], options: argparse.Namespace) -> int:
    print("\n".join(header((0.0, 0.0))[:2]))
    print(f"- {options.clients} clients, {options.runs} runs of {options.seconds:g} s each, in turn\n")
    print("| | ballots/s | of each run | ms of processor a ballot |\n|---|---|---|---|")
    for name, runs in samples.items():
        rates = ", ".join(f"{rate:,.0f}" for rate, _ in runs)
        print(f"| {name} | {_middle(runs, 0):,.0f} | {rates} | {_middle(runs, 1):.2f} |")
    ratio = _middle(samples["psephos"], 0) / _middle(samples["yardstick"], 0)
    print(f"\nratio {ratio:.2f}, at least {LEAST}")
    return int(ratio < LEAST)


def _middle(runs: list[tuple[float, float]], column: int) -> float:
    return median(run[column] for run in runs)


def yardstick(table: Path) -> None:
    """Serve without end: what comes is put into one table, on disk before it is answered."""
    from litestar import Litestar, Request, Response, post

    from psephos.server.listening import Listener

    jobs: queue.Queue[tuple[bytes, Future[bytes]]] = queue.Queue()

    def write() -> None:
        database = sqlite3.connect(table, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE kept (hash BLOB PRIMARY KEY, data BLOB) WITHOUT ROWID")
        while True:
            group = [jobs.get()]
            while not jobs.empty():
                group.append(jobs.get())
            database.execute("BEGIN IMMEDIATE")
            rows = [(sha256(data).digest(), data) for data, _ in group]
            database.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?)", rows)
            database.execute("COMMIT")
            for data, answer in group:
                answer.set_result(data[:200])

    async def send(request: Request) -> Response:
        import asyncio

        answer: Future[bytes] = Future()
        jobs.put((await request.body(), answer))
        return Response(await asyncio.wrap_future(answer), media_type="application/octet-stream")

    send.__annotations__ = {"request": Request, "return": Response}
    handler = post("/post/board", status_code=200)(send)
    listener = Listener(Litestar([handler], openapi_config=None, logging_config=None), "127.0.0.1", 0)
    threading.Thread(target=write, daemon=True).start()
    listener.start()
    print(listener.port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    given = arguments()
    if given.yardstick:
        yardstick(given.yardstick)
    sys.exit(main(given))
