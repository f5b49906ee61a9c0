"""What a call sets for its decision: by which rule it chooses, and how long what is proposed is laid open before."""

from uuid import uuid4

import pytest

from kezhuan.areas.calls.awarding import suggested
from kezhuan.areas.calls.checks import applications_of
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.queries import in_proposing_order
from kezhuan.areas.calls.wording import steps_in_words
from kezhuan.areas.notices.actions import prepare_notice
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.notices import required_days
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db
AWARD = 100_000_000


def codes(act):
    with pytest.raises(Refused) as refused:
        act()
    return {problem.code for problem in refused.value.problems}


def judged(officer, *scores, **facts):
    """A closed call with these terms and an application for each score, of which a panel has concluded."""
    call = calls.call(stage="published", by=officer, places=[Place("概念验证", winners=9)], **facts)
    units = [city.organisation(f"大学{n}", kind="university") for n in range(len(scores))]
    rows = [calls.application(call, unit, stage="qualified", commitments=(), asked_fen=AWARD) for unit in units]
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    panel = reviews.panel(officer, call)
    for row, score in zip(rows, scores, strict=True):
        said = {"score": str(score), "rank": 1, "corrected": "0", "spread": "0"}
        PanelItem.objects.filter(panel=panel, record=row.record).update(result=said, advised=True, opinion="可行")
    Record.objects.filter(pk=panel.pk).update(stage="concluded", phase="done")
    return call, [one.record.code for one in rows]


def proposed(all_of, *chosen):
    return {code: Proposed(code in chosen, "理由", AWARD if code in chosen else None) for code in all_of}


def test_a_decision_keeps_the_rule_of_its_call_or_says_why_it_does_not():
    officer = city.officer()

    def proposes(call, *chosen, **more):
        propose(actor=officer, call=call, proposed=proposed(given, *chosen), **more)
        return Call.objects.get(pk=call.pk)

    # In the order of the scores, as far as the budget line reaches: two of three, as the page suggests.
    ranked, given = judged(officer, 70, 92, 85, award_rule="ranked", budget_fen=2 * AWARD + 1)
    first, second, third = (given[place] for place in (1, 2, 0))
    page = client_of(officer).get(f"/calls/{ranked.record.code}/proposal/")
    suggested = {name: field.initial for name, field in page.context["form"].fields.items() if "awarded_" in name}
    assert [suggested[f"awarded_{Record.objects.get(code=one).pk}"] for one in (first, second, third)] == [
        "yes", "yes", "no",
    ]  # fmt: skip
    fields = page.context["form"].fields  # a panel's advice to choose is no reason for whom the rule does not choose
    assert [fields[f"reason_{Record.objects.get(code=one).pk}"].initial for one in (first, third)] == ["可行", ""]
    row = proposes(ranked, first, third)
    assert codes(lambda: advance(CALL, row, "decide", actor=officer)) == {"award-passed-over"}
    row = proposes(row, first, third, rule_note="第二名已获同类资助")
    told = CALL.moves["decide"].notice(row).facts
    assert "第二名已获同类资助" in told[0][1]
    row = proposes(row, first, second, rule_note="")
    assert advance(CALL, row, "decide", actor=officer).record.stage == "decided"
    # From a score on: nobody below it, and nobody above it left out without a word; at most a number over the list.
    scored, given = judged(officer, 79.5, 80, award_rule="score", award_score=80)
    assert codes(lambda: proposes(scored, given[0])) == {"award-below"}
    row = proposes(scored)
    assert codes(lambda: advance(CALL, row, "decide", actor=officer)) == {"award-passed-over"}
    fixed, given = judged(officer, 90, 91, award_rule="fixed", award_most=1)
    assert codes(lambda: proposes(fixed, *given)) == {"award-fixed"}
    assert proposes(fixed, given[1]).award_note == ""
    # What an officer types is looked at, and the page of the call says it to everybody.
    wrong = {"award_rule": "fixed", "notice_days": 0, "notice_places": ("moon",)}
    assert codes(lambda: calls.call(by=officer, **wrong)) == {"award-most", "call-notice-days", "call-notice-places"}
    assert codes(lambda: calls.call(by=officer, award_rule="score")) == {"award-score"}
    # A number under another rule would be kept and never asked.
    for kept in ({"award_most": 5}, {"award_score": 80}, {"award_rule": "fixed", "award_most": 5, "award_score": 80}):
        with pytest.raises(Refused) as told:
            calls.call(by=officer, **kept)
        assert [(one.code, one.field in kept) for one in told.value.problems] == [("award-unused", True)]
    assert "whoever reaches a score of 80" in client_of(officer).get(f"/calls/{scored.record.code}/").content.decode()


