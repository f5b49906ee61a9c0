"""What is changed through the API beside drafts: prepared inspections and notices, meetings; and the list of people."""

from datetime import timedelta

from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Notice, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from tests.api.actors import ROOT, Api, make_achievement, make_member, make_need
from tests.areas.crawling import client_of
from tests.factories import city as factories


def put(api, address, body, **headers):
    return api.put(ROOT + address, body, content_type="application/json", headers=headers)


def test_a_prepared_inspection_is_corrected_by_those_who_admit_until_the_inspector_is_admitted(city):
    need, other = make_need(city.owner, city.officer), make_need(city.owner, city.officer, title="另一需求")
    sign_up(name="孙审计", email="audit@example.com", password="Long-enough-7531")
    days = {"since": today().isoformat(), "until": (today() + timedelta(days=3)).isoformat()}
    body = {"body": "市审计局", "letter_no": "7号", **days, "codes": [need.record.code]}
    answer = city.officer_api.post(
        f"{ROOT}/inspections", {"email": "audit@example.com", **body}, content_type="application/json"
    )
    address, tag = f"/inspections/{answer.json()['code']}", answer.headers["ETag"]
    changed = {**body, "letter_no": "8号", "codes": [other.record.code.lower()], "owner_told": False}
    done = put(city.officer_api, address, changed, **{"if-match": tag})
    assert done.status_code == 200, done.content
    assert put(city.officer_api, address, changed, **{"if-match": tag}).status_code == 412
    assert put(city.officer_api, address, changed).status_code == 428
    shown = city.officer_api.read(address)
    assert (shown["letter_no"], shown["owner_told"], shown["title"]) == ("8号", False, "调阅 8号")
    assert [one["code"] for one in shown["matters"]] == [other.record.code]
    entry = Entry.objects.filter(kind="inspection.edit").latest("seq")
    assert entry.data["fields"] == ["codes", "letter_no", "owner_told", "title", "title_en"]
    tag = done.headers["ETag"]
    over = {**changed, "until": (today() - timedelta(days=1)).isoformat(), "codes": ["N-1999-00001"], "body": " "}
    refused = put(city.officer_api, address, over, **{"if-match": tag}).json()["problems"]
    assert {one["code"] for one in refused} == {"matters-unknown", "inspection-days", "text-missing"}
    assert put(city.owner_api, address, changed, **{"if-match": tag}).status_code == 404
    # The page does the same, and keeps what was typed.
    page, client = f"{address}/edit/", client_of(city.officer)
    html = client.get(page).content.decode()
    assert other.record.code in html
    assert "audit@example.com" not in html
    typed = {**days, "body": "市纪委", "letter_no": "9号", "codes": f"{need.record.code}\n{other.record.code}",
             "version": done.json()["version"]}  # fmt: skip
    assert client.post(page, {**typed, "version": 1}).status_code == 409
    assert client.post(page, typed)["Location"] == f"{address}/"
    row = Inspection.objects.get(body="市纪委")
    assert (row.matters.count(), row.owner_told) == (2, False)
    Record.objects.filter(pk=row.pk).update(stage="admitted", phase="active")
    assert put(city.officer_api, address, {**changed, "version": 99}).status_code == 409
    assert client.get(page).status_code == 403


def test_a_prepared_notice_takes_another_reception_and_other_places_and_none_once_it_runs(city):
    factories.notice_rule()
    about = make_achievement(city.university, city.officer).record
    body = {"record": about.code, "move": "register", "audience": "public", "channels": ["site", "press"],
            "reception": "科技局"}  # fmt: skip
    made = city.officer_api.send("/notices", body, 201)
    address, frozen = f"/notices/{made['code']}", Notice.objects.get().content_hash
    changed = {"channels": ["site", "bureau"], "reception": "科技局成果处 020-83120000", "version": made["version"]}
    done = put(city.officer_api, address, changed)
    assert done.status_code == 200, done.content
    assert put(city.officer_api, address, changed).status_code == 409
    notice = Notice.objects.get()
    assert {one.kind for one in notice.channels.all()} == {"site", "bureau"}
    assert (notice.reception, notice.content_hash) == ("科技局成果处 020-83120000", frozen)
    tag = {"if-match": done.headers["ETag"]}
    nothing = put(city.officer_api, address, {"channels": [], "reception": " "}, **tag).json()["problems"]
    assert {one["code"] for one in nothing} == {"notice-channels", "notice-reception"}
    notice.channels.filter(kind="bureau").update(started_on=today())
    left = put(city.officer_api, address, {"channels": ["site"], "reception": "科技局"}, **tag).json()["problems"]
    assert [one["code"] for one in left] == ["notice-channels"]
    assert put(city.owner_api, address, {"channels": ["site"], "reception": "x"}, **tag).status_code in {403, 404}
    client, page = client_of(city.officer), f"{address}/edit/"
    given = {"channels": ["bureau"], "reception": "公告栏", "version": done.json()["version"]}
    assert client.post(page, given)["Location"] == f"{address}/"
    assert [one.kind for one in notice.channels.all()] == ["bureau"]
    Record.objects.filter(pk=notice.pk).update(stage="running")
    assert put(city.officer_api, address, {"channels": ["site"], "reception": "x", "version": 99}).status_code == 409
    assert client.get(page).status_code == 403


def test_a_meeting_is_planned_on_what_the_tag_names(city):
    need, result = make_need(city.owner, city.officer), make_achievement(city.university, city.officer)
    followers.run_pending()
    introduced = f"/needs/{need.record.code}/matches/{result.record.code}/introduce"
    answer = city.owner_api.post(ROOT + introduced, None, content_type="application/json")
    address, tag = f"/introductions/{answer.json()['code']}/meeting", answer.headers["ETag"]
    introduction = Record.objects.get(code=answer.json()["code"]).introduction
    advance(INTRODUCTION, introduction, "agree", actor=city.university)
    body = {"at": (now() + timedelta(days=2)).isoformat(), "where": "会议室"}
    assert put(city.owner_api, address, body, **{"if-match": tag}).status_code == 412
    done = put(city.owner_api, address, body)
    assert done.status_code == 200, done.content
    again = put(city.owner_api, address, {**body, "where": "二楼"}, **{"if-match": done.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != done.headers["ETag"]


def test_people_are_listed_to_those_who_see_them_and_to_nobody_else(city):
    firm = city.owner.organisation
    colleague, stranger = make_member(firm, "柳同事", Role.READER), make_member(factories.organisation(), "外人")
    people = {"owner": city.owner, "colleague": colleague, "stranger": stranger, "officer": city.officer}
    told = {
        who: {one["code"] for one in Api(actor).read("/people?limit=100")["items"]} for who, actor in people.items()
    }
    own, code = city.owner.person.record.code, colleague.person.record.code
    assert {own, code} <= told["owner"]
    assert told["colleague"] == told["owner"]
    assert told["stranger"] == {stranger.person.record.code}
    assert {own, code, stranger.person.record.code} <= told["officer"]
    nobody = city.visitor_api.read("/people")
    assert (nobody["items"], nobody["total"]) == ([], 0)
    listed = next(one for one in city.owner_api.read("/people?limit=100")["items"] if one["code"] == code)
    assert "phone" not in listed
    found = city.owner_api.read(f"/people?q={colleague.person.record.title}")
    assert code in {one["code"] for one in found["items"]}
