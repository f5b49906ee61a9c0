"""The working calendar: the shipped years, what a file may hold, and terms that are counted anew."""

from datetime import date

import pytest

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import clocks, workdays
from kezhuan.kernel.access import SYSTEM, VISITOR
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import CalendarDay, CalendarYear, Clock, Entry
from tests.factories import city
from tests.factories.databases import at_once

HEAD = "date,workday,name,source\n"
NEXT = HEAD + "2026-12-31,no,元旦,测试公告\n2027-01-01,no,元旦,测试公告\n2027-01-04,no,元旦,测试公告\n"
NEXT += "2027-01-09,yes,元旦调休,测试公告\n2027-01-05,no,元旦,测试公告\n"


def days_of(text):
    return workdays.read_calendar(text.encode())


@pytest.mark.django_db
def test_the_announced_years_are_there_from_the_start_without_an_entry():
    assert workdays.loaded_years() == {2024, 2025, 2026}
    # Working days of each year, counted by hand from the notices: weekdays minus holidays plus make-up workdays.
    counted = {
        year: workdays.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) for year in (2024, 2025, 2026)
    }
    assert counted == {2024: 251, 2025: 248, 2026: 248}
    assert not Entry.objects.exists()
    assert workdays.load_shipped() == 0


@pytest.mark.django_db
def test_a_window_names_the_years_whose_calendar_is_missing():
    assert workdays.unloaded_years(date(2026, 1, 1), date(2026, 12, 31)) == ()
    assert workdays.unloaded_years(date(2026, 12, 30), date(2027, 1, 1)) == (2027,)
    assert workdays.unloaded_years(date(2022, 12, 31), date(2024, 1, 1)) == (2023,)
    assert workdays.unloaded_years(date(2026, 12, 1), date(2028, 1, 1)) == (2027, 2028)


@pytest.mark.django_db
def test_running_terms_are_counted_anew_when_a_year_is_loaded_and_loaded_again():
    need = city.need(city.organisation(), stage="submitted")
    Clock.objects.filter(record_id=need.pk).update(started_on=date(2026, 12, 28), due_on=date(2027, 1, 7))
    clock = Clock.objects.get(record_id=need.pk)
    assert workdays.working_days_between(clock.started_on, clock.due_on) == 8
    assert clocks.remaining(clock, date(2026, 12, 28)) == clocks.Remaining(8, "working", (2027,))
    workdays.load_calendar(actor=city.officer(), days=days_of(NEXT))
    clock.refresh_from_db()
    # 31 December, 1, 4 and 5 January are off, Saturday 9 January is worked.
    assert clock.due_on == date(2027, 1, 12)
    assert clocks.remaining(clock, date(2026, 12, 28)) == clocks.Remaining(8, "working")
    assert Entry.objects.get(kind="calendar.load").data == {"year": 2027, "days": 5, "terms_moved": 1}
    workdays.load_calendar(actor=SYSTEM, days=days_of(HEAD + "2027-01-01,no,元旦,第二版\n"))
    clock.refresh_from_db()
    assert clock.due_on == date(2027, 1, 8)
    assert CalendarDay.objects.filter(announced_for=2027).count() == 1
    assert CalendarYear.objects.get(pk=2027).source == "第二版"


@pytest.mark.django_db
def test_a_term_that_has_ended_stays_as_it_was():
    firm = city.organisation()
    need = city.taken(NEED, city.need(firm), [("submit", city.clerk(firm)), ("publish", None)])
    Clock.objects.filter(record_id=need.pk).update(started_on=date(2026, 12, 28), due_on=date(2027, 1, 7))
    workdays.load_calendar(actor=SYSTEM, days=days_of(NEXT))
    assert Clock.objects.get(record_id=need.pk).due_on == date(2027, 1, 7)


@pytest.mark.django_db
def test_only_city_officers_and_the_program_load_a_calendar():
    for actor in (VISITOR, city.officer("440106"), city.member(city.organisation())):
        with pytest.raises(NotAllowed):
            workdays.load_calendar(actor=actor, days=days_of(NEXT))
    assert 2027 not in workdays.loaded_years()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "calendar-columns"),
        ("date,workday,name\n2027-01-01,no,元旦\n", "calendar-columns"),
        (HEAD + "2027-02-30,no,x,s\n", "calendar-row"),
        (HEAD + "2027-01-01,maybe,x,s\n", "calendar-row"),
        (HEAD + "2027-01-01,no,x,\n", "calendar-row"),
        (HEAD + "2027-01-01,no,x,s\n2027/1/1,no,x,s\n", "calendar-row"),
        (HEAD, "calendar-empty"),
        (HEAD + "2027-01-02,yes,x,s\n", "calendar-empty"),
        (HEAD + "2027-01-01,no,x,s\n2027-05-01,no,x,s\n2028-05-01,no,x,s\n", "calendar-years"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(text, code):
    with pytest.raises(Refused) as refused:
        workdays.year_of(days_of(text))
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_file_of_an_office_is_read_in_its_own_encoding_and_words():
    text = "日期,是否上班,名称,来源\r\n2027年1月1日,否,元旦,公告\r\n2027/1/9,是,元旦调休,公告\r\n,,,\r\n"
    expected = [
        workdays.AnnouncedDay(date(2027, 1, 1), False, "元旦", "公告"),
        workdays.AnnouncedDay(date(2027, 1, 9), True, "元旦调休", "公告"),
    ]
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert workdays.read_calendar(text.encode(encoding)) == expected


@pytest.mark.django_db(transaction=True)
def test_a_year_loaded_by_many_at_once_is_there_once():
    days = days_of(NEXT)
    results = at_once([lambda: workdays.load_calendar(actor=SYSTEM, days=days)] * 4)
    assert [type(one).__name__ for one in results] == ["CalendarYear"] * 4
    assert CalendarDay.objects.filter(announced_for=2027).count() == 5
