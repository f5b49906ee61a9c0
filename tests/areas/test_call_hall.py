"""The hall's funnel asks the same however many applications there are, and reads no table whole for a call."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.pages_received import with_funnel
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from tests.areas.crawling import client_of
from tests.factories import calls, city

pytestmark = pytest.mark.django_db


def columns(row):
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}


def closed_call():
    """A call of the hall with one application that takes no more."""
    officer = city.bureau()
    call = calls.call(stage="published", by=officer)
    calls.application(call, stage="qualified")
    calls.end_time_of(call)
    return advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)


def applied(call, number):
    """So many more applications, as they would stand there."""
    sample = Application.objects.select_related("record").filter(item__call=call).order_by("pk").first()
    like, units = columns(sample.record), [city.organisation() for _ in range(3)]
    records = Record.objects.bulk_create(
        Record(**like | {"id": None, "uid": uuid.uuid4(), "code": f"K-2099-{at:05}", "owner_id": units[at % 3].pk})
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
    # Whatever is known of the tables, nothing is read whole for each of the rows: once for all of them at most, and
    # the marks of an application by an index.
    with CaptureQueriesContext(connection) as asked:
        with_funnel([Call.objects.select_related("record").get(pk=call.pk)])
    (counting,) = [one["sql"] for one in asked if "panelitem" in one["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table it would rather read whole: what is there to go by?
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {counting}")
            whole = r"Seq Scan on"
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
            whole = r"^SCAN "
        plan = [str(row[-1]).strip() for row in cursor.fetchall()]
    assert [one for one in plan if re.search(whole, one)] == [], plan
