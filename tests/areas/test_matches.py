"""Suggestions that keep up with both sides, refusals that last, introductions in which both sides agree first."""

from dataclasses import replace
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from kezhuan.areas.achievements.actions import Right, edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.queries import standing_of
from kezhuan.areas.matches import actions, panels, under_line
from kezhuan.areas.matches.actions import MODEL, introduce, match_needs, refresh_suggestions, refuse_suggestion
from kezhuan.areas.matches.models import Introduction, Refusal, Suggestion
from kezhuan.areas.matches.queries import (
    suggestions_for_need,
    suggestions_for_supply,
    suggestions_visible_to,
)
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.areas.matches.wording import part_lines
from kezhuan.areas.needs.actions import Figure, edit_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import NearMiss, Reason, nearmiss
from kezhuan.kernel import clocks, followers, journal, registry
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Record
from kezhuan.kernel.search import live_index
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def test_a_suggestion_appears_with_parts_that_sum_to_its_score():
    pair = Pair(need={"region": "440106", "modes": ("licence",)}, result={"region": "440112", "modes": ("licence",)})
    suggestion = suggestions_for_need(VISITOR, pair.need).get()
    assert suggestion.supply_id == pair.supply.pk
    assert abs(sum(part["value"] for part in suggestion.parts) - suggestion.score) < 1e-9
    names = [part["name"] for part in suggestion.parts]
    assert len(names) == len(set(names))
    assert {"title", "field", "trl", "mode", "region"} <= set(names)
    for language in ("zh", "en"):
        lines = part_lines(suggestion.parts, language)
        assert all(line.because and line.label for line in lines)
    assert [one.need_id for one in suggestions_for_supply(VISITOR, pair.supply)] == [pair.need.pk]


