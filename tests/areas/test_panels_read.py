"""What whoever runs a panel reads on its pages: who judges what by which rules, what each gave, and who was there."""

import html
import re

import pytest

from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.reviews.actions import TieFacts
from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.minutes_actions import Minutes
from kezhuan.areas.reviews.models import Expert, Panel, Review
from kezhuan.areas.reviews.panel_actions import Advice, record_meeting
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
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
