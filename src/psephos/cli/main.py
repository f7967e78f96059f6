"""Where the command starts: subcommands, exit codes, errors as one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, Group

from psephos.cli.absent import absent
from psephos.cli.process.arithmetic import check_lanes
from psephos.cli.process.ending import ended
from psephos.cli.process.failing import described
from psephos.cli.process.hygiene import forbid_core_dumps, keep_files_private
from psephos.cli.process.stop import FAILED
from psephos.cli.process.streams import complain, discard, discard_unwritten, flush, write_anything
from psephos.extras import missing


def _version() -> str:
    from importlib.metadata import version  # of all commands only --version needs it

    return version("psephos")


app = App(
    "psephos",
    help="Coercion-resistant referendums that anybody can verify.",
    version=_version,
    result_action="return_value",
)
ON_THE_WEB = "local", "relay", "serve", "show"
"""Commands that need the packages of a server."""
_lacking = missing("server")
# By their places, so that a command does not wait until all others are loaded; in the order of the help.
GROUPS = {
    "Try it": ("rehearse:demo", "local.app:local", "rehearse:replay"),
    "Check a referendum": (
        "verify:verify",
        "result:result",
        "receipt:receipt",
        "inspect:inspect",
        "show:show",
    ),
    "Roles": (
        "organiser.app:organiser",
        "registrar.app:registrar",
        "trustee:trustee",
        "voter:voter",
        "board:board",
        "serve:serve",
        "relay.app:relay",
        "witness:witness",
        "observer.app:observer",
        "statement.app:statement",
    ),
}
for number, (title, places) in enumerate(GROUPS.items()):
    group = Group(title, sort_key=number)
    for position, place in enumerate(places):
        name = place.rpartition(":")[2]
        if name in ON_THE_WEB and _lacking:
            app.command(absent(_lacking), name=name, group=group, sort_key=position)
        else:
            app.command(f"psephos.cli.{place}", group=group, sort_key=position)
_last = Group("Help", sort_key=len(GROUPS))
for flag in (*app.help_flags, *app.version_flags):
    app[flag].group = _last


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit code, which `spec/checks.md#verdicts` lists."""
    return ended(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    write_anything()
    try:
        forbid_core_dumps()
        check_lanes()
        keep_files_private()
        if _asks_for_help(sys.argv[1:] if arguments is None else arguments):
            app.resolved_commands()  # the list of them says what each is for
        code: int | None = app(arguments, exit_on_error=False, print_error=False)
        flush()
    except BrokenPipeError:  # whoever read the output has gone, and nothing more can be written
        discard()
        return FAILED
    except SystemExit:
        raise
    except BaseException as error:  # also what is no Exception, as a panic
        message, code = described(error)
        complain(message)
        discard_unwritten()
    return code or 0


def _asks_for_help(arguments: Sequence[str]) -> bool:
    return not arguments or arguments[0] in app.help_flags
