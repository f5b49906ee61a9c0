"""Research teams: written and published by their unit, suggested for needs with reasons."""

from collections import Counter
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches import under_line
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Suggestion
from kezhuan.areas.matches.nightly_actions import refresh_all
from kezhuan.areas.matches.precise import Room, plan_meetings
from kezhuan.areas.matches.queries import suggestions_for_need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.areas.teams.actions import TeamFacts, edit_team
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import Team
from kezhuan.areas.teams.queries import results_of
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.holdings import NAME
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.search import live_index
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "碳化硅晶圆加工团队", "summary": "从事大尺寸碳化硅衬底的低缺陷抛光，有八英寸中试线。",
    "keywords": "碳化硅；抛光",
    "leader": "郑带头", "size": "12", "field": "materials", "trl_scale": "trl9", "trl_from": "4", "trl_to": "7",
    "modes": ["joint_rd", "commissioned_rd"], "capacity": "2", "website": "https://lab.example.com/sic",
    "region": "440112",
}  # fmt: skip


def test_a_unit_publishes_a_team_that_a_firms_need_is_told_of_with_reasons():
    pair = Pair(need={"modes": ("joint_rd",)})
    writer, firm = client_of(pair.answering), client_of(pair.asking)
    codes = {"achievements": f"{pair.supply.code.lower()}；{pair.supply.code}"}
    answer = writer.post("/teams/new/", TYPED | codes | {"website": "lab", "trl_from": "8", "capacity": "0"})
    told = answer.content.decode()
    assert (answer.status_code, Team.objects.count()) == (422, 0)
    assert [
        words in told
        for words in ("whole address", "8 is above 7", "Needs at once: enter a whole number from 1 to 100,")
    ] == [True] * 3
    others = city.achievement(pair.firm, stage="listed")
    answer = writer.post("/teams/new/", TYPED | {"achievements": others.record.code})
    assert "is no achievement of the team" in answer.content.decode()
    answer = writer.post("/teams/new/", TYPED | codes | {"leader_person": pair.answering.person.pk})
    team = Team.objects.select_related("record").get()
    address = answer["Location"]
    assert (team.record.stage, team.capacity, team.trl_to) == ("draft", 2, 7)
    assert [client_of(one).get(address).status_code for one in (pair.asking, pair.officer, VISITOR)] == [404] * 3
    followers.run_pending()
    assert not suggestions_for_need(pair.asking, pair.need, "team").exists()

    writer.post(reverse("record-move", args=[team.record.code, "publish"]), {"expected_stage": "draft"})
    followers.run_pending()
    for actor in (VISITOR, pair.asking, pair.officer):
        row = suggestions_for_need(actor, pair.need, "team").get()
        assert row.supply_id == team.pk
    assert abs(sum(part["value"] for part in row.parts) - row.score) < 1e-9
    assert {"trl", "mode", "field"} <= {part["name"] for part in row.parts}
    page = firm.get(f"/needs/{pair.need.record.code}/").content.decode()
    block = page.partition('id="matches-team"')[2].partition("</section>")[0]
    assert "Research teams" in block
    assert TYPED["title"] in block
    assert "<mark>碳化硅" in block
    assert "joint development" in block
    page = firm.post("/match/", {"text": "大尺寸碳化硅衬底抛光"}).content.decode()
    block = page.partition('id="matches-team"')[2].partition("</section>")[0]
    assert [words in block for words in (TYPED["title"], team.record.owner.record.title)] == [True] * 2
    page = firm.post("/match/", {"text": "呵呵呵"}).content.decode()
    assert [words in page for words in ("a need that is posted is compared", 'id="matches-team"')] == [True, False]
    found = Api(pair.asking).send("/match", {"text": "大尺寸碳化硅衬底抛光", "kind": "team"})["items"]
    assert [one["record"]["code"] for one in found] == [team.record.code]
    assert pair.suggested(VISITOR) == [pair.supply.pk]  # and not the one of their own

    page = client_of(VISITOR).get(address).content.decode()
    shown = ("郑带头", "TRL 4–7", "https://lab.example.com/sic", "2 needs", pair.supply.title)
    assert [words in page for words in shown] == [True] * 5
    assert team.record.code in client_of(VISITOR).get(f"/achievements/{pair.supply.code}/").content.decode()
    assert "郑带头" in client_of(VISITOR).get("/teams/?q=郑带头&field=materials").content.decode()
    read = Api().read(f"/teams/{team.record.code}")
    assert (read["leader"], "leader_person" in read, read["capacity"]) == ("郑带头", False, 2)
    assert [one["code"] for one in read["achievements"]] == [pair.supply.code]
    copied = {"achievements": [f" {pair.supply.code}\u200b"], "contact": f"{pair.answering.person.record.code}\n"}
    made = Api(pair.answering).send("/teams", {"title": "另一团队", **copied}, 201)  # codes as they were copied
    read = Api(pair.answering).read(f"/teams/{made['code']}")
    assert [one["code"] for one in read["achievements"]] == [pair.supply.code]
    assert Team.objects.get(record__code=made["code"]).record.contact == pair.answering.person
    assert Api(pair.answering).read(f"/teams/{team.record.code}")["leader_person"] == pair.answering.person.record.code

    assert Api(pair.answering).read(f"/teams/{team.record.code}/matches")["items"][0]["record"]["code"] == (
        pair.need.record.code
    )

    before = list(Suggestion.objects.order_by("pk").values_list("need", "supply", "score"))
    refresh_all()
    assert list(Suggestion.objects.order_by("pk").values_list("need", "supply", "score")) == before
    second = city.need(pair.firm, stage="published", by=pair.asking)
    third = city.need(pair.firm, stage="published", by=pair.asking)
    followers.run_pending()
    refuse_suggestion(
        actor=pair.asking, need=second, supply=Record.objects.get(pk=team.pk), reason="trl", words="须到量产"
    )
    assert not suggestions_for_need(pair.asking, second, "team").exists()
    made = introduce(actor=pair.asking, need=third, supply=Record.objects.get(pk=team.pk))
    assert made.need_agreed_on is not None
    assert not suggestions_for_need(pair.asking, third, "team").exists()
    assert made.record.code in writer.get(address).content.decode()
    page = writer.get(f"/introductions/{made.record.code}/").content.decode()
    assert "<h3>Research team</h3>" in page

    # What the refusal spoke of has changed for the better: the pair is thought of anew.
    kept = Api(pair.answering).read(f"/teams/{team.record.code}")
    same = ("title", "summary", "keywords", "leader", "field", "trl_from", "modes", "capacity", "region", "trl_scale")
    put = {name: kept[name] for name in same} | {"trl_to": 9, "version": kept["version"]}
    assert Api(pair.answering).send(f"/teams/{team.record.code}", put, method="PUT").get("achievements", []) == []
    followers.run_pending()
    assert suggestions_for_need(pair.asking, second, "team").get().supply_id == team.pk
    assert Api(pair.answering).refused(f"/teams/{team.record.code}", 422, put | {"summary": ""}, "PUT") == {
        "summary": "summary-missing"
    }

    team = advance(TEAM, Team.objects.get(pk=team.pk), "withdraw", actor=pair.officer, note="团队解散")
    followers.run_pending()
    assert not Suggestion.objects.filter(supply=team.pk).exists()
    made.record.refresh_from_db()
    assert made.record.stage == "lapsed"
    assert [client_of(one).get(address).status_code for one in (pair.answering, pair.officer, VISITOR)] == [
        200, 200, 404,
    ]  # fmt: skip
    assert journal.verify().broken_seq is None


