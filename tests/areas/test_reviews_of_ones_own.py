"""Nobody runs, judges or reads what is their own; and what an expert may do, and when."""

from datetime import timedelta

import pytest

from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.reviews.actions import ExpertFacts, TieFacts, declare_ties, edit_expert, enter_expert
from kezhuan.areas.reviews.choosing_actions import assign_experts, commit_draw, hold_draw, replace_drawn
from kezhuan.areas.reviews.desk import items_read_by, others_of
from kezhuan.areas.reviews.dismissing_actions import dismiss_conflict, take_back_dismissal
from kezhuan.areas.reviews.item_actions import hide_words
from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.areas.reviews.panel_actions import (
    edit_panel,
    look_up_parties,
    prepare_panel,
    record_meeting,
)
from kezhuan.areas.reviews.scoring_actions import give_back, score_item
from kezhuan.kernel import reminders
from kezhuan.kernel.access import VISITOR, actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Membership, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def fresh(panel):
    return Panel.objects.select_related("record", "about").get(pk=panel.pk)


def score(actor, review, number, mark="80", words="依据充分", submit=True):
    return score_item(actor=actor, review=review, number=number, marks=[mark] * 2, words=[words] * 2, submit=submit)


def test_nobody_takes_a_step_about_their_own():
    """Every step of a panel and a review, tried by everybody who is a party: as officer, agency, expert, visitor."""
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    agency = city.organisation("评审公司", kind="agency")
    call = reviews.closed_call(officer, unit, city.organisation("乙大学", kind="university"))
    for name in ("一", "二", "三"):
        reviews.expert(name, by=officer)
    panel = reviews.panel(officer, call, agency=agency.record.code)
    seats = reviews.asked(officer, panel)
    # Who is a party after everything was cleared: an officer and an agent who also act for an applicant, an officer who
    # judges, an expert who has since joined the applicant.
    two_hats, agent = city.member(officer.organisation, Role.OFFICER), city.member(agency)
    for one in (two_hats, agent):
        add_member(actor=SYSTEM, organisation=unit, person=one.person)
    judging = seats[0].expert.person
    add_member(actor=SYSTEM, organisation=officer.organisation, person=judging, role=Role.OFFICER)
    own = [
        actor_for(two_hats.person, officer.organisation.pk),
        actor_for(agent.person, agency.pk),
        actor_for(judging, officer.organisation.pk),
        city.clerk(unit),
        reviews.judge(seats[1]),
        VISITOR,
    ]
    parties = list(Record.objects.filter(pk=unit.pk).values_list("pk", flat=True))
    steps = {
        "prepare": lambda actor: prepare_panel(actor=actor, about=call.record, facts=reviews.panel_facts()),
        "edit": lambda actor: edit_panel(
            actor=actor, panel=fresh(panel), facts=reviews.panel_facts(), expected_version=panel.record.version
        ),
        "hide": lambda actor: hide_words(actor=actor, panel=fresh(panel), number=1, words=["甲"]),
        "look up": lambda actor: look_up_parties(
            actor=actor, panel=fresh(panel), parties=parties, source="登记", on=today()
        ),
        "dismiss": lambda actor: dismiss_conflict(actor=actor, panel=fresh(panel), key="x", reason="同名"),
        "take back": lambda actor: take_back_dismissal(actor=actor, panel=fresh(panel), key="x", reason="同一人"),
        "assign": lambda actor: assign_experts(actor=actor, panel=fresh(panel)),
        "commit": lambda actor: commit_draw(actor=actor, panel=fresh(panel), places={"technical": 2}),
        "hold": lambda actor: hold_draw(actor=actor, panel=fresh(panel), word="春分", witness="赵见证"),
        "replace": lambda actor: replace_drawn(actor=actor, panel=fresh(panel)),
        "meet": lambda actor: record_meeting(
            actor=actor, panel=fresh(panel), minutes_no="1", met_on=today(), advice={}
        ),
        "release": lambda actor: advance(REVIEW, seats[2], "release", actor=actor, note="换人"),
        "begin": lambda actor: advance(PANEL, fresh(panel), "begin", actor=actor),
        "withdraw": lambda actor: advance(PANEL, fresh(panel), "withdraw", actor=actor, note="重来"),
    }

    def allowed():
        done = []
        for who, actor in enumerate(own):
            for name, step in steps.items():
                # Whoever judges on one panel is not judged by it: they may make another.
                if name == "prepare" and who == 2:
                    continue
                try:
                    step(actor)
                    done.append((who, name))
                except NotAllowed:
                    pass
                except (Refused, Conflict):
                    done.append((who, name))
        return done

    assert allowed() == []
    panel = advance(PANEL, fresh(panel), "begin", actor=officer)
    steps = {
        "close": lambda actor: advance(PANEL, fresh(panel), "close", actor=actor),
        "withdraw": lambda actor: advance(PANEL, fresh(panel), "withdraw", actor=actor, note="重来"),
        "score": lambda actor: score(actor, seats[2], 1),
        "give back": lambda actor: give_back(actor=actor, review=seats[2], number=1, reason="有关系"),
        "turn down": lambda actor: advance(REVIEW, seats[2], "turn-down", actor=actor, reason="time"),
        "hand in": lambda actor: advance(REVIEW, seats[2], "hand-in", actor=actor),
        "end": lambda actor: advance(REVIEW, seats[2], "end", actor=actor),
    }
    assert allowed() == []
    # The expert who has joined the applicant: the item is out of sight, and is not scored, but given back.
    late = next(one for one in seats if one.sheets.filter(item__record__owner=unit).exists() and one.pk != seats[0].pk)
    add_member(actor=SYSTEM, organisation=unit, person=late.expert.person)
    turned = actor_for(late.expert.person)
    late = Review.objects.select_related("record", "panel__record", "expert").get(pk=late.pk)
    mine = late.sheets.get(item__record__owner=unit).item.number
    assert mine not in [sheet.item.number for sheet, _matter in items_read_by(turned, late)]
    assert client_of(turned).get(f"/reviews/{late.record.code}/items/{mine}/").status_code == 404
    with pytest.raises(NotAllowed):
        score(turned, late, mine)
    give_back(actor=turned, review=late, number=mine, reason="已入职申报单位")
    # The agency runs the panel and decides nothing.
    runner = city.member(agency)
    assert client_of(runner).get(f"/panels/{panel.record.code}/conflicts/").status_code == 200
    advance(PANEL, fresh(panel), "withdraw", actor=runner, note="重新组织")
    assert set(Review.objects.values_list("record__stage", flat=True)) == {"released"}
    with pytest.raises(NotAllowed):
        propose(actor=runner, call=call, proposed={"K": Proposed(True, "可行")})