def test_rights_that_are_not_ready_lower_the_score_until_they_are_settled():
    licence = ("licence",)
    offered = {"modes": licence, "rights": (Right("invention", "granted"), Right("invention", "applied"))}
    pair = Pair(need={"modes": ("licence", "transfer")}, result=offered | {"rights_states": ("pledged",)})

    def said():
        parts = {part["name"]: part for part in suggestions_for_need(VISITOR, pair.need).get().parts}
        return [line.because for line in part_lines([parts["rights"]], "zh")], parts["rights"]["value"]

    def change(**facts):
        row = Achievement.objects.get(pk=pair.result.pk)
        facts = city.achievement_facts(**offered | facts)
        edit_achievement(actor=pair.answering, achievement=row, facts=facts, expected_version=row.record.version)
        followers.run_pending()

    def shown(address, language="zh-hans"):
        return client_of(None).get(address, headers={"accept-language": language}).content.decode()

    (because,), value = said()
    assert because == "权属尚待解决：已质押"
    assert value < 0
    page = f"/achievements/{pair.supply.code}/"
    assert "权属状况</dt><dd>已质押" in "".join(shown(page).split())
    assert "pledged" in shown(page, "en")
    assert "rights not ready: pledged" in shown(f"/needs/{pair.need.record.code}/", "en")
    assert pair.supply.title in shown("/achievements/?rights=open")
    assert pair.supply.title not in shown("/achievements/?rights=ready")
    change(rights_states=("clear_title",))
    assert said()[0] == ["权属可用：权属清晰、已授权或登记"]
    assert said()[1] > 0
    assert pair.supply.title in shown("/achievements/?rights=ready")
    # Of several owners nobody said whether they agree, so granted alone says nothing.
    row = Achievement.objects.get(pk=pair.result.pk)
    change(co_owners=((pair.firm, None),))
    assert standing_of(Achievement.objects.get(pk=row.pk)) == set()
    assert "rights" not in [part["name"] for part in suggestions_for_need(VISITOR, pair.need).get().parts]
    change(rights=(Right("invention", "applied"),), rights_states=("right_granted", "in_dispute"))
    assert standing_of(Achievement.objects.get(pk=row.pk)) == {"not_granted", "in_dispute"}
    for states, code in (
        (("clear_title", "pledged"), "rights-states-contradict"),
        (("sold",), "rights-state-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            change(rights_states=states)
        assert [one.code for one in refused.value.problems] == [code]


def test_suggestions_follow_a_new_result_an_edit_a_withdrawal_and_a_return():
    pair = Pair()
    second = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底研磨")
    followers.run_pending()
    assert set(pair.suggested(VISITOR)) == {pair.supply.pk, second.pk}
    edit_achievement(
        actor=pair.answering,
        achievement=second,
        facts=city.achievement_facts(title="水稻育种", summary="水稻的育种。", keywords=("水稻",)),
        expected_version=second.record.version,
    )
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    withdrawn = advance(ACHIEVEMENT, pair.result, "withdraw", actor=pair.answering, note="理由")
    for actor in (VISITOR, pair.officer, pair.answering, pair.asking):  # at once, before anything is refreshed
        assert pair.suggested(actor) == []
    followers.run_pending()
    assert not Suggestion.objects.exists()
    again = advance(ACHIEVEMENT, withdrawn, "reopen", actor=pair.answering)
    again = advance(ACHIEVEMENT, again, "submit", actor=pair.answering)
    followers.run_pending()
    assert not Suggestion.objects.exists()
    advance(ACHIEVEMENT, again, "list", actor=pair.officer)
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]


def test_a_new_result_is_suggested_for_every_need_it_is_good_enough_for(monkeypatch):
    kind = registry.kind_of("achievement")
    monkeypatch.setattr(kind, "profile", replace(kind.profile, kept=2))
    firm, unit = city.organisation(), city.organisation()
    asking, answering = city.member(firm), city.member(unit)
    needs = [city.need(firm, stage="published", by=asking, title=f"大尺寸碳化硅衬底抛光{n}号线") for n in range(9)]
    other = city.need(
        firm, stage="published", by=asking, title="水稻育种", problem="耐盐水稻的育种。", scenario="滩涂", indicators=(
            Figure("产量", "≥", "400", "kg/亩", "实测"),
        ), keywords=("水稻",), field="agriculture",
    )  # fmt: skip
    followers.run_pending()
    first = city.achievement(unit, stage="listed", by=answering)
    followers.run_pending()
    assert set(Suggestion.objects.values_list("need", "supply")) == {(need.pk, first.pk) for need in needs}
    better = city.achievement(unit, stage="listed", by=answering, title="大尺寸碳化硅衬底抛光工艺")
    worse = city.achievement(unit, stage="listed", by=answering, title="衬底", summary="碳化硅衬底检测", keywords=())
    matched = []
    monkeypatch.setattr(actions, "match_needs", lambda index, ids: matched.extend(ids) or match_needs(index, ids))
    followers.run_pending()
    assert set(matched) == {need.pk for need in needs}
    assert other.pk not in matched
    held = set(Suggestion.objects.values_list("need", "supply"))
    assert held == {(need.pk, one.pk) for need in needs for one in (first, better)}
    matched.clear()
    edit_achievement(
        actor=answering,
        achievement=worse,
        facts=city.achievement_facts(title="衬底", summary="碳化硅衬底测厚", keywords=()),
        expected_version=worse.record.version,
    )
    followers.run_pending()
    assert matched == []  # two better ones are kept for each need already


def test_suggestions_follow_a_need_that_is_withdrawn_changed_and_published_again():
    pair = Pair()
    need = advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    assert list(suggestions_visible_to(pair.officer)) == []
    assert list(suggestions_for_supply(pair.answering, pair.supply)) == []
    followers.run_pending()
    assert not Suggestion.objects.exists()
    need = advance(NEED, need, "reopen", actor=pair.asking)
    facts = city.need_facts(title="水稻育种", problem="水稻", scenario="田间", keywords=(), indicators=())
    edit_need(actor=pair.asking, need=need, facts=facts, expected_version=need.record.version)
    facts = city.need_facts()
    need = edit_need(actor=pair.asking, need=need, facts=facts, expected_version=need.record.version)
    need = advance(NEED, need, "submit", actor=pair.asking)
    need = advance(NEED, need, "publish", actor=pair.officer)
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    advance(NEED, need, "close", actor=pair.asking, note="已解决")
    followers.run_pending()
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("need", "result", "seers"),
    [
        ({}, {}, {"visitor", "asking", "answering", "officer", "rival"}),
        ({}, {"secrecy": "internal"}, {"answering", "officer"}),
        ({}, {"secrecy": "trade_secret"}, {"answering"}),
        ({"confidentiality": "title_only"}, {}, {"asking", "officer"}),
        ({"confidentiality": "closed_door"}, {}, {"asking", "officer"}),
        ({"confidentiality": "closed_door"}, {"secrecy": "internal"}, {"officer"}),
        ({"confidentiality": "closed_door"}, {"secrecy": "trade_secret"}, set()),
    ],
)
def test_a_suggestion_is_seen_by_those_who_read_both_sides(need, result, seers):
    pair = Pair(need, result)
    actors = {
        "visitor": VISITOR, "asking": pair.asking, "answering": pair.answering, "officer": pair.officer,
        "rival": city.member(city.organisation()),
    }  # fmt: skip
    assert Suggestion.objects.count() == 1
    assert {name for name, actor in actors.items() if suggestions_visible_to(actor).exists()} == seers
    assert {name for name, actor in actors.items() if pair.suggested(actor)} == seers
    for name, actor in actors.items():
        allowed = name in seers and name in {"asking", "answering", "officer"}
        if not allowed:
            with pytest.raises((Missing, NotAllowed)):
                refuse_suggestion(actor=actor, need=pair.need, supply=pair.supply, reason="trl")
            with pytest.raises((Missing, NotAllowed)):
                pair.introduced(actor)
    assert (Refusal.objects.count(), Introduction.objects.count()) == (0, 0)


