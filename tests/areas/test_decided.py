"""Who decided what about a call, and who was barred from it: for its officers alone and whoever inspects it."""

import pytest

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.people.actions import sign_up
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from tests.areas.crawling import client_of
from tests.areas.test_inspections import admitted
from tests.factories import calls, city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def test_every_decision_about_a_call_names_who_was_barred(django_assert_max_num_queries):
    officer = city.officer()
    units = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    gone, letter = city.organisation("丙大学", kind="university"), city.organisation("推荐处", kind="government")
    call = reviews.closed_call(officer, *units, gone)
    withdrawn = Application.objects.get(applicant=gone)
    advance(APPLICATION, withdrawn, "withdraw", actor=city.clerk(gone), note="不再参加")
    first = Application.objects.get(applicant=units[0])
    Application.objects.filter(pk=first.pk).update(recommender=letter)
    early = advance(PANEL, reviews.panel(officer, call), "withdraw", actor=officer, note="重新组建")
    panel = reviews.judged(officer, call)
    rows = Application.objects.filter(item__call=call, alive=True).select_related("record", "item__poster__record")
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
    # Whoever withdrew bars nobody afterwards; who recommends runs no panel, and is barred from nothing else.
    of = {one["Call, application or panel"]: one["Who was barred"] for one in lines}
    assert [name in of[early.record.code] for name in ("甲大学", "丙大学", "推荐处")] == [True, False, True]
    assert [name in lines[0]["Who was barred"] for name in ("丙大学", "推荐处")] == [False, False]
    assert "丙大学" in of[withdrawn.record.code]
    first = next(one for one in lines if one["Call, application or panel"] == rows[0].record.code)
    assert [name in first["Who was barred"] for name in ("甲大学", "乙大学", poster)] == [True, False, True]
    with django_assert_max_num_queries(40):
        assert poster in client.get(address).content.decode()
    assert address in client.get(f"/calls/{call.record.code}/").content.decode()
    assert client_of(city.clerk(units[0])).get(address).status_code == 403
    assert panel.record.code not in [about for about, _who in told]  # nothing was decided about it here


def test_whoever_inspects_a_call_reads_them_and_each_look_is_noted():
    officer, person = (
        city.officer(),
        sign_up(name="王审", email="audit@example.com", password="long-enough-secret").person,
    )
    call = calls.call(stage="published", by=officer)
    matter = admitted(officer, call)
    client, address = client_of(actor_for(person)), f"/calls/{call.record.code}/decisions/"
    assert client.get(address).status_code == 200
    assert len(taken(client, address, "csv")) == 1
    looks = Entry.objects.filter(kind="inspection.view", record=matter.pk).order_by("seq")
    assert [one.data["by"] for one in looks] == ["page", "export"]
