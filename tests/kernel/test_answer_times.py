"""Answer times: medians and shares over the last year, by kind of organisation, with the overdue counted in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.kernel import answer_times, jobs
from kezhuan.kernel.models import AnswerTime, Clock
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import CALENDAR, WORKING
from tests.factories import city

pytestmark = pytest.mark.django_db


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.sampled_from([50, 95]))
def test_within_is_the_least_number_of_days_that_reaches_the_share(days, percent):
    counts = {day: days.count(day) for day in days}
    number = answer_times.within(counts, percent)
    assert sum(day <= number for day in days) * 100 >= len(days) * percent
    assert sum(day < number for day in days) * 100 < len(days) * percent


def test_of_nothing_there_is_no_median():
    assert answer_times.within({}, 50) is None


def ended(record, party, days, *, late=False, kind=CALENDAR, answered=True, name="submitted", end=None):
    end = end or today() - timedelta(days=3)
    start = end - timedelta(days=days)
    due = start if late else end
    Clock.objects.create(
        record=record, name=name, party=party, audience_id=record.title_to_id, started_on=start, ended_on=end,
        due_on=due, day_kind=kind, answered=answered,
    )  # fmt: skip


def count():
    jobs.enqueue(answer_times.COUNT)
    jobs.run_pending()


def test_answers_are_counted_by_kind_of_organisation_and_step():
    firm, university = city.organisation(), city.organisation(kind="university")
    record = city.need(firm).record
    Clock.objects.all().delete()
    for number, days in enumerate((1, 2, 3, 4, 90)):
        ended(record, university, days, late=number == 4)
    for days in (1, 1, 2, 2, 2, 2):
        ended(record, None, days)
    ended(record, firm, 1)
    ended(record, university, 1, answered=False)
    ended(record, university, 1, end=today() - timedelta(days=400))
    Clock.objects.create(
        record=record, name="submitted", party=university, audience_id=record.title_to_id,
        started_on=today() - timedelta(days=30), due_on=today() - timedelta(days=1), day_kind=CALENDAR,
    )  # fmt: skip
    count()
    count()
    rows = {row.organisation_kind: row for row in AnswerTime.objects.all()}
    row = rows["university"]
    assert (row.answered, row.in_time, row.overdue, row.median_days, row.most_days) == (5, 4, 1, 3, 90)
    row = rows["government"]
    assert (row.answered, row.in_time, row.overdue, row.median_days, row.most_days) == (6, 6, 0, 2, 2)
    # One firm's only answer would tell of that firm; the bureau stands last.
    assert [row.organisation_kind for row in answer_times.shown()] == ["university", "government"]


def test_working_days_are_counted_as_such():
    record = city.need(city.organisation()).record
    Clock.objects.all().delete()
    # From the Friday before Spring Festival 2026 to the Tuesday after it: a worked Saturday, and that Tuesday.
    end = date(2026, 2, 24)
    for _ in range(5):
        ended(record, None, 11, kind=WORKING, end=end)
    since = end - timedelta(days=30)
    ((group, (days, in_time)),) = answer_times._answers(since).items()
    assert (group[3], dict(days), in_time) == (WORKING, {2: 5}, 5)


def test_everybody_reads_the_page_in_the_same_few_queries(client, django_assert_num_queries):
    record = city.need(city.organisation()).record
    Clock.objects.all().delete()
    assert "Figures appear" in client.get("/answer-times/", headers={"accept-language": "en"}).content.decode()
    for party in (city.organisation(kind="university"), None):
        for days in (1, 2, 3, 4, 5, 6):
            ended(record, party, days)
    count()
    with django_assert_num_queries(2):
        html = client.get("/answer-times/", headers={"accept-language": "en"}).content.decode()
    assert "University" in html
    assert "Need · submitted" in html
    assert "3 calendar days" in html
    assert "100 %" in html
