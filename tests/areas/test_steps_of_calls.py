"""Which steps a call goes through: the check of a unit, a meeting that decides, and none that officers leave away."""

import pytest
from django.utils import translation

from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.forms import AskForm
from kezhuan.areas.approvals.route_actions import StepFacts, set_route
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.forms import STEPS_OF_PATTERNS, initial_by
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.wording import steps_in_words
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.kernel import followers
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews, scans

pytestmark = pytest.mark.django_db


def refused(act):
    with pytest.raises(Refused) as found:
        act()
    return {problem.code for problem in found.value.problems}


def test_an_application_counts_once_an_administrator_of_its_unit_has_confirmed_it():
    officer, unit = city.officer(), city.organisation(kind="university")
    writer, leader = city.member(unit), city.member(unit, Role.ADMINISTRATOR)
    call = calls.call(stage="published", by=officer, unit_check=True)
    row = advance(APPLICATION, calls.application(call, unit, stage="draft", by=writer), "submit", actor=writer)
    assert (row.record.stage, row.submitted_at) == ("checking", None)
    waiting = Clock.objects.get(record=row.pk, name="checking", ended_on=None)
    assert waiting.party_id == unit.pk  # until the call closes, in the unit's inbox
    assert client_of(officer).get(f"/applications/{row.record.code}/").status_code == 404  # not handed in yet
    with pytest.raises(NotAllowed):
        advance(APPLICATION, row, "confirm", actor=writer)
    row = advance(APPLICATION, row, "write-on", actor=leader, note="补充基础")
    row = advance(APPLICATION, row, "submit", actor=writer)
    page = client_of(leader)
    assert "/moves/confirm/" in page.get(f"/applications/{row.record.code}/").content.decode()
    row = advance(APPLICATION, Application.objects.get(pk=row.pk), "confirm", actor=leader)
    assert (row.record.stage, row.submitted_at is not None) == ("submitted", True)
    assert not Clock.objects.filter(record=row.pk, name="checking", ended_on=None).exists()
    # Whoever leads the unit confirms by submitting; what nobody confirmed when the call closes was not handed in.
    other, late = (calls.application(call, stage="draft") for _number in range(2))
    other = advance(APPLICATION, other, "submit", actor=city.member(other.applicant, Role.ADMINISTRATOR))
    assert other.record.stage == "submitted"
    late = advance(APPLICATION, late, "submit", actor=city.clerk(late.applicant))
    calls.end_time_of(call)
    late, head = Application.objects.get(pk=late.pk), city.member(late.applicant, Role.ADMINISTRATOR)
    assert refused(lambda: advance(APPLICATION, late, "confirm", actor=head)) == {"call-over"}
    advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    assert Record.objects.get(pk=late.pk).stage == "missed"


def test_a_call_that_asks_for_it_is_decided_by_a_meeting_and_another_is_not():
    officer = city.officer()
    call = reviews.closed_call(officer, city.organisation(kind="university"), needs_approval=True)
    free = reviews.closed_call(officer, city.organisation("乙大学", kind="university"))

    def proposed(row):
        codes = Application.objects.filter(item__call=row.pk).values_list("record__code", flat=True)
        return propose(actor=officer, call=row, proposed={code: Proposed(True, "可行", 1) for code in codes})

    call, free = proposed(call), proposed(free)
    assert refused(lambda: advance(CALL, call, "decide", actor=officer)) == {"approval-no-meeting"}
    advance(CALL, free, "decide", actor=officer)
    head = city.member(officer.organisation, Role.OFFICER, name="分管局长")
    asks = [AskForm(move=CALL.moves["decide"], row=row, actor=officer) for row in (call, free)]
    assert ["considered" in form.fields for form in asks] == [True, False]
    post = city.post(officer.organisation, "局长办公会", head)
    route = {"actor": SYSTEM, "kind": "call", "move": "decide", "jurisdiction": "440100"}
    signed = set_route(**route, steps=[StepFacts(1, post)])
    assert refused(lambda: ask_approval(actor=officer, row=call, move="decide")) == {"approval-no-meeting"}
    set_route(**route, steps=[StepFacts(1, post, "collective")], replaces=signed.pk)
    asked = ask_approval(actor=officer, row=Call.objects.get(pk=call.pk), move="decide")
    record_decision(
        actor=head, step=asked.steps.get(), meeting="局长办公会", held_on=today(), attended=["张局长", "李副局长"],
        minutes_no="〔2026〕8号", entitled=3, minutes=Upload("纪要.png", scans.blank(), True),
    )  # fmt: skip
    assert Record.objects.get(pk=call.pk).stage == "decided"


