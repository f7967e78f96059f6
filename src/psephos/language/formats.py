"""Numbers, shares and times as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from psephos.language.catalog import N_, catalog

_NEWER: Mapping[str, str] = get_global("zone_aliases")
"""Zones that were renamed: the names under which locales list their cities, and those of today."""
_OWN = {"Kiev": "Kyiv"}
"""Cities that some locales call as they call themselves no more."""
_DAY, _HOUR = "EEE d MMM y", "HH:mm"
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def local_time(time: int, zone: str, language: str) -> str:
    """A time in UTC seconds as the clocks of a zone show it, with the zone's city.

    With the offset too in the hour that clocks show twice. By UTC where the zone is unknown here; as it is,
    behind an @, where the calendar has ended.
    """
    moment = _moment(time, zone)
    if moment is None:
        return f"@{time}"
    return f"{_shown(moment, f'{_DAY}, {_HOUR}', language)} ({_clock(moment, language)})"


def local_span(start: int, end: int, zone: str, language: str) -> str:
    """From one time to another: day and city are told once where they are the same."""
    first, last = _moment(start, zone), _moment(end, zone)
    whole = f"{_DAY}, {_HOUR}"
    if first is None or last is None or _clock(first, language) != _clock(last, language):
        return f"{local_time(start, zone, language)} – {local_time(end, zone, language)}"
    until = _shown(last, _HOUR if first.date() == last.date() else whole, language)
    return f"{_shown(first, whole, language)} – {until} ({_clock(first, language)})"


def _moment(time: int, zone: str) -> datetime | None:
    for known in (zone, "UTC"):
        with suppress(ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
            return datetime.fromtimestamp(time, ZoneInfo(known))
    return None


def _shown(moment: datetime, shape: str, language: str) -> str:
    return format_datetime(moment, shape, locale=language)


def _clock(moment: datetime, language: str) -> str:
    """Whose clocks show it."""
    zone = str(moment.tzinfo)
    if zone == "UTC":
        return zone
    said = catalog(language).gettext(N_("%(city)s time")) % {"city": _city(zone, language)}
    if moment.utcoffset() == moment.replace(fold=1 - moment.fold).utcoffset():
        return said
    return f"{said}, {_shown(moment, 'ZZZZ', language)}"


def _city(zone: str, language: str) -> str:
    listed = Locale.parse(language).time_zones
    older = (old for old, new in _NEWER.items() if new == zone)
    cities = (listed[name].get("city") for name in (zone, *older) if name in listed)
    city = next(filter(None, cities), zone.rpartition("/")[2].replace("_", " "))
    return _OWN.get(city, city)


def duration(seconds: int, language: str, *, up: bool = False) -> str:
    """Whole days from two on, else hours from two on, else minutes: rounded down, or up."""
    name, unit = next((candidate for candidate in _UNITS if seconds >= 2 * candidate[1]), _UNITS[-1])
    whole = -(-seconds // unit) if up else seconds // unit
    return format_unit(whole, f"duration-{name}", "long", locale=language)


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
