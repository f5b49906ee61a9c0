"""How suggestions spread: counted by a job over what everybody may read, told to officers and auditors."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.areas.matches.exposure import evenness
from kezhuan.areas.matches.exposure_actions import COUNT, is_owed
from kezhuan.areas.matches.models import NO_FIRM, Exposure, Suggestion
from kezhuan.kernel import followers, jobs
from kezhuan.kernel.models import Organisation
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair


@given(st.lists(st.integers(0, 50), max_size=30))
@settings(max_examples=30)
def test_evenness_is_what_its_definition_says(counts: list[int]) -> None:
    found = evenness(counts)
    assert (found.groups, found.total, found.without) == (len(counts), sum(counts), counts.count(0))
    if not any(counts):
        assert found.gini is found.top_share is None
        return
    apart = sum(abs(one - other) for one in counts for other in counts)
    assert found.gini == pytest.approx(apart / (2 * len(counts) * sum(counts)), abs=1e-12)
    assert found.top_share == sum(sorted(counts)[-((len(counts) + 9) // 10) :]) / sum(counts)


def queries_of(client) -> int:
    """What the page asks once what every page remembers is known."""
    client.get("/match/exposure/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/match/exposure/")
    return len(asked)


@pytest.mark.django_db
def test_the_page_tells_who_is_suggested_and_who_is_not() -> None:
    pair = Pair(result={"region": "440112"})
    Organisation.objects.filter(pk=pair.firm.pk).update(size="micro")
    quiet = city.organisation(kind="university", region="440106")
    city.achievement(quiet, stage="listed", by=city.member(quiet), title="水稻育种", summary="耐盐水稻。", keywords=())
    hidden = city.organisation()
    city.achievement(hidden, stage="listed", by=city.member(hidden), secrecy="internal")
    city.team(pair.unit, by=pair.answering)
    followers.run_pending()
    assert Suggestion.objects.count() == 3
    assert is_owed()
    jobs.enqueue(COUNT)
    jobs.run_pending()
    assert not is_owed()
    rows = {(row.spread, row.key): (row.records, row.suggested, row.suggestions) for row in Exposure.objects.all()}
    assert rows["supplier", str(pair.unit.pk)] == (2, 2, 2)
    assert rows["supplier", str(quiet.pk)] == (1, 0, 0)
    assert ("supplier", str(hidden.pk)) not in rows  # what only some may read is not told of by a number
    assert rows["firm", str(pair.firm.pk)] == (1, 1, 2)
    assert rows["supplier_region", "440112"] == (2, 2, 2)  # a team without a district has its unit's
    assert rows["supplier_kind", "university"] == (1, 0, 0)
    assert rows["firm_size", "micro"] == (1, 1, 2)
    # A firm of unknown size stays unknown, and a university has none.
    assert rows["supplier_size", ""] == (2, 2, 2)
    assert rows["supplier_size", NO_FIRM] == (1, 0, 0)

    def asked(actor):
        return client_of(actor).get("/match/exposure/")

    assert [asked(actor).status_code for actor in (None, pair.asking, pair.answering)] == [403, 403, 403]
    client = client_of(pair.officer)
    shown = client.get("/match/exposure/").content.decode()
    assert pair.unit.record.title in shown
    assert quiet.record.title in shown
    assert hidden.record.title not in shown
    for words in ("Over sizes of firms that ask", "Micro (1)", "Over sizes of firms that offer", "not a firm (1)"):
        assert words in shown
    few = queries_of(client)
    more = [city.organisation() for _ in range(3)]
    Exposure.objects.bulk_create(
        Exposure(
            spread="supplier", key=str(one.pk), organisation=one, records=1, suggested=1, suggestions=9, passed_over=0,
            counted_at=Exposure.objects.latest("pk").counted_at,
        )
        for one in more
    )  # fmt: skip
    assert queries_of(client) == few
    file = client.post("/match/exposure/", {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert len(file.strip().splitlines()) == 1 + Exposure.objects.count()
