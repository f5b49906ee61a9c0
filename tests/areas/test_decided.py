"""Who decided what about a call, and who was barred from it: for its officers alone and whoever inspects it."""

import pytest

from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.commissioning_actions import Commission, award_commission
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.people.actions import sign_up
from kezhuan.areas.reviews.actions import TieFacts
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.dismissing_actions import dismiss_conflict
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
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
    api = f"/api/v1/calls/{call.record.code}/decisions"
    given = client.get(api, headers={"accept-language": "en"}).json()["items"]
    assert [(one["what"], one["about"], one["by"]) for one in given] == [
        (one["Matter"], one["Call, application or panel"], one["Who decided"]) for one in lines
    ]
    parts = [(each["unit"]["name"], each["part"]) for each in given[0]["barred"]]
    assert parts == [(poster, "poster"), ("甲大学", "applicant"), ("乙大学", "applicant")]
    for other in (city.clerk(units[0]), city.clerk(city.organisation())):
        assert client_of(other).get(address).status_code == client_of(other).get(api).status_code == 403
    # The page names who decided in the reader's language.
    Record.objects.filter(pk=officer.person.pk).update(title_en="Li Ming")
    assert "Li Ming" in {row[3] for row in client.get(address).context["table"].rows}
    # Who made the panel and who proposed is told as who decided is, with the same units barred.
    said = {(one["Matter"], one["Call, application or panel"]): one for one in lines}
    for what, about in (
        ("review panel made", panel.record.code), ("who is to be chosen was proposed", call.record.code),
    ):  # fmt: skip
        assert said[what, about]["Who decided"] == officer.name
        assert all(name in said[what, about]["Who was barred"] for name in ("甲大学", "乙大学", poster))


def test_what_recommending_units_routes_panels_and_commissions_decided_is_told_too():
    officer, leader = city.officer(), city.organisation("链主公司")
    signer = city.member(officer.organisation, Role.OFFICER, name="周局长")
    call = calls.call(stage="published", by=officer, call_kind="chain", places=[Place("碳化硅衬底方向")], winners=2)
    unit = calls.recommender_of(call, letter_optional=True)
    row, head = calls.application(call, leader, stage="offered"), city.clerk(unit)
    recommend(actor=head, call=call, applications=[row.record.code], letter_no="函1号", letter_on=today())
    advance(APPLICATION, calls.checked(fresh(row)), "accept", actor=officer)
    Call.objects.filter(pk=call.pk).update(recommend_until=now())
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    tied = reviews.expert("持股者", by=officer, ties=[TieFacts("shareholder", leader.record.code)])
    for name in ("专家甲", "专家乙"):
        reviews.expert(name, by=officer)
    panel = reviews.panel(officer, call, per_item=1)
    ((finding, *_more),) = clear_panel(panel, [tied]).cleared.findings.values()
    dismiss_conflict(actor=officer, panel=panel, key=finding.key, reason="同名")
    (seat,) = reviews.asked(officer, panel)
    advance(REVIEW, seat, "release", actor=officer, note="换人")
    reviews.asked(officer, panel)
    reviews.concluded(officer, reviews.scored(officer, panel))
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", 50_000_000)})
    city.route(city.post(officer.organisation, "局长", signer), kind="call", move="decide")
    asked = ask_approval(actor=officer, row=Call.objects.get(pk=call.pk), move="decide")
    sign_step(actor=signer, step=asked.steps.get())
    undertaker = city.organisation("承担公司")
    given = Commission(undertaker, "抛光液攻关", "达到0.1 nm", 12, 1, "记录齐备")
    made = award_commission(actor=officer, direction=fresh(row), facts=given)
    lines = taken(client_of(officer), f"/calls/{call.record.code}/decisions/", "csv")
    told = {(one["Matter"], one["Call, application or panel"]): one for one in lines}

    def said(what, about):
        one = told[what, about.record.code]
        return one["Who decided"], [name for name in ("链主公司", "承担公司") if name in one["Who was barred"]]

    assert said("recommended", row) == (head.name, ["链主公司"])
    for what in (
        "review panel made", "ties looked up", "conflict dismissed", "experts assigned", "expert released",
        "meeting recorded, with what the panel advises",
    ):  # fmt: skip
        assert said(what, panel) == (officer.name, ["链主公司"]), what
    assert said("who is to be chosen was proposed", call) == (officer.name, ["链主公司"])
    assert said("agreed", call) == (signer.name, ["链主公司"])
    # Neither the leader nor whom it commissions awards the money of it; that unit is barred from nothing else.
    assert said("commission awarded", made) == (officer.name, ["链主公司", "承担公司"])
    assert not [what for (what, _about) in told if what == "entered"]


def fresh(row):
    found = Application.objects.select_related("record", "item__call__record", "applicant__record")
    return found.get(pk=row.pk)


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
    assert client.get(f"/api/v1/calls/{call.record.code}/decisions").status_code == 200
    assert looks.last().data["by"] == "api"
