"""The command as people run it: output, exit codes, and one clear line for whatever is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from psephos.cli import main
from psephos.log.tiles import encode_bundle
from psephos.protocol import entries
from psephos.protocol.setup.pin import Pin
from tests.small_log import SmallLog

STATEMENT = entries.Statement("Sleep", "en", "[bold]calm\x1b[31m\u202e", b"")
HASH = "0123456789abcdef" * 4


@pytest.fixture
def log() -> SmallLog:
    return SmallLog.begin()


@pytest.fixture
def pin(log: SmallLog, tmp_path: Path) -> Path:
    path = tmp_path / "pin.json"
    path.write_bytes(log.pin.encode())
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "record"


class Run:
    """What a command printed and exited with."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> None:
        self.code = main([str(argument) for argument in arguments])
        self.out, self.err = capsys.readouterr()

    def complains(self, code: int, about: str) -> bool:
        """Whether it ended with one line on stderr, about this, and printed nothing."""
        line = self.err.removesuffix("\n")
        return (self.code, self.out) == (code, "") and about in line and "\n" not in line


Capsys = pytest.CaptureFixture[str]


def test_a_file_is_no_record_and_is_called_by_its_name(tmp_path: Path, pin: Path, capsys: Capsys) -> None:
    tracker = tmp_path / "tracker.txt"
    tracker.write_text(HASH)
    assert Run(capsys, "inspect", tracker).complains(2, "this is a tracker")
    assert Run(capsys, "verify", pin, "--pin", pin).complains(2, "a record is a directory of a log's files")


def test_verify_says_that_a_referendum_is_open(
    log: SmallLog, record: Path, pin: Path, capsys: Capsys
) -> None:
    run = Run(capsys, "verify", log.published().write(record), "--pin", pin)
    assert run.code == 3
    assert "Passed so far" in run.out
    assert "Phase: ceremony" in run.out
    assert run.err == ""


def test_verify_prints_the_report_as_json(log: SmallLog, record: Path, pin: Path, capsys: Capsys) -> None:
    log.say(entries.Cancel("called off"), log.keys.organiser)
    arguments = "verify", log.published().write(record), "--pin", pin, "--json", "--workers", 1
    run = Run(capsys, *arguments)
    document = json.loads(run.out)
    assert (run.code, document["verdict"], document["result"]["status"]) == (0, "passed", "cancelled")


def test_verify_shows_what_is_void_up_to_a_limit(
    log: SmallLog, record: Path, pin: Path, capsys: Capsys
) -> None:
    for _ in range(25):
        log.say(entries.Cancel("says who?"), log.keys.registrars[0])
    run = Run(capsys, "verify", log.published().write(record), "--pin", pin)
    assert run.code == 3
    assert "void entries: 25" in run.out
    assert run.out.count("may not write a cancel") == 20
    assert "… and 5 more" in run.out


def test_verify_fails_through_whoever_is_to_blame(
    log: SmallLog, record: Path, pin: Path, capsys: Capsys
) -> None:
    run = Run(capsys, "verify", log.published(witnesses=1).write(record), "--pin", pin)
    assert run.code == 1
    assert "check 1.2" in run.out
    assert "failed through witnesses" in run.out
    assert "FAILED" in run.out


def test_verify_does_not_pass_over_missing_evidence(
    log: SmallLog, record: Path, pin: Path, capsys: Capsys
) -> None:
    log.published().write(record)
    (record / "tile/entries/000.p/1").unlink()
    run = Run(capsys, "verify", record, "--pin", pin)
    assert run.code == 1
    assert "lacks its evidence" in run.out
    assert "EVIDENCE MISSING" in run.out
    assert Run(capsys, "verify", record / "nowhere", "--pin", pin).code == 1


@pytest.mark.parametrize("text", ["", "{}", "no json", Pin(bytes(32), "quorum none\n").encode().decode()])
def test_an_unreadable_pin_is_a_usage_error(
    text: str, log: SmallLog, record: Path, pin: Path, capsys: Capsys
) -> None:
    pin.write_text(text)
    assert Run(capsys, "verify", log.published().write(record), "--pin", pin).complains(2, "no pin")


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["verify"], "RECORD"),
        (["verify", "record"], "--pin"),
        (["verify", "record", "--pin", "absent.json"], "absent.json"),
        (["verify", "record", "--pin", "absent.json", "--workers", "-1"], "--workers"),
        (["verify", "record", "--pin", "absent.json", "--wrong"], "--wrong"),
        (["inspect", "record", "--type", "nonsense"], "nonsense"),
        (["inspect", "http://user@example.org/"], "URL"),
        (["receipt", "verify", "absent", "--pin", "absent.json"], "absent.json"),
        (["serve", "--registrar", "post", "--registrar-home", "home"], "one of them"),
        (["serve", "--registrar-home", "absent"], "absent is no home yet"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str], about: str, capsys: Capsys) -> None:
    run = Run(capsys, *arguments)
    assert run.complains(2, about), run.err