def test_an_expert_joins_scores_item_by_item_and_sees_others_only_after_their_own():
    officer = city.officer()
    call = reviews.closed_call(officer, city.organisation(kind="university"), city.organisation(kind="university"))
    asked = reviews.expert("甲", by=officer, stage="asked")
    person = actor_for(asked.person)
    with pytest.raises(Refused) as refused:
        advance(EXPERT, asked, "consent", actor=person)
    assert codes(refused) == {"ties-undeclared"}
    with pytest.raises(Refused) as refused:
        declare_ties(actor=person, expert=asked, ties=[TieFacts("employer", "O-1999-00001")])
    assert codes(refused) == {"organisation-unknown"}
    for actor in (officer, VISITOR):
        with pytest.raises(NotAllowed):
            declare_ties(actor=actor, expert=asked, ties=[])
    refusing = advance(EXPERT, asked, "refuse", actor=person)
    asked = advance(EXPERT, refusing, "ask-again", actor=officer)
    first = advance(EXPERT, declare_ties(actor=person, expert=asked, ties=[]), "consent", actor=person)
    with pytest.raises(Refused) as refused:
        enter_expert(actor=officer, email="甲@example.com", facts=ExpertFacts("technical", ("energy",)))
    assert codes(refused) == {"expert-twice"}
    with pytest.raises(NotAllowed):
        edit_expert(actor=person, expert=first, facts=ExpertFacts("finance", ("energy",)), expected_version=9)
    reviews.expert("乙", by=officer)
    panel = reviews.panel(officer, call, per_item=2)
    mine, other = reviews.asked(officer, panel)
    with pytest.raises(NotAllowed):  # not before the panel scores
        score(reviews.judge(mine), mine, 1)
    assert client_of(reviews.judge(mine)).get(f"/api/v1/reviews/{mine.record.code}/items").status_code == 404
    panel = advance(PANEL, panel, "begin", actor=officer)
    me, you = reviews.judge(mine), reviews.judge(other)
    for mark, words in (("101", "好"), ("80.123", "好"), ("", "好"), ("nan", "好"), ("80", "")):
        with pytest.raises(Refused):
            score(me, mine, 1, mark, words)
    score(you, other, 1, "60")
    kept = score(me, mine, 1, "70", submit=False)
    review = Review.objects.select_related("panel__about").get(pk=mine.pk)
    assert others_of(review, [kept]) == {}
    sheet = client_of(me).get(f"/reviews/{mine.record.code}/items/1/").content.decode()
    assert sheet.count("(before it is handed in)") == 2 * len(panel.criteria)
    assert "Reasons for the mark" in sheet
    url = f"/api/v1/reviews/{mine.record.code}/items"
    assert client_of(me).get(url).json()["items"][0]["others"] == []
    with pytest.raises(Refused) as refused:
        advance(PANEL, panel, "close", actor=officer)
    assert codes(refused) == {"panel-unscored"}
    done = score(me, mine, 1, "70")
    assert [(one.number, str(one.total)) for one in others_of(review, [done])[done.item_id]] == [
        (other.number, "60.00")
    ]
    assert [one["total"] for one in client_of(me).get(url).json()["items"][0]["others"]] == ["60.00"]
    with pytest.raises(Conflict):
        score(me, mine, 1, "75")
    with pytest.raises(NotAllowed):
        score(you, mine, 2)
    score(me, mine, 2)
    assert Record.objects.get(pk=mine.pk).stage == "handed-in"
    # The other is late: reminded themselves, and then the officers hear of it.
    clock = Clock.objects.get(record=other.pk, ended_on=None)
    assert (clock.person_id, clock.party_id, clock.due_on) == (other.expert.person_id, None, panel.due_on)
    letters = reminders.letters_of(panel.due_on - timedelta(days=1), panel.due_on)
    assert letters == {(other.expert.person_id, reminders.THEMSELVES): {clock.pk: "due"}}
    assert "评审任务" in client_of(you).get("/inbox/", headers={"accept-language": "zh-hans"}).content.decode()
    advance(REVIEW, Review.objects.select_related("record").get(pk=other.pk), "release", actor=officer, note="逾期")
    assert not Clock.objects.filter(record=other.pk, ended_on=None).exists()
    assert Membership.objects.filter(person=other.expert.person_id).count() == 0
    with pytest.raises(Refused):  # the second item has one review of two
        advance(PANEL, panel, "close", actor=officer)
    third = reviews.expert("丙", by=officer)
    assign_experts(actor=officer, panel=panel)
    instead = Review.objects.select_related("record", "expert__person", "panel__record").get(expert=third)
    assert [sheet.item.number for sheet in instead.sheets.all()] == [2]
    instead = advance(REVIEW, instead, "take-on", actor=reviews.judge(instead))
    score(reviews.judge(instead), instead, 2)
    assert advance(PANEL, panel, "close", actor=officer).record.stage == "scored"
    gone = advance(EXPERT, third, "leave", actor=reviews.judge(instead))
    assert gone.record.stage == "left"
