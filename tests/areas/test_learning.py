"""What refusals do: to the pair, to the two organisations, to the places on a list, and to the weights of parts."""

import threading
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.matches import choosing, learning_actions
from kezhuan.areas.matches.actions import MODEL, introduce, refuse_suggestion
from kezhuan.areas.matches.decisions import Decided, decisions_of_city, pools_of
from kezhuan.areas.matches.learning_actions import switch_weighting, train_weighting
from kezhuan.areas.matches.lifting_actions import lift_refusals
from kezhuan.areas.matches.meanings import BETWEEN, MEANINGS
from kezhuan.areas.matches.missing import missed_in
from kezhuan.areas.matches.models import Reason, Refusal, Suggestion, Weighting
from kezhuan.areas.matches.pages import matches_for_text
from kezhuan.areas.matches.queries import suggestions_for_need, weighting_in_force
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.areas.matches.under_line import just_below
from kezhuan.areas.matches.whole_city import prepare_public
from kezhuan.config.commandline import main
from kezhuan.config.commands import train
from kezhuan.engines.matching import learning
from kezhuan.engines.matching.carrying import carry_out
from kezhuan.kernel import followers, jobs, registry
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.models import Entry
from kezhuan.kernel.rulebook import add_rule_value
from kezhuan.kernel.search import live_index
from kezhuan.kernel.text import today
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def suggested(need):
    return [one.supply_id for one in suggestions_for_need(VISITOR, need)]


def edit(pair, **facts):
    pair.result.refresh_from_db()
    row = type(pair.result).objects.select_related("record").get(pk=pair.result.pk)
    edit_achievement(
        actor=pair.answering,
        achievement=row,
        facts=city.achievement_facts(**facts),
        expected_version=row.record.version,
    )
    followers.run_pending()


def test_every_reason_has_a_meaning_and_those_of_facts_end_with_them():
    assert set(MEANINGS) == set(Reason.values)
    assert BETWEEN == (Reason.PARTNER,)
    pair = Pair(need={"min_trl": 6}, result={"trl": 4})
    kept = refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl")
    match = live_index().explain(choosing_item(pair), pair.supply.pk)
    assert kept.parts == {part.name: part.value for part in match.parts}
    for facts in ({"trl": 4, "price_fen": 100}, {"trl": 5}):  # something else, and not enough
        edit(pair, **facts)
        assert suggested(pair.need) == []
    edit(pair, trl=6)
    assert suggested(pair.need) == [pair.supply.pk]
    assert {one.kind for one in Entry.objects.filter(record=pair.supply)} >= {"match.refuse", "match.lift"}
    # It stays on the improvement list, and what is said again is a refusal of its own.
    assert [one.reason for one in missed_in(pair.answering, pair.result)] == ["trl"]
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="rights")
    with pytest.raises(Conflict):
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl")
    edit(pair, trl=9)
    assert suggested(pair.need) == []
    edit(pair, trl=9, rights_states=("clear_title",))
    assert suggested(pair.need) == [pair.supply.pk]
    assert Refusal.objects.count() == 2


def choosing_item(pair):
    from kezhuan.areas.needs.queries import matching_item

    return matching_item(type(pair.need).objects.select_related("record").get(pk=pair.need.pk))


def test_what_refusals_rest_on_is_read_for_all_of_them_at_once():
    pair = Pair(need={"modes": ("licence",)})
    rows = [
        city.achievement(pair.unit, stage="listed", by=pair.answering, rights_states=("pledged",)) for _ in range(4)
    ]
    queries = []
    for some in (rows[:1], rows[1:]):
        for row in some:
            refuse_suggestion(actor=pair.asking, need=pair.need, supply=row.record, reason="rights")
        with CaptureQueriesContext(connection) as asked:
            assert lift_refusals([], anew=True) == 0
        queries.append(len(asked))
    assert Refusal.objects.exclude(stood={}).count() == 4
    assert queries[0] == queries[1]