def test_a_registrars_post_that_is_not_there_is_not_made(tmp_path: Path, capsys: Capsys) -> None:
    mistyped = tmp_path / "registrar/pots"
    run = Run(capsys, "serve", "--home", tmp_path / "board", "--registrar", mistyped)
    assert run.complains(2, f"--registrar {mistyped}: there is no such directory")
    assert not mistyped.exists()


def test_result_without_a_pin_says_whom_it_trusts(log: SmallLog, record: Path, capsys: Capsys) -> None:
    log.say(entries.Cancel("called off"), log.keys.organiser)
    run = Run(capsys, "result", log.published().write(record))
    assert run.code == 0
    assert "trusting, on first use" in run.err
    assert log.definition.hash.hex() in run.err
    assert "Cancelled" in run.out


def test_result_is_the_document_byte_for_byte(log: SmallLog, record: Path, pin: Path, capsys: Capsys) -> None:
    log.say(entries.Cancel("called off"), log.keys.organiser)
    run = Run(capsys, "result", log.published().write(record), "--pin", pin, "--json")
    assert (run.code, run.err) == (0, "")
    assert run.out == json.dumps(json.loads(run.out), sort_keys=True, separators=(",", ":")) + "\n"


def test_result_before_there_is_one_is_3(log: SmallLog, record: Path, pin: Path, capsys: Capsys) -> None:
    run = Run(capsys, "result", log.published().write(record), "--pin", pin)
    assert run.complains(3, "no result yet")


def test_result_of_a_failed_record_is_none(log: SmallLog, record: Path, pin: Path, capsys: Capsys) -> None:
    log.say(entries.Cancel("called off"), log.keys.organiser)
    published = log.published(witnesses=1).write(record)
    assert Run(capsys, "result", published, "--pin", pin).complains(1, "check 1.2")


def test_result_of_what_is_no_record_is_one_line(log: SmallLog, record: Path, capsys: Capsys) -> None:
    assert Run(capsys, "result", record).complains(1, "checkpoint")
    log.entries = [log.entries[0][:-1] + b"?", b"nonsense"]
    log.published().write(record)
    (record / "tile/entries/000.p/2").write_bytes(encode_bundle([b"nonsense", b"nonsense"]))
    assert Run(capsys, "result", record).complains(1, "does not hash")


def test_inspect_lists_entries_whatever_they_hold(log: SmallLog, record: Path, capsys: Capsys) -> None:
    log.say(STATEMENT, log.keys.registrars[0])
    log.entries.append(b"nonsense")
    log.say(entries.Roll(0, 7, bytes.fromhex(HASH)), log.keys.witnesses[0])
    run = Run(capsys, "inspect", log.published().write(record))
    lines = run.out.splitlines()
    assert (run.code, run.err, len(lines)) == (0, "", 4)
    assert lines[0].split()[:3] == ["0", "definition", "organiser"]
    assert lines[1].split()[:3] == ["1", "statement", "registrar"]
    assert "[bold]calmU+001B[31mU+202E" in lines[1]
    assert "not an entry" in lines[2]
    assert lines[3].endswith("region=0  size=7  digest=01234567…")
    only = Run(capsys, "inspect", record, "--type", "statement").out.splitlines()
    assert only == lines[1:2]


def test_inspect_as_json_leaves_nothing_out(log: SmallLog, record: Path, capsys: Capsys) -> None:
    log.say(entries.Roll(0, 7, bytes.fromhex(HASH)), log.keys.registrars[0])
    log.entries.append(b"nonsense")
    run = Run(capsys, "inspect", log.published().write(record), "--json")
    first, roll, last = map(json.loads, run.out.splitlines())
    assert bytes.fromhex(first["payload"]["document"]) == log.definition.document
    assert roll["payload"] == {"region": 0, "size": 7, "digest": HASH}
    assert roll["author"] == "registrar 1"
    assert last.keys() == {"index", "error"}


