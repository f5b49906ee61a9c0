"""Records through the API: list, get, create, change, move, history."""

import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kezhuan.areas.needs.actions import Figure
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.search import live_index
from kezhuan.kernel.vocabulary import Field
from tests.api.actors import make_achievement, make_need

RICE = (Figure("亩产", "≥", "700", "kg", "测产"),)
KINDS = {"needs": make_need, "achievements": make_achievement}


def test_list_shows_published_records_newest_first_with_exact_total(city):
    first, second = (make_need(city.owner, city.officer, title=title) for title in ("甲种电池", "乙种电池"))
    make_need(city.owner, title="尚在起草")
    answer = city.visitor_api.read("/needs")
    assert [item["code"] for item in answer["items"]] == [second.record.code, first.record.code]
    assert (answer["total"], answer["next"], answer["complete"]) == (2, None, True)
    assert "facets" not in answer


def test_list_finds_words_and_counts_facets(city):
    make_need(city.owner, city.officer, title="碳化硅衬底", field="materials")
    make_need(city.owner, city.officer, title="水稻育种", problem="抗倒伏品种", field="agriculture", indicators=RICE)
    assert [item["title"] for item in city.visitor_api.read("/needs", q="碳化硅")["items"]] == ["碳化硅衬底"]
    answer = city.visitor_api.read("/needs", field="agriculture", facets="true")
    assert answer["total"] == 1
    assert answer["facets"]["field"] == [
        {"value": "agriculture", "label": "agriculture", "count": 1},
        {"value": "materials", "label": "new materials and their application", "count": 1},
    ]
    assert answer["facets"]["stage"] == [{"value": "published", "label": "published", "count": 1}]
    assert city.visitor_api.read("/needs", field=["agriculture", "materials"])["total"] == 2