def test_a_proposal_takes_the_shortlist_first_then_the_order_of_the_last_panel_and_suggests_by_the_rule():
    officer = city.officer()
    call, _given = judged(officer, 70, 92.5, 85, 60, award_rule="fixed", award_most=1)
    rows = list(applications_of(call))
    keys = [row.pk for row in rows]
    assert list(in_proposing_order(call)) == keys
    first = PanelItem.objects.get(record=keys[0]).panel
    for key, place in zip(keys, (3, 1, 2, None), strict=True):
        PanelItem.objects.filter(record=key).update(place=place)
    assert list(in_proposing_order(call)) == [keys[1], keys[2], keys[0], keys[3]]
    again = reviews.panel(officer, call)
    for key, place, score in zip(keys, (1, 2, 3, 4), ("60", "70", "92.5", "85"), strict=True):
        PanelItem.objects.filter(panel=again, record=key).update(place=place, result={"score": score})

    def said(**terms):
        for name, value in terms.items():
            setattr(call, name, value)
        found = suggested(call, rows[:2])
        return [found.get(key) for key in keys]

    assert said() == [False, True, False, False]  # the second panel has not concluded
    Record.objects.filter(pk__in=[first.pk, again.pk]).update(stage="concluded")
    assert list(in_proposing_order(call)) == keys
    assert said() == [False, False, True, False]
    assert said(award_most=2) == [False, False, True, True]
    assert said(award_rule="score", award_score=70) == [False, True, True, True]
    assert said(award_rule="item") == [None] * 4
    call.items.update(winners=1)
    assert said(award_rule="score") == [False, False, True, False]
    call.stages.create(kind="final")
    call.refresh_from_db()
    Record.objects.filter(pk=keys[3]).update(stage="shortlisted")
    assert list(in_proposing_order(call)) == [keys[3], *keys[:3]]
    assert said() == [False, False, None, True]  # of those that are shown, and of the shortlist


def test_vector_17_rank_51_of_a_cut_of_50_is_given_no_money():
    officer = city.officer()
    call, (first,) = judged(officer, 100, award_rule="fixed", award_most=50)
    item, panel = call.items.get(), PanelItem.objects.get().panel
    CallItem.objects.filter(pk=item.pk).update(winners=60, fiscal_fen=60 * AWARD)
    Call.objects.filter(pk=call.pk).update(budget_fen=60 * AWARD)
    row = Application.objects.select_related("record").get(record__code=first)
    made = [first]
    for rank in range(2, 53):
        unit, record = city.organisation(kind="agency"), Record.objects.get(pk=row.pk)
        record.pk, record.uid, record.code, record.owner = None, uuid4(), f"K-2026-9{rank:04}", unit
        record.save()
        one = Application.objects.get(pk=row.pk)
        one.pk, one.applicant, one.record = record.pk, unit, record
        one.save(force_insert=True)
        said = {"score": str(101 - rank), "rank": rank, "corrected": "0", "spread": "0"}
        panel.items.create(number=rank, record=record, result=said, advised=True, opinion="可行")
        made.append(record.code)

    def gives(*codes, fen=AWARD):
        money = {code: Proposed(code in codes, "理由", fen if code in codes else None) for code in made}
        return propose(actor=officer, call=Call.objects.get(pk=call.pk), proposed=money)

    with pytest.raises(Refused) as refused:
        gives(*made[:49], made[50])
    (problem,) = refused.value.problems
    assert problem.code == "award-behind"
    assert made[50] in problem.message
    gives(*made[:50])
    gives(*made[:49], made[50], fen=0)  # it may be named, with nothing
    assert codes(lambda: gives(*made[:51])) == {"award-fixed"}
    PanelItem.objects.filter(number__in=(50, 51)).update(result={"score": "51", "rank": 50})
    gives(*made[:49], made[50])  # of equals across the line people choose
    assert codes(lambda: gives(*made[:49], made[51])) == {"award-behind"}


def test_a_call_asks_for_its_own_notice_and_the_rulebook_for_a_longer_one():
    officer = city.officer()
    own = {"notice_days": 5, "notice_day_kind": "working", "notice_places": ("site", "bureau")}
    call, given = judged(officer, 90, **own)
    row = propose(actor=officer, call=call, proposed=proposed(given, *given))
    assert codes(lambda: advance(CALL, row, "decide", actor=officer)) == {"notice-missing"}

    def prepares(*places):
        asked = {"audience": "public", "reception": "020-83120000", "channels": list(places)}
        return prepare_notice(actor=officer, row=row, move="decide", **asked)

    assert codes(lambda: prepares("site")) == {"notice-places"}
    page = client_of(officer).get(f"/records/{row.record.code}/notices/decide/new/").content.decode()
    assert "checked" in page.partition('value="bureau"')[2][:60]
    city.rule("notice.call.decide", 4, "working days")
    made = prepares("site", "bureau")
    assert (made.days, made.day_kind) == (5, "working")
    city.rule("notice.call.decide", 20, "working days")
    assert (required_days(row, "decide").value, required_days(row, "decide").source) == (20, "测试")
    # Once it is completed the same is held in one more place, without those where it has stood.
    Record.objects.filter(pk=made.pk).update(stage="completed", phase="done")
    assert codes(lambda: prepares("site", "bureau")) == {"notice-held"}
    assert prepares("press").record.stage == "prepared"
    # And no call is published that promises less.
    short = calls.call(by=officer, **own)
    assert "call-notice-short" in codes(lambda: advance(CALL, short, "publish", actor=officer))
    short.notice_days = None  # what a rule value asks for is a step of the call that does not say so itself
    assert "→ notice →" in steps_in_words(short)
