"""Numbers, shares and times as each language writes them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent


def local_time(time: int, zone: str, language: str) -> str:
    """A time in UTC seconds as the clocks of a zone show it, with the zone's offset.

    By UTC where the zone is unknown here; as it is, behind an @, where the calendar has ended.
    """
    for known in (zone, "UTC"):
        with suppress(ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
            moment = datetime.fromtimestamp(time, ZoneInfo(known))
            return format_datetime(moment, "EEE d MMM y, HH:mm ZZZZ", locale=Locale(language))
    return f"@{time}"


def two_times(time: int, zone: str, language: str) -> str:
    """A time in UTC seconds in words, as the clocks of a zone show it and then by UTC.

    By UTC alone where the zone is unknown here; as it is, behind an @, where the calendar has ended.
    """
    locale = Locale(language)
    try:
        universal = datetime.fromtimestamp(time, ZoneInfo("UTC"))
        day, clock = "EEEE d MMMM y, HH:mm", format_datetime(universal, "HH:mm", locale=locale)
        with suppress(ValueError, OSError, ZoneInfoNotFoundError):
            there = universal.astimezone(ZoneInfo(zone))
            if there.utcoffset() != universal.utcoffset():
                if there.date() != universal.date():
                    clock = format_datetime(universal, "d MMMM, HH:mm", locale=locale)
                return f"{format_datetime(there, day, locale=locale)} ({clock} UTC)"
        return f"{format_datetime(universal, day, locale=locale)} UTC"
    except (ValueError, OSError, OverflowError):
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
