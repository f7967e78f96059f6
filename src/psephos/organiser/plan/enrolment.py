"""When enrolment closes in a region of a plan, and how long its review is before it opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.protocol.encoding.form import Form

SPARE = 3_600
"""Seconds that registrars get, where a plan leaves it to us, to agree on the last cards of a region."""
LONGEST = 31_536_000


class ClosingTimes:
    """Reads `closes` and `review` of regions; `late` is how long cards arrive after `closes`, seconds."""

    def __init__(self, mistakes: Mistakes, late: int, review: Form | None) -> None:
        self._mistakes, self._late = mistakes, late
        self._common = None if review is None else self._review(review)

    def read(
        self,
        closes: int | None,
        review: Form | None,
        days: Sequence[Sequence[int]],
        zone: ZoneInfo,
        path: str,
    ) -> tuple[int, int]:
        """Both, in UTC seconds and seconds; noted where they leave no time until the first of the days."""
        seconds = self._common if review is None else self._review(review)
        opens, late = days[0][0], self._late
        if closes is None:
            seconds = lines.DAY if seconds is None else seconds
            return max(0, opens - seconds - late - SPARE), seconds
        if seconds is None:
            seconds = max(0, min(lines.DAY, opens - closes - late - SPARE))
        if closes + late + seconds > opens:
            what = (
                f"too late: cards arrive for {late} seconds after it (hold and tolerance), hashes of those "
                f"who got tokens are public for {seconds} seconds (review), and only then the region opens"
            )
            fitting = datetime.fromtimestamp(max(0, opens - late - seconds), zone)
            self._mistakes.note(f"{path}.closes", what, lines.line("closes", fitting))
        return closes, seconds

    def _review(self, form: Form) -> int | None:
        return self._mistakes.take(lambda: form.integer(0, LONGEST), lines.TOP_OPTIONAL["review"])
