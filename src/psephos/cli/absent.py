"""Commands whose packages are not installed: their help, and they themselves, say what to install."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter

from psephos.cli.process.stop import USAGE, Stop

Anything = Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]


def absent(sentence: str) -> Callable[..., int]:
    """A command that does nothing but say a sentence."""

    def command(*_: Anything) -> int:
        raise Stop(sentence, USAGE)

    command.__doc__ = f"Not installed: {sentence.rpartition(': ')[2]}."
    return command
