"""Belenios, by Debian's `belenios-tool`: an election with ballots in a directory, as its manual holds one."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME = "Belenios"
TOOL = "belenios-tool"
GROUP = "BELENIOS-2048"
TRUSTEES = 2
_TEMPLATE = {
    "name": "The long wall",
    "description": "",
    "administrator": "The assembly",
    "credential_authority": "The register",
    "questions": [
        {
            "question": "Shall the wall be built?",
            "answers": ["Build it", "Leave it"],
            "blank": True,
            "min": 1,
            "max": 1,
        }
    ],
}
_CHOICES = ("[[1,0,0]]", "[[0,1,0]]", "[[0,0,1]]")


def missing() -> str | None:
    """Why it cannot be measured, or None."""
    return None if shutil.which(TOOL) else f"there is no {TOOL}"


def measure(ballots: int) -> dict[str, Any]:
    """Processor seconds a ballot to make, check and verify it, and its bytes.

    The tool checks all ballots of an election at once. So an election is verified with its first tenth of
    ballots and again with all; the difference is what ballots cost without what is done once.
    """
    with tempfile.TemporaryDirectory() as directory:
        election = Election(Path(directory), ballots)
        few = max(1, ballots // 10)
        size = election.vote(0, few)
        before = election.verify()
        election.vote(few, ballots)
        checked = election.verify() - before
        finished = election.finish()
    return {
        "peer": NAME,
        "version": f"{_said('--version')}, {GROUP}",
        "make": election.made / ballots,
        "check": checked / (ballots - few),
        "verify": checked / (ballots - few) + finished / ballots,
        "bytes": size,
    }


class Election:
    """One election with so many voters; `made` are the seconds spent making ballots."""

    def __init__(self, directory: Path, voters: int) -> None:
        self._directory = directory
        self.made = 0.0
        uuid = self._run("setup", "generate-token").strip()
        common = ("--group", GROUP)
        self._run("setup", "generate-credentials", "--uuid", uuid, *common, "--count", str(voters))
        self._one("*.pubcreds").rename(directory / "public_creds.json")
        self._credentials = [line.split()[1] for line in self._one("*.privcreds").read_text().splitlines()]
        for _ in range(TRUSTEES):
            self._run("setup", "generate-trustee-key", *common)
        keys = "".join(path.read_text() for path in sorted(directory.glob("*.pubkey")))
        (directory / "public_keys.jsons").write_text(keys)
        self._run("setup", "make-trustees")
        (directory / "public_keys.jsons").unlink()
        (directory / "template.json").write_text(json.dumps(_TEMPLATE))
        self._run("setup", "make-election", "--uuid", uuid, *common, "--template", "template.json")
        self._run("archive", "init")
        for name in ("election.json", "trustees.json", "public_creds.json"):
            (directory / name).unlink()

    def vote(self, first: int, end: int) -> int:
        """Voters of a range make and cast a ballot each; returns the bytes of one."""
        ballot = ""
        for voter in range(first, end):
            (self._directory / "credential").write_text(self._credentials[voter])
            (self._directory / "choices.json").write_text(_CHOICES[voter % len(_CHOICES)])
            with self._timed() as spent:
                ballot = self._run(
                    "election", "generate-ballot", "--privcred", "credential", "--ballot", "choices.json"
                )
            self.made += spent[0]
            self._add("Ballot", ballot)
        return len(ballot.strip())

    def verify(self) -> float:
        """Seconds of one verification of what there is."""
        with self._timed() as spent:
            self._run("election", "verify")
        return spent[0]

    def finish(self) -> float:
        """Tally, decrypt, publish; seconds that the last verification takes longer than the one before."""
        before = self.verify()
        self._add("EndBallots", "")
        self._add("EncryptedTally", self._run("election", "compute-encrypted-tally"))
        for number, key in enumerate(sorted(self._directory.glob("*.privkey")), 1):
            arguments = ("--privkey", key.name, "--trustee-id", str(number))
            self._add("PartialDecryption", self._run("election", "decrypt", *arguments))
        self._add("Result", self._run("election", "compute-result"))
        return self.verify() - before

    def _add(self, event: str, data: str) -> None:
        self._run("archive", "add-event", f"--type={event}", given=data)

    def _one(self, pattern: str) -> Path:
        (path,) = self._directory.glob(pattern)
        return path

    def _run(self, *arguments: str, given: str = "") -> str:
        environment = os.environ | {"BELENIOS_USE_URANDOM": "1"}
        done = subprocess.run(
            [TOOL, *arguments],
            cwd=self._directory,
            input=given,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{TOOL} {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    @contextmanager
    def _timed(self) -> Iterator[list[float]]:
        """Processor seconds that the commands in a block take, put into the list when it ends."""
        spent: list[float] = []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        yield spent
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def _said(*arguments: str) -> str:
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=True).stdout.strip()
