"""Many records opened at once are as if each had been opened alone."""

import pytest
from django.utils.translation import override

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import GROUPS
from kezhuan.kernel.bulk import Number, Openers, Opening
from kezhuan.kernel.lifecycle import open_record
from kezhuan.kernel.models import Clock, Entry, Identifier, Organisation, Record

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return register_organisation(actor=SYSTEM, name="Firm", kind="enterprise", region="440115", stage="verified")


def openings(count):
    return [
        Opening(
            title=f"need {n}", summary="s", build=lambda record: Need(record=record), numbers=(Number("x", str(n)),)
        )
        for n in range(count)
    ]


def test_bulk_rows_equal_rows_opened_one_by_one(firm):
    with override("en"):
        alone = open_record(
            NEED, lambda record: Need(record=record), actor=SYSTEM, title="need", owner=firm, stage="submitted"
        )
        many = Openers(NEED, actor=SYSTEM, stage="submitted", owner=firm).open_records(openings(3))
    fields = ["kind", "owner_id", "stage", "phase", "opened_on", "closed_on", "version"]
    fields += [f"{group}_to_id" for group in GROUPS]
    expected = [getattr(alone.record, name) for name in fields]
    for row in Need.objects.filter(pk__in=[row.pk for row in many]).select_related("record"):
        assert [getattr(row.record, name) for name in fields] == expected
    clocks = Clock.objects.values_list("record_id", "name", "party", "due_on", "day_kind")
    assert {(*clock[1:],) for clock in clocks} == {clocks[0][1:]}
    assert len(clocks) == 4


def test_bulk_remembers_audiences_of_alike_rows(firm, django_assert_max_num_queries):
    openers = Openers(NEED, actor=SYSTEM, stage="published", owner=firm, alike=lambda row: row.confidentiality)
    openers.open_records(openings(50))
    with journal.writing(), django_assert_max_num_queries(12):
        openers.open_records([Opening(title="more", build=lambda record: Need(record=record)) for _ in range(50)])
    assert Record.objects.filter(kind="need").values("title_to", "inner_to").distinct().count() == 1


def test_firms_opened_together_own_themselves_and_cost_no_more_questions_than_a_few(django_assert_max_num_queries):
    def firms(count):
        return [
            Opening(f"firm {count} {n}", lambda record: Organisation(record=record, kind="enterprise", region="440106"))
            for n in range(count)
        ]

    openers = Openers(ORGANISATION, actor=SYSTEM, stage="listed", own_themselves=True)
    openers.open_records(firms(2))
    with journal.writing(), django_assert_max_num_queries(24):
        rows = openers.open_records(firms(60))
    for row in Organisation.objects.filter(pk__in=[row.pk for row in rows]).select_related("record__inner_to"):
        assert row.record.owner_id == row.pk
        assert f"org:{row.pk}" in row.record.inner_to.key.split("|")


def test_bulk_notes_one_entry_and_followers_hear_of_all(firm):
    before = Entry.objects.count()
    rows = Openers(NEED, actor=SYSTEM, stage="published").open_records(openings(7), data={"source": "x"})
    assert Entry.objects.count() == before + 1
    changed = followers.changed_records(before, before + 1)
    assert changed == {row.pk: "need" for row in rows}
    assert Identifier.objects.filter(scheme="x", active=True).count() == 7
    assert journal.verify().broken_seq is None


def test_bulk_of_nothing_writes_nothing():
    assert Openers(NEED, actor=SYSTEM, stage="published").open_records([]) == []
    assert Entry.objects.count() == 0