def test_not_with_this_partner_is_about_the_two_organisations_and_places_go_to_the_next(monkeypatch):
    kind = registry.kind_of("achievement")
    monkeypatch.setattr(kind, "profile", replace(kind.profile, kept=2, kept_inside=2))
    pair = Pair()
    other = city.organisation()
    theirs = [
        city.achievement(other, stage="listed", by=city.member(other), title=f"碳化硅衬底{words}")
        for words in ("抛光", "研磨", "检测")
    ]
    own = city.achievement(pair.unit, stage="listed", by=pair.answering, title="大尺寸碳化硅衬底抛光需求")
    followers.run_pending()
    first = suggested(pair.need)
    assert len(first) == 2
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=own.record, reason="not_relevant")
    followers.run_pending()
    second = suggested(pair.need)
    assert len(second) == 2
    assert own.pk not in second
    refuse_suggestion(actor=pair.answering, need=pair.need, supply=pair.supply, reason="partner")
    next_need = city.need(pair.firm, stage="published", by=pair.asking)
    followers.run_pending()
    for need in (pair.need, next_need):
        assert set(suggested(need)) <= {row.pk for row in theirs}
        assert len(suggested(need)) == 2
        below = just_below(VISITOR, need, {RESULTS: 5})[RESULTS]
        assert not {int(one.supply) for one in below} & {own.pk, pair.supply.pk}
    row = introduce(actor=pair.asking, need=next_need, supply=theirs[0].record)
    pair.move(row, "decline", pair.asking, reason="partner")  # an introduction that ended says the same
    assert suggested_anew(pair.need) == suggested_anew(next_need) == []
    below = just_below(VISITOR, pair.need, {RESULTS: 5})[RESULTS]
    assert not {int(one.supply) for one in below} & {one.pk for one in theirs}
    elsewhere = city.organisation()
    assert own.pk in suggested_anew(city.need(elsewhere, stage="published", by=city.member(elsewhere)))


def suggested_anew(need):
    followers.run_pending()
    return suggested(need)


def test_a_cap_passes_over_what_repeats_one_supplier_and_the_page_tells(tmp_path):
    pair = Pair()
    cap = {"code": choosing.REPEATS, "jurisdiction": "440100", "unit": "count", "source": "穗科字〔2026〕1号"}
    with pytest.raises(Refused):  # none of any supplier would be no cap on repeats
        add_rule_value(actor=pair.officer, value=0, effective_from=today(), **cap)
    second = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底研磨")
    other = city.organisation()
    third = city.achievement(other, stage="listed", by=city.member(other), title="碳化硅衬底检测")
    team = city.team(pair.unit, by=pair.answering, title="碳化硅衬底检测团队")
    add_rule_value(actor=pair.officer, value=1, effective_from=today(), **cap)
    followers.run_pending()
    assert set(suggested(pair.need)) == {pair.supply.pk, third.pk}
    passed = Suggestion.objects.exclude(passed_over="").values_list("supply", flat=True)
    assert set(passed) == {second.pk, team.pk}  # of whatever kind it is
    page = client_of(None).get(f"/needs/{pair.need.record.code}/").content.decode()
    assert "碳化硅衬底研磨" in page
    assert "but 1 of the same supplier is suggested already" in page
    city.achievement(other, stage="listed", by=city.member(other), title="碳化硅衬底测厚")
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="other")
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=third.record, reason="partner")
    fifth = city.achievement(pair.unit, stage="listed", by=pair.answering, title="大尺寸碳化硅衬底抛光需求")
    followers.run_pending()
    assert suggested(pair.need) == [fifth.pk]  # the other's place is free
    whole = prepare_public(tmp_path, 10, RESULTS)
    carry_out(whole.run)
    chosen = whole.chosen()  # the second is passed over, and the fourth; the first and the third are decided on
    assert ([one.code for one in chosen.supply.values()], chosen.passed) == ([fifth.record.code], 2)
    assert [[chosen.supply[match.supply].code for match in held] for held in chosen.lists] == [[fifth.record.code]]


@pytest.fixture
def taught(monkeypatch):
    """A city where firms took what is ripe and refused what only says more; few decisions are enough here."""
    monkeypatch.setattr(learning, "LEAST_NEEDS", 1)
    monkeypatch.setattr(learning, "TOP", 1)
    monkeypatch.setattr(learning, "_DRAW", 0.001)
    ripe = {"title": "碳化硅衬底抛光", "summary": "大尺寸碳化硅衬底的低缺陷抛光工艺。", "trl": 7}
    wordy = {"title": "大尺寸碳化硅衬底抛光需求", "summary": "大尺寸碳化硅衬底的低缺陷抛光工艺。", "trl": 5}
    pair = Pair(need={"min_trl": 6}, result=ripe)
    pair.wordy = city.achievement(pair.unit, stage="listed", by=pair.answering, **wordy).record
    pair.needs = [pair.need]
    for _ in range(3):
        pair.needs.append(city.need(pair.firm, stage="published", by=pair.asking, min_trl=6))
    pair.fresh = city.need(pair.firm, stage="published", by=pair.asking, min_trl=6)
    followers.run_pending()
    for need in pair.needs:
        introduce(actor=pair.asking, need=need, supply=pair.supply)
        refuse_suggestion(actor=pair.asking, need=need, supply=pair.wordy, reason="trl")
    return pair


