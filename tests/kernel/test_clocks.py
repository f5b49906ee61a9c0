"""Windows in working and calendar days, with holidays and make-up workdays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kezhuan.kernel import clocks, rulebook, workdays
from kezhuan.kernel.models import CalendarDay, Clock, RuleValue

WORKING, CALENDAR = workdays.WORKING, workdays.CALENDAR
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def mark(*days, is_workday):
    CalendarDay.objects.bulk_create(CalendarDay(on=day, is_workday=is_workday, source="test") for day in days)


# The notice for 2026: off 15 to 23 February; worked on Saturdays 14 and 28 February.
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "kind", "end"),
    [
        (date(2026, 3, 2), 1, WORKING, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, WORKING, date(2026, 3, 9)),  # Friday to Monday
        (date(2026, 3, 7), 1, WORKING, date(2026, 3, 9)),  # Saturday to Monday
        (date(2026, 3, 2), 5, WORKING, date(2026, 3, 9)),
        (date(2026, 3, 2), 0, WORKING, date(2026, 3, 2)),
        (date(2026, 2, 13), 1, WORKING, date(2026, 2, 14)),  # a worked Saturday
        (date(2026, 2, 14), 1, WORKING, date(2026, 2, 24)),  # over the whole holiday
        (date(2026, 2, 24), 5, WORKING, date(2026, 3, 2)),  # 25 26 27 28 February, 2 March
        (date(2026, 2, 13), 30, CALENDAR, date(2026, 3, 15)),
    ],
)
def test_a_window_ends_on_the_right_day(start, days, kind, end):
    assert workdays.add_days(start, days, kind) == end


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 2, 13), date(2026, 2, 24), 2),
        (date(2026, 2, 24), date(2026, 2, 13), -2),
        (date(2026, 2, 15), date(2026, 2, 23), 0),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_working_days_between_count_the_end_and_not_the_start(start, end, days):
    assert workdays.working_days_between(start, end) == days


class PropertiesOfWindows(TestCase):
    @settings(max_examples=25)
    @given(
        start=DAYS,
        days=st.integers(1, 90),
        special=st.dictionaries(DAYS, st.booleans(), max_size=12),
    )
    def test_a_window_holds_exactly_its_days(self, start, days, special):
        CalendarDay.objects.all().delete()
        for on, is_workday in special.items():
            mark(on, is_workday=is_workday)
        end = workdays.add_days(start, days, WORKING)
        assert workdays.working_days_between(start, end) == days
        assert special.get(end, end.weekday() < 5)  # the last day is one on which somebody can act
        assert workdays.working_days_between(start, end - timedelta(days=1)) == days - 1
        assert workdays.add_days(start, days + 1, WORKING) > end


@pytest.mark.django_db
def test_remaining_counts_in_the_clocks_own_days():
    friday = date(2026, 3, 6)
    clock = Clock(started_on=friday, due_on=date(2026, 3, 10), day_kind=WORKING)
    assert clocks.remaining(clock, friday) == clocks.Remaining(2, WORKING)
    assert clocks.remaining(clock, date(2026, 3, 12)) == clocks.Remaining(-2, WORKING)
    clock.day_kind = CALENDAR
    assert clocks.remaining(clock, friday) == clocks.Remaining(4, CALENDAR)


# -- the numbers behind the clocks -------------------------------------------------------------------------------------


def value(code, jurisdiction, number, since, until=None):
    RuleValue.objects.create(
        code=code, jurisdiction=jurisdiction, value=number, unit="working days", effective_from=since,
        effective_to=until, source="test",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_rule_value_is_the_nearest_places_newest_version_in_force():
    value("test.days", "000000", 1, date(2020, 1, 1))
    value("test.days", "440000", 2, date(2020, 1, 1), date(2025, 12, 31))
    value("test.days", "440100", 3, date(2025, 1, 1), date(2025, 6, 30))
    value("test.days", "440106", 4, date(2025, 3, 1), date(2025, 3, 31))
    value("test.days", "440100", 5, date(2025, 6, 1))

    def at(place, *day):
        return rulebook.rule_value("test.days", on=date(*day), jurisdiction=place).value

    assert at("440106", 2025, 3, 31) == 4
    assert at("440106", 2025, 4, 1) == 3
    assert at("440104", 2025, 3, 15) == 3
    assert at("440106", 2025, 6, 15) == 5
    assert at("440300", 2025, 12, 31) == 2
    assert at("440300", 2026, 1, 1) == 1
    assert at("110000", 2025, 3, 15) == 1
    with pytest.raises(rulebook.NoRuleValue, match=r"test\.days: no value for 440106 on 2019-12-31"):
        at("440106", 2019, 12, 31)


@pytest.mark.django_db
def test_shipped_values_are_loaded_once_and_a_changed_one_stays():
    shipped = RuleValue.objects.filter(code="clock.need.submitted")
    assert shipped.get().value == 5
    shipped.update(value=7)
    assert rulebook.load_shipped() == 0
    assert shipped.get().value == 7
