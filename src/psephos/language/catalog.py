"""What people read, in each language: messages are English in the code, and translated by its catalogue.

`make pot` finds them in pages, letters and booth, and brings `psephos.pot` and the catalogues up to date.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from psephos.language.languages import SOURCE


def N_(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The translations into a language."""
    if language == SOURCE:
        return gettext.NullTranslations()
    text = (files("psephos.language") / f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
