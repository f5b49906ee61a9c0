"""Who decided what about a call, and who was barred from it: for its officers alone and whoever inspects it."""

import pytest

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.kernel.lifecycle import advance
from tests.areas.crawling import client_of
from tests.factories import city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def test_every_decision_about_a_call_names_who_was_barred(django_assert_max_num_queries):
    officer = city.officer()
    units = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    call = reviews.closed_call(officer, *units)
    panel = reviews.judged(officer, call)
    rows = Application.objects.filter(item__call=call).select_related("record", "item__poster__record")
    proposed = {one.record.code: Proposed(one.applicant_id == units[0].pk, "理由", 1) for one in rows}
    advance(CALL, propose(actor=officer, call=call, proposed=proposed), "decide", actor=officer)
    poster, address = rows[0].item.poster.record.title, f"/calls/{call.record.code}/decisions/"
    client = client_of(officer)
    lines = taken(client, address, "csv")
    told = [(one["Call, application or panel"], one["Who decided"]) for one in lines]
    assert told[0] == (call.record.code, officer.name)
    assert {one.record.code for one in rows} < {about for about, _who in told}
    for one, wanted in ((lines[0], ("甲大学", "乙大学", poster)), (lines[-1], (poster,))):
        assert all(name in one["Who was barred"] for name in wanted)
    first = next(one for one in lines if one["Call, application or panel"] == rows[0].record.code)
    assert [name in first["Who was barred"] for name in ("甲大学", "乙大学", poster)] == [True, False, True]
    with django_assert_max_num_queries(40):
        assert poster in client.get(address).content.decode()
    assert address in client.get(f"/calls/{call.record.code}/").content.decode()
    assert client_of(city.clerk(units[0])).get(address).status_code == 403
    assert panel.record.code not in [about for about, _who in told]  # nothing was decided about it here
