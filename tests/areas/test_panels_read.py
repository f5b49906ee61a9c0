"""What whoever runs a panel reads on its pages: who judges what by which rules, what each gave, and who was there."""

import html
import re

import pytest

from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.reviews.actions import TieFacts
from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.dismissing_actions import dismiss_conflict, take_back_dismissal
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.minutes_actions import Minutes
from kezhuan.areas.reviews.models import Dismissed, Expert, Panel, Review
from kezhuan.areas.reviews.panel_actions import Advice, record_meeting
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def scene(officer, *, experts=2, **facts):
    call = reviews.closed_call(officer, city.organisation("甲大学", kind="university"))
    for name in ("专家一", "专家二", "专家三")[:experts]:
        reviews.expert(name, by=officer)
    return reviews.panel(officer, call, **{"per_item": 2, **facts})


def read(actor, path):
    return client_of(actor).get(path, **EN).content.decode()


def test_whoever_runs_a_panel_reads_what_each_expert_gave_once_the_scores_are_closed():
    officer = city.officer()
    panel = scene(officer)
    first, second = reviews.asked(officer, panel)
    panel = advance(PANEL, panel, "begin", actor=officer)
    for seat, mark, word in ((first, "90", "验证充分"), (second, "60", "数据不足")):
        score_item(
            actor=reviews.judge(seat), review=seat, number=1, marks=[mark, mark], words=[word, word], submit=True
        )
    path = f"/reviews/{second.record.code}/"
    before = read(officer, path)
    assert "数据不足" not in before
    assert "60.00" not in before
    panel = advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "close", actor=officer)
    after = read(officer, path)
    assert "Marks and reasons" in after
    assert after.count("<dd>数据不足</dd>") == 2
    assert "验证充分" not in after
    assert "60.00" in after
    assert "Marks and reasons" not in read(reviews.judge(second), path)  # they stand with the items that they judged
    # Who acts for an applicant as well runs no panel about it, and reads nobody's reasons.
    sided = city.officer()
    add_member(actor=SYSTEM, organisation=panel.items.get().record.owner, person=sided.person)
    theirs = read(sided, path)
    assert (panel.record.code in theirs, "Marks and reasons" in theirs) == (True, False)
    assert f"{first.number} · 90.00, {second.number} · 60.00" in read(officer, f"/panels/{panel.record.code}/").replace(
        "\u00a0", " "
    )
    record_meeting(
        actor=officer, panel=panel, minutes_no="纪要1号", met_on=today(), advice={1: Advice(1, True, "同意")},
        minutes=Minutes("", (second.number,), ""),
    )  # fmt: skip
    page = read(officer, f"/panels/{panel.record.code}/")
    assert f"{second.number} {second.expert.person.record.title}</dd>" in page.replace("\n", "")


def test_an_assigned_panel_tells_its_rules_and_who_judges_what():
    officer = city.officer()
    panel = scene(officer, experts=3, max_load=7, per_employer=1)
    reviews.asked(officer, panel)
    page = read(officer, f"/panels/{panel.record.code}/")
    for label, value in (
        ("Items for each expert at most", "7"), ("Each item has an enterprise or finance expert", "no"),
        ("Experts of one employer on an item at most", "1"),
    ):  # fmt: skip
        assert f"<dt>{label}</dt><dd>{value}</dd>" in page.replace("\n", "").replace("> <", "><")
    assert ">1, 2<" in page
    drawn = reviews.panel(officer, panel.about.call, choice="draw", per_item=1, title="抽取组")
    assert "Items for each expert at most" not in read(officer, f"/panels/{drawn.record.code}/")


def test_experts_who_cannot_be_given_enough_are_named():
    officer = city.officer()
    panel = scene(officer, experts=2, per_item=1, min_load=1)
    with pytest.raises(Refused) as refused:
        assign_experts(actor=officer, panel=panel)
    said = str(refused.value.problems[0].message)
    for one in Expert.objects.select_related("record", "person__record"):
        assert f"{one.person.record.title} {one.record.code}" in said


def test_a_history_tells_the_reason_that_was_chosen_and_what_is_not_judged_any_more():
    officer = city.officer()
    panel = scene(officer)
    gone, _other = reviews.asked(officer, panel)
    advance(REVIEW, gone, "turn-down", actor=reviews.judge(gone), reason="time", note="出差")
    page = read(officer, f"/reviews/{gone.record.code}/")
    assert '<span class="said">no time · 出差</span>' in page
    assert "not judged" in page
    kept = Review.objects.select_related("record").get(panel=panel, record__stage="accepted")
    assert "not judged" not in read(officer, f"/reviews/{kept.record.code}/")


def test_an_expert_of_the_pool_is_on_no_way_to_becoming_a_guest():
    officer = city.officer()
    made = reviews.expert("专家一", by=officer)
    assert "guest of a panel" not in read(officer, f"/experts/{made.record.code}/")