def test_a_refusal_hides_the_pair_and_lasts_through_refreshes():
    pair = Pair()
    with pytest.raises(Refused):
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="no-such")
    with pytest.raises(Refused) as refused:
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words="机密★")
    assert refused.value.problems[0].code == "state-secret"
    # What was written stands in the form again, and where somebody was faster it is shown.
    client, address = client_of(pair.asking), reverse("refuse", args=[pair.need.record.code, pair.supply.code])
    unsaid = client.post(address, {"note": "成熟度" * 1000})
    assert (unsaid.status_code, f"{'成熟度' * 1000}</textarea>" in unsaid.content.decode()) == (422, True)
    assert f'action="{address}"' in unsaid.content.decode()
    refusal = refuse_suggestion(
        actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words=" 成熟度不够 "
    )
    assert (refusal.side, refusal.reason, refusal.words) == ("need", "trl", "成熟度不够")
    assert pair.suggested(VISITOR) == []
    assert list(suggestions_for_supply(pair.answering, pair.supply)) == []
    with journal.writing():
        journal.note("achievement.edit", record=pair.supply)
    followers.run_pending()
    assert Suggestion.objects.count() == 1
    assert pair.suggested(VISITOR) == []
    late = client.post(address, {"reason": "price", "note": "太贵"})
    assert (late.status_code, "readonly>太贵</textarea>" in late.content.decode()) == (409, True)
    other = refuse_suggestion(actor=pair.answering, need=pair.need, supply=pair.supply, reason="partner")
    assert other.side == "supply"
    assert Entry.objects.filter(kind="match.refuse").count() == 4
    assert not any("成熟度" in str(data) for data in Entry.objects.values_list("data", flat=True))


