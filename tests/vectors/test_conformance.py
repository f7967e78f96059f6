"""Both implementations answer the conformance driver; wrong ones are told what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from questions import OUTPUTS, load, questions

from tests.lanes import BY_DALEK, both_ways

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools/conformance"
VECTORS = load()
ASKED = list(questions(scenario="unvoted"))  # test_records has all records
OF_RECORDS = {"record", "values"}
"""Kinds that are asked of directories, not of vectors in files."""
LOOP = "import json, sys\nfor line in sys.stdin:\n    q = json.loads(line)\n    "
SAY = "print(json.dumps(answer), flush=True)\n"


def drive(*arguments: str | Path) -> tuple[int, list[str]]:
    """Exit code and lines of the driver."""
    command = [sys.executable, "-S", TOOLS / "drive.py", *arguments]  # no package is within its reach
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, (done.stdout or done.stderr).splitlines()


def candidate(directory: Path, program: str) -> tuple[str, Path]:
    """The command of an implementation in Python."""
    path = directory / "candidate.py"
    path.write_text(program)
    return sys.executable, path


@pytest.mark.parametrize(
    ("name", "undone", "environment"),
    [
        pytest.param("by_core", {"transcript"}, {}, id="by_core"),
        pytest.param("by_core", {"transcript"}, BY_DALEK, id="by_core by dalek", marks=both_ways),
        pytest.param("by_reference", {"message", "receipt"}, {}, id="by_reference"),
    ],
)
def test_our_implementations_agree_in_every_kind_that_they_do(
    name: str, undone: set[str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    count = {kind: sum(one.kind == kind for one in ASKED) for kind in sorted({one.kind for one in ASKED})}
    done = {kind: count[kind] for kind in count if kind not in undone}
    answers = sys.executable, TOOLS / f"{name}.py"
    code, lines = drive("--scenario", "unvoted", "--kinds", ",".join(done), *answers)
    assert sorted(lines[:-1]) == sorted(f"{kind}: {number} agreed" for kind, number in done.items())
    assert (code, lines[-1]) == (0, f"all: {sum(done.values())} agreed")
    code, lines = drive("--kinds", ",".join(undone), *answers)
    assert (code, lines[-1]) == (1, f"all: 0 agreed, {sum(count[kind] for kind in undone)} not done")


def test_every_vector_of_a_format_is_asked() -> None:
    files = [path for path in ROOT.glob("vectors/**/*.json") if "records" not in path.parts]
    names = [vector["name"] for path in files for vector in json.loads(path.read_text())]
    assert len(set(names)) == len(names)
    left_out = {
        vector["name"]
        for name in ("pasted/pasted", "sealed/sealed")
        for vector in json.loads((ROOT / f"vectors/{name}.json").read_text())
    }
    assert {one.name for one in ASKED if one.kind not in OF_RECORDS} == set(names) - left_out
    scenarios = {
        path.parent.relative_to(ROOT / "vectors") for path in ROOT.glob("vectors/records/*/*/pin.json")
    }
    assert {one.name for one in questions() if one.kind == "record"} == {
        str(scenario) for scenario in scenarios
    }


def test_no_question_shows_its_answer() -> None:
    for one in ASKED:
        assert not one.asked.keys() & {"name", "valid", "mutates", "check", *OUTPUTS.get(one.kind, ())}
        assert not (one.asked.keys() & one.expected.keys())
        if one.kind == "transcript":
            outputs = re.findall("[0-9a-f]{32,}", json.dumps(one.expected))
            assert outputs
            assert not [output for output in outputs if output in json.dumps(one.asked)]


def test_the_page_says_what_each_kind_gives() -> None:
    page = (ROOT / "vectors/README.md").read_text()
    rows = [
        re.match(r"\| ((?:`[\w-]+`(?:, )?)+) \|.*?(?:gives? (.*?))? \| [^|]*\|$", line)
        for line in page.splitlines()
    ]
    gives = {
        kind: tuple(re.findall(r"`([a-z_]+)`", re.sub(r"\(.*?\)|:.*", "", row[2] or "")))
        for row in rows
        if row
        for kind in re.findall(r"`([\w-]+)`", row[1])
    }
    for kind in {one.kind for one in ASKED} - OF_RECORDS:
        assert gives[kind] == (("outputs",) if kind == "transcript" else OUTPUTS.get(kind, ())), kind


def test_the_guide_names_every_kind_and_no_other() -> None:
    guide = (ROOT / "docs/implementing.md").read_text()
    kinds = {one.kind for one in ASKED}
    assert kinds <= set(re.findall(r"`([a-z-]+)`", guide))
    commands = re.findall(r"drive\.py --kinds ([a-z,-]+) ", guide)
    assert max(map(len, commands)) > 100
    assert kinds >= {kind for command in commands for kind in command.split(",")}
    scenarios = re.findall(r"`(\w+/[\w-]+)`", guide)
    assert [name for name in scenarios if not (ROOT / "vectors/records" / name).is_dir()] == []


def test_who_accepts_everything_is_told_every_vector(tmp_path: Path) -> None:
    program = LOOP + 'answer = {"id": q["id"], "valid": True}\n    ' + SAY
    code, lines = drive("--kinds", "share,roll", *candidate(tmp_path, program))
    (roll,) = (vector for vector in VECTORS if vector["kind"] == "roll")
    refused = [vector["name"] for vector in VECTORS if vector["kind"] == "share" and not vector["valid"]]
    told = [f'{name}: expected {{"valid": false}}, answered {{"valid": true}}' for name in refused]
    told.append(f'{roll["name"]}: expected {{"hash": "{roll["hash"]}"}}, answered {{}}')
    assert sorted(lines[:-3]) == sorted(told)
    assert lines[-3:-1] == [f"share: 2 agreed, {len(refused)} disagreed", "roll: 0 agreed, 1 disagreed"]
    assert (code, lines[-1]) == (1, f"all: 2 agreed, {len(told)} disagreed")


@pytest.mark.parametrize("wrong", ['"00"', "1", "None", "True"])
def test_a_wrong_output_is_shown_beside_the_right_one(tmp_path: Path, wrong: str) -> None:
    program = LOOP + f'answer = {{"id": q["id"], "valid": True, "hash": {wrong}}}\n    ' + SAY
    code, lines = drive("--kinds", "roll", *candidate(tmp_path, program))
    (roll,) = (vector for vector in VECTORS if vector["kind"] == "roll")
    shown = json.dumps({"hash": eval(wrong)})
    assert lines[0] == f'{roll["name"]}: expected {{"hash": "{roll["hash"]}"}}, answered {shown}'
    assert (code, lines[-1]) == (1, "all: 0 agreed, 1 disagreed")


def test_of_a_record_only_what_differs_is_shown(tmp_path: Path) -> None:
    program = LOOP + (
        'answer = json.load(open(q["pin"].replace("pin.json", "expected.json")))\n    '
        'for name in ("valid", "mutates", "check", "culprit", "believed"): del answer[name]\n    '
        'answer["checks"]["1.3"][1] += 1\n    answer["id"] = q["id"]\n    '
    )
    code, lines = drive("--kinds", "record", "--scenario", "unvoted", *candidate(tmp_path, program + SAY))
    for one, line in zip([one for one in ASKED if one.kind == "record"], lines, strict=False):
        status, count = one.expected["checks"]["1.3"]
        wanted, given = ({"checks": {"1.3": [status, number]}} for number in (count, count + 1))
        assert line == f"{one.name}: expected {json.dumps(wanted)}, answered {json.dumps(given)}"
    assert (code, lines[-1]) == (1, "all: 0 agreed, 3 disagreed")


def test_what_no_terminal_can_show_is_escaped(tmp_path: Path) -> None:
    answer = '{"id": 0, "valid": true, "hash": "\\ud800\\u2026"}'
    code, lines = drive("--kinds", "roll", *candidate(tmp_path, f"input()\nprint({answer!r}, flush=True)\n"))
    assert lines[0].endswith('answered {"hash": "\\ud800\\u2026"}')
    assert (code, lines[-1]) == (1, "all: 0 agreed, 1 disagreed")


@pytest.mark.parametrize("valid", ["1", '"true"', "None"])
def test_yes_is_true_and_nothing_else(tmp_path: Path, valid: str) -> None:
    program = LOOP + f'answer = {{"id": q["id"], "valid": {valid}}}\n    ' + SAY
    code, lines = drive("--kinds", "reveal", *candidate(tmp_path, program))
    assert (code, lines[-1]) == (1, "all: 0 agreed, 11 disagreed")


UNUSABLE = {
    "dies": (
        "import sys\nsys.stdin.readline()\nsys.exit(3)\n",
        "The implementation ended with exit code 3 before it answered line 1. Answer until standard input "
        "ends; standard error may say what went wrong.",
    ),
    "never reads": (
        "",
        "The implementation ended with exit code 0 before it answered line 1. Answer until standard input "
        "ends; standard error may say what went wrong.",
    ),
    "is silent": (
        "import time\ntime.sleep(60)\n",
        "No answer to line 1 within 1 seconds. Flush standard output after each line, or allow more with "
        "--seconds.",
    ),
    "prints no JSON": (
        LOOP + "print('checking...', flush=True)\n",
        "Line 1 of standard output is no JSON object: 'checking...'. Print one JSON object per line there, "
        "and everything else on standard error.",
    ),
    "prints a list": (
        LOOP + "print([q['id']], flush=True)\n",
        "Line 1 of standard output is no JSON object: '[0]'. Print one JSON object per line there, and "
        "everything else on standard error.",
    ),
    "answers another line": (
        LOOP + 'answer = {"id": q["id"] + 1, "valid": False}\n    ' + SAY,
        "Line 1 of standard output answers id 1; expected id 0. Answer each line once, in order, with its "
        "id.",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_who_cannot_be_asked_is_told_why(tmp_path: Path, case: str) -> None:
    program, message = UNUSABLE[case]
    # A second is short for a Python that starts on a busy machine; only the silent one is held to it.
    seconds = "1" if case == "is silent" else "120"
    code, lines = drive("--kinds", "roll,share", "--seconds", seconds, *candidate(tmp_path, program))
    first = next(one for one in ASKED if one.kind == "share")
    assert lines[0] == f"{first.name}: {message}"
    assert (code, lines[-1]) == (1, "all: 0 agreed, 9 not answered")


def test_what_was_answered_before_the_end_counts(tmp_path: Path) -> None:
    program = 'import sys\nprint(\'{"id": 0, "valid": true}\', flush=True)\nsys.stdin.readline()\n'
    code, lines = drive("--kinds", "share", *candidate(tmp_path, program))
    assert (code, lines[-1]) == (1, "all: 1 agreed, 7 not answered")
    assert "line 2" in lines[0]


def test_a_command_or_kind_that_is_not_there_is_said() -> None:
    code, lines = drive("--kinds", "roll", "/nothing/here")
    assert code == 1
    assert lines[0].endswith("Cannot start /nothing/here: No such file or directory. Check the command.")
    code, lines = drive("--kinds", "pasted", "true")
    assert (code, "no vectors of pasted; expected some of: admission, ballot, " in lines[-1]) == (2, True)
    code, lines = drive("--kinds", "record", "--scenario", "none", "true")
    assert code == 2