def test_decisions_weigh_the_parts_and_an_officer_switches_them_off(taught):
    assert suggested(taught.fresh) == [taught.wordy.pk, taught.supply.pk]
    made = train_weighting()
    assert made.in_force
    assert (made.before, made.after) == (0.0, 1.0)
    assert made.trained_on["told"] == {"introduced": 4, "trl": 4}
    assert made.factors["trl_miss"] > 1
    jobs.run_pending()  # all needs are matched anew
    assert suggested(taught.fresh) == [taught.supply.pk, taught.wordy.pk]
    for row in Suggestion.objects.all():
        assert row.model_version == f"{MODEL}-w{made.pk}"
        assert abs(sum(part["value"] for part in row.parts) - row.score) < 1e-9
    # Of teams it is learnt as well, each kind on a list of its own.
    taken, refused = (city.team(taught.unit, title=f"碳化硅衬底抛光{one}团队") for one in "甲乙")
    introduce(actor=taught.asking, need=taught.fresh, supply=taken.record)
    refuse_suggestion(actor=taught.asking, need=taught.fresh, supply=refused.record, reason="not_relevant")
    said = {one.supply: (one.grade, one.among) for one in decisions_of_city().decisions if one.need == taught.fresh.pk}
    assert said == {taken.pk: (1, "team"), refused.pk: (0, "team")}
    [pool] = pools_of({(taught.fresh.pk, "team")})
    assert (set(pool.parts), pool.among) == ({taken.pk, refused.pk}, "team")
    again = train_weighting()  # no better than what is in force
    assert not again.in_force
    assert weighting_in_force() == made

    for actor, status in ((taught.asking, 403), (None, 403), (taught.officer, 200)):
        answer = client_of(actor).get("/match/weights/")
        assert answer.status_code == status
    assert "0.000 → 1.000" in answer.content.decode()
    with pytest.raises(NotAllowed):
        switch_weighting(actor=city.officer("440106"), weighting=made, on=False)
    with pytest.raises(Conflict):
        switch_weighting(actor=taught.officer, weighting=again, on=True)
    assert client_of(taught.officer).post(f"/match/weights/{made.pk}/switch/", {"on": "off"}).status_code == 404
    assert weighting_in_force() == made
    answer = client_of(taught.officer).post(f"/match/weights/{made.pk}/switch/", {"on": "0"})
    assert answer.status_code == 302
    assert weighting_in_force() is None
    with pytest.raises(Conflict):
        switch_weighting(actor=taught.officer, weighting=made, on=False)
    jobs.run_pending()
    assert suggested(taught.fresh) == [taught.wordy.pk, taught.supply.pk]
    english = "low-defect polishing of large silicon carbide wafers"
    shipped = typed(english)
    assert switch_weighting(actor=taught.officer, weighting=made, on=True).in_force
    assert Weighting.objects.filter(in_force=True).count() == 1
    Weighting.objects.filter(pk=made.pk).update(factors={"meaning": 0.5})
    assert typed(english) != shipped


def typed(words):
    """The scores that the page and the API give for words: the same of both."""
    scores = [one.score for one in matches_for_text(VISITOR, words, {RESULTS: 10})[RESULTS]]
    assert [one["score"] for one in Api().send("/match", {"text": words})["items"]] == scores
    return scores


@pytest.mark.django_db(transaction=True)
def test_of_two_that_train_at_once_one_is_told_that_the_other_was_quicker(monkeypatch):
    monkeypatch.setattr(learning, "LEAST_NEEDS", 1)
    monkeypatch.setattr(learning, "TOP", 1)
    monkeypatch.setattr(learning, "_DRAW", 0.001)
    ripe, wordy = {"words": 0.3, "trl": 0.03}, {"words": 0.4, "trl": -0.04}
    said = [
        learning.Decision(need, supply, need, grade, parts)
        for need in range(10)
        for supply, grade, parts in ((1, 1, ripe), (2, 0, wordy))
    ]
    both = threading.Barrier(2, timeout=60)  # each has seen what is in force before either writes

    def pools_of(_needs):
        both.wait()
        return ()

    monkeypatch.setattr(learning_actions, "decisions_of_city", lambda: Decided(said, {"trl": 10}, 0, 0))
    monkeypatch.setattr(learning_actions, "pools_of", pools_of)
    one, other = sorted(at_once([train_weighting] * 2), key=lambda found: isinstance(found, Conflict))
    assert one.in_force
    assert isinstance(other, Conflict)
    assert list(Weighting.objects.all()) == [one]


def test_few_decisions_teach_nothing_and_the_command_says_so(monkeypatch, capsys):
    monkeypatch.setattr(train, "start_django", lambda: True)
    monkeypatch.setattr(train, "bring_up_to_date", lambda: True)
    assert main(["train", "--weights"]) == 2
    assert "沿用现有权重" in capsys.readouterr().err
    assert main(["train", "--weights", "x.csv"]) == 2
    assert not Weighting.objects.exists()
