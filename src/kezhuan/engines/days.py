"""Days counted in calendar months."""

from __future__ import annotations

import calendar
from datetime import MAXYEAR, MINYEAR, date


def months_after(day: date, months: int) -> date:
    """The day so many calendar months later; the month's last day where it has no such day, and beyond the calendar its
    last or first day, so that no day that somebody types stops what is reckoned with it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return date.max if year > MAXYEAR else date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