def test_list_cursor_leads_through_all_pages_once(city):
    made = [make_need(city.owner, city.officer, title=f"需求{n}").record.code for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = city.visitor_api.read("/needs", limit=2, cursor=cursor)
        seen += [item["code"] for item in answer["items"]]
        cursor = answer["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("asked", [{"order": "newest", "stage": "draft"}, {"stage": "draft"}, {"q": "抛光垫"}])
def test_list_cursor_skips_and_repeats_nothing_that_stays_whatever_comes_and_goes(city, asked):
    made = [make_need(city.owner, title=f"抛光垫 {'抛光垫 ' * (n % 3)}{n}") for n in range(7)]
    whole = [item["code"] for item in city.owner_api.read("/needs", limit=100, **asked)["items"]]
    assert len(whole) == 7
    first = city.owner_api.read("/needs", limit=2, **asked)
    delivered = [item["code"] for item in first["items"]]
    by_code = {one.record.code: one for one in made}
    # The first of the page goes, then the one at which the cursor stands; another one comes.
    for gone in delivered:
        advance(NEED, by_code[gone], "discard", actor=city.owner)
    come = make_need(city.owner, title="抛光垫 新").record.code
    cursor = first["next"]
    while cursor is not None:
        answer = city.owner_api.read("/needs", limit=2, cursor=cursor, **asked)
        delivered += [item["code"] for item in answer["items"]]
        cursor = answer["next"]
    assert [code for code in delivered if code != come] == whole
    assert delivered.count(come) <= 1


def test_list_refuses_a_cursor_of_another_question(city):
    for n in range(3):
        make_need(city.owner, city.officer, title=f"需求{n}")
    cursor = city.visitor_api.read("/needs", limit=2)["next"]
    for wrong in (
        f"/needs?limit=1&cursor={cursor}",
        f"/achievements?limit=2&cursor={cursor}",
        "/needs?cursor=%E4%B8%AD",
        f"/needs?limit=2&cursor={base64.urlsafe_b64encode(b'1.0123456789ab').decode()}",
    ):
        assert city.visitor_api.refused(wrong, 422, method="GET") == {"cursor": "cursor-foreign"}


def test_list_refuses_parameters_it_does_not_know(city):
    assert city.visitor_api.refused("/needs?feild=energy", 422, method="GET") == {"feild": "parameter-unknown"}
    assert city.visitor_api.refused("/needs?limit=0", 422, method="GET") == {"limit": "value-range"}
    assert city.visitor_api.refused("/needs?order=worst", 422, method="GET") == {"order": "value-unknown"}


# One for the journal's head, one for the rows, and one per table beside them; who sees what is known already.
QUERIES = {"needs": 3, "achievements": 5, "organisations": 3}


@pytest.mark.parametrize("kind", QUERIES)
@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three_records(city, kind, count):
    for _ in range(count if kind in KINDS else 0):
        KINDS[kind](city.university if kind == "achievements" else city.owner, city.officer)
    live_index().catch_up(wait=True)
    city.visitor_api.read(f"/{kind}")  # a handful of requests is taken from the bucket
    with CaptureQueriesContext(connection) as made:
        found = city.visitor_api.read(f"/{kind}", limit=count)
    assert len(found["items"]) == count
    assert len(made) == QUERIES[kind], [query["sql"] for query in made.captured_queries]


@pytest.mark.parametrize("count", [1, 3])
def test_search_takes_the_same_queries_for_one_and_three_records(city, count):
    live_index().catch_up(wait=True)
    city.visitor_api.read("/search")  # a handful of requests is taken from the bucket
    with CaptureQueriesContext(connection) as made:
        assert len(city.visitor_api.read("/search", limit=count)["items"]) == count
    assert len(made) == 2


@pytest.mark.parametrize("address", ["/needs", "/achievements"])
def test_a_place_that_the_forms_do_not_offer_is_refused(city, address):
    assert city.owner_api.refused(address, 422, {"title": "抛光", "region": "999999"}) == {"region": "value-unknown"}
    assert city.owner_api.send(address, {"title": "抛光", "region": "440106"}, 201)["stage"] == "draft"


def test_the_background_of_a_need_is_as_long_as_in_the_form(city):
    body = {"title": "抛光", "background": "长" * 2001}
    assert city.owner_api.refused("/needs", 422, body) == {"background": "value-long"}


def test_search_spans_kinds_and_counts_them(city):
    make_need(city.owner, city.officer)
    make_achievement(city.university, city.officer)
    answer = city.visitor_api.read("/search", q="碳化硅", facets="true")
    assert {item["kind"] for item in answer["items"]} == {"need", "achievement"}
    assert {row["value"]: row["count"] for row in answer["facets"]["kind"]} == {"need": 1, "achievement": 1}
    assert city.visitor_api.read("/search", q="碳化硅", kind="need")["total"] == 1


def test_need_is_created_changed_submitted_published_through_the_api(city):
    made = city.owner_api.send("/needs", {"title": "固态电池", "summary": "界面阻抗高"}, 201)
    address = f"/needs/{made['code']}"
    assert (made["stage"], made["href"]) == ("draft", f"/api/v1{address}")
    assert city.owner_api.refused(f"{address}/moves/submit", 422)["budget"] == "budget-missing"
    whole = {
        "title": "固态电池电解质",
        "summary": "界面阻抗高",
        "background": "快充发热",
        "field": "energy",
        "scenario": "乘用车",
        "ip_terms": "joint",
        "claimant_requirements": "有样品",
        "deadline": "2099-06-30",
        "budget_fen": 300_000_000,
        "modes": ["joint_rd"],
        "indicators": [{"name": "离子电导率", "operator": "≥", "value": "1", "unit": "mS/cm", "test_method": "阻抗谱"}],
        "version": made["version"],
    }
    changed = city.owner_api.send(address, whole, method="PUT")
    assert changed["version"] > made["version"]
    shown = city.owner_api.read(address)
    assert {name: shown[name] for name in whole if name != "version"} == {
        k: v for k, v in whole.items() if k != "version"
    }
    moves = [move["name"] for move in city.owner_api.read(f"{address}/moves")["items"]]
    assert moves == ["submit", "discard"]
    city.owner_api.send(f"{address}/moves/submit", {"expected_stage": "draft"})
    published = city.officer_api.send(f"{address}/moves/publish", {"note": "材料齐全"})
    assert (published["stage"], published["stage_label"]) == ("published", "published")
    assert city.visitor_api.read(address)["budget_fen"] == 300_000_000


def test_change_with_an_old_version_is_a_conflict_and_changes_nothing(city):
    need = make_need(city.owner)
    address = f"/needs/{need.record.code}"
    body = {"title": "改名", "version": city.owner_api.read(address)["version"]}
    city.owner_api.send(address, body, method="PUT")
    assert city.owner_api.refused(address, 409, body | {"title": "再改名"}, "PUT") == {"": "conflict"}
    assert city.owner_api.read(address)["title"] == "改名"


def test_change_keeps_what_the_api_does_not_carry(city):
    need = make_need(city.owner, source="contest", extra={"来源编号": "7"})
    address = f"/needs/{need.record.code}"
    body = {"title": "改名", "version": city.owner_api.read(address)["version"]}
    city.owner_api.send(address, body, method="PUT")
    shown = city.owner_api.read(address)
    assert (shown["source"], shown["extra"], shown["contact"]["name"]) == ("contest", {"来源编号": "7"}, "陈一")


def test_achievement_carries_rights_completers_and_owners(city):
    partner = city.rival.organisation.record.code
    body = {
        "title": "碳化硅抛光液",
        "summary": "低缺陷",
        "confidential": "配方",
        "field": "materials",
        "trl": 5,
        "price_fen": 0,
        "keywords": ["抛光", "碳化硅"],
        "completed_on": "2020-02-29",
        "rights_states": ["clear_title"],
        "rights": [{"kind": "software", "status": "granted", "number": "2023SR001", "title": "控制软件"}],
        "completers": [
            {"name": "林教授", "share_bp": 6000, "person": city.university.person.record.code},
            {"name": "学生", "share_bp": 4000},
        ],
        "co_owners": [{"organisation": partner, "share_bp": 2500}],
    }
    made = city.university_api.send("/achievements", body, 201)
    city.university_api.send(f"/achievements/{made['code']}/moves/submit")
    city.officer_api.send(f"/achievements/{made['code']}/moves/list")
    own = city.university_api.read(f"/achievements/{made['code']}")
    assert own["completers"][0] == body["completers"][0]
    assert own["completers"][1] == body["completers"][1] | {"person": None}
    assert own["confidential"] == "配方"
    public = city.visitor_api.read(f"/achievements/{made['code']}")
    assert public["completers"] == [{"name": "林教授"}, {"name": "学生"}]
    assert public["co_owners"] == [{"organisation": {"code": partner, "name": "粤材公司", "name_en": ""}}]
    assert public["rights"][0]["kind_label"] == "software copyright"
    assert (public["rights_states"], public["rights_state_labels"]) == (["clear_title"], ["clear title"])
    found = city.visitor_api.read("/achievements", rights="ready", facets="true")
    assert [one["code"] for one in found["items"]] == [made["code"]]
    assert found["facets"]["rights"] == [{"value": "ready", "label": "rights ready", "count": 1}]
    city.university_api.send("/achievements", body | {"rights_states": ["clear_title", "pledged"]}, 422)
    assert "confidential" not in public


def test_moves_refuse_a_wrong_stage_a_missing_note_and_those_who_may_not(city):
    need = make_need(city.owner, city.officer)
    moves = f"/needs/{need.record.code}/moves"
    assert city.officer_api.refused(f"{moves}/publish", 409) == {"": "conflict"}
    assert city.owner_api.refused(f"{moves}/withdraw", 409, {"expected_stage": "submitted", "note": "n"}) == {
        "": "conflict"
    }
    assert city.owner_api.refused(f"{moves}/withdraw", 422) == {"note": "note-missing"}
    assert city.rival_api.refused(f"{moves}/withdraw", 403, {"note": "n"}) == {"": "not-allowed"}
    assert city.colleague_api.refused(f"{moves}/withdraw", 403, {"note": "n"}) == {"": "not-allowed"}
    assert city.owner_api.refused(f"{moves}/fly", 404) == {"": "not-found"}
    assert city.visitor_api.refused(f"{moves}/withdraw", 401) == {"": "not-signed-in"}


def test_move_is_answered_even_when_the_record_is_out_of_sight_afterwards(city):
    need = make_need(city.owner)
    city.owner_api.send(f"/needs/{need.record.code}/moves/submit")
    moved = city.officer_api.send(f"/needs/{need.record.code}/moves/return", {"note": "补充指标"})
    assert moved["stage"] == "returned"
    city.officer_api.read(f"/needs/{need.record.code}", 404)


def test_history_tells_steps_to_all_and_names_to_the_inside(city):
    row = make_achievement(city.owner)
    address = f"/achievements/{row.record.code}"
    body = {"title": "改名", "summary": "低缺陷", "field": "materials", "version": row.record.version}
    city.owner_api.send(address, body, method="PUT")
    city.owner_api.send(f"{address}/moves/submit")
    city.officer_api.send(f"{address}/moves/list", {"note": "内部意见"})
    inside = city.owner_api.read(f"{address}/history")["items"]
    assert [entry["entry"].removeprefix("achievement.") for entry in inside] == ["list", "submit", "edit", "open"]
    assert (inside[0]["note"], inside[0]["actor"], inside[0]["from_stage"]) == ("内部意见", "黎局员", "submitted")
    assert "title" in inside[2]["fields"]
    outside = city.visitor_api.read(f"{address}/history")["items"]
    assert [entry["label"] for entry in outside] == ["listed", "submitted", "entered"]
    assert all(set(entry) <= {"seq", "at", "entry", "label", "from_stage", "to_stage"} for entry in outside)


def test_organisation_is_registered_by_its_member_and_verified_by_an_officer(city):
    body = {"title": "新塘公司", "organisation_kind": "enterprise", "number": "91440101MA5AKX0000", "region": "440118"}
    assert city.owner_api.refused("/organisations", 422, body) == {"number": "uscc-check-digit"}
    assert city.owner_api.refused("/organisations", 422, body | {"number": ""}) == {"number": "number-missing"}
    school = body | {"number": "91440101MA5AKX0016", "organisation_kind": "university", "size": "small"}
    assert city.owner_api.refused("/organisations", 422, school) == {"size": "size-not-a-firm"}
    made = city.owner_api.send("/organisations", body | {"number": "91440101MA5AKX0016", "size": "micro"}, 201)
    address = f"/organisations/{made['code']}"
    city.visitor_api.read(address, 404)
    city.officer_api.send(f"{address}/moves/verify")
    shown = city.visitor_api.read(address)
    assert (shown["organisation_kind_label"], shown["region_label"]) == ("enterprise", "Zengcheng")
    assert shown["chain_leader"] is False
    assert (shown["size"], shown["size_label"]) == ("micro", "micro")
    found = city.visitor_api.read("/organisations", size="micro", facets="true")
    assert [one["code"] for one in found["items"]] == [made["code"]]
    assert {"value": "micro", "label": "micro", "count": 1} in found["facets"]["size"]


def test_labels_follow_the_language_asked_for(city):
    make_need(city.owner, city.officer)
    answer = city.visitor_api.get("/api/v1/needs", headers={"accept-language": "zh-hans"}).json()
    assert answer["items"][0]["field"] == "materials"
    with override("zh-hans"):
        assert answer["items"][0]["field_label"] == str(Field.MATERIALS.label)
    assert city.visitor_api.read("/needs")["items"][0]["field_label"] == "new materials and their application"


def test_every_write_leaves_its_entry(city):
    before = Entry.objects.count()
    city.owner_api.send("/needs", {"title": "固态电池"}, 201)
    assert Entry.objects.count() == before + 1


def test_organisation_is_corrected_by_its_administrators_and_officers(city):
    address = f"/organisations/{city.owner.organisation.record.code}"
    shown = city.owner_api.read(address)
    body = {"title": shown["title"], "summary": "碳化硅", "region": shown["region"], "version": shown["version"]}
    assert city.rival_api.refused(address, 403, body, "PUT") == {"": "not-allowed"}
    assert city.colleague_api.refused(address, 403, body, "PUT") == {"": "not-allowed"}
    changed = city.owner_api.send(address, body | {"size": "small"}, method="PUT")
    assert changed["version"] == shown["version"] + 1
    assert city.owner_api.refused(address, 409, body, "PUT") == {"": "conflict"}
    # What stands in the public list under a name and a number is an officer's to change.
    renamed = body | {"title": "穗芯半导体公司", "region": "440112", "version": changed["version"]}
    assert city.owner_api.refused(address, 403, renamed, "PUT") == {"": "not-allowed"}
    numbered = renamed | {"number": "91440101MA5AKX0016"}
    assert city.owner_api.refused(address, 403, numbered, "PUT") == {"": "not-allowed"}
    city.officer_api.send(address, numbered, method="PUT")
    now = city.visitor_api.read(address)
    assert (now["title"], now["region_label"], now["summary"]) == ("穗芯半导体公司", "Huangpu", "碳化硅")
    assert now["size"] == "small"  # left out, it stays
    assert now["numbers"] == [{"scheme": "uscc", "value": "91440101MA5AKX0016"}]


def test_person_is_told_to_colleagues_officers_and_themselves_as_far_as_each_may_know(city):
    address = f"/people/{city.owner.person.record.code}"
    whole = {"post", "email", "phone"}
    for who, fields in (("owner", whole), ("officer", whole), ("colleague", {"post"})):
        assert whole & set(city.everybody[who].read(address)) == fields, who
    for who in ("university", "rival", "visitor"):
        city.everybody[who].read(address, 404)
    refused = city.officer_api.send(f"{address}/moves/close", {"note": "离职"}, 422)
    assert [problem["code"] for problem in refused["problems"]] == ["last-administrator"]
    colleague = f"/people/{city.colleague.person.record.code}"
    assert city.officer_api.send(f"{colleague}/moves/close", {"note": "离职"})["stage"] == "closed"


def test_me_tells_who_asks(city):
    assert city.visitor_api.read("/me") == {"person": None, "organisation": None, "roles": [], "token": None}
    told = city.officer_api.read("/me")
    assert (told["person"]["name"], told["organisation"]["name"]) == ("黎局员", "科学技术局")
    assert (told["roles"], told["token"]) == (["officer"], None)
