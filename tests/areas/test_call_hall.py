"""The hall's funnel asks the same however many applications there are, and reads no table whole for a call."""

import re
import uuid
from collections import Counter
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls.funnel import HALL, NOTHING, funnels_of
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import now
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db


def columns(row):
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}


def closed_call(**facts):
    """A call of the hall with one application that takes no more."""
    officer = city.bureau()
    call = calls.call(stage="published", by=officer, **facts)
    calls.application(call, stage="qualified")
    calls.end_time_of(call)
    return advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)


def applied(call, number):
    """So many more applications, as they would stand there."""
    sample = Application.objects.select_related("record").filter(item__call=call).order_by("pk").first()
    like, units = columns(sample.record), [city.organisation() for _ in range(3)]
    records = Record.objects.bulk_create(
        Record(
            **like
            | {
                "id": None,
                "uid": uuid.uuid4(),
                "code": f"K-2099-{call.pk % 100:02}{at:03}",
                "owner_id": units[at % 3].pk,
            }
        )
        for at in range(number)
    )
    own = columns(sample) | {"alive": False}
    Application.objects.bulk_create(
        Application(**own | {"record_id": one.pk, "applicant_id": one.owner_id}) for one in records
    )


def hall():
    """How many queries the hall asks once it is warm, and its page."""
    client_of(VISITOR).get("/calls/")
    with CaptureQueriesContext(connection) as asked:
        page = client_of(VISITOR).get("/calls/").content.decode()
    return len(asked), page


def test_the_hall_asks_as_much_for_many_applications_and_reads_no_table_whole_for_a_call():
    call = closed_call()
    few, page = hall()
    assert "1 application →" in page
    applied(call, 60)
    many, page = hall()
    assert "61 applications →" in page
    assert many == few
    # Whatever is known of the tables, nothing is read whole: not the applications of other calls, nor what was judged.
    with CaptureQueriesContext(connection) as asked:
        funnels_of([call.pk], HALL)
    counting = [one["sql"] for one in asked if "calls_application" in one["sql"]]
    assert len(counting) == 1
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table it would rather read whole: what is there to go by?
            cursor.execute("SET LOCAL enable_seqscan = off")
        plain = connection.vendor == "postgresql"
        for statement in counting:
            cursor.execute(f"EXPLAIN {'' if plain else 'QUERY PLAN '}{statement}")
            plan = [str(row[-1]).strip() for row in cursor.fetchall()]
            assert [one for one in plan if re.search("Seq Scan on" if plain else r"^SCAN ", one)] == [], plan


def test_the_funnel_counts_each_application_once_however_many_panels_judged_it(django_assert_num_queries):
    officer, random = city.officer(), Random(7)
    both = [closed_call(), closed_call(), closed_call()]
    panels = [reviews.panel(officer, one) for one in (both[0], both[0], both[1])]
    applied(both[0], 8)
    applied(both[1], 8)
    Application.objects.filter(item__call=both[2].pk).update(submitted_at=None)
    rows = list(Application.objects.select_related("item").order_by("pk"))
    seen = set()
    for turn in range(12):
        PanelItem.objects.all().delete()
        expected = {one.pk: Counter() for one in both}
        stages = [random.choice(("scored", "concluded", "prepared")) for _panel in panels]
        for panel, stage in zip(panels, stages, strict=True):
            Record.objects.filter(pk=panel.pk).update(stage=stage)
        for number, row in enumerate(rows, 1):
            stage = random.choice(("submitted", "qualified", "rejected", "awarded"))
            elsewhere = random.choice(({}, {"score": "80"}))
            handed, commissioned = random.random() < 0.8, random.random() < 0.2
            items = [one for one in panels if one.about_id == row.item.call_id and random.random() < 0.6]
            PanelItem.objects.bulk_create(PanelItem(panel=one, number=number, record_id=row.pk) for one in items)
            Application.objects.filter(pk=row.pk).update(
                judged_elsewhere=elsewhere, submitted_at=now() if handed else None,
                commissioned_by=row.applicant_id if commissioned else None,
            )  # fmt: skip
            Record.objects.filter(pk=row.pk).update(stage=stage)
            if handed and not commissioned:
                here = {stages[panels.index(one)] for one in items} & {"scored", "concluded"}
                expected[row.item.call_id].update({
                    "handed": 1, "passed": stage != "submitted", "chosen": stage == "awarded",
                    "judged": bool(here or elsewhere), (row.applicant_id,): 1, (row.item_id, ""): 1,
                })  # fmt: skip
                seen.add((bool(here), bool(elsewhere), len(items)))
        with django_assert_num_queries(1):
            found = funnels_of([one.pk for one in both])
        for pk, counted in expected.items():
            told = {name: counted[name] for name in ("handed", "passed", "chosen", "judged")}
            units, listed = ({key for key in counted if isinstance(key, tuple) and len(key) == n} for n in (1, 2))
            assert dict(found.get(pk, NOTHING)) == told | {"units": len(units), "items": len(listed)}, turn
    assert {(True, True, 2), (False, True, 1), (True, False, 2), (False, False, 0)} <= seen


def test_numbers_of_a_list_for_those_who_signed_in_stand_nowhere_for_visitors():
    call = closed_call(disclosure="signed_in")
    member = client_of(city.clerk(city.organisation()))
    for address in ("/calls/", f"/calls/{call.record.code}/"):
        told = client_of(VISITOR).get(address).content.decode()
        assert call.record.title in told
        assert "1 application" not in told
        assert "on the list" not in told
        assert "1 application" in member.get(address).content.decode()
    Record.objects.filter(pk=call.pk).update(stage="decided")
    told = client_of(VISITOR).get(f"/calls/{call.record.code}/").content.decode()
    assert "From need to choice" not in told
    assert "From need to choice" in member.get(f"/calls/{call.record.code}/").content.decode()