def test_what_keeps_a_team_under_the_line_is_told_with_the_change_that_would_lift_it(monkeypatch):
    pair = Pair(need={"min_trl": 9})
    near = city.team(city.organisation(kind="university"), trl_from=1, trl_to=3)
    followers.run_pending()
    Suggestion.objects.all().delete()
    match = live_index().explain(matching_item(pair.need), near.pk)
    said = sum(part.value for part in match.parts if part.name in {"title", "words", "meaning"})
    monkeypatch.setattr(under_line, "WORTH", (said * match.score) ** 0.5)  # between it and what its words are worth
    (missed,) = Api().read(f"/needs/{pair.need.record.code}/near-misses", kind="team")["items"]
    assert missed["record"]["code"] == near.record.code
    assert "TRL 3 < 9" in missed["because"]
    with CaptureQueriesContext(connection) as asked:
        page = client_of(VISITOR).get(f"/needs/{pair.need.record.code}/").content.decode()
    assert sum("matches_weighting" in one["sql"] for one in asked) == 1  # for all kinds
    block = page.partition('id="matches-team"')[2].partition("</section>")[0]
    assert "TRL 3 &lt; 9" in block
    assert near.record.code in block


def test_a_plan_gives_each_team_no_more_needs_than_it_can_take_at_once():
    pair = Pair()
    others = [
        city.need(pair.firm, stage="published", by=pair.asking, title=f"大尺寸碳化硅衬底抛光{number}号线")
        for number in range(3)
    ]
    one, three, any_number = (
        city.team(city.organisation(kind="university"), title=f"碳化硅衬底抛光{name}团队", capacity=capacity)
        for name, capacity in (("甲", 1), ("乙", 3), ("丙", None))
    )
    followers.run_pending()
    client = client_of(pair.officer)
    asked = {"kind": "team", "per_need": 3, "per_supply": 4}

    def plan():
        told = client.get("/api/v1/match/precise", asked).json()
        met = Counter(line["supply"]["code"] for line in told["met"])
        rooms = {line["supply"]["code"]: line["room"] for line in told["met"] + told["lost"]}
        return [met[row.record.code] for row in (one, three, any_number)], rooms, told

    met, rooms, told = plan()
    assert (met, told["proven"], told["full"]) == ([1, 3, 4], True, [])
    assert rooms == {one.record.code: 1, three.record.code: 3, any_number.record.code: 4}
    page = client.get("/match/precise/", asked | {"needs": ""}).content.decode()
    assert page.count('<td data-label="Room for needs">3</td>') == 4
    wanted = [f"{line['need']['code']} {line['supply']['code']}" for line in told["met"]]
    extra = next(f"{need.record.code} {one.record.code}" for need in [pair.need, *others]
                 if f"{need.record.code} {one.record.code}" not in wanted)  # fmt: skip
    answer = client.post("/match/precise/", {"introduce": "1", "pair": [*wanted, extra]}, follow=True)
    assert "8 introductions begun." in answer.content.decode()
    assert "1 pair was left" in answer.content.decode()
    # Two who want each other decide for themselves; a plan counts what is under way.
    need = next(row for row in [pair.need, *others] if f"{row.record.code} {one.record.code}" == extra)
    made = introduce(actor=pair.asking, need=need, supply=Record.objects.get(pk=one.pk))
    more = city.need(pair.firm, stage="published", by=pair.asking, title="大尺寸碳化硅衬底抛光新线")
    followers.run_pending()
    met, rooms, told = plan()
    assert (met[0], met[1]) == (0, 0)
    assert {line["supply"]["code"] for line in told["full"]} == {one.record.code, three.record.code}
    page = client.get("/match/precise/", asked | {"needs": more.record.code}).content.decode()
    assert page.partition("Left out, for they take no more")[2].count(three.record.title) == 1
    for row in (made, Introduction.objects.filter(supply=one.pk).exclude(pk=made.pk).get()):
        with pytest.raises(Refused):  # a team has no improvement list
            advance(INTRODUCTION, row, "decline", actor=pair.asking, reason="information_sample")
        advance(INTRODUCTION, row, "decline", actor=pair.asking, reason="capacity")
    assert plan()[0][0] == 1

    # Refused for want of room, a team is suggested again once it has more of it than it had then.
    def is_suggested():
        followers.run_pending()
        return suggestions_for_need(VISITOR, more, "team").filter(supply=three.pk).exists()

    def refuse():
        refuse_suggestion(actor=pair.asking, need=more, supply=three.record, reason="capacity")
        assert not is_suggested()

    refuse()
    busy = Introduction.objects.filter(supply=three.pk, record__stage="introduced")
    advance(INTRODUCTION, busy[0], "decline", actor=pair.asking, reason="other")
    assert is_suggested()
    refuse()
    Team.objects.filter(pk=three.pk).update(capacity=4)
    refresh_all()  # whatever left it room
    assert is_suggested()


