"""Applications go by the unit that recommends them, where a call names such units."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.areas.calls.actions import edit_call
from kezhuan.areas.calls.application_actions import begin_application, edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.recommending_actions import LETTER, recommend
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.permissions import runs
from kezhuan.kernel.access import GROUPS, actor_for, can_view
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import now, today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews
from tests.factories.scans import blank
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def sees(row, actor):
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    return [group for group in GROUPS if can_view(actor, record, group)]


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def test_a_call_names_its_recommending_units_with_their_moment_or_neither():
    officer, unit = city.officer(), city.organisation(kind="agency")
    call = calls.call(by=officer)
    code, until = unit.record.code, now() + timedelta(days=21)

    def change(**facts):
        row = Call.objects.select_related("record").get(pk=call.pk)
        facts = calls.call_facts(**facts)
        return edit_call(actor=officer, call=row, facts=facts, expected_version=row.record.version)

    with pytest.raises(Refused) as refused:
        change(recommenders=("O-1999-00001",))
    assert codes(refused) == {"recommender-unknown"}
    for facts, said in (
        ({"recommenders": (code,)}, "recommending-incomplete"),
        ({"recommend_until": until}, "recommending-incomplete"),
        ({"recommenders": (code,), "recommend_until": now() + timedelta(days=19)}, "recommending-early"),
    ):
        row = change(**facts)
        with pytest.raises(Refused) as refused:
            advance(CALL, row, "publish", actor=officer)
        assert said in codes(refused)
    row = change(recommenders=(code.lower(),), recommend_until=until)
    advance(CALL, row, "publish", actor=officer)
    assert list(row.recommenders.all()) == [unit]
    assert unit.record.title in client_of(officer).get(f"/calls/{call.record.code}/").content.decode()


def test_an_application_is_sent_back_handed_in_again_and_recommended_by_a_letter():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    other = calls.application(call, stage="offered")
    unit, stranger = other.recommender, city.clerk(city.organisation(kind="agency"))
    sender, firm = city.clerk(unit), city.organisation(kind="university")
    own = city.clerk(firm)
    # By a program: the scan of the letter is a file of what it recommends.
    told = {"applications": [other.record.code], "letter_no": "穗某函〔2026〕0号", "letter_on": today()}
    for declared, status in (("false", 422), ("true", 200)):
        sent = {**told, "declared_open": declared, "file": SimpleUploadedFile("推荐函甲.png", blank())}
        answer = client_of(sender).post(f"/api/v1/calls/{call.record.code}/recommend/letter", sent)
        assert (answer.status_code, other.record.documents.filter(kind=LETTER).count()) == (status, status == 200)
    item = CallItem.objects.select_related("call__record").get(call=call)
    row = begin_application(actor=own, item=item, facts=calls.application_facts())
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "submit", actor=own)
    assert codes(refused) == {"recommender-missing"}
    facts = calls.application_facts(recommender=unit.record.code)
    version = Record.objects.get(pk=row.pk).version
    row = edit_application(actor=own, application=row, facts=facts, expected_version=version)
    row = advance(APPLICATION, row, "submit", actor=own)
    assert row.record.stage == "offered"
    # Before it is recommended its unit alone reads it beside the applicant, and the officers know that it is there.
    assert sees(row, officer) == ["title"]
    assert sees(row, sender) == ["title", "public", "full"]
    assert sees(row, stranger) == []
    assert [one.code for one in inbox.lines(sender)] == [row.record.code]
    assert {one.code for one in inbox.lines(officer)} == {other.record.code}
    letter = {"applications": [row.record.code], "letter_no": "穗某函〔2026〕1号", "letter_on": today()}
    signed = {"letter": Upload("推荐函.png", blank(), True)}
    for actor in (stranger, own, officer):
        with pytest.raises(NotAllowed):
            recommend(actor=actor, call=call, **letter, **signed)
    for wrong, said in (
        ({"applications": []}, "recommend-nothing"),
        ({"applications": [row.record.code, other.record.code]}, "recommend-unknown"),
        ({"letter_no": " "}, "letter-missing"),
        ({"letter_on": today() + timedelta(days=1)}, "day-later"),
        ({"letter": None}, "letter-scan-missing"),
    ):
        with pytest.raises(Refused) as refused:
            recommend(actor=sender, call=call, **{**letter, **signed, **wrong})
        assert codes(refused) == {said}
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "recommend", actor=sender)
    assert codes(refused) == {"letter-missing"}
    # Nobody recommends what is their own elsewhere.
    add_member(actor=SYSTEM, organisation=unit, person=own.person)
    both = actor_for(own.person, unit.pk)
    assert both.organisation == unit
    for step in (
        lambda: recommend(actor=both, call=call, **letter, **signed),
        lambda: advance(APPLICATION, row, "send-back", actor=both, note="缺"),
    ):
        with pytest.raises(NotAllowed):
            step()
    row = advance(APPLICATION, row, "send-back", actor=sender, note="缺预算表")
    assert [one.code for one in inbox.lines(own)] == [row.record.code]
    # Why stands at the head of its page, for those who read it, until the next step.
    words = '<div class="said">缺预算表</div>'
    assert words in client_of(own).get(f"/applications/{row.record.code}/").content.decode()
    # The call may have closed meanwhile: what was sent back comes in again until the units' own moment.
    calls.end_time_of(call)
    advance(CALL, Call.objects.select_related("record").get(pk=call.pk), "close", actor=officer)
    row = Application.objects.select_related("record", "item__call__record", "applicant").get(pk=row.pk)
    row = advance(APPLICATION, row, "offer-again", actor=own)
    assert words not in client_of(own).get(f"/applications/{row.record.code}/").content.decode()
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "refuse", actor=officer, note="未推荐", reason="other")
    assert codes(refused) == {"recommending-open"}
    browser, page = client_of(sender), f"/calls/{call.record.code}/recommend/"
    assert row.record.code in browser.get(page).content.decode()
    titles = [one.record.title for one in (other.applicant, firm)]
    assert [line["Applicant"] for line in taken(browser, page, "csv")] == titles
    ledger, desk = f"/calls/{call.record.code}/tables/solutions/", client_of(officer)
    still = taken(desk, ledger, "csv")[-1]  # with its unit still: that it stands there, and nothing of what it says
    assert (still["Applicant"], still["Who leads the work"], still["Months"]) == (firm.record.title, "", "")
    scan = SimpleUploadedFile("推荐函.png", blank())
    assert browser.post(page, {**letter, "file": scan}).status_code == 422  # without its declaration
    bare = browser.post(page, {**letter, "declared_open": "on"})
    assert (bare.status_code, [one.field_id for one in bare.context["problems"]]) == (422, ["id_file"])
    by_program = browser.post(f"/api/v1{page.rstrip('/')}", letter, content_type="application/json")
    assert [one["code"] for one in by_program.json()["problems"]] == ["letter-scan-missing"]
    scan.seek(0)
    assert browser.post(page, {**letter, "file": scan, "declared_open": "on"}).url == page
    row = Application.objects.select_related("record", "item__call__record", "applicant").get(pk=row.pk)
    assert (row.record.stage, row.letter_no) == ("submitted", "穗某函〔2026〕1号")
    assert {one.code for one in inbox.lines(officer)} >= {other.record.code, row.record.code}
    assert sees(row, officer) == list(GROUPS)
    shown = client_of(officer).get(f"/applications/{row.record.code}/").content.decode()
    assert row.record.title in shown
    assert "推荐函.png" in shown
    assert [one["Months"] for one in taken(desk, ledger, "csv")] == ["18", "18"]
    _other, line = taken(client_of(officer), f"/calls/{call.record.code}/tables/recommended/", "csv")
    assert (line["Recommending unit"], line["Letter of recommendation"]) == (unit.record.title, "穗某函〔2026〕1号")
    assert client_of(stranger).get(page).status_code == 403
    # Its people know whose application it is: experts are cleared against it, and it runs no panel about it.
    matter = judging.told_of("call", [row.pk])[row.pk]
    assert set(matter.parties) >= {firm.pk, unit.pk}
    assert unit.record.title in matter.names
    advance(APPLICATION, calls.checked(row, officer), "accept", actor=officer)
    panel = reviews.panel(officer, call, agency=unit.record.code)
    assert not runs.test(sender, panel)
    assert not runs.among(sender, Panel.objects.all()).exists()
    assert runs.test(officer, panel)


def test_a_call_may_let_the_scan_of_the_letter_off_and_says_so():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    row = calls.application(call, stage="offered")
    desk, place = client_of(officer), f"/calls/{call.record.code}/"
    assert "They may recommend without a scan of the letter" in desk.get(place).content.decode()
    assert desk.get(f"/api/v1{place.rstrip('/')}").json()["letter_optional"] is False
    Call.objects.filter(pk=call.pk).update(letter_optional=True)
    browser = client_of(city.clerk(row.recommender))
    letter = {"applications": [row.record.code], "letter_no": "1号", "letter_on": today()}
    assert browser.post(f"{place}recommend/", letter).status_code == 302
    row = Application.objects.select_related("record").get(pk=row.pk)
    assert (row.record.stage, row.record.documents.exists()) == ("submitted", False)
    like = desk.get(f"/calls/new/?like={call.record.code}").content.decode()
    for name in ("letter_optional", "asks_recommending"):
        assert re.search(rf'name="{name}"[^>]*checked', like), name


def test_after_their_moment_nothing_is_recommended_and_officers_end_it():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    rows = [calls.application(call, stage=stage) for stage in ("offered", "sent-back")]
    calls.end_time_of(call)
    Call.objects.filter(pk=call.pk).update(recommend_until=now() - timedelta(minutes=1))
    call = advance(CALL, Call.objects.select_related("record").get(pk=call.pk), "close", actor=officer)
    with pytest.raises(Refused) as refused:
        advance(CALL, call, "decide", actor=officer)
    assert "call-unchecked" in codes(refused)
    for row in rows:
        row = Application.objects.select_related("record", "item__call__record", "applicant").get(pk=row.pk)
        sender = city.clerk(row.recommender)
        letter = {"applications": [row.record.code], "letter_no": "1号", "letter_on": today()}
        with pytest.raises(Refused):
            recommend(actor=sender, call=call, **letter)
        row = advance(APPLICATION, row, "refuse", actor=officer, note="未在期限内推荐", reason="other")
        assert sees(row, officer) == ["title"]
