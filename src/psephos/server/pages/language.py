"""The languages of the pages: catalogs in gettext's format, numbers and times as each of them writes."""

from __future__ import annotations

import gettext
import io
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, negotiate_locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = {"en": "English", "uk": "Українська", "ru": "Русский", "cy": "Cymraeg", "fr": "Français"}
SOURCE = "en"
"""The language of the templates."""


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The translations into a language."""
    if language == SOURCE:
        return gettext.NullTranslations()
    text = (files("psephos.server.pages") / f"locale/{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def negotiate(accepted: str) -> str:
    """The best of our languages for an Accept-Language header."""
    wanted = [part.partition(";") for part in accepted.replace(" ", "").split(",")]
    ranked = sorted(wanted, key=lambda part: -_quality(part[2]))
    return negotiate_locale([tag.replace("-", "_") for tag, _, _ in ranked], list(LANGUAGES)) or SOURCE


def _quality(parameters: str) -> float:
    try:
        return float(parameters.removeprefix("q=")) if parameters else 1.0
    except ValueError:
        return 0.0


def local_time(time: int, zone: str, language: str) -> str:
    """A time in UTC seconds as the clocks of a zone show it, with the zone's offset.

    By UTC where the zone is unknown here; as it is, behind an @, where the calendar has ended.
    """
    for known in (zone, "UTC"):
        with suppress(ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
            moment = datetime.fromtimestamp(time, ZoneInfo(known))
            return format_datetime(moment, "EEE d MMM y, HH:mm ZZZZ", locale=Locale(language))
    return f"@{time}"


def number(value: int, language: str) -> str:
    """A whole number."""
    return format_decimal(value, locale=language)


def percent(part: int, whole: int, language: str) -> str:
    """A share with one decimal; a dash of nothing."""
    return format_percent(part / whole, "#,##0.0\u00a0%", locale=language) if whole else "–"


def fraction(part: int, whole: int, language: str) -> str:
    """A share as whole percents where it is that exactly, else as a fraction."""
    exact = 100 * part % whole == 0
    return format_percent(part / whole, "#,##0\u00a0%", locale=language) if exact else f"{part}/{whole}"
