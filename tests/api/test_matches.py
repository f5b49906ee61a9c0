"""Matches through the API: suggestions, near misses, typed needs, refusals, introductions and their contacts."""

import pytest

from kezhuan.areas.matches.supply import text_of
from kezhuan.kernel import followers
from tests.api.actors import make_achievement, make_need

OTHERS = (
    "碳化硅衬底检测", "衬底外延生长", "碳化硅单晶炉", "抛光垫修整", "大尺寸晶圆切割", "低缺陷薄膜沉积",
    "水稻抗倒伏育种", "海水养殖尾水处理", "心电算法", "充电桩调度", "机器人关节", "疫苗佐剂",
)  # fmt: skip


@pytest.fixture
def pair(city):
    """A published need and a listed result that fit, beside others that fit less."""
    need = make_need(city.owner, city.officer)
    result = make_achievement(city.university, city.officer)
    for title in OTHERS:
        make_achievement(city.university, city.officer, title=title, summary=title * 2, field="manufacturing")
    followers.run_pending()
    return need, result


def test_matches_explain_themselves_and_parts_sum_to_the_score(city, pair):
    need, result = pair
    answer = city.visitor_api.read(f"/needs/{need.record.code}/matches", top=5)["items"]
    assert [match["rank"] for match in answer] == list(range(1, len(answer) + 1))
    assert 3 <= len(answer) <= 5
    assert answer[0]["record"]["code"] == result.record.code
    for match in answer:
        assert abs(sum(part["value"] for part in match["parts"]) - match["score"]) < 1e-9
        assert all(part["label"] for part in match["parts"])
        assert any(part["because"] for part in match["parts"])
    told = {part["name"]: marked(part) for part in answer[0]["parts"]}
    assert any(word in result.record.title for word in told["title"])
    assert told["words"]
    said = " ".join(text_of(result.record).split())
    assert all(word in said for word in told["words"])
    other_way = city.visitor_api.read(f"/achievements/{result.record.code}/matches")["items"]
    assert [match["record"]["code"] for match in other_way] == [need.record.code]
    assert any(word in need.record.title for part in other_way[0]["parts"] for word in marked(part))


def marked(part):
    """The words that a part marks in the stretches of the record."""
    return {one["text"][first:end] for one in part["stands"] for first, end in one["marks"]}


def test_the_needs_of_a_result_are_read_page_by_page(city):
    """However many needs one result may meet; equal scores stand in one order, and what leaves moves nothing."""
    result = make_achievement(city.university, city.officer).record
    needs = [make_need(city.owner, city.officer) for _ in range(5)]
    followers.run_pending()
    for place, need in enumerate(needs):
        need.suggestions.filter(supply=result).update(score=(0.9, 0.5, 0.9, 0.5, 0.7)[place])
    expected = [needs[place].record.code for place in (0, 2, 4, 1, 3)]
    address, told, answer = f"/achievements/{result.code}/matches", [], {"next": ""}
    while "next" in answer:
        answer = city.visitor_api.read(address, top=2, cursor=answer["next"])
        told += [(match["rank"], match["record"]["code"]) for match in answer["items"]]
        if len(told) == 2:
            behind = answer["next"]
    assert told == list(enumerate(expected, 1))
    assert city.visitor_api.read(address, top=5).keys() == {"items"}
    needs[0].suggestions.all().delete()
    rest = city.visitor_api.read(address, top=5, cursor=behind)["items"]
    assert [match["record"]["code"] for match in rest] == expected[2:]
    other = make_achievement(city.university, city.officer).record.code
    for cursor, where in ((behind, f"/achievements/{other}/matches"), ("nonsense", address)):
        assert city.visitor_api.refused(f"{where}?cursor={cursor}", 422, method="GET") == {"cursor": "cursor-foreign"}


def test_an_empty_list_of_matches_says_why(city):
    def why(api, code, what="matches"):
        answer = api.read(f"/{'needs' if code.startswith('N') else 'achievements'}/{code}/{what}")
        return (answer["items"], answer["empty"]["code"])

    draft, result = make_need(city.owner).record.code, make_achievement(city.university, city.officer).record.code
    assert why(city.owner_api, draft) == why(city.owner_api, draft, "near-misses") == ([], "not-open")
    assert why(city.visitor_api, result) == ([], "being-matched")
    title = make_need(city.owner, city.officer, confidentiality="title_only").record.code
    followers.run_pending()
    assert why(city.visitor_api, title) == why(city.visitor_api, title, "near-misses") == ([], "title-only")
    # The need that fits shows its title only.
    assert why(city.visitor_api, result) == ([], "none-fits")
    assert city.owner_api.read(f"/needs/{title}/matches").keys() == {"items"}


def test_matches_speak_the_language_asked_for(city, pair):
    address = f"/api/v1/needs/{pair[0].record.code}/matches"
    said = {
        language: city.visitor_api.get(address, headers={"accept-language": language}).json()["items"][0]["parts"]
        for language in ("en", "zh-hans")
    }
    assert [part["value"] for part in said["en"]] == [part["value"] for part in said["zh-hans"]]
    assert said["en"] != said["zh-hans"]


