"""Everybody's home, and the definition."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psephos.cli.local.processes import Processes, free_port, registrar_homes
from psephos.files import PUBLIC, write_whole
from psephos.organiser.plan.explanations import in_files
from psephos.organiser.plan.lines import written
from psephos.organiser.plan.reading import DefinitionTemplate
from psephos.organiser.plan.trial import registrar_names, trustee_names, witness_count

_BLOBS = "texts"
"""Where the plan's files are kept, by their SHA-256."""


def create(
    directory: Path, source: Path, plan: DefinitionTemplate, rolls: Mapping[str, Path], voters: int
) -> None:
    """Make all homes and the definition; `plan.toml` in the directory says that they are there."""
    directory.mkdir(parents=True, exist_ok=True)
    place, processes = directory.resolve(), Processes(directory)
    log, board = ("--log", str(place / "record")), ("--board", str(place / "board/post"))
    cards = [*_create_witnesses(processes, plan), *_create_board(processes, plan, log)]
    names = registrar_names(plan)
    posts = [f"--registrar={place / home / 'post'}" for home in registrar_homes(len(names))]
    for home, name in zip(registrar_homes(len(names)), names, strict=True):
        processes.do(home, "init", "--name", name, *log, *board, *posts)
        cards.append(place / home / "registrar.json")
    for number, name in enumerate(trustee_names(plan), 1):
        processes.do(f"trustee-{number}", "init", "--name", name, *log, *board, *posts)
        cards.append(place / f"trustee-{number}/trustee.json")
    (place / _BLOBS).mkdir(exist_ok=True)
    for name, blob in plan.blobs.items():
        write_whole(place / _BLOBS / name, blob, PUBLIC)
    (place / "new.toml").write_text(_text(plan), "utf-8")
    processes.do("organiser", "new", str(place / "new.toml"), *log, *board, "--parties", *map(str, cards))
    for card in cards:
        shutil.copyfile(place / "organiser/pin.json", card.parent / "pin.json")
    for number in range(1, len(plan.members["relays"]) + 1):
        relay = f"relay-{number}"
        processes.do(relay, "init", str(place / relay), *log, "--pin", str(place / "organiser/pin.json"))
    for region in plan.members["regions"]:
        _write_roll(place / f"{region['id']}.csv", region["id"], rolls.get(region["id"]), voters)
    shutil.copyfile(source, place / "source.toml")
    (place / "new.toml").rename(place / "plan.toml")


def _create_witnesses(processes: Processes, plan: DefinitionTemplate) -> list[Path]:
    names = [f"witness-{number}" for number in range(1, witness_count(plan) + 1)]
    for name in names:
        processes.do(name, "init", "--name", f"{name}.example")
    return [processes.directory.resolve() / name / "witness.json" for name in names]


def _create_board(processes: Processes, plan: DefinitionTemplate, log: tuple[str, str]) -> list[Path]:
    place = processes.directory.resolve()
    names = [f"witness-{number}" for number in range(1, witness_count(plan) + 1)]
    posts = [f"--witness={name}.example={place / name / 'post'}" for name in names]
    processes.do("board", "init", "--name", "The board", "--origin", "log.example/local", *log, *posts)
    return [place / "board/board.json"]


def _text(plan: DefinitionTemplate) -> str:
    """The plan as TOML, with everything that it had left out."""
    trustees = dict(plan.members["trustees"])
    if plan.trustees:
        trustees["names"] = list(plan.trustees)
    members = {**plan.members, "trustees": trustees, "relays": _here(plan.members["relays"])}
    members = in_files(members, _BLOBS)
    if plan.registrars:
        members["registrars"] = list(plan.registrars)
    return written(members)


def _here(relays: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The relays, each on a free port of this machine."""
    return [{**relay, "address": f"http://127.0.0.1:{free_port()}"} for relay in relays]


def _write_roll(file: Path, region: str, given: Path | None, voters: int) -> None:
    if given is not None:
        shutil.copyfile(given, file)
        return
    file.write_text("".join(f"Voter {number} of {region}\n" for number in range(1, voters + 1)), "utf-8")