def test_officers_decide_in_their_own_districts():
    pair = Pair(firm_region="440106", unit_region="440112")
    with pytest.raises(NotAllowed):
        refuse_suggestion(actor=city.officer("440117"), need=pair.need, supply=pair.supply, reason="trl")
    with pytest.raises(NotAllowed):
        pair.introduced(city.officer("440117"))
    refusal = refuse_suggestion(actor=city.officer("440112"), need=pair.need, supply=pair.supply, reason="trl")
    assert refusal.side == "bureau"
    assert pair.introduced(city.officer("440106")).record.stage == "introduced"


def test_a_pair_that_is_no_longer_open_is_neither_refused_nor_introduced():
    pair = Pair()
    advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    for act in (
        lambda: refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl"),
        lambda: pair.introduced(pair.asking),
    ):
        pair.need.record.refresh_from_db()
        with pytest.raises(Conflict):
            act()
    stale = Pair()
    old = stale.supply
    advance(ACHIEVEMENT, stale.result, "withdraw", actor=stale.answering, note="理由")
    with pytest.raises((Conflict, Missing)):  # the caller's copy is from before
        introduce(actor=stale.asking, need=stale.need, supply=old)


def test_a_submitted_need_is_answered_within_five_working_days(monkeypatch):
    friday = date(2026, 3, 6)
    for module in (clocks, __import__("kezhuan.kernel.lifecycle", fromlist=["today"])):
        monkeypatch.setattr(module, "today", lambda: friday)
    need = city.need(city.organisation(), stage="submitted")
    clock = Clock.objects.get(record_id=need.pk)
    assert (clock.party, clock.due_on) == (None, date(2026, 3, 13))


def test_a_result_withdrawn_while_a_need_is_matched_is_not_suggested(monkeypatch):
    from kezhuan.kernel.search import LiveIndex

    pair, nearest = Pair(), LiveIndex.nearest

    def then_withdraw(self, *asked):
        matches = nearest(self, *asked)
        if Record.objects.get(pk=pair.supply.pk).stage == "listed":
            advance(ACHIEVEMENT, pair.result, "withdraw", actor=pair.answering, note="理由")
        return matches

    monkeypatch.setattr(LiveIndex, "nearest", then_withdraw)
    refresh_suggestions([pair.need.pk])
    assert not Suggestion.objects.exists()


def below(pair):
    """What a page of a need says of results under the line, and whether it says that there are none."""
    context = panels.need_panel(VISITOR, pair.need).context
    told = {name: [(line.title, line.sentence) for line in context[name]] for name in ("misses", "several", "beyond")}
    return told, context["none_near"]


def test_a_result_that_several_conditions_hold_back_is_told_with_the_changes_that_lift_it(monkeypatch):
    pair = Pair(
        need={"min_trl": 9, "budget_fen": 10_000_00, "modes": ("licence",), "region": "440106"},
        result={"trl": 3, "price_fen": 9_000_000_00, "modes": ("transfer",), "region": "440112"},
    )
    Suggestion.objects.all().delete()
    match = live_index().explain(matching_item(pair.need), pair.supply.pk)
    said = sum(part.value for part in match.parts if part.name in {"title", "words", "meaning"})
    monkeypatch.setattr(under_line, "WORTH", (said * match.score) ** 0.5)  # what its words are worth without conditions
    with override("zh-hans"):
        told, none_near = below(pair)
    [(title, sentence)] = told.pop("several")
    assert (title, none_near, told) == (pair.supply.title, False, {"misses": [], "beyond": []})
    assert all(words in sentence for words in ("成熟度 3 < 9", "报价 900 万元 > 预算 1 万元", "合作方式不合"))
    assert "另外：地区不同" in sentence
    monkeypatch.setattr(under_line, "WORTH", 2 * under_line.WORTH)
    with override("zh-hans"):
        told, none_near = below(pair)
    [(title, sentence)] = told.pop("beyond")
    assert (title, none_near, told) == (pair.supply.title, True, {"misses": [], "several": []})
    assert "成熟度 3 < 9" in sentence
    assert "差在词语" in sentence


