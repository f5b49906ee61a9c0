"""The working calendar: windows counted in calendar or working days, and the years it is loaded for."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.models import CalendarDay, CalendarYear, Clock
from kezhuan.kernel.text import clean, day_from_text, listed, now

WORKING = "working"
CALENDAR = "calendar"
MOST_ROWS = 400
"""Rows a year's file may have: one a day, and some."""
_HEADERS = {
    "on": ("date", "日期"),
    "is_workday": ("workday", "是否工作日", "是否上班"),
    "name": ("name", "名称", "节日"),
    "source": ("source", "来源", "依据"),
}
_WORKED = {"yes": True, "1": True, "true": True, "是": True, "上班": True}
_OFF = {"no": False, "0": False, "false": False, "否": False, "放假": False, "休": False}


def days_in_words(number: int, kind: str) -> str:
    """A number of days with their kind."""
    words = _("%(number)s working days") if kind == WORKING else _("%(number)s calendar days")
    return words % {"number": number}


def add_days(start: date, days: int, day_kind: str) -> date:
    """The last day of a window of `days` calendar or working days that begins on the day after `start`.

    Working days are Monday to Friday, corrected by the loaded calendar of holidays and make-up workdays.
    """
    if day_kind == CALENDAR:
        return start + timedelta(days=days)
    special = special_days(start, start + timedelta(days=days * 3 + 30))
    day = start
    while days > 0:
        day += timedelta(days=1)
        if special.get(day, day.weekday() < 5):
            days -= 1
    return day


def working_days_between(start: date, end: date, special: Mapping[date, bool] | None = None) -> int:
    """Working days after `start` up to and including `end`; negative when `end` lies before `start`.

    `special` are the holidays and make-up workdays of the window, when the caller has looked them up.
    """
    if end < start:
        return -working_days_between(end, start, special)
    if special is None:
        special = special_days(start, end)
    span = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(special.get(day, day.weekday() < 5) for day in span)


def special_days(start: date, end: date) -> dict[date, bool]:
    """Days after `start` up to `end` that are no ordinary day of their week, and whether one works on them."""
    return dict(CalendarDay.objects.filter(on__gt=start, on__lte=end).values_list("on", "is_workday"))


def shifted_days(wanted: Collection[tuple[date, int, str]]) -> dict[tuple[date, int, str], date]:
    """For each (day, number, kind of day): so many such days later, or earlier when negative; one look at the calendar.

    Working days are counted over others, so that the day found is one on which people work, unless the number is 0.
    """
    working = [(start, number) for start, number, kind in wanted if kind == WORKING]
    special: Mapping[date, bool] = {}
    if working:
        wide = timedelta(days=max(abs(number) for _start, number in working) * 3 + 30)
        special = special_days(min(working)[0] - wide, max(working)[0] + wide)

    def shifted(start: date, number: int, kind: str) -> date:
        if kind == CALENDAR:
            return start + timedelta(days=number)
        day, one = start, timedelta(days=1 if number > 0 else -1)
        left = abs(number)
        while left:
            day += one
            left -= special.get(day, day.weekday() < 5)
        return day

    return {key: shifted(*key) for key in wanted}


def loaded_years() -> frozenset[int]:
    """The years whose calendar is loaded."""
    return frozenset(CalendarYear.objects.values_list("year", flat=True))


def unloaded_years(start: date, end: date, loaded: Collection[int] | None = None) -> tuple[int, ...]:
    """The years that a window from the day after `start` to `end` reaches into without a calendar.

    In them Monday to Friday is only assumed, and whoever shows a day counted so says it.
    """
    known = loaded_years() if loaded is None else loaded
    years = range((start + timedelta(days=1)).year, end.year + 1)
    return tuple(year for year in years if year not in known)


# -- loading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnnouncedDay:
    """A row of a calendar file."""

    on: date
    is_workday: bool
    name: str
    source: str


def read_calendar(content: bytes) -> list[AnnouncedDay]:
    """The days of a CSV file with the columns date, workday (yes or no), name and source, in UTF-8 or GB 18030.

    Raises `Refused` with one problem per row that cannot be read.
    """
    lines = csv.DictReader(io.StringIO(_decoded(content)))
    named = {clean(name or "").casefold(): name for name in lines.fieldnames or ()}
    columns = {key: next((named[word] for word in words if word in named), None) for key, words in _HEADERS.items()}
    lacking = [_HEADERS[key][0] for key, name in columns.items() if name is None]
    if lacking:
        message = _("The file lacks the columns %(columns)s: its first line is date,workday,name,source.")
        raise Refused(Problem("calendar-columns", message % {"columns": listed(lacking)}, "file"))
    found: list[AnnouncedDay] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 2):
        cells = {key: clean(str(line.get(name or "") or "")) for key, name in columns.items()}
        if not any(cells.values()):
            continue
        on, worked = day_from_text(cells["on"]), (_WORKED | _OFF).get(cells["is_workday"].casefold())
        if on is None or worked is None or not cells["source"]:
            message = _("Line %(number)s: give a date like 2027-01-01, workday yes or no, and the source.")
            problems.append(Problem("calendar-row", message % {"number": number}, "file"))
        elif any(one.on == on for one in found):
            message = _("Line %(number)s: %(day)s stands twice.") % {"number": number, "day": on.isoformat()}
            problems.append(Problem("calendar-row", message, "file"))
        else:
            found.append(AnnouncedDay(on, worked, cells["name"][:60], cells["source"]))
        if len(found) > MOST_ROWS:
            break
    if problems:
        raise Refused(problems[:20])
    return found


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(Problem("calendar-columns", _("The file is no text. Save it as CSV and send it again."), "file"))


