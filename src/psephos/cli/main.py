"""Where the command starts: subcommands, exit codes, errors as one line."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App

from psephos.cli.board import board
from psephos.cli.inspect import inspect
from psephos.cli.local.app import local
from psephos.cli.observer.app import observer
from psephos.cli.organiser.app import organiser
from psephos.cli.process.ending import ended
from psephos.cli.process.failing import described
from psephos.cli.process.hygiene import forbid_core_dumps, keep_files_private
from psephos.cli.process.stop import FAILED
from psephos.cli.process.streams import complain, discard, discard_unwritten, flush, write_anything
from psephos.cli.receipt import receipt
from psephos.cli.registrar.app import registrar
from psephos.cli.rehearse import demo, replay
from psephos.cli.relay.app import relay
from psephos.cli.result import result
from psephos.cli.serve import serve
from psephos.cli.show import show
from psephos.cli.statement.app import statement
from psephos.cli.trustee.app import trustee
from psephos.cli.trustee.joining import join
from psephos.cli.verify import verify
from psephos.cli.voter import voter
from psephos.cli.witness import witness

app = App(
    "psephos",
    help="Coercion-resistant referendums that anybody can verify.",
    version=lambda: version("psephos"),
    result_action="return_value",
)
trustee.command(join)
for command in (
    verify,
    result,
    inspect,
    receipt,
    organiser,
    registrar,
    voter,
    trustee,
    board,
    relay,
    serve,
    show,
    witness,
    observer,
    statement,
    demo,
    replay,
    local,
):
    app.command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit code, which `spec/checks.md#verdicts` lists."""
    return ended(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    write_anything()
    try:
        forbid_core_dumps()
        keep_files_private()
        code: int | None = app(arguments, exit_on_error=False, print_error=False)
        flush()
    except BrokenPipeError:  # whoever read the output has gone, and nothing more can be written
        discard()
        return FAILED
    except (Exception, KeyboardInterrupt) as error:
        message, code = described(error)
        complain(message)
        discard_unwritten()
    return code or 0