def test_conflicts_that_were_dismissed_and_what_was_looked_up_stay_in_sight():
    officer = city.officer()
    unit = city.organisation("甲大学", kind="university")
    call = reviews.closed_call(officer, unit)
    kinds = ("co-completer", "co-project", "contract", "fund", "family")
    for kind in kinds:
        reviews.expert(kind, by=officer, ties=[TieFacts(kind, unit.record.code)])
    panel = reviews.panel(officer, call)
    path = f"/panels/{panel.record.code}/conflicts/"
    page = html.unescape(read(officer, path))
    for word in ("“a joint achievement”", "“a joint project”", "“a contract”", "fund a fund", "a relative"):
        assert word in page
    assert "declared-" not in page.replace("declared-", "", page.count("%3Adeclared-"))
    assert "Dismissed" not in page
    assert f"<dt>{unit.record.title} {unit.record.code}</dt><dd>国家企业信用信息公示系统 · " in page.replace("\n", "")
    way = next(one for one in re.findall(r'href="([^"]*dismiss[^"]*)"', page) if "contract" in one)
    client_of(officer).post(way, {"reason": "同名，已核身份"})
    page = html.unescape(read(officer, path))
    assert page.count("同名，已核身份") == 1
    assert "Dismissed" in page
    assert officer.person.record.title in page.split("Dismissed")[1]


def test_a_dismissal_by_mistake_is_taken_back_with_a_reason_before_they_score_and_both_stay_in_sight():
    officer = city.officer()
    unit = city.organisation("甲大学", kind="university")
    call = reviews.closed_call(officer, unit)
    expert = reviews.expert("同名人", by=officer, ties=[TieFacts("family", unit.record.code)])
    panel, client = reviews.panel(officer, call, per_item=1), client_of(officer)
    path, api = f"/panels/{panel.record.code}/conflicts/", f"/api/v1/panels/{panel.record.code}"
    key = client.get(f"{api}/conflicts").json()["found"][0]["key"]
    dismiss_conflict(actor=officer, panel=panel, key=key, reason="同名，并非亲属")
    (gone,) = client.get(f"{api}/conflicts").json()["dismissed"]
    assert (gone["key"], gone["reason"], gone["on"]) == (key, "同名，并非亲属", str(today()))
    (seat,) = reviews.asked(officer, panel)
    assert seat.expert_id == expert.pk
    way = next(html.unescape(one) for one in re.findall(r'href="([^"]*)"', read(officer, path)) if "take-back" in one)
    assert "a relative" in read(officer, way)
    assert client.post(way, {"reason": " "}, **EN).status_code == 422
    assert client.post(way, {"reason": "经核实为其配偶"}, **EN).status_code == 302
    assert client.post(way, {"reason": "经核实为其配偶"}, **EN).status_code == 404  # pressed twice
    name = officer.person.record.title
    page = read(officer, path)
    assert f"Dismissed by {name} on" in page
    assert re.search(rf"同名，并非亲属. Taken back by {name} on [^:]*: 经核实为其配偶", page)
    assert "<h2>Dismissed</h2>" not in page
    again = client.post(f"{api}/dismissals/take-back", {"key": key, "reason": "再次"}, content_type="application/json")
    assert [one["code"] for one in again.json()["problems"]] == ["conflict-unknown"]
    blank = client.post(f"{api}/dismissals/take-back", {"key": key, "reason": " "}, content_type="application/json")
    assert [one["code"] for one in blank.json()["problems"]] == ["dismissal-reason"]
    fields = [one.data["fields"] for one in Entry.objects.filter(record=panel.pk, kind="panel.edit").order_by("seq")]
    assert [one for one in fields if "dismissals" in one[0]] == [["dismissals"], ["dismissals-withdrawn"]]
    # Who sits meanwhile does not judge it: nothing begins before they are released, or it is dismissed again.
    panel = Panel.objects.select_related("record", "about").get(pk=panel.pk)
    with pytest.raises(Refused) as tied:
        advance(PANEL, panel, "begin", actor=officer)
    assert [one.code for one in tied.value.problems] == ["panel-tied"]
    dismiss_conflict(actor=officer, panel=panel, key=key, reason="户籍核查：同名")
    assert [one.reason for one in Dismissed.objects.order_by("pk")] == ["同名，并非亲属", "户籍核查：同名"]
    assert "同名，并非亲属" in read(officer, path)  # dismissed anew, what was taken back stays in sight
    panel = advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "begin", actor=officer)
    with pytest.raises(Conflict):
        take_back_dismissal(actor=officer, panel=panel, key=key, reason="太晚")
    assert "take-back" not in read(officer, path)
    assert client.get(way).status_code == 403