def test_a_leader_who_is_made_anonymous_is_named_nowhere():
    unit = city.organisation(kind="university")
    leader = city.member(unit, name="赵带头")
    team = city.team(unit, by=leader, leader="赵带头", leader_person=leader.person)
    leader.person.memberships.update(until="2020-12-31")
    bureau = city.bureau()
    advance(
        PERSON,
        advance(PERSON, leader.person, "close", actor=bureau, note="离职"),
        "anonymise",
        actor=bureau,
        note="申请",
    )
    team.refresh_from_db()
    assert team.leader == NAME
    followers.run_pending()
    assert "赵带头" not in client_of(VISITOR).get(f"/teams/{team.record.code}/").content.decode()
    assert Api().read("/teams", q="赵带头")["items"] == []


def test_what_its_writer_may_not_see_for_now_stays_tied_to_a_team():
    unit, other = city.organisation(kind="university"), city.organisation(kind="institute")
    writer, theirs = city.member(unit), city.member(other)
    own, shared = (
        city.achievement(owner, stage="listed", by=by, title=f"碳化硅成果{by.organisation.pk}", co_owners=shares)
        for owner, by, shares in ((unit, writer, ()), (other, theirs, ((unit, 3000),)))
    )
    team = city.team(unit, by=writer, achievements=(own, shared))
    for move, note in (("withdraw", "改写"), ("reopen", "")):
        advance(ACHIEVEMENT, Achievement.objects.get(pk=shared.pk), move, actor=theirs, note=note)
    team = Team.objects.select_related("record").get(pk=team.pk)
    assert results_of(writer, team) == [own.record]
    said = TeamFacts(title="改名团队", summary=team.record.summary, field=team.field)
    edit_team(actor=writer, team=team, facts=said, expected_version=team.record.version)
    assert [one.target_id for one in team.record.links_out.all()] == [shared.pk]


