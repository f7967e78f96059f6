"""`import psephos`: what programs are promised."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import subprocess
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import psephos
from psephos.cli.main import main
from psephos.protocol.setup.pin import Pin
from tests.small_log import SmallLog

STUB = Path(psephos.__file__).with_suffix(".pyi")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_everything_promised_is_there_and_explained() -> None:
    assert dir(psephos) == sorted(psephos.__all__)
    for name in psephos.__all__:
        value = getattr(psephos, name)
        assert name == "__version__" or inspect.getdoc(value), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(psephos, "nothing")  # noqa: B009


def test_type_checkers_are_told_of_the_same_names() -> None:
    imported = {
        alias.name: node.module
        for node in ast.parse(STUB.read_text()).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {*imported, "__version__"} == set(psephos.__all__)
    for name, module in imported.items():
        assert getattr(sys.modules[str(module)], name) is getattr(psephos, name)


def test_importing_costs_next_to_nothing() -> None:
    loaded = "import sys, psephos; print([name for name in sys.modules if name.startswith('psephos.')])"
    assert run(loaded).strip() == "[]"


def test_only_cryptography_is_needed_to_verify(published: Path) -> None:
    record, pin = published / "demo/record", published / "demo/pin.json"
    verified = f"""if True:
        import sys, psephos
        verdict = psephos.verify({str(record)!r}, {str(pin)!r}).verdict
        files = {{name: str(getattr(module, "__file__", "")) for name, module in sys.modules.items()}}
        print(verdict, {{name.partition(".")[0] for name in files if "site-packages" in files[name]}})
    """
    verdict, _, packages = run(verified).strip().partition(" ")
    assert verdict == "passed"
    assert ast.literal_eval(packages) <= {"cryptography", "_cffi_backend", "cffi", "_distutils_hack"}


def test_examples_in_docstrings_run(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(published)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    finder = doctest.DocTestFinder(recurse=False)
    for name in psephos.__all__:
        for test in finder.find(
            getattr(psephos, name), f"psephos.{name}", globs={"psephos": psephos, "Path": Path}
        ):
            runner.run(test)
    for test in finder.find(psephos, "psephos", globs={}):
        runner.run(test)
    assert runner.summarize(verbose=False).attempted > 8
    assert runner.failures == 0


def test_a_report_is_the_same_as_the_commands(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, pin = published / "demo/record", published / "demo/pin.json"
    assert main(["verify", str(record), "--pin", str(pin), "--json"]) == 0
    report = psephos.verify(record, pin)
    assert report.encode().decode() == capsys.readouterr().out.strip()
    assert report.passed
    assert report.failed_check is None


def test_records_and_pins_are_taken_as_paths_urls_and_objects(published: Path) -> None:
    pin = psephos.load_pin(published / "demo/pin.json")
    expected = psephos.verify(str(published / "demo/record"), pin)
    seen: list[tuple[int, int]] = []
    with psephos.open_record(published / "demo/record") as log:
        assert psephos.verify(log, pin, progress=lambda *at: seen.append(at)) == expected
    assert seen[-1][0] == seen[-1][1] > 0

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(published))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/demo"
        assert psephos.load_pin(f"{url}/pin.json") == pin
        assert psephos.verify(f"{url}/record", f"{url}/pin.json") == expected
        server.shutdown()
        thread.join()


def test_results_are_what_the_result_document_says(published: Path) -> None:
    report = psephos.verify(published / "demo/record", published / "demo/pin.json")
    assert report.result is not None
    contests = json.loads(report.result)["contests"]
    assert [one.id for one in report.results] == [one["id"] for one in contests]
    for contest, said in zip(report.results, contests, strict=True):
        assert (contest.votes, contest.blank) == (said["total"]["votes"], said["total"]["blank"])
        assert contest.outcome == said.get("rule", {}).get("outcome")
        assert sum(contest.votes.values()) + contest.blank == contest.voted
        counted = [area for area in contest.areas if area.counted]
        assert sum(area.voted for area in counted) == contest.voted


def test_what_fails_is_named(published: Path, tmp_path: Path) -> None:
    other = Pin(bytes(32), psephos.load_pin(published / "demo/pin.json").policy)
    report = psephos.verify(published / "demo/record", other)
    assert report.verdict == "failed"
    assert not report.passed
    assert report.failed_check is not None
    assert (report.failed_check.check, report.failed_check.culprit) == ("2.1", "organiser")
    assert report.results == ()
    missing = psephos.verify(tmp_path, other)
    assert (missing.verdict, missing.failed_check) == ("missing", None)


def test_a_pin_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pin.json").write_text("{}")
    with pytest.raises(psephos.PsephosError):
        psephos.load_pin(tmp_path / "pin.json")
    with pytest.raises(OSError, match="nowhere"):
        psephos.load_pin(tmp_path / "nowhere.json")


def test_receipts_are_verified_offline() -> None:
    log = SmallLog.begin()
    receipt = psephos.verify_receipt(log.receipt(0), log.pin)
    assert isinstance(receipt, psephos.Receipt)
    assert receipt.index == 0


def test_the_module_is_the_command() -> None:
    line = [sys.executable, "-m", "psephos", "--version"]
    assert (
        subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip() == psephos.__version__
    )
