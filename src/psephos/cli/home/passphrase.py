"""Where a passphrase comes from: a file that is named, or the terminal; never the command line."""

from __future__ import annotations

import getpass
import os
import warnings
from pathlib import Path

from psephos.cli.process.stop import USAGE, Stop

FILE = "PSEPHOS_PASSPHRASE_FILE"
"""The variable that names the file; `/dev/fd/3` is whatever descriptor 3 is open on."""


def read_passphrase(prompt: str) -> str:
    """A passphrase: the one line of the named file, else as typed at the terminal, which does not show it.

    Stop when there is neither, or it is empty.
    """
    path = os.environ.get(FILE)
    passphrase = _ask(prompt) if path is None else _read(Path(path))
    if not passphrase:
        raise Stop("the passphrase is empty", USAGE)
    return passphrase


def _read(path: Path) -> str:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        raise Stop(f"{FILE}: {path} cannot be read as text", USAGE) from None
    line = text.removesuffix("\n")
    if "\n" in line:
        raise Stop(f"{FILE}: {path} has more than one line", USAGE)
    return line


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would go on and show what is typed
        try:
            return getpass.getpass(f"{prompt}: ")
        except (getpass.GetPassWarning, EOFError):
            raise Stop(f"no terminal to ask at, and {FILE} names no file", USAGE) from None