def test_near_misses_stand_under_the_line_of_what_is_suggested(city, pair):
    title = "抛光垫清洗"
    make_achievement(city.university, city.officer, title=title, summary=title * 2, field="manufacturing", trl=4)
    followers.run_pending()
    code = pair[0].record.code
    miss, *beyond = city.visitor_api.read(f"/needs/{code}/near-misses", top=3)["items"]
    assert (miss["record"]["title"], miss["changes"], miss["gap"]) == (title, ["TRL 4 < 6"], "")
    assert miss["because"] == f"TRL 4 < 6; it would then be No. {miss['new_rank']}"
    assert miss["changes"][0] in miss["held_back_by"]
    assert miss["score"] < miss["line"] == 0.22 < miss["new_score"]
    # Then those that are of another matter: no change of theirs is told, but where the gap lies.
    assert all((one["changes"], one["new_rank"]) == ([], one["rank"]) for one in beyond)
    assert any("the gap lies in its words" in one["gap"] for one in beyond)
    suggested = city.visitor_api.read(f"/needs/{code}/matches", top=100)["items"]
    assert miss["rank"] == len(suggested) + 1
    assert miss["record"]["code"] not in {match["record"]["code"] for match in suggested}


def test_refused_near_miss_is_told_no_more(city, pair):
    title = "抛光垫清洗"
    made = make_achievement(city.university, city.officer, title=title, summary=title * 2, field="manufacturing", trl=4)
    followers.run_pending()
    need, supply = pair[0].record.code, made.record.code

    def told():
        return [one["record"]["code"] for one in city.owner_api.read(f"/needs/{need}/near-misses")["items"]]

    assert supply in told()
    city.owner_api.send(f"/needs/{need}/matches/{supply}/refuse", {"reason": "trl"}, 201)
    assert supply not in told()


def test_typed_need_finds_results_and_is_not_kept(city, pair):
    answer = city.visitor_api.send("/match", {"text": "碳化硅衬底 抛光液 粗糙度", "top": 3})["items"]
    assert answer[0]["record"]["code"] == pair[1].record.code
    assert abs(sum(part["value"] for part in answer[0]["parts"]) - answer[0]["score"]) < 1e-9
    assert {"碳化硅衬底", "抛光"} <= {word for part in answer[0]["parts"] for word in marked(part)}
    assert city.visitor_api.refused("/match", 422, {"text": "  "}) == {"text": "text-missing"}
    assert city.visitor_api.refused("/match", 422, {"text": "机密★5年 抛光"}) == {"text": "state-secret"}


def test_refused_suggestion_is_suggested_no_more(city, pair):
    need, result = pair
    address = f"/needs/{need.record.code}/matches"
    one = f"{address}/{result.record.code}/refuse"
    assert city.owner_api.refused(one, 422, {"reason": "mood"}) == {"reason": "reason-missing"}
    assert city.rival_api.refused(one, 403, {"reason": "price"}) == {"": "not-allowed"}
    refused = city.owner_api.send(one, {"reason": "price", "words": "太贵"}, 201)
    assert (refused["side"], refused["reason_label"]) == ("need", "price")
    assert city.owner_api.refused(one, 409, {"reason": "price"}) == {"": "conflict"}
    assert result.record.code not in [m["record"]["code"] for m in city.owner_api.read(address)["items"]]


def test_introduction_shows_contacts_to_both_sides_once_both_agreed(city, pair):
    need, result = pair
    made = city.officer_api.send(f"/needs/{need.record.code}/matches/{result.record.code}/introduce", status=201)
    address = f"/introductions/{made['code']}"
    sides = (city.owner_api, city.university_api)
    assert [api.read(address)["contacts"] for api in (*sides, city.officer_api)] == [[], [], []]
    assert city.owner_api.read(address)["clocks"][0]["waits_for"]["name"] == "穗芯公司"
    city.owner_api.send(f"{address}/moves/agree")
    assert [api.read(address)["contacts"] for api in sides] == [[], []]
    assert city.university_api.send(f"{address}/moves/agree")["stage"] == "agreed"
    for api in sides:
        assert [contact["name"] for contact in api.read(address)["contacts"]] == ["陈一", "林教授"]
        assert api.read("/introductions")["items"][0]["contacts"] != []
    assert city.officer_api.read(address)["contacts"] == []
    city.rival_api.read(address, 404)
    assert city.rival_api.read("/introductions")["total"] == 0


def test_pair_is_introduced_once_and_only_with_a_result(city, pair):
    need, result = pair
    address = f"/needs/{need.record.code}/matches"
    city.owner_api.send(f"{address}/{result.record.code}/introduce", status=201)
    assert city.owner_api.refused(f"{address}/{result.record.code}/introduce", 409) == {"": "conflict"}
    organisation = city.university.organisation.record.code
    assert city.owner_api.refused(f"{address}/{organisation}/introduce", 404) == {"": "not-found"}


def test_declining_takes_a_reason_from_the_list(city, pair):
    need, result = pair
    made = city.officer_api.send(f"/needs/{need.record.code}/matches/{result.record.code}/introduce", status=201)
    moves = city.university_api.read(f"/introductions/{made['code']}/moves")["items"]
    decline = next(move for move in moves if move["name"] == "decline")
    assert {"code": "price", "label": "price"} in decline["reasons"]
    address = f"/introductions/{made['code']}/moves/decline"
    assert city.university_api.refused(address, 422) == {"reason": "reason-missing"}
    assert city.university_api.send(address, {"reason": "price"})["stage"] == "dropped"
