"""The implementation under test: a process that is asked by lines of JSON, and answers by lines of JSON."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from typing import Any

LONGEST = 1 << 20
"""Characters of an answer's line; no right answer comes near it."""


class Unusable(Exception):
    """The implementation cannot be asked any further; the message says why and what to do."""


class Candidate:
    """A command that was started once. Its standard error is not touched."""

    def __init__(self, command: list[str], seconds: float) -> None:
        """Unusable where the command cannot be started. `seconds` is the time limit of an answer."""
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise Unusable(f"Cannot start {command[0]}: {error.strerror}. Check the command.") from error
        self._seconds, self._lines = seconds, 0
        self._to: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._from: queue.SimpleQueue[str] = queue.SimpleQueue()
        for work in (self._write, self._read):
            threading.Thread(target=work, daemon=True).start()

    def ask(self, number: int, kind: str, members: dict[str, Any]) -> dict[str, Any]:
        """The answer without its `id`. Unusable where there is none."""
        self._to.put(json.dumps({"id": number, "kind": kind, **members}) + "\n")
        self._lines += 1
        try:
            line = self._from.get(timeout=self._seconds)
        except queue.Empty:
            raise Unusable(
                f"No answer to line {self._lines} within {self._seconds:g} seconds. Flush standard output "
                f"after each line, or allow more with --seconds."
            ) from None
        if not line:
            raise Unusable(self._ended())
        return self._parse(line, number)

    def close(self) -> None:
        """End of its input; whoever then does not stop is killed."""
        self._to.put(None)
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _parse(self, line: str, number: int) -> dict[str, Any]:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Unusable(
                f"Line {self._lines} of standard output is no JSON object: {line.rstrip()[:80]!a}. Print one "
                f"JSON object per line there, and everything else on standard error."
            )
        if answer.get("id") != number:
            raise Unusable(
                f"Line {self._lines} of standard output answers id {json.dumps(answer.get('id'))}; expected "
                f"id {number}. Answer each line once, in order, with its id."
            )
        return {name: value for name, value in answer.items() if name != "id"}

    def _ended(self) -> str:
        try:
            code = f"with exit code {self._process.wait(timeout=self._seconds)}"
        except subprocess.TimeoutExpired:
            code = "its standard output"
        return (
            f"The implementation ended {code} before it answered line {self._lines}. Answer until standard "
            f"input ends; standard error may say what went wrong."
        )

    def _write(self) -> None:
        assert self._process.stdin
        try:
            with self._process.stdin as stream:
                while (line := self._to.get()) is not None:
                    stream.write(line)
                    stream.flush()
        except OSError:
            return  # it ended: what it no longer answers says so

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as stream:
            while line := stream.readline(LONGEST):
                self._from.put(line)
        self._from.put("")
