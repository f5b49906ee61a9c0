"""A call by invitation: those invited, its officers, recommenders and posters know of it, and nobody else."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import translation

from kezhuan.areas.calls.application_actions import begin_application
from kezhuan.areas.calls.facts import check_facts
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.tables import ROWS, Brought
from kezhuan.areas.calls.telling_actions import INVITED
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.projects.race_test_actions import ask_tester
from kezhuan.exchange import open_data
from kezhuan.exchange.kinds import Content
from kezhuan.kernel import followers, jobs, watches
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.feeds import address, open_feed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Message, Watch
from kezhuan.kernel.outbox.words import outgoing
from kezhuan.kernel.search import Asked
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.areas.test_recommending import codes, sees
from tests.factories import calls, city, projects, reviews
from tests.factories.outbox import box

__all__ = ["box"]

pytestmark = pytest.mark.django_db
JSON = "application/json"


def codes_of(problems):
    return [one.code for one in problems]


def fresh(call):
    return Call.objects.select_related("record").get(pk=call.pk)


def test_nobody_but_those_concerned_finds_it_in_any_channel_and_who_is_invited_is_told():
    officer, unit, late = city.officer(), city.organisation(kind="university"), city.organisation(kind="institute")
    recommender, posing = city.organisation(kind="agency"), city.organisation()
    need = city.need(posing, stage="published")
    named = {"recommenders": (recommender.record.code,), "recommend_until": now() + timedelta(days=25)}
    writer, newcomer = city.member(unit), city.member(late)
    call = calls.by_invitation(unit, by=officer, needs=[need], **named)
    code, title = call.record.code, call.record.title
    followers.run_pending()
    inside = {"invited": writer, "recommender": city.clerk(recommender), "poster": city.clerk(posing), "city": officer}
    outside = {
        "visitor": VISITOR,
        "not invited": newcomer,
        "district": city.officer("440106"),
    }
    lists = ("/calls/", "/search/?q=光刻胶", "/api/v1/calls", "/api/v1/search?q=光刻胶")
    others = ("/", "/inbox/", f"/needs/{need.record.code}/", f"/api/v1/needs/{need.record.code}")
    own = (f"/calls/{code}/", f"/calls/{code}/items/1/apply/", f"/calls/{code}/invited/", f"/api/v1/calls/{code}")
    for who, actor in outside.items():
        desk = client_of(actor)
        for place in (*lists, *others):
            said = desk.get(place).content.decode()
            assert (who, place, code in said, title in said) == (who, place, False, False)
        assert {(who, desk.get(one).status_code) for one in own} <= {(who, 404), (who, 302)}
        assert sees(call, actor) == []
    for who, actor in inside.items():
        desk = client_of(actor)
        assert (who, desk.get(own[0]).status_code) == (who, 200)
    assert [place for place in lists if code not in client_of(writer).get(place).content.decode()] == []
    assert "stage=published" not in client_of(VISITOR).get(lists[0]).content.decode()  # counted nowhere
    edition = open_data.write_edition()
    files = [edition.path_of(one.name) for part in edition.extracts for one in part.files]
    assert [one.name for one in files if code.encode() in one.read_bytes()] == []
    # Who may read it need not apply to it: those invited do.
    item = CallItem.objects.select_related("call__record").get(call=call)
    for who in ("recommender", "poster"):
        with pytest.raises(NotAllowed):
            begin_application(actor=inside[who], item=item, facts=calls.application_facts())
        assert "/items/1/apply/" not in client_of(inside[who]).get(own[0]).content.decode()
    assert own[1] in client_of(writer).get(own[0]).content.decode()
    assert unit.record.title not in client_of(inside["poster"]).get(own[0]).content.decode()
    # Who is invited later is told as those were with whom it opened; a stranger's code is refused.
    told = Message.objects.filter(letter=INVITED)
    assert {one.acting_for for one in told} == {unit}
    with translation.override("en"):
        (letter,) = [outgoing(one) for one in told if one.person == writer.person]
    assert (title in letter.text, code in letter.text) == (True, True)
    desk, place, api = client_of(officer), own[2], f"/api/v1/calls/{code}/invited"
    assert unit.record.code in desk.get(place).content.decode()
    assert desk.post(place, {"invited": f"{unit.record.code} O-1999-00001"}).status_code == 422
    assert desk.post(place, {"invited": f"{unit.record.code} {late.record.code}"}).status_code == 302
    assert {one.acting_for for one in told.all()} == {unit, late}
    assert sees(call, newcomer) == ["title", "public"]
    assert late.record.title in desk.get(own[0]).content.decode()
    assert [one["code"] for one in desk.get(f"/api/v1/calls/{code}").json()["invited"]] == [
        unit.record.code,
        late.record.code,
    ]
    assert "invited" not in client_of(writer).get(f"/api/v1/calls/{code}").json()
    # Who has not begun an application may be left out, and nobody else.
    begin_application(actor=writer, item=item, facts=calls.application_facts())
    refused = desk.put(api, {"codes": [late.record.code]}, content_type=JSON)
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "invited-begun")
    assert desk.put(api, {"codes": []}, content_type=JSON).json()["problems"][0]["code"] == "invited-missing"
    assert desk.put(api, {"codes": [unit.record.code]}, content_type=JSON).status_code == 200
    assert sees(call, newcomer) == []
    assert client_of(newcomer).get(own[0]).status_code == 404
    # Applications of another system come in for those invited alone, and a public call names none that it posts again.
    said = Content(defaultdict(str), {}, {}, "")
    brought = [Brought(item, one, "攻关", "submitted") for one in (late, unit)]
    assert ["application-uninvited" in codes_of(ROWS.check(one, said)) for one in brought] == [True, False]
    # Nor does a unit come to know of it by a file that names it as the one which recommended.
    named = [Brought(item, unit, "攻关", "submitted", recommender=one) for one in (late, recommender)]
    said = Content(defaultdict(str, recommender="某单位"), {}, {}, "")
    assert ["recommender-unknown" in codes_of(ROWS.check(one, said)) for one in named] == [True, False]
    # An officer of another district learns of none by its code, and of one that is public not who has applied.
    open_one = calls.application(calls.call(stage="published", by=officer), late).item
    rows = [defaultdict(str, call=one.record.code, item="1") for one in (call, open_one.call)]
    read = [Content(one, {}, {}, "", late, actor=outside["district"]) for one in rows]
    assert [codes_of(ROWS.check(ROWS.facts(one), one)) for one in read] == [
        ["application-item"],
        ["application-unopened"],
    ]
    again = calls.call(stage="published", by=officer, places=[Place("方向")])
    Call.objects.filter(pk=again.pk).update(earlier=call)
    shown = [client_of(actor).get(f"/calls/{again.record.code}/").content.decode() for actor in (VISITOR, officer)]
    assert [code in one for one in shown] == [False, True]
    draft = calls.call(by=officer, disclosure="invited", places=[Place("方向")])
    with pytest.raises(Refused) as refused:
        advance(CALL, draft, "publish", actor=officer)
    assert codes(refused) == {"invited-missing"}
    assert [one.code for one in check_facts(calls.call_facts(invited=("O-1999-00001",)))] == ["invited-unknown"]


def test_what_comes_of_it_stays_with_them_but_for_the_notice_that_is_due():
    officer, unit, agency = city.officer(), city.organisation(kind="university"), city.organisation(kind="agency")
    other, stranger = city.organisation(kind="institute"), city.member(city.organisation())
    readers = (VISITOR, stranger, city.clerk(agency), city.clerk(other))
    named = {"disclosure": "invited", "invited": tuple(one.record.code for one in (unit, other))}
    chosen = projects.awarded(unit, other, by=officer, fen=50_000_000, **named)
    race = projects.race([projects.project(one) for one in chosen], by=officer)
    assert [bool(sees(race, actor)) for actor in readers] == [False, False, False, True]
    ask_tester(actor=officer, race=race, tester=agency.record.code)
    assert [sees(race, actor) for actor in readers[:3]] == [[], [], ["title"]]
    page = client_of(readers[2]).get(f"/races/{race.record.code}/").content.decode()
    assert f'href="/calls/{chosen[0].item.call.record.code}/"' not in page
    assert client_of(readers[2]).get(f"/races/{race.record.code}/figures/").status_code == 200
    (alone,) = projects.awarded(unit, by=officer, fen=50_000_000, **named)
    filed = projects.project(alone, stage="filed")
    assert [sees(filed, actor) for actor in readers] == [[], [], [], ["title", "public"]]
    # Its experts read what they judge, and a notice that is due tells who is to be chosen, and what for.
    call = calls.by_invitation(unit, other, by=officer)
    row = calls.application(call, unit, stage="qualified")
    calls.end_time_of(call)
    call = advance(CALL, fresh(call), "close", actor=officer)
    reviews.expert("评审甲", by=officer)
    panel = reviews.panel(officer, call, per_item=1, scheme="open")
    (review,) = reviews.asked(officer, panel)
    panel, judge = reviews.scored(officer, panel), reviews.judge(review)
    assert sees(call, judge) == []
    assert row.record.title in client_of(judge).get(f"/reviews/{review.record.code}/items/1/").content.decode()
    reviews.concluded(officer, panel)
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "方案可行", 1_000_000)})
    city.rule("notice.call.decide", 5, "working days")
    notice = city.notice(fresh(call), officer, stage="running", move="decide")
    desk = client_of(VISITOR)
    shown = desk.get(f"/notices/{notice.record.code}/").content.decode()
    assert (call.record.title in shown, unit.record.title in shown) == (True, True)
    assert f"/calls/{call.record.code}/" not in shown
    assert desk.get(f"/calls/{call.record.code}/").status_code == 404
    advance(NOTICE, notice, "complete", actor=officer)
    advance(CALL, fresh(call), "decide", actor=officer)
    assert [bool(sees(row, actor)) for actor in readers] == [False, False, False, True]


@pytest.mark.usefixtures("box")
def test_who_is_not_invited_is_told_of_it_by_no_calendar_search_feed_or_digest():
    officer, unit, late = city.officer(), city.organisation(kind="university"), city.organisation(kind="institute")
    writer, stranger = city.member(unit), city.member(late)
    for actor in (writer, stranger):
        open_feed(actor.person)
        for asked, path in ((Asked(kinds=("call", "application")), "/calls/"), (Asked(words="光刻胶"), "/search/")):
            watches.save_search(actor=actor, path=path, asked=asked)
    need = city.need(city.organisation(), stage="published")
    watches.follow_record(actor=stranger, record=need.record)
    call = calls.by_invitation(unit, by=officer, needs=[need])
    item = CallItem.objects.select_related("call__record").get(call=call)
    row = begin_application(actor=writer, item=item, facts=calls.application_facts(title="受邀单位的光刻胶攻关"))
    followers.run_pending()
    Watch.objects.update(next_on=today())
    jobs.enqueue(watches.DIGEST)
    jobs.run_pending()
    words = [call.record.code, call.record.title, row.record.code, row.record.title]

    def told(actor):
        desk = client_of(actor)
        letters = [outgoing(one) for one in Message.objects.filter(person=actor.person)]
        said = [f"{one.subject}\n{one.text}" for one in letters]
        calendar = desk.get(address(actor.person).removeprefix(settings.SITE_URL)).content.decode().replace("\r\n ", "")
        places = ("/notices/feed/", "/inbox/", "/account/watches/", "/api/v1/inbox", "/api/v1/search?q=光刻胶")
        read = [desk.get(one).content.decode() for one in places]
        return {
            "letters": {one for one in words if one in "\n".join(said)},
            "calendar": {one for one in words if one in calendar},
            "pages": {one for one in words if one in "\n".join(read)},
        }

    assert told(stranger) == {"letters": set(), "calendar": set(), "pages": set()}
    mine = told(writer)
    assert [call.record.code in mine[one] for one in ("letters", "pages")] == [True, True]
    assert mine["calendar"] == {row.record.code, row.record.title}
