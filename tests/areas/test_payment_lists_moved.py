"""Payment lists of an older version stand where all files do that are read in, with their rows and their jobs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kezhuan.exchange.models import Reading
from kezhuan.kernel.models import Job
from kezhuan.kernel.text import now, today
from tests.factories import city

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("projects", "0013_terms"), ("projects", "0014_payment_lists_are_readings")


def migrate(*wanted: tuple[str, str]) -> Any:
    """The database at these migrations; gives the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(wanted))
    others = [one for one in executor.loader.graph.leaf_nodes() if one[0] in {"kernel", "exchange"}]
    return executor.loader.project_state([*wanted, *others]).apps


@pytest.fixture
def older() -> Iterator[Any]:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(BEFORE)
    migrate(*newest)  # of every area: what stands on this one's was taken back with it


def test_lists_that_were_read_and_that_wait_are_kept_with_their_rows_and_jobs(older: Any) -> None:
    officer = city.officer()
    assert officer.person is not None
    assert officer.organisation is not None
    lists = older.get_model("projects", "VoucherList").objects
    its = {"by_id": officer.person.pk, "office_id": officer.organisation.pk, "language": "zh-hans", "made_at": now()}
    read, waiting, _alone = (lists.create(file_name=name, **its) for name in ("已读.csv", "待读.csv", "无任务.csv"))
    rows = older.get_model("projects", "VoucherRow").objects
    paid = {"code": "P-1", "voucher": "付1号", "paid_on": today(), "fen": 5_000_000_000_000}
    rows.create(sheet=read, row=2, outcome="paid", **paid)
    rows.create(sheet=read, row=3, outcome="refused", reason="金额不符", code="P-2")
    rows.create(sheet=waiting, row=2, **paid)
    jobs = [
        Job.objects.create(
            name="projects.read-vouchers", arguments={"voucher_list": one.pk}, made_at=now(), state=state, result=result
        )
        for one, state, result in ((read, "done", {"page": "voucher-list", "at": [read.pk]}), (waiting, "waiting", {}))
    ]
    migrate(AFTER)
    first, second, third = Reading.objects.order_by("pk")
    assert [(one.name, one.file_name, one.by_id) for one in (first, second, third)] == [
        ("projects.vouchers", name, officer.person.pk) for name in ("已读.csv", "待读.csv", "无任务.csv")
    ]
    assert list(first.rows.values_list("row", "title", "outcome", "reason")) == [
        (2, "P-1 · 付1号", "taken", ""), (3, "P-2", "refused", "金额不符"),
    ]  # fmt: skip
    values = {"payment": "P-1", "voucher": "付1号", "paid_on": today().isoformat(), "amount": 5_000_000_000_000}
    assert list(first.rows.values_list("values", flat=True)) == [values, {"payment": "P-2"}]
    assert list(second.rows.values_list("values", "outcome")) == [(values, "")]
    assert list(third.rows.all()) == []
    assert (first.job_id, second.job_id, third.job_id) == (jobs[0].pk, jobs[1].pk, None)
    done, waits = (Job.objects.get(pk=one.pk) for one in jobs)
    assert (done.name, done.arguments) == ("readings.read", {"reading": first.pk})
    assert done.result == {"page": "reading", "at": [first.pk]}
    assert (waits.arguments, waits.result) == ({"reading": second.pk}, {})
    assert "projects_voucherlist" not in connection.introspection.table_names()
