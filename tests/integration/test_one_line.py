"""Whatever files, databases, disks and terminals hold: one line that says what, and never a traceback."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from psephos.cli.main import main
from psephos.cli.process.failing import TRACEBACK, described
from psephos.database.lock_wait import LockWait
from psephos.database.sqlite import reason
from psephos.errors import Fault, FormatError
from tests.integration.by_hand import Town

NAMES = ("Їжак Ґалаґан", "شيرين →", "Ole")
CONTENTS = {
    "nothing": b"",
    "bytes": bytes(range(256)),
    "brackets": b"[" * 100_000,
    "another": b'{"version": 1, "role": "registrar", "name": [], "posts": {}}\n',
    "age": b"age-encryption.org/v1\n-> X25519 abc\n",
}
Spoil = Callable[[Path], None]


def write(content: bytes) -> Spoil:
    def spoil(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return spoil


def make_directory(path: Path) -> None:
    remove(path)
    path.mkdir(parents=True)


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


SPOILS = {name: write(content) for name, content in CONTENTS.items()} | {
    "directory": make_directory,
    "missing": remove,
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A logged roll, and letters that wait."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.create(trustees=2, witnesses=2)
    town.publish()
    town.sent("organiser", "publish")
    town.publish()
    town.sent("registrar-1", "round")
    town.publish()
    roll = town.directory / "roll.csv"
    roll.write_text("name;email\n" + "".join(f"{name};{n}@home.example\n" for n, name in enumerate(NAMES)))
    town.sent("registrar-1", "roll", str(roll), "--region", "north", "--expect", str(len(NAMES)))
    town.publish()
    town.done("registrar-1", "letters", "add", str(roll), "--region", "north")
    with closing(sqlite3.connect(town.home("registrar-1") / "state/people.sqlite")) as database:
        database.execute("UPDATE letters SET state = 'returned', status = '5.1.1'")
        database.commit()
    return town


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and stderr of a command in this process."""
    capsys.readouterr()
    code = main(arguments)
    return code, capsys.readouterr().err


def check(code: int, said: str) -> None:
    """One line of ours at the end, which is no mistake of the program."""
    assert code in (1, 2, 3), said
    assert "Traceback" not in said
    assert "internal error" not in said
    lines = said.splitlines()
    assert [line for line in lines if line.startswith("psephos: ")] == lines[-1:], said


# Each reads the file {f} that somebody names.
READERS = [
    "verify {r} --pin {f}",
    "verify {f} --pin {p}",
    "result {f}",
    "inspect {f}",
    "show {r} --pin {f}",
    "receipt verify {f} --pin {p}",
    "organiser plan {f}",
    "organiser new {f} --log {r} --board {t}/board/post --parties {t}/board/board.json --home {o}",
    "organiser new {t}/plan.toml --log {r} --board {t}/board/post --parties {f} --home {o}",
    "registrar roll {f} --region north --expect 3",
    "registrar letters add {f} --region north",
    "registrar letters again {f} --region north",
    "registrar letters returned {f}",
    "registrar letters send --region north --sender a@b.example --site https://v.example/ --text {f}",
    "registrar status --pin {f}",
    "registrar letters status --region north --identity {f}",
    "statement --subject S --language en --text T --attach {f} --timeout 0 --home {t}/{r}",
    "replay {f} --scale 1",
]