def year_of(days: Sequence[AnnouncedDay]) -> int:
    """The year a file is for: most of its days lie in it, the others in the December before or the January after.

    Raises `Refused` for a file without holidays, or of several years.
    """
    counted = Counter(day.on.year for day in days if not day.is_workday)
    if not counted:
        raise Refused(Problem("calendar-empty", _("The file names no holiday."), "file"))
    year = counted.most_common(1)[0][0]
    around = {(year - 1, 12), (year + 1, 1)}
    stray = [day.on for day in days if day.on.year != year and (day.on.year, day.on.month) not in around]
    if stray or len(days) > MOST_ROWS:
        message = _("The file is for %(year)s but names %(day)s: load each year from a file of its own.")
        day = stray[0].isoformat() if stray else len(days)
        raise Refused(Problem("calendar-years", message % {"year": year, "day": day}, "file"))
    return year


def load_calendar(*, actor: Actor, days: Sequence[AnnouncedDay]) -> CalendarYear:
    """Put a year's holidays and make-up workdays in place of what was loaded for it; running terms are counted anew.

    Raises `NotAllowed` for anybody but a city officer and the program itself, `Refused` for a file of several years.
    """
    if actor is not SYSTEM and not actor.is_city_officer:
        raise NotAllowed(_("Only the city's officers load a calendar."))
    with journal.writing():
        year, moved = _put(days)
        journal.note(
            "calendar.load",
            actor=actor,
            data={"year": year.pk, "days": len(days), "terms_moved": moved},
        )
    return year


_recounts: list[Callable[[], int]] = []


def when_loaded(recount: Callable[[], int]) -> None:
    """Have days that are kept counted anew whenever a calendar is loaded; `recount` says how many have changed."""
    _recounts.append(recount)


def _put(days: Sequence[AnnouncedDay]) -> tuple[CalendarYear, int]:
    """Write a year's days; returns the year and how many running terms now end on another day."""
    number = year_of(days)
    year, _made = CalendarYear.objects.select_for_update().get_or_create(
        year=number, defaults={"source": days[0].source, "loaded_at": now()}
    )
    running = list(_counted_over(date(number - 1, 12, 1), date(number + 1, 1, 31)))
    year.source, year.loaded_at = days[0].source, now()
    year.save(update_fields=["source", "loaded_at"])
    CalendarDay.objects.filter(announced_for=year).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(on=day.on, is_workday=day.is_workday, name=day.name, source=day.source, announced_for=year)
            for day in days
        ],
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=["is_workday", "name", "source", "announced_for"],
    )
    moved = 0
    for clock, length in running:
        due_on = add_days(clock.started_on, length, WORKING)
        moved += move_ends(Clock.objects.filter(pk=clock.pk), due_on)
    return year, moved + sum(recount() for recount in _recounts)


def move_ends(clocks: QuerySet[Clock], due_on: date) -> int:
    """Give running terms another day; calendars that hold them hear of it by their count. Returns how many moved."""
    return clocks.exclude(due_on=due_on).update(due_on=due_on, moves=F("moves") + 1, moved_at=now())


def _counted_over(first: date, last: date) -> Iterator[tuple[Clock, int]]:
    """The running terms in working days that a change of these days may move, each with its length so far."""
    rows = Clock.objects.filter(ended_on=None, day_kind=WORKING, started_on__lt=last, due_on__gte=first)
    for clock in rows.select_for_update(of=("self",)):
        yield clock, working_days_between(clock.started_on, clock.due_on)


def load_shipped() -> int:
    """Load the shipped calendars of years that have none yet, without an entry. Returns how many are new."""
    present, fresh = loaded_years(), 0
    for file in sorted(files("kezhuan.kernel.calendars").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".csv") and int(file.name.removesuffix(".csv")) not in present:
            with transaction.atomic():
                _put(read_calendar(file.read_bytes()))
            fresh += 1
    return fresh
