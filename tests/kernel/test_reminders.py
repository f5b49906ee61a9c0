"""Reminders: the right people on the right days by dated rules, once, also after days without a worker."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import jobs, outbox, reminders, turns
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, CodeCounter, Message, MessageState, Record, RuleValue, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import CALENDAR, WORKING, shifted_days
from kezhuan.web import inbox, letters
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.outbox import box, parsed

__all__ = ["box"]

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)
DUE = date(2026, 3, 9)


def clock(record, party, due=DUE, kind=WORKING):
    """One running term of the record, and no other."""
    Clock.objects.filter(record=record).delete()
    return Clock.objects.create(
        record=record, name=record.stage, party=party, audience_id=record.title_to_id, started_on=due - timedelta(20),
        due_on=due, day_kind=kind,
    )  # fmt: skip


def told_on(day, after=None):
    letters = reminders.letters_of(after or day - timedelta(days=1), day)
    return {receiver: list(steps.values()) for receiver, steps in letters.items()}


@pytest.fixture
def firm():
    """A firm with an administrator, a member and somebody who only reads; its need waits for it."""
    unit = city.organisation()
    actors = {role: city.member(unit, role) for role in (Role.ADMINISTRATOR, Role.MEMBER, Role.READER)}
    need = city.need(unit, by=actors[Role.MEMBER], stage="submitted")
    return unit, actors, need


def one(actor):
    return actor.person.pk, actor.organisation.pk


def test_the_responsible_are_told_before_at_and_after_and_then_those_above_them(firm):
    unit, actors, need = firm
    officer, city_officer = city.officer("440106"), city.officer()
    clock(need.record, unit)
    administrator = one(actors[Role.ADMINISTRATOR])
    expected = {
        date(2026, 3, 5): {administrator: ["before"]},  # two working days before Monday
        date(2026, 3, 9): {administrator: ["due"]},
        date(2026, 3, 11): {administrator: ["after"]},
        date(2026, 3, 16): {administrator: ["administrators"]},
        date(2026, 3, 23): {one(officer): ["officers"]},
    }
    days = (date(2026, 3, 1) + timedelta(days=n) for n in range(60))
    assert {day: told for day in days if (told := told_on(day))} == expected
    assert one(city_officer) not in {receiver for told in expected.values() for receiver in told}


def test_what_somebody_else_lets_wait_for_a_unit_is_told_on_the_next_morning_and_what_it_did_itself_is_not(firm):
    unit, actors, _need = firm
    university, tomorrow = city.organisation(kind="university"), today() + timedelta(days=1)
    owner, office = actors[Role.ADMINISTRATOR], city.member(university, Role.ADMINISTRATOR)
    introduction = city.introduction(city.officer(), unit, university)
    assert told_on(tomorrow) == {one(owner): ["begun"]}
    assert told_on(tomorrow + timedelta(days=1)) == {}
    (number,) = reminders.letters_of(today(), tomorrow)[one(owner)]
    with translation.override("zh-hans"):  # whichever language the test before was answered in
        assert "以下事项等待您处理" in letters.reminder(owner, {"clocks": {str(number): "begun"}}).text
    introduction = advance(INTRODUCTION, introduction, "agree", actor=owner)
    assert told_on(tomorrow) == {one(office): ["begun"]}
    introduction = advance(INTRODUCTION, introduction, "agree", actor=office)
    assert told_on(tomorrow) == {one(owner): ["begun"]}  # to say that they met
    advance(INTRODUCTION, introduction, "meet", actor=owner)
    assert told_on(tomorrow) == {}


def test_the_records_contact_is_told_alone_while_they_belong_to_the_organisation(firm):
    unit, actors, need = firm
    need.record.contact = actors[Role.MEMBER].person
    need.record.save()
    clock(need.record, unit)
    assert told_on(DUE) == {one(actors[Role.MEMBER]): ["due"]}
    clerk = city.member(unit, Role.LEGAL)
    Record.objects.filter(pk=need.pk).update(contact=clerk.person)
    assert told_on(DUE) == {one(clerk): ["due"]}
    clerk.person.memberships.update(until=today() - timedelta(days=1))
    Record.objects.filter(pk=need.pk).update(contact=actors[Role.MEMBER].person)
    actors[Role.MEMBER].person.memberships.update(until=today() - timedelta(days=1))
    assert told_on(DUE) == {one(actors[Role.ADMINISTRATOR]): ["due"]}
    actors[Role.ADMINISTRATOR].person.memberships.update(until=today() - timedelta(days=1))
    assert told_on(DUE) == {}
    other = city.member(unit)
    assert told_on(DUE) == {one(other): ["due"]}


def test_the_bureaus_terms_are_its_officers_and_then_the_citys(firm):
    _unit, _actors, need = firm
    district, others, whole = city.officer("440106"), city.officer("440105"), city.officer()
    clock(need.record, None)
    assert told_on(DUE) == {one(district): ["due"]}
    assert told_on(date(2026, 3, 16))[one(whole)] == ["administrators"]
    assert not {one(district), one(others)} & set(told_on(date(2026, 3, 16)))
    assert told_on(date(2026, 3, 23)) == {}
    district.person.memberships.update(until=today() - timedelta(days=1))
    assert told_on(DUE)[one(whole)] == ["due"]
    assert not {one(district), one(others)} & set(told_on(DUE))


def in_charge(jurisdiction="", programme=""):
    actor = city.officer(jurisdiction)
    actor.person.memberships.update(programme=programme)
    return actor_for(actor.person)


def test_officers_of_a_programme_or_a_district_are_told_of_what_stands_in_their_inbox(firm):
    unit, _actors, _need = firm
    university, whole = city.organisation(kind="university", region="440112"), city.officer()
    notice = city.notice(city.achievement(university, stage="listed"), whole, stage="running")
    objection = city.objection(notice, whole)
    introduction = city.introduction(whole, unit, university)
    Clock.objects.filter(record=introduction.pk).update(party=None)
    Clock.objects.update(due_on=DUE, started_on=DUE - timedelta(20))
    in_inbox = {
        in_charge("440112"): {notice, objection, introduction},
        in_charge("440112", "achievement"): {notice, objection, introduction},
        in_charge("", "achievement"): {notice, objection, introduction},
        in_charge("", "need"): {introduction},
        in_charge("440106", "need"): {introduction},
        in_charge("440112", "need"): set(),
        in_charge("440105"): set(),
    }
    ids = {row.pk for row in (notice, objection, introduction)}
    letters = reminders.letters_of(DUE - timedelta(days=1), DUE)
    records = dict(Clock.objects.values_list("pk", "record_id"))
    for actor, rows in in_inbox.items():
        shown = {one.record_id for one in inbox.waiting_clocks(actor)} & ids
        told = {records[pk] for pk in letters.get(one(actor), {})} & ids
        assert shown == told == {row.pk for row in rows}, actor.charges
    # Who is in charge of everything learns of it where nobody else is, and when it is late.
    assert not {records[pk] for pk in letters.get(one(whole), {})} & ids
    late = reminders.letters_of(date(2026, 3, 15), date(2026, 3, 16))
    assert {records[pk] for pk in late[one(whole)]} >= ids


def test_who_was_closed_is_told_nothing(firm):
    unit, actors, need = firm
    clock(need.record, unit)
    Record.objects.filter(pk=actors[Role.ADMINISTRATOR].person.pk).update(stage="closed", phase="done")
    assert told_on(DUE) == {one(actors[Role.MEMBER]): ["due"]}


def test_a_value_of_the_district_counts_for_what_no_organisation_owns(firm):
    unit, _actors, _need = firm
    officer = city.officer("440106")
    notice = city.notice(city.achievement(unit, stage="listed"), city.officer(), stage="running")
    clock(notice.record, None, kind=CALENDAR)
    turns.renew([notice])
    city.rule("clock.remind.before", 3, "calendar days")
    RuleValue.objects.create(
        code="clock.remind.before", jurisdiction="440106", value=5, unit="calendar days",
        effective_from=date(2024, 1, 1), source="test",
    )  # fmt: skip
    assert told_on(DUE - timedelta(days=5)) == {one(officer): ["before"]}


def test_a_holiday_moves_the_days_and_calendar_days_do_not(firm):
    unit, _actors, need = firm
    # 2026: off 15 to 23 February, worked on Saturdays 14 and 28 February.
    key = {kind: (date(2026, 2, 24), -1, kind) for kind in (WORKING, CALENDAR)}
    found = shifted_days({*key.values(), (date(2026, 2, 14), 1, WORKING), (date(2026, 2, 14), 0, WORKING)})
    assert found[key[WORKING]] == date(2026, 2, 14)
    assert found[key[CALENDAR]] == date(2026, 2, 23)
    assert found[date(2026, 2, 14), 1, WORKING] == date(2026, 2, 24)
    assert found[date(2026, 2, 14), 0, WORKING] == date(2026, 2, 14)
    clock(need.record, unit, due=date(2026, 2, 25))
    assert [told_on(date(2026, 2, day)) != {} for day in (13, 14, 23, 24)] == [False, True, False, False]


def test_a_value_of_the_district_goes_before_and_one_without_a_version_is_no_step(firm):
    unit, actors, need = firm
    city.officer()
    clock(need.record, unit)
    RuleValue.objects.filter(code="clock.remind.after").update(effective_to=date(2025, 1, 1))
    RuleValue.objects.create(
        code="clock.remind.before", jurisdiction="440106", value=5, unit="calendar days",
        effective_from=date(2024, 1, 1), source="test",
    )  # fmt: skip
    told = {day for n in range(40) if told_on(day := date(2026, 2, 20) + timedelta(days=n))}
    assert told == {date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)}
    assert actors


def test_a_term_that_began_after_the_day_of_a_reminder_has_none_before_it(firm):
    unit, _actors, need = firm
    row = clock(need.record, unit)
    Clock.objects.filter(pk=row.pk).update(started_on=date(2026, 3, 5))
    assert told_on(date(2026, 3, 5)) == {}
    assert told_on(DUE) != {}


def test_after_days_without_a_worker_the_last_step_that_came_is_told(firm):
    unit, actors, need = firm
    clock(need.record, unit)
    assert told_on(date(2026, 3, 12), after=date(2026, 3, 1)) == {one(actors[Role.ADMINISTRATOR]): ["after"]}
    assert told_on(date(2026, 3, 12), after=date(2026, 3, 11)) == {}


def test_an_ended_term_reminds_nobody(firm):
    unit, _actors, need = firm
    row = clock(need.record, unit)
    Clock.objects.filter(pk=row.pk).update(ended_on=MONDAY)
    assert told_on(DUE) == {}


# -- the daily job -----------------------------------------------------------------------------------------------------


def run_daily():
    jobs.enqueue(reminders.REMIND)
    jobs.run_pending()


def test_everybody_gets_one_letter_a_day_with_all_of_theirs_and_no_second(firm, box):
    unit, actors, need = firm
    User.objects.create_user("leiter@example.com", "", person=actors[Role.ADMINISTRATOR].person)
    second = city.need(unit, by=actors[Role.MEMBER], title="第二个需求")
    clock(need.record, unit, due=today())
    clock(second.record, unit, due=today())
    run_daily()
    jobs.run_pending()
    run_daily()
    assert Message.objects.count() == 1
    mail = parsed(box)
    assert mail["To"] == actors[Role.ADMINISTRATOR].person.email
    text = mail.get_content()
    for record in (need.record, second.record):
        assert f"{record.code} {record.title}" in text
    assert "（北京时间） · 今天" in text
    assert "/inbox/" in text
    assert mail["List-Unsubscribe"]


def test_what_was_done_meanwhile_is_not_told_and_an_empty_letter_is_not_sent(firm, box):
    unit, _actors, need = firm
    row = clock(need.record, unit, due=today())
    jobs.enqueue(reminders.REMIND)
    jobs.run_next()
    Clock.objects.filter(pk=row.pk).update(ended_on=today())
    jobs.run_pending()
    assert (box.mails, Message.objects.get().state) == ([], MessageState.DROPPED)


def test_a_term_of_a_record_the_reader_may_not_see_is_not_told(firm, box):
    unit, _actors, _need = firm
    hidden = city.need(city.organisation())
    clock(hidden.record, unit, due=today())
    run_daily()
    jobs.run_pending()
    assert (box.mails, Message.objects.get().state) == ([], MessageState.DROPPED)


def test_who_stopped_reminders_gets_none(firm, box):
    unit, actors, need = firm
    outbox.set_stopped(actors[Role.ADMINISTRATOR].person, reminders.TOPIC, True)
    clock(need.record, unit, due=today())
    run_daily()
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(firm, box):
    unit, _actors, need = firm
    clock(need.record, unit, due=today())
    CodeCounter.objects.create(key="reminded-through", last=(today() - timedelta(days=1)).toordinal())
    for _ in range(2):
        jobs.enqueue(reminders.REMIND)
    at_once([jobs.run_pending] * 2)
    jobs.run_pending()
    assert (Message.objects.count(), len(box.mails)) == (1, 1)


# -- who answered ------------------------------------------------------------------------------------------------------


def test_a_term_is_answered_by_whom_it_waited_for_and_by_nobody_else():
    owner = city.member(city.organisation())
    taken_back = city.need(owner.organisation, by=owner, stage="submitted")
    advance(NEED, taken_back, "withdraw", actor=owner, note="理由")
    published = city.taken(NEED, city.need(owner.organisation, by=owner), [("submit", owner), ("publish", None)])
    unit = city.organisation(kind="university")
    row = city.introduction(city.officer(), owner.organisation, unit)
    waiting = Clock.objects.get(record_id=row.pk, ended_on=None)
    other = owner if waiting.party_id == unit.pk else city.member(unit)
    advance(INTRODUCTION, row, "decline", actor=other, note="理由", reason="other")
    ended = Clock.objects.exclude(ended_on=None)
    answered = {pk: ended.get(record_id=pk).answered for pk in (taken_back.pk, published.pk, row.pk)}
    assert answered == {taken_back.pk: False, published.pk: True, row.pk: False}
