"""What a panel begins with: which items, and how its experts are chosen unless the officers say otherwise."""

from io import BytesIO

import pytest
from docx import Document

from kezhuan.areas.calls.application_actions import begin_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.reviews.choosing_actions import commit_draw, hold_draw
from kezhuan.areas.reviews.lifecycle import REVIEW
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.panel_actions import edit_panel
from kezhuan.areas.reviews.papers import draw_record
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Message, Person, Record
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db


def test_experts_are_drawn_where_public_money_is_spent_and_assigned_for_a_contest():
    officer = city.officer()
    unit, client = city.organisation(kind="university"), client_of(officer)
    for kind, choice in (("challenge", "draw"), ("contest", "assignment")):
        call = reviews.closed_call(officer, unit, call_kind=kind)
        page = client.get(f"/panels/about/{call.record.code}/new/").content.decode()
        assert f'<option value="{choice}" selected' in page
        body = {"title": "评审", "about": call.record.code}
        made = client.post("/api/v1/panels", body, content_type="application/json")
        assert made.status_code == 201
        assert client.get(f"/api/v1/panels/{made.json()['code']}").json()["choice"] == choice
    panel = reviews.panel(officer, call, choice="draw")
    changed = edit_panel(actor=officer, panel=panel, facts=reviews.panel_facts(choice=""), expected_version=2)
    assert changed.choice == "draw"


def test_a_panel_judges_the_items_that_were_chosen_and_technical_experts_who_are_drawn_know_their_field():
    officer = city.officer()
    needs = [city.need(city.organisation(), stage="published", field=field) for field in ("materials", "biomedicine")]
    call = calls.call(stage="published", by=officer, needs=needs)
    entries = []
    for item in call.items.select_related("call__record"):
        unit = city.organisation(kind="university")
        clerk = city.clerk(unit)
        row = begin_application(actor=clerk, item=item, facts=calls.application_facts())
        row = calls.checked(city.taken(APPLICATION, row, [("submit", clerk)]))
        entries.append(city.taken(APPLICATION, row, [("accept", None)]))
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    client, address = client_of(officer), f"/panels/about/{call.record.code}/new/"
    page = client.get(address).content.decode()
    assert 'name="parts" value="2"' in page
    body = {"title": "评审", "about": call.record.code, "parts": ["7"]}
    refused = client.post("/api/v1/panels", body, content_type="application/json")
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "panel-parts-unknown")
    made = client.post("/api/v1/panels", body | {"parts": ["2"]}, content_type="application/json").json()
    assert list(Panel.objects.get(record__code=made["code"]).items.values_list("record", flat=True)) == [entries[1].pk]
    typed = {"title": "新材料评审", "scheme": "blind", "choice": "draw", "per_item": "1", "max_load": "30",
             "parts": "1", "spread_flag": "30", "outlier_flag": "20", "answer_by": today(), "due_on": today(),
             "criteria-TOTAL_FORMS": "1", "criteria-INITIAL_FORMS": "0", "criteria-0-name": "技术",
             "criteria-0-weight": "100"}  # fmt: skip
    assert client.post(address, typed).status_code == 302
    panel = Panel.objects.select_related("record", "about").get(record__title="新材料评审")
    assert list(panel.items.values_list("record", flat=True)) == [entries[0].pk]
    reviews.looked_up(officer, panel)
    stranger = reviews.expert("他领域专家", by=officer, fields=("biomedicine",))
    with pytest.raises(Refused) as refusal:
        commit_draw(actor=officer, panel=panel, places={"technical": 1})
    assert [one.code for one in refusal.value.problems] == ["draw-pool"]
    fit = reviews.expert("本领域专家", by=officer, fields=("materials", "biomedicine"))
    draw = commit_draw(actor=officer, panel=panel, places={"technical": 1})
    assert ([one[0] for one in draw.terms["pool"]], draw.terms["fields"]) == ([fit.record.code], ["materials"])
    assert stranger.record.code not in str(draw.terms)
    # Whoever the lot fell on is asked by a short message, and the record of the draw says when, and what they answered.
    Person.objects.filter(pk=fit.person_id).update(phone="13800000001")
    draw = hold_draw(actor=officer, panel=panel, word="春分", witness="赵见证")
    asked = Message.objects.get(letter="review.asked")
    assert (asked.channel, asked.person_id) == ("sms", fit.person_id)

    def paper():
        rows = Document(BytesIO(draw_record(panel, draw))).tables[1].rows
        return [cell.text for cell in rows[1].cells][-1]

    assert paper() == "未送达"
    Message.objects.update(state="sent", ended_at=now())
    advance(REVIEW, panel.reviews.select_related("record").get(), "take-on", actor=actor_for(fit.person))
    sent, answered = paper().split("；")
    assert sent.startswith("短信 ")
    assert answered.startswith("接受 ")


def test_page_of_another_stage_says_where_the_panel_stands_and_when_it_is_done():
    officer = city.officer()
    panel = reviews.panel(officer, reviews.closed_call(officer, city.organisation("石化大学", kind="university")))
    meeting = client_of(officer).get(f"/panels/{panel.record.code}/meeting/")
    told = f"{panel.record.code} is at the stage panel prepared; this is done at: scores closed."
    assert (meeting.status_code, told in meeting.content.decode()) == (403, True)
    assert (meeting.context["title"], meeting.context["ways"][0].url) == (
        "Not at this stage",
        f"/panels/{panel.record.code}/",
    )
    Record.objects.filter(pk=panel.record_id).update(stage="concluded")
    other = client_of(officer).get(f"/panels/{panel.record.code}/conflicts/")
    told = "is at the stage panel concluded; this is done at: panel prepared, experts score."
    assert (other.status_code, told in other.content.decode()) == (403, True)