@pytest.mark.parametrize("line", READERS)
def test_files_may_hold_anything(
    line: str, town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for spoil in SPOILS.values():
        file = tmp_path / "file"
        remove(file)
        spoil(file)
        places = {"f": file, "r": town.home("record"), "t": town.directory, "o": tmp_path / "out"}
        words = line.format(**places, p=town.home("organiser") / "pin.json").split()
        if words[0] == "registrar":
            words += ["--home", str(town.home("registrar-1"))]
            words += [] if "--identity" in words else ["--identity", f"{town.directory}/registrar-1.identity"]
        check(*run(words, capsys))


# What a home holds, and a command that reads it.
HOME_FILES = [
    ("registrar-1", "home.json", "status"),
    ("registrar-1", "pin.json", "status"),
    ("registrar-1", "seen", "status"),
    ("registrar-1", "keys/signing.age", "round"),
    ("registrar-1", "keys/token-secrets.age", "round"),
    ("registrar-1", "outbox/reached", "status"),
    ("registrar-1", "state/state.sqlite", "status"),
    ("registrar-1", "state/state.sqlite", "round"),
    ("registrar-1", "state/people.sqlite", "letters status --region north"),
    ("registrar-1", "invitations/north/1.txt", "letters add {t}/roll.csv --region north"),
    ("witness-1", "cosigned.sqlite", "cosign"),
    ("witness-1", "pin.json", "cosign"),
    ("board", "log.sqlite", "status"),
    ("board", "log.sqlite", "round --timeout 0"),
    ("trustee-1", "seen", "status"),
    ("organiser", "seen", "status"),
]


@contextmanager
def spoilt(town: Town, home: str, file: str, spoil: Spoil) -> Iterator[None]:
    """A town in which a file of a home is spoilt, for a moment."""
    kept = town.directory / "kept"
    shutil.copytree(town.home(home), kept)
    try:
        path = town.home(home) / file
        for beside in path.parent.glob(f"{path.name}-*"):  # SQLite's
            beside.unlink()
        spoil(path)
        yield
    finally:
        shutil.rmtree(town.home(home))
        kept.rename(town.home(home))


@pytest.mark.parametrize(("home", "file", "command"), HOME_FILES)
def test_homes_may_hold_anything(
    home: str, file: str, command: str, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (town.home(home) / file).exists() or file in ("seen", "outbox/reached"), "the test is out of date"
    words = [home.split("-")[0], *command.format(t=town.directory).split(), "--home", str(town.home(home))]
    words += ["--identity", str(town.directory / f"{home}.identity")]
    for spoil in SPOILS.values():
        with spoilt(town, home, file, spoil):
            code, said = run(words, capsys)
        if code:
            check(code, said)
        else:  # what it needs not, or makes anew
            assert "Traceback" not in said


# -- databases


def test_tables_of_a_newer_version_are_said(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    def renew(path: Path) -> None:
        with closing(sqlite3.connect(path)) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.commit()

    words = ["registrar", "letters", "status", "--region", "north", "--home", str(town.home("registrar-1"))]
    words += ["--identity", f"{town.directory}/registrar-1.identity"]
    with spoilt(town, "registrar-1", "state/people.sqlite", renew):
        code, said = run(words, capsys)
    check(code, said)
    assert "tables of letters are of a newer version of psephos: use that version" in said


@pytest.mark.parametrize(
    ("home", "file", "command"),
    [
        ("registrar-1", "state/people.sqlite", "letters status --region north"),
        ("registrar-1", "state/state.sqlite", "roll {t}/roll.csv --region north --expect 3"),
        ("witness-1", "cosigned.sqlite", "cosign"),
        ("board", "log.sqlite", "round --timeout 0"),
    ],
)
def test_a_database_that_another_program_holds_is_waited_for_and_said(
    home: str,
    file: str,
    command: str,
    town: Town,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("registrar.invitations.engine", "witness.witness"):
        monkeypatch.setattr(f"psephos.{module}._TIMEOUT", 0.5)
    monkeypatch.setattr(LockWait.__init__, "__defaults__", (0.5, lambda: None))
    words = [home.split("-")[0], *command.format(t=town.directory).split(), "--home", str(town.home(home))]
    words += ["--identity", str(town.directory / f"{home}.identity")]
    with closing(sqlite3.connect(town.home(home) / file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        code, said = run(words, capsys)
    check(code, said)
    assert "another program holds it: end that, or try again later" in said


def test_sqlite_says_what_helps(tmp_path: Path) -> None:
    def execute(statements: str, uri: str = "") -> None:
        with closing(
            sqlite3.connect(uri or tmp_path / "small", uri=bool(uri), isolation_level=None)
        ) as opened:
            opened.executescript(statements)

    def refusal(statements: str, uri: str = "") -> str:
        with pytest.raises(sqlite3.Error) as raised:
            execute(statements, uri)
        return reason(raised.value)

    full = "CREATE TABLE t (b BLOB); PRAGMA max_page_count = 2; INSERT INTO t VALUES (zeroblob(100000))"
    assert "free some space" in refusal(full)
    assert "cannot be written" in refusal("CREATE TABLE u (b)", f"{(tmp_path / 'small').as_uri()}?mode=ro")
    assert "cannot be opened: is the disk there" in refusal("SELECT 1", "file:/no/such/disk?mode=rw")
    (tmp_path / "text").write_text("text" * 1000)
    assert "damaged, or no database" in refusal("SELECT * FROM t", (tmp_path / "text").as_uri())
    assert reason(ValueError("other")) == "other"


# -- disks


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_takes_nothing_is_said(
    number: int, town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    (town.home("registrar-1") / "invitations/north/1.txt").unlink(missing_ok=True)
    words = ["registrar", "roll", str(town.directory / "roll.csv"), "--region", "north", "--expect", "3"]
    words += ["--home", str(town.home("registrar-1")), "--identity", f"{town.directory}/registrar-1.identity"]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        code, said = run(words, capsys)
    check(code, said)
    assert os.strerror(number) in said
    assert main(words) == 0  # the same command goes on


def psephos(
    arguments: list[str], stdout: int | None = subprocess.PIPE, **variables: str
) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-c", "import sys; from psephos.cli import main; sys.exit(main())", *arguments]
    done = subprocess.run(
        command, env=os.environ | variables, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE
    )
    return done.returncode, done.stdout or b"", done.stderr


def test_output_to_a_full_disk_is_said_once() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    code, _, said = psephos(["--version"], full)
    os.close(full)
    assert (code, said.count(b"\n")) == (1, 1)
    assert b"No space left on device: free some space" in said


# -- terminals


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=lambda variables: next(iter(variables.values())),
)
def test_a_terminal_that_lacks_letters_gets_their_numbers(
    variables: dict[str, str], town: Town, tmp_path: Path
) -> None:
    home = ["--home", str(town.home("registrar-1")), "--identity", f"{town.directory}/registrar-1.identity"]
    code, shown, said = psephos(["registrar", "letters", "status", "--region", "north", *home], **variables)
    assert (code, said) == (0, b"")
    assert shown.endswith(b"5.1.1   Ole\n")
    assert (
        b"\\u0407" in shown or "Їжак" in shown.decode()
    )  # where the locale's encoding is UTF-8 all the same
    code, shown, said = psephos(["verify", str(tmp_path / "Ї\u2192"), "--wrong"], **variables)
    assert (code, shown, said.count(b"\n")) == (2, b"", 1)


def test_bytes_that_are_no_text_in_arguments_are_refused(tmp_path: Path) -> None:
    no_text = os.fsdecode(b"\xff")
    for arguments in (["verify", no_text, "--pin", no_text], [no_text]):
        code, _, said = psephos(arguments)
        assert (code in (1, 2), said.count(b"\n")) == (True, 1)


# -- what nobody foresaw


def test_a_mistake_of_the_program_is_one_line_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRACEBACK, raising=False)
    try:
        {}["a secret"]
    except KeyError as error:
        said, code = described(error)
    assert (code, "a secret" in said) == (1, False)
    assert said.startswith(f"internal error: KeyError at {Path(__file__).name}:")
    monkeypatch.setenv(TRACEBACK, "1")
    with pytest.raises(KeyError):
        described(KeyError("a secret"))


@pytest.mark.parametrize("error", [Fault("they differ"), BaseException("a panic")], ids=repr)
def test_a_fault_of_the_machine_is_one_line_and_no_result(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check_ballots(*_: object) -> None:
        raise error

    monkeypatch.delenv(TRACEBACK, raising=False)
    monkeypatch.setattr("psephos.protocol.proofs.check_ballots", check_ballots)
    record = Path("vectors/records/whole/complete")
    assert main(["verify", str(record / "record"), "--pin", str(record / "pin.json")]) == 1
    shown, said = capsys.readouterr()
    assert (shown, said.count("\n")) == ("", 1)
    assert ("they differ" if isinstance(error, Fault) else "internal error: BaseException at ") in said


@pytest.mark.parametrize("arguments", [["verify", "RECORD", "--pin", "PIN"], ["board", "status"]])
def test_arithmetic_that_is_not_there_is_said_before_anything_is_done(arguments: list[str]) -> None:
    expected = b'psephos: PSEPHOS_LANES: expected ifma or dalek, found "avx"; unset it or correct it\n'
    assert psephos(arguments, PSEPHOS_LANES="avx") == (2, b"", expected)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "not enough memory"),
        (RecursionError(), 2, "nested too deeply"),
        (FormatError("what and where"), 1, "what and where"),
        (Fault("they differ in a sum of points"), 1, "they differ in a sum of points"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device: free some space"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), 1, "/x: No such file: is the path right"),
        (OSError("odd"), 1, "odd"),
    ],
)
def test_errors_say_what_to_do(error: BaseException, code: int, said: str) -> None:
    message, number = described(error)
    assert number == code
    assert said in message