def test_a_meeting_decides_on_the_proposal_before_it_is_laid_open_and_the_call_is_decided_after_that():
    officer = city.officer()
    call = reviews.closed_call(
        officer, city.organisation(kind="university"), needs_approval=True, notice_days=5, notice_places=("site",)
    )
    codes = Application.objects.filter(item__call=call.pk).values_list("record__code", flat=True)
    call = propose(actor=officer, call=call, proposed={code: Proposed(True, "可行", 1) for code in codes})
    head = city.member(officer.organisation, Role.OFFICER, name="分管局长")
    post = city.post(officer.organisation, "局长办公会", head)
    set_route(actor=SYSTEM, kind="call", move="decide", jurisdiction="440100", steps=[StepFacts(1, post, "collective")])
    asked = ask_approval(actor=officer, row=call, move="decide")
    record_decision(
        actor=head, step=asked.steps.get(), meeting="局长办公会", held_on=today(), attended=["张局长", "李副局长"],
        minutes_no="〔2026〕8号", entitled=3, minutes=Upload("纪要.png", scans.blank(), True),
    )  # fmt: skip
    followers.run_pending()
    assert Record.objects.get(pk=call.pk).stage == "closed"
    notice = city.notice(Call.objects.get(pk=call.pk), officer, stage="running", move="decide")
    advance(NOTICE, notice, "complete", actor=officer)
    followers.run_pending()
    assert Record.objects.get(pk=call.pk).stage == "decided"
    stages = Record.objects.filter(code__in=list(codes)).values_list("stage", flat=True)
    assert set(stages) == {"awarded"}


def test_a_template_has_every_step_and_a_call_shows_those_it_keeps():
    order = (
        "unit check → recommending unit → formality check → expert review → proposal → approval with a collective"
        " decision → notice → decision"
    )
    for kind in CallKind:
        fields, rows = initial_by(kind.value)
        begun = Call(**{name: fields[name] for name in STEPS_OF_PATTERNS}, criteria=rows["criteria"])
        to_project = " → project library (项目库) → budget document → project" if begun.begins_projects else ""
        with translation.override("en"):
            assert steps_in_words(begun) == order + to_project, kind
        # How long, and who recommends, is the officer's to enter: no policy is invented.
        assert {fields.get(name) for name in ("notice_days", "recommend_until", "recommenders")} == {None}
    call = calls.call(stage="published", unit_check=True, needs_approval=True)
    page = client_of(city.officer()).get(f"/calls/{call.record.code}/").content.decode()
    assert "unit check → formality check → proposal → approval with a collective decision → decision → project" in page
    short = calls.call(stage="published", begins_projects=False)
    page = client_of(city.officer()).get(f"/calls/{short.record.code}/").content.decode()
    assert "formality check → proposal → decision<" in page.replace("\n", "")
    noticed = calls.call(holds_notice=True, needs_approval=True)
    desk, address = client_of(city.officer()), f"/calls/{noticed.record.code}/"
    page = desk.get(address).content.decode()
    assert "→ approval with a collective decision → notice → decision →" in page
    assert "days not entered yet" in page
    advanced = desk.post(f"/records/{noticed.record.code}/moves/publish/", {"version": noticed.record.version})
    assert "No rule says for how long what is proposed is laid open" in advanced.content.decode()
    Call.objects.filter(pk=noticed.pk).update(notice_days=5)
    noticed = advance(CALL, Call.objects.select_related("record").get(pk=noticed.pk), "publish", actor=city.bureau())
    assert "days not entered yet" not in desk.get(address).content.decode()
    # The unit that recommends is named, with its term, or the step is left away, before anybody can apply.
    offered = calls.call(asks_recommending=True)
    place = f"/calls/{offered.record.code}/"
    page = desk.get(place).content.decode()
    assert "recommending unit → formality check" in page
    assert "not named yet" in page
    assert refused(lambda: advance(CALL, offered, "publish", actor=city.bureau())) == {"recommending-unnamed"}
    unit = calls.recommender_of(offered)
    offered = Call.objects.select_related("record").get(pk=offered.pk)
    assert advance(CALL, offered, "publish", actor=city.bureau()).record.stage == "published"
    page = desk.get(place).content.decode()
    assert unit.record.title in page
    assert "not named yet" not in page
    asks = calls.call(holds_notice=True)
    city.rule("notice.call.decide", 5, "working days")  # where a rule says it, nothing is left to enter
    assert advance(CALL, asks, "publish", actor=city.bureau()).record.stage == "published"