def test_no_two_items_have_the_same_turn_and_equals_stand_in_the_order_of_their_numbers():
    officer = city.officer()
    call = reviews.closed_call(officer, *(city.organisation(kind="university") for _number in range(3)))
    reviews.expert("专家一", by=officer)
    panel = reviews.panel(officer, call, per_item=1)
    reviews.asked(officer, panel)
    panel = reviews.scored(officer, panel)  # all three equal
    assert list(panel.items.values_list("number", "place")) == [(1, 1), (2, 2), (3, 3)]

    def kept(**advice):
        given = {int(name[1:]): said for name, said in advice.items()}
        row = Panel.objects.select_related("record", "about").get(pk=panel.pk)
        record_meeting(actor=officer, panel=row, minutes_no="纪要1号", met_on=today(), advice=given)
        return list(panel.items.order_by("number").values_list("place", "advised"))

    for twice in ({"n1": Advice(2, True, "好")}, {"n1": Advice(7, True, "好"), "n3": Advice(7, False, "差")}):
        with pytest.raises(Refused) as told:
            kept(**twice)
        (problem,) = told.value.problems
        assert (problem.code, "same turn" in str(problem.message)) == ("turn-twice", True)
    swapped = {"n1": Advice(2, True, "好"), "n2": Advice(1, None, "")}
    assert kept(**swapped) == [(2, True), (1, None), (3, None)]
    assert kept(n1=Advice(4, None, "")) == [(4, True), (1, None), (3, None)]  # the advice stays
    form = {"minutes_no": "纪要1号", "met_on": today().isoformat(), "version": ""}
    form |= {"place_1": "1", "advised_1": "yes", "opinion_1": "好", "place_2": "1", "place_3": "3"}
    answer = client_of(officer).post(f"/panels/{panel.record.code}/meeting/", form, **EN)
    assert answer.status_code == 422
    assert answer.content.decode().count("have the same turn 1") == 2  # above the form and at the field
    form["place_2"] = "2"
    assert client_of(officer).post(f"/panels/{panel.record.code}/meeting/", form, **EN).status_code == 302
    assert list(panel.items.order_by("number").values_list("place", flat=True)) == [1, 2, 3]


def test_an_item_is_advised_on_with_a_reason_or_stays_open_with_a_turn_by_page_and_by_program():
    officer = city.officer()
    panel = scene(officer, experts=1, per_item=1)
    reviews.asked(officer, panel)
    panel = reviews.scored(officer, panel)
    seen, address = client_of(officer), f"/api/v1/panels/{panel.record.code}/meeting"
    body = {"minutes_no": "纪要1号", "met_on": today().isoformat()}
    form = body | {"version": "", "place_1": "1"}
    for said, typed, wrong, field in (
        ({"advised": True, "opinion": " "}, {"advised_1": "yes", "opinion_1": ""}, "advice-reason", "opinion_1"),
        ({"opinion": "好"}, {"opinion_1": "好"}, "advice-missing", "advised_1"),
    ):
        sent = body | {"advice": [{"item": 1, "place": 1} | said]}
        answer = seen.put(address, sent, content_type="application/json")
        assert answer.status_code == 422
        assert [(one["code"], one["field"]) for one in answer.json()["problems"]] == [(wrong, field)]
        answer = seen.post(f"/panels/{panel.record.code}/meeting/", form | typed, **EN)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert panel.items.get().advised is None
    sent = body | {"advice": [{"item": 1, "place": 5}]}
    assert seen.put(address, sent, content_type="application/json").status_code == 200
    assert [(one.place, one.advised, one.opinion) for one in panel.items.all()] == [(5, None, "")]


def test_what_was_left_out_of_a_score_is_named_in_the_lists_of_the_language():
    officer = city.officer()
    panel = scene(officer, experts=3, per_item=3, drop_from=3)
    reviews.asked(officer, panel)
    reviews.scored(officer, panel, lambda review, item: {1: "70", 2: "95", 3: "80"}[review])
    assert panel.items.get().result["score"] == "80.00"
    path = f"/panels/{panel.record.code}/"
    page = read(officer, path).replace("\u00a0", " ")
    assert "left out: experts 1, 2" in page
    assert "1 · 70.00, 2 · 95.00, 3 · 80.00" in page
    chinese = client_of(officer).get(path, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "已去掉：专家1、2" in chinese


def test_the_term_of_a_review_says_that_scores_are_awaited():
    officer = city.officer()
    panel = scene(officer, experts=1, per_item=1)
    (seat,) = reviews.asked(officer, panel)
    for actor in (officer, reviews.judge(seat)):
        page = read(actor, f"/reviews/{seat.record.code}/")
        assert "scores to be handed in · 专家一" in page
        assert "Answer of" not in page


def test_a_single_character_is_not_hidden_and_said_so():
    officer = city.officer()
    panel = scene(officer, scheme="blind")
    path = f"/panels/{panel.record.code}/items/1/"
    answer = client_of(officer).post(path, {"words": "大，校 , 穗芯"}, **EN)
    assert answer.status_code == 422
    assert "would tear other words apart: 大, 校." in answer.content.decode()
    assert panel.items.get().hidden == []
    assert client_of(officer).post(path, {"words": "穗芯"}).status_code == 302
    assert panel.items.get().hidden == ["穗芯"]
    page = read(officer, path)
    assert "Files are not shown" in page