def test_a_receipt_is_verified_offline(log: SmallLog, pin: Path, tmp_path: Path, capsys: Capsys) -> None:
    log.say(STATEMENT, log.keys.registrars[0])
    (tmp_path / "receipt").write_bytes(log.receipt(1))
    run = Run(capsys, "receipt", "verify", tmp_path / "receipt", "--pin", pin)
    assert run.code == 0
    assert "entry       1, a statement" in run.out
    assert "size 2" in run.out
    assert run.out.count("2030-03-17 17:46:40 UTC") == 3


def test_a_ballots_receipt_shows_its_tracker(
    log: SmallLog, pin: Path, tmp_path: Path, capsys: Capsys
) -> None:
    body = entries.encode_body(entries.Ballot(1, 1, 5, b"votes"), bytes(32), bytes(32))
    log.entries.append(entries.seal(body, bytes(64)))
    (tmp_path / "receipt").write_bytes(log.receipt(1, extra=False))
    (tmp_path / "entry").write_bytes(log.entries[1])
    arguments = "receipt", "verify", tmp_path / "receipt", "--pin", pin
    run = Run(capsys, *arguments, "--entry", tmp_path / "entry")
    assert run.code == 0
    assert entries.decode(log.entries[1]).body_hash.hex() in run.out
    assert "region 1, day 1, serial 5" in run.out
    assert Run(capsys, *arguments).complains(1, "carries no entry")


def test_a_receipt_that_proves_nothing_is_refused(
    log: SmallLog, pin: Path, tmp_path: Path, capsys: Capsys
) -> None:
    receipt = tmp_path / "receipt"
    arguments = "receipt", "verify", receipt, "--pin", pin
    receipt.write_bytes(log.receipt(0, witnesses=0))
    assert Run(capsys, *arguments).complains(1, "no quorum")
    receipt.write_bytes(b"nonsense")
    assert Run(capsys, *arguments).complains(1, "this is not the receipt of a ballot")
    elsewhere = replace(log.definition, board=replace(log.definition.board, origin="elsewhere.example"))
    pin.write_bytes(Pin.of(elsewhere).encode())
    receipt.write_bytes(log.receipt(0))
    assert Run(capsys, *arguments).complains(1, "is not a log of the policy")


def test_the_installed_command_passes_its_exit_code_on(log: SmallLog, record: Path, pin: Path) -> None:
    command = [Path(sys.executable).with_name("psephos"), "verify", log.published().write(record)]
    done = subprocess.run([*command, "--pin", pin], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "")
    assert "Passed so far" in done.stdout


def test_output_that_nobody_reads_to_the_end_is_no_crash(log: SmallLog, record: Path) -> None:
    for _ in range(2000):
        log.entries.append(b"nonsense")
    command = [Path(sys.executable).with_name("psephos"), "inspect", log.published().write(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


@pytest.mark.parametrize(
    "room", ["", "registrar", "registrar letters", "trustee", "voter", "organiser", "board", "witness"]
)
def test_every_command_that_is_listed_is_described(room: str, capsys: Capsys) -> None:
    help_page = Run(capsys, *room.split(), "--help").out
    listed = re.findall(r"^│ ([a-z-]+)(?: .*)?│$", help_page, re.MULTILINE)
    described = re.findall(r"^│ [a-z-]+ +(\S.*?) *│$", help_page, re.MULTILINE)
    assert len(listed) == len(described) >= 3


def test_a_command_loads_no_others(pin: Path, tmp_path: Path) -> None:
    """A command that looks at files starts without the server, the database and its drivers."""
    program = "import sys; from psephos.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program, "verify", str(tmp_path), "--pin", str(pin)]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=300).stderr.split()
    assert "psephos.cli.verify" in loaded
    assert not {"litestar", "sqlalchemy", "psephos.cli.serve", "psephos.cli.registrar.app"} & set(loaded)


def test_commands_stand_in_groups(capsys: Capsys) -> None:
    groups = re.findall(r"^╭─ ([A-Z][a-z ]+) ─", Run(capsys, "--help").out, re.MULTILINE)
    assert groups == ["Try it", "Check a referendum", "Roles", "Help"]


def test_the_list_of_commands_says_what_each_is_for(capsys: Capsys) -> None:
    for arguments in ((), ("--help",)):
        assert re.search(r"verify +Verify a record against a pin", Run(capsys, *arguments).out)
    assert "Do all that a trustee has to do" in Run(capsys, "trustee", "--help").out