def test_a_plan_by_organisation_keeps_each_team_within_its_own_room_too():
    """The teams of a unit share its room; one that is given more needs than it takes leaves them to the others."""
    pair = Pair()
    others = [
        city.need(pair.firm, stage="published", by=pair.asking, title=f"大尺寸碳化硅衬底抛光{number}号线")
        for number in range(3)
    ]
    unit = city.organisation(kind="university")
    words = "大尺寸碳化硅衬底低缺陷抛光"
    first = city.team(unit, title=f"{words}甲团队", summary=words, capacity=1)
    second, third = (
        city.team(unit, title=f"碳化硅衬底抛光{name}团队", capacity=most) for name, most in (("乙", 2), ("丙", 9))
    )
    alone = city.team(pair.unit, title="碳化硅衬底研磨团队", summary="碳化硅衬底", capacity=1)
    followers.run_pending()
    needs = [pair.need.pk, *(need.pk for need in others)]
    score = {(row.need_id, row.supply_id): row.score for row in Suggestion.objects.filter(supply__kind="team")}
    assert {(need, team.pk) for need in needs for team in (first, second, third)} <= score.keys()

    def plan(per_need, per_owner):
        found = plan_meetings(pair.officer, "team", [], Room(per_need, per_owner, by_owner=True))
        met = [(line.row.need_id, line.row.supply_id) for line in found.met]
        assert found.given.total == pytest.approx(sum(score[one] for one in met))
        assert max(Counter((need, supply == alone.pk) for need, supply in met).values()) == 1  # a unit once for a need
        taken = Counter(supply for _need, supply in met)
        assert all(taken[team.pk] <= team.capacity for team in (first, second, third, alone))
        assert sum(taken[team.pk] for team in (first, second, third)) <= per_owner
        return taken, found

    taken, found = plan(1, 4)
    best = max(
        sum(score[one] for one in zip(order, (first.pk, second.pk, second.pk, third.pk), strict=True))
        for order in permutations(needs)
    )
    assert (found.given.total <= found.given.bound, found.wished >= found.given.total) == (True, True)
    assert sum(taken.values()) == 4
    assert found.given.total >= 0.95 * best
    assert found.loss == pytest.approx(found.wished - found.given.total)
    assert {row.supply_id for row in found.full} >= {first.pk}  # what it would have been given beyond its room
    assert [line.room for line in found.lines if line.row.supply_id == first.pk] == [1]
    taken, _found = plan(1, 2)
    assert sum(taken[team.pk] for team in (first, second, third)) == 2
    client = client_of(pair.officer)
    page = client.get(
        "/match/precise/", {"kind": "team", "needs": "", "per_need": 1, "per_supply": 4, "by_owner": "on"}
    )
    assert page.status_code == 200
    assert "proven to be the best" not in page.content.decode()
    told = client.get(
        "/api/v1/match/precise", {"kind": "team", "per_need": 1, "per_supply": 4, "by_owner": True}
    ).json()
    assert (told["wished"], told["loss"], told["proven"]) == (
        pytest.approx(found.wished), pytest.approx(found.loss), False,
    )  # fmt: skip
