"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_YEAR_10000 = 253_402_300_800  # POSIX seconds; the calendar ends here


def utc(time: int) -> str:
    """A time in UTC seconds, for people."""
    if time >= _YEAR_10000:
        return f"{time} s after 1970, says its clock"
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def local(time: int, zone: str) -> str:
    """A time in UTC seconds as clocks of that zone (an IANA name) show it, for the people there."""
    try:
        there = datetime.fromtimestamp(time, ZoneInfo(zone))
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        return utc(time)
    return f"{there:%Y-%m-%d %H:%M:%S} {zone}"


def clock(time: int) -> str:
    """A time in UTC seconds as this computer's clock shows it; with the date unless that is today."""
    if time >= _YEAR_10000:
        return utc(time)
    there = datetime.fromtimestamp(time).astimezone()
    date = "" if there.date() == datetime.now().date() else f"{there:%Y-%m-%d} "
    return f"{date}{there:%H:%M %Z}"
