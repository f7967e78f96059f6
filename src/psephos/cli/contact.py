"""Whom voters ask for help, as options of commands say it."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from cyclopts import Parameter

LONGEST = 200


def check_contact(_type: object, text: str) -> None:
    """ValueError unless it is a line that people can read: nothing unseen, nothing that turns other text."""
    unseen = [one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]
    if unseen:
        raise ValueError(f"a contact is one line of plain text: U+{ord(unseen[0]):04X} cannot stand in it")
    if len(text) > LONGEST:
        raise ValueError(f"a contact has at most {LONGEST} characters: this has {len(text)}")


Contact = Annotated[str, Parameter(env_var="PSEPHOS_CONTACT", validator=check_contact)]
"""A telephone number, an address or a name; empty for none."""