def test_suppliers_set_apart_are_passed_over_before_it_is_looked_for_what_would_lift_them(monkeypatch):
    pair = Pair(need={"min_trl": 9}, result={"trl": 3})
    city.achievement(pair.unit, stage="listed", by=pair.answering, trl=3)
    other = city.organisation()
    theirs = {city.achievement(other, stage="listed", by=city.member(other), trl=3).pk for _ in range(4)}
    once = city.need(pair.firm, stage="published", by=pair.asking)
    followers.run_pending()
    refuse_suggestion(actor=pair.asking, need=once, supply=pair.supply, reason="partner")
    Suggestion.objects.all().delete()
    match = live_index().explain(matching_item(pair.need), pair.supply.pk)
    said = sum(part.value for part in match.parts if part.name in {"title", "words", "meaning"})
    monkeypatch.setattr(under_line, "WORTH", (said * match.score) ** 0.5)
    looked, look = [], nearmiss._near_miss
    monkeypatch.setattr(nearmiss, "_near_miss", lambda *asked, **said: looked.append(asked) or look(*asked, **said))
    told = {int(one.supply) for one in under_line.just_below(VISITOR, pair.need, {RESULTS: 2})[RESULTS]}
    assert (len(told), told <= theirs, len(looked)) == (2, True, 2)
    assert {int(one.supply) for one in under_line.just_below(VISITOR, pair.need, {RESULTS: 9})[RESULTS]} == theirs


def test_a_page_says_when_nothing_stands_just_below_the_line(client):
    pair = Pair()
    assert below(pair) == ({"misses": [], "several": [], "beyond": []}, True)  # the one result stands above it
    page = client.get(f"/needs/{pair.need.record.code}/", headers={"accept-language": "zh-hans"}, follow=True)
    assert "没有接近入选线的成果" in page.content.decode()
    pair.introduced(pair.asking)
    followers.run_pending()
    told = {}
    for who, actor in (("visitor", None), ("firm", pair.asking)):
        page = client_of(actor).get(f"/needs/{pair.need.record.code}/", headers={"accept-language": "zh-hans"})
        told[who] = ["合适的成果都已进入对接" in page.content.decode(), "暂无足够合适的匹配" in page.content.decode()]
    assert told == {"visitor": [False, True], "firm": [True, False]}  # whoever may not know of it is not told of it


def test_what_was_closed_a_moment_ago_is_no_near_miss_though_the_index_still_holds_it():
    pair = Pair()
    other = city.achievement(pair.unit, stage="listed", by=pair.answering, secrecy="internal", title="geheim")
    missed = [
        NearMiss(supply=one, rank=2, score=0.2, line=0.3, alike=0.3, gap=Reason("gap-level", {}))
        for one in (other.pk, pair.supply.pk)
    ]

    def told(actor):
        one, several, beyond = panels.near_misses(actor, missed)
        assert one == several == ()
        return [line.title for line in beyond]

    assert told(VISITOR) == [pair.supply.title]
    assert len(told(pair.answering)) == 2
    assert not Entry.objects.filter(kind="records.shown").exists()
    # What fits of a result that is not everybody's is told to an officer, and the audit tells that.
    for _ in range(2):
        assert len(told(pair.officer)) == 2
    (entry,) = Entry.objects.filter(kind="records.shown")
    assert (entry.actor_id, entry.data["shown"]) == (pair.officer.person.pk, [str(other.record.uid)])


def test_what_an_older_version_suggested_is_matched_anew_after_the_upgrade():
    Pair()
    Suggestion.objects.update(model_version="older")
    assert followers.run_pending() == 0
    upgrade = import_module("kezhuan.areas.matches.migrations.0006_matched_anew")
    upgrade.match_anew(apps, SimpleNamespace(connection=connection))
    followers.run_pending()
    assert Suggestion.objects.get().model_version == MODEL
