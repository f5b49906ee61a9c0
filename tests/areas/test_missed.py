"""The improvement list of a result: why it was not taken, by how many, told to whoever may mend it and nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.apart import set_apart, set_apart_from
from kezhuan.areas.matches.decisions import decisions_of_city
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.mending_actions import mend
from kezhuan.areas.matches.missing import missed_by_unit, missed_in
from kezhuan.areas.matches.models import Reason, Refusal
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import followers
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import brokers, city
from tests.factories.databases import at_once
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def another_need(pair, **facts):
    firm = city.organisation()
    actor = city.member(firm)
    return city.need(firm, stage="published", by=actor, contact=actor.person, **facts), actor


def listed(actor, pair):
    return [
        (str(one.reason.value), one.others, [need.pk for need in one.shown]) for one in missed_in(actor, pair.result)
    ]


def test_refusals_and_ended_introductions_are_counted_by_reason_once_a_need():
    pair = Pair(need={"min_trl": 8, "budget_fen": 5_000_000})
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words="noch nicht so weit")
    refuse_suggestion(actor=pair.officer, need=pair.need, supply=pair.supply, reason="trl")
    second, other = another_need(pair, min_trl=9)
    row = introduce(actor=pair.officer, need=second, supply=pair.supply)
    row = pair.move(row, "agree", other)
    pair.move(row, "decline", other, reason="trl")
    third, somebody = another_need(pair, budget_fen=5_000_000)
    refuse_suggestion(actor=somebody, need=third, supply=pair.supply, reason="price")
    fourth, _nobody = another_need(pair)
    refuse_suggestion(actor=pair.answering, need=fourth, supply=pair.supply, reason="capacity")  # its own reason
    fifth, last = another_need(pair)
    row = introduce(actor=last, need=fifth, supply=pair.supply)
    pair.move(row, "decline", pair.answering, reason="partner")
    sixth, asking = another_need(pair, modes=("licence", "consulting"))
    refuse_suggestion(actor=asking, need=sixth, supply=pair.supply, reason="rights")
    wanted = [("trl", 2, [second.pk, pair.need.pk]), ("price", 1, [third.pk]), ("rights", 1, [sixth.pk])]
    assert [(one, count, sorted(ids)) for one, count, ids in listed(pair.answering, pair)] == [
        (one, count, sorted(ids)) for one, count, ids in wanted
    ]
    with translation.override("en"):
        trl, price, rights = missed_in(pair.answering, pair.result)
    assert all(level in trl.asked for level in ("TRL 7", "TRL 8", "TRL 9"))
    assert "CNY 50,000" in price.asked
    assert rights.asked == "Your record says nothing of rights; asked: licence."


def test_a_need_that_is_hidden_counts_and_is_not_named():
    pair = Pair()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl")
    advance(NEED, pair.need, "withdraw", actor=pair.asking, note="vorbei")
    [(reason, count, shown)] = listed(pair.answering, pair)
    assert (reason, count, shown) == ("trl", 1, [])
    assert missed_in(pair.answering, pair.result)[0].asked == ""


def test_it_is_told_to_the_unit_and_the_officers_in_charge_alone():
    pair = Pair()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words="nur für uns")
    page, api = f"/achievements/{pair.supply.code}/", f"/api/v1/achievements/{pair.supply.code}/missed"
    for actor in (pair.answering, pair.officer):
        seen = client_of(actor)
        assert "What was missed" in seen.get(page, headers={"accept-language": "en"}).content.decode()
        [told] = seen.get(api).json()
        assert (told["reason"], told["needs"], [one["code"] for one in told["records"]]) == (
            "trl", 1, [pair.need.record.code],
        )  # fmt: skip
    for actor in (pair.asking, city.officer("440106"), city.member(city.organisation()), VISITOR):
        assert listed(actor, pair) == []
        seen = client_of(actor)
        assert "What was missed" not in seen.get(page, headers={"accept-language": "en"}).content.decode()
        assert seen.get(api).status_code == 403
    assert "nur für uns" not in client_of(pair.answering).get(page).content.decode()


def test_an_officer_who_sees_a_trade_secrets_title_alone_hears_nothing_of_its_level():
    pair = Pair(result={"secrecy": "trade_secret"})
    row = pair.introduced(pair.answering)
    pair.move(row, "decline", pair.asking, reason="trl")
    assert [reason for reason, *_more in listed(pair.answering, pair)] == ["trl"]
    assert listed(pair.officer, pair) == []


def test_it_takes_as_many_queries_for_one_need_as_for_three():
    pair = Pair()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl")

    def asked():
        with CaptureQueriesContext(connection) as held:
            missed_in(pair.answering, pair.result)
        return len(held)

    asked()  # what is kept of the actor until the next entry is looked up by whoever asks first
    before = asked()
    for _ in range(2):
        need, actor = another_need(pair)
        refuse_suggestion(actor=actor, need=need, supply=pair.supply, reason="price")
    assert asked() == before


def test_a_need_has_a_list_too_of_what_the_side_of_results_said():
    pair = Pair(need={"min_trl": 8, "budget_fen": 5_000_000}, result={"trl": 6, "price_fen": 9_000_000})
    other = city.organisation()
    theirs = city.achievement(other, stage="listed", by=city.member(other), price_fen=7_000_000)
    answering = city.member(other)
    refuse_suggestion(actor=pair.answering, need=pair.need, supply=pair.supply, reason="price")
    refuse_suggestion(actor=answering, need=pair.need, supply=theirs.record, reason="price")
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl")  # its own
    [price] = missed_in(pair.asking, pair.need)
    assert (price.reason, price.others, {one.pk for one in price.shown}) == ("price", 2, {theirs.pk, pair.supply.pk})
    assert all(said in price.asked for said in ("CNY 50,000", "CNY 70,000", "CNY 90,000"))
    assert missed_in(answering, pair.need) == missed_in(VISITOR, pair.need) == []
    shown = client_of(pair.asking).get(f"/needs/{pair.need.record.code}/").content.decode()
    assert "price: 2 results" in shown
    [told] = Api(pair.asking).read(address := f"/needs/{pair.need.record.code}/missed")
    assert (told["reason"], told["results"], told["units"], "CNY 90,000" in told["asked"]) == ("price", 2, 2, True)
    assert {one["code"] for one in told["records"]} == {theirs.record.code, pair.supply.code}
    assert [client_of(one).get(f"/api/v1{address}").status_code for one in (answering, VISITOR)] == [403, 403]


def said_of(actor, row, language="en"):
    with translation.override(language):
        return [one.sentence for one in missed_in(actor, row)]


def test_missing_information_is_counted_by_firms_until_it_is_added():
    pair = Pair(result={"trl": None})
    firms = [(pair.need, pair.asking), *(another_need(pair) for _ in range(4))]
    again = city.need(pair.firm, stage="published", by=pair.asking)  # the same firm, once more
    for need, actor in (*firms[:4], (again, pair.asking)):
        lacks = ("sample", "comparison") if need is firms[1][0] else ("comparison", "comparison")
        refuse_suggestion(actor=actor, need=need, supply=pair.supply, reason="information", lacks=lacks)
    last, actor = firms[4]
    pair.move(introduce(actor=pair.answering, need=last, supply=pair.supply), "decline", actor,
              reason="information_comparison")  # fmt: skip
    other, somebody = another_need(pair)
    refuse_suggestion(actor=pair.officer, need=other, supply=pair.supply, reason="information", lacks=["trl", "sample"])
    assert said_of(pair.answering, pair.result) == [
        "5 firms missed a comparison with the existing process",
        "1 firm missed a sample, an officer too",
        "An officer missed the maturity",
    ]
    assert said_of(pair.answering, pair.result, "zh-hans")[0] == "5 家企业反映缺少与现有工艺的对比"
    assert said_of(pair.asking, pair.need) == said_of(somebody, other) == []  # it is about the result
    [told, *_more] = client_of(pair.answering).get(f"/api/v1/achievements/{pair.supply.code}/missed").json()
    assert (told["lack"], told["firms"], told["needs"], told["officer"]) == ("comparison", 5, 6, False)
    # It says nothing of the pair's parts; a step that was taken and ended for it counts as taken.
    assert decisions_of_city().told == {"introduced": 1}

    followers.run_pending()
    assert Refusal.objects.filter(lifted_at=None).count() == 6
    for somebody in (pair.asking, pair.officer):
        with pytest.raises(NotAllowed):
            mend(actor=somebody, row=pair.result, lack="comparison")
    for lack, refusal in (("scale_up", Conflict), ("trl", Refused), ("?", Refused)):
        with pytest.raises(refusal):
            mend(actor=pair.answering, row=pair.result, lack=lack)
    assert pair.suggested(VISITOR) == []
    shown = client_of(pair.answering).get(f"/achievements/{pair.supply.code}/", headers={"accept-language": "en"})
    assert shown.content.decode().count("It was added") == 2  # the maturity is written into the record
    sent = client_of(pair.answering).post(f"/match/missed/{pair.supply.code}/", {"lack": "comparison"})
    assert sent.status_code == 302
    assert said_of(pair.answering, pair.result)[0] == "1 firm missed a sample, an officer too"
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    # Who missed a sample too is not asked again before that is added.
    assert set(Refusal.objects.filter(lifted_at=None).values_list("need", flat=True)) == {firms[1][0].pk, other.pk}
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="information", lacks=["comparison"])
    assert "1 firm missed a comparison with the existing process" in said_of(pair.answering, pair.result)
    edit = city.achievement_facts(trl=6)
    row = type(pair.result).objects.select_related("record").get(pk=pair.result.pk)
    edit_achievement(actor=pair.answering, achievement=row, facts=edit, expected_version=row.record.version)
    assert len(said_of(pair.answering, row)) == 2  # the maturity is told now
    mend(actor=pair.answering, row=row, lack="sample")
    followers.run_pending()
    assert {one.need_id for one in Refusal.objects.filter(lifted_at=None)} == {pair.need.pk}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_say_at_once_that_it_was_added_one_is_told_that_the_other_was_faster():
    pair = Pair()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="information", lacks=["sample"])
    said = at_once([lambda: mend(actor=pair.answering, row=pair.result, lack="sample")] * 2)
    assert sorted(type(one) for one in said if one is not None) == [Conflict]
    assert Entry.objects.filter(kind="match.mend").count() == 1


def test_what_is_missing_is_ticked_from_the_list_with_its_reason_alone():
    pair = Pair(result={"trl": 7}, need={"budget_fen": None})
    asked = {"actor": pair.asking, "need": pair.need, "supply": pair.supply}
    for reason, *lacks in (("information",), ("information", "trl"), ("information", "x"), ("other", "cost")):
        with pytest.raises(Refused):
            refuse_suggestion(**asked, reason=reason, lacks=lacks)
    page = client_of(pair.asking).post(
        f"/needs/{pair.need.record.code}/matches/{pair.supply.code}/refuse/",
        {"reason": "price", "lacks": ["cost"], "note": "zu teuer"},
        headers={"accept-language": "en"},
    )
    assert page.status_code == 422
    assert 'value="cost" checked' in page.content.decode()
    assert 'value="trl"' not in page.content.decode().split("What is missing")[1]
    refuse_suggestion(actor=pair.answering, need=pair.need, supply=pair.supply, reason="information", lacks=["price"])
    assert said_of(pair.asking, pair.need) == ["1 unit missed the price or budget"]
    assert said_of(pair.answering, pair.result) == []
    address, others = f"/needs/{pair.need.record.code}/missed", city.member(city.organisation())
    theirs = city.achievement(others.organisation, stage="listed", by=others).record
    refuse_suggestion(actor=others, need=pair.need, supply=theirs, reason="information", lacks=["sample"])
    left = Api(pair.asking).send(address, {"lack": "sample"}, 200)
    assert [one["lack"] for one in left] == ["price"]
    assert Api(pair.asking).refused(address, 409, {"lack": "sample"}) == {"": "conflict"}


def test_an_ended_introduction_misses_what_its_record_leaves_out_and_a_broker_says_nothing_of_it():
    pair = Pair(result={"trl": 7, "price_fen": 5_000_000}, need={"budget_fen": None, "min_trl": None})
    agent, _row = brokers.broker()
    row = introduce(actor=agent, need=pair.need, supply=pair.supply, broker=agent.person)
    text = {"comparison", "test_report", "sample", "cost", "scale_up"}
    known = ((pair.asking, text), (pair.officer, text), (pair.answering, text | {"trl", "price"}), (agent, set()))
    for actor, lacks in known:
        offered = {code for code, _label in INTRODUCTION.moves["decline"].reasons_for(row, actor)}
        assert offered == {*Reason.values, *(f"information_{one}" for one in lacks)} - {"information"}
    for side in (pair.asking, pair.answering):
        row = pair.move(row, "agree", side)
    page = client_of(pair.asking).get(f"/introductions/{row.record.code}/").content.decode()
    assert ("information_sample" in page, "information_price" in page) == (True, False)
    for actor, lack in ((pair.asking, "price"), (agent, "sample")):
        with pytest.raises(Refused):
            pair.move(row, "drop", actor, reason=f"information_{lack}")
    # Neither of the two said it: it is on no list, and sets nobody apart.
    pair.move(row, "drop", agent, reason="partner")
    assert listed(pair.answering, pair) == []
    second, _firm = another_need(pair)
    pair.move(introduce(actor=pair.officer, need=second, supply=pair.supply), "decline", pair.officer, reason="partner")
    third, _other = another_need(pair)
    refuse_suggestion(actor=pair.officer, need=third, supply=pair.supply, reason="partner")
    assert sorted(listed(pair.answering, pair)) == [("partner", 2, [third.pk, second.pk])]
    assert [one.parties for one in missed_in(pair.answering, pair.result)] == [0]
    owners = {need.record.owner_id for need in (pair.need, second, third)}
    assert set_apart(owners) == {owner: {owner} for owner in owners}
    assert all(set_apart_from(need).owners == {need.record.owner_id} for need in (pair.need, second, third))


def test_a_unit_reads_of_all_its_results_at_once_what_was_missed():
    pair = Pair(result={"trl": 4})
    second = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底研磨")
    foreign = city.achievement(city.organisation(), stage="listed", title="碳化硅衬底测厚")
    city.achievement(pair.unit, stage="listed", by=pair.answering, title="无人问津")
    for supply in (pair.supply, second.record, foreign.record):
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=supply, reason="not_relevant")
    need, actor = another_need(pair)
    refuse_suggestion(actor=actor, need=need, supply=second.record, reason="information", lacks=["comparison"])

    def asked():
        with CaptureQueriesContext(connection) as held:
            found = missed_by_unit(pair.answering)
        return len(held), found

    asked()
    count, found = asked()
    assert [row.pk for row, _missed in found] == [second.pk, pair.result.pk]
    assert all(missed == missed_in(pair.answering, row) for row, missed in found)
    third = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底清洗", trl=4)
    refuse_suggestion(actor=actor, need=need, supply=third.record, reason="trl")
    more, found = asked()
    assert (len(found), more) == (3, count)
    shown = client_of(pair.answering).get("/match/missed/").content.decode()
    assert "1 firm missed a comparison with the existing process" in shown
    assert "1 need (Your record says TRL 4; asked: TRL 6)" in shown
    assert shown.index("碳化硅衬底研磨") < shown.index(pair.supply.title)
    assert not any(one in shown for one in ("碳化硅衬底测厚", "无人问津"))
    assert "Nothing was missed" in client_of(pair.asking).get("/match/missed/").content.decode()
    assert client_of(VISITOR).get("/match/missed/").status_code in {302, 403}
