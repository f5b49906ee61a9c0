"""Periods of a capacity: which of them days touch. Plain functions of days."""

from datetime import date, timedelta

from kezhuan.areas.chains.models import Period


def period_of(period: str, day: date) -> date:
    """The first day of the period in which a day lies: itself, its Monday, or the first of its month."""
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else day


def periods_between(period: str, first: date, last: date) -> list[date]:
    """The first days of all periods that the days from `first` to `last` touch."""
    found, day = [], period_of(period, first)
    while day <= last:
        found.append(day)
        day = period_of(period, day + timedelta(days={Period.WEEK: 7, Period.MONTH: 31}.get(Period(period), 1)))
    return found
