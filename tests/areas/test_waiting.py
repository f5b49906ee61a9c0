"""What waits stands before whoever acts: sent back to its owner, asked of the bureau; with a term where one is set."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.needs.actions import edit_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import register_organisation, sign_up
from kezhuan.areas.people.claim_actions import answer_claim, claim_organisation
from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.areas.people.queries import CLAIMS, claims_waiting_for
from kezhuan.areas.reviews.lifecycle import EXPERT
from kezhuan.kernel import reminders
from kezhuan.kernel.access import actor_for, audience_key, officer_tokens
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Audience, Clock, Grant, Record, RuleUse, RuleValue
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def waiting(actor):
    """The codes of what stands in somebody's inbox, each with its due day."""
    shown = inbox.lines(actor)
    assert inbox.count(actor) == len(shown)
    return {line.code: line.clock.due if line.clock else None for line in shown}


def told(actor, day):
    letters = reminders.letters_of(day - timedelta(days=1), day)
    pks = letters.get((actor.person.pk, actor.organisation.pk), {})
    return set(Clock.objects.filter(pk__in=pks).values_list("record__code", flat=True))


@pytest.fixture
def boss():
    return city.member(city.organisation("抛光公司"), Role.ADMINISTRATOR)


# -- sent back ---------------------------------------------------------------------------------------------------------


def test_what_is_returned_waits_for_its_owner_without_a_term_until_it_is_handed_in_again(boss):
    unit, officer, rival = boss.organisation, city.officer(), city.member(city.organisation())
    rows = {NEED: city.need(unit, stage="returned"), ACHIEVEMENT: city.achievement(unit, stage="returned")}
    city.need(unit)  # a draft that nobody sent back waits for nobody
    codes = {row.record.code for row in rows.values()}
    assert waiting(boss) == dict.fromkeys(codes)
    assert waiting(rival) == {}
    assert not codes & waiting(officer).keys()
    assert not Clock.objects.filter(ended_on=None).exists()
    page = client_of(boss).get("/inbox/").content.decode()
    assert all(code in page for code in codes)
    need = rows[NEED]
    facts = city.need_facts(title="大尺寸碳化硅衬底的抛光需求")
    edit_need(actor=boss, need=need, facts=facts, expected_version=need.record.version)
    for life, row in rows.items():
        assert client_of(boss).get(f"/{life.kind}s/{row.record.code}/edit/").status_code == 200
        advance(life, row, "submit", actor=boss)
    assert waiting(boss) == {}
    assert codes <= waiting(officer).keys()


def test_what_is_returned_has_a_term_of_its_owner_where_a_value_is_in_force(boss):
    unit, officer = boss.organisation, city.officer()
    city.rule("clock.need.returned", 7, "calendar days")
    need, due = city.need(unit, stage="returned"), today() + timedelta(days=7)
    clock = Clock.objects.get(record=need.pk, ended_on=None)
    assert (clock.party, clock.due_on, clock.name) == (unit, due, "returned")
    assert waiting(boss) == {need.record.code: due}
    assert (told(boss, due), told(officer, due)) == ({need.record.code}, set())
    assert advance(NEED, need, "discard", actor=boss).record.stage == "discarded"
    assert waiting(boss) == {}
    assert Clock.objects.get(pk=clock.pk).answered


def test_a_registration_sent_back_waits_for_the_organisation_and_not_for_the_bureau():
    officer = city.officer()
    city.rule("clock.organisation.returned", 5, "calendar days")
    person = sign_up(name="新人", email="new@example.com", password="long-enough-secret").person
    firm = register_organisation(
        actor=actor_for(person), name="抛光公司", kind="enterprise", number="91350100M000100Y43", region="440106"
    )
    firm = advance(ORGANISATION, firm, "return", actor=officer, note="名称与执照不符")
    assert waiting(officer) == {}
    assert waiting(actor_for(person)) == {firm.record.code: today() + timedelta(days=5)}


def test_a_contract_that_is_to_be_supplemented_stands_in_its_units_inbox(boss):
    row, officer = city.contract(boss.organisation, by=boss, stage="supplementing"), city.officer()
    assert waiting(boss) == {row.record.code: None}
    assert row.record.code not in waiting(officer)
    Record.objects.filter(pk=row.pk).update(title="补正后的合同")
    advance(CONTRACT, row, "supplement", actor=boss)
    assert waiting(boss) == {}
    # From then on it waits for the registrars, who have no term before they accept it, unless the city sets one.
    assert waiting(officer)[row.record.code] is None
    assert row.record.code in client_of(officer).get("/inbox/").content.decode()
    needs = city.officer()
    needs.person.memberships.update(programme="need")
    assert row.record.code not in waiting(actor_for(needs.person))
    value = city.rule("clock.contract.submitted", 3, "calendar days")
    RuleValue.objects.filter(pk=value.pk).update(entered_at=now())
    timed = city.contract(boss.organisation, by=boss, stage="submitted")
    # What passed is to be registered outside: by the registrars, with a term or without.
    passed = city.contract(boss.organisation, by=boss, stage="passed")
    due = {timed.record.code: today() + timedelta(days=3), row.record.code: None, passed.record.code: None}
    assert waiting(officer).items() >= due.items()
    assert passed.record.code not in waiting(boss) | waiting(actor_for(needs.person))


def test_an_expert_who_was_asked_to_join_has_it_in_the_inbox_by_rule_or_without_a_term():
    pool = city.officer()
    asked = reviews.expert("asked", by=pool, stage="asked")
    assert waiting(actor_for(asked.person)) == {asked.record.code: None}
    assert waiting(pool) == {}
    city.rule("clock.expert.asked", 7, "calendar days")
    timed, due = reviews.expert("timed", by=pool, stage="asked"), today() + timedelta(days=7)
    assert waiting(actor_for(timed.person)) == {timed.record.code: due}
    advance(EXPERT, timed, "refuse", actor=actor_for(timed.person))
    assert waiting(actor_for(timed.person)) == {}


# -- asked -------------------------------------------------------------------------------------------------------------


def asking(firm, email):
    person = sign_up(name="申请人", email=email, password="long-enough-secret").person
    claim_organisation(actor=actor_for(person), organisation=firm, note="我是技术总监")
    return Grant.objects.get(role=CLAIMS, party=person.pk)


def test_a_request_to_speak_for_an_organisation_has_a_term_by_rule_and_reminders():
    firm = city.organisation("名录公司", stage="listed")
    own, elsewhere, needs = city.officer("440106"), city.officer("440117"), city.officer()
    needs.person.memberships.update(programme="need")
    needs = actor_for(needs.person)
    without = asking(firm, "a@example.com")
    assert waiting(own) == {firm.record.code: None}
    city.rule("clock.organisation.claim", 3, "calendar days")
    claim, due = asking(firm, "b@example.com"), today() + timedelta(days=3)
    clock = Clock.objects.get(grant=claim)
    assert (clock.party, clock.due_on, clock.name) == (None, due, "claim")
    assert RuleUse.objects.filter(record=firm.pk, rule_value__code="clock.organisation.claim").exists()
    assert [line.clock.due if line.clock else None for line in inbox.lines(own)] == [due, None]
    assert {one.pk for one in inbox.waiting_clocks(own)} == {clock.pk}
    assert [told(actor, due) for actor in (own, elsewhere, needs)] == [{firm.record.code}, set(), set()]
    assert waiting(elsewhere) == waiting(needs) == {}
    # Nobody else learns from the public page or the API that somebody has asked.
    assert due.isoformat() not in client_of(None).get(f"/organisations/{firm.record.code}/").content.decode()
    answer_claim(actor=own, claim=claim, admits=False)
    ended = Clock.objects.get(pk=clock.pk)
    assert (ended.ended_on, ended.answered) == (today(), True)
    assert claims_waiting_for(own).get() == without


def test_once_somebody_leads_the_other_requests_wait_for_them():
    firm, officer = city.organisation("名录公司", stage="listed"), city.officer("440106")
    city.rule("clock.organisation.claim", 3, "calendar days")
    first, second, due = asking(firm, "a@example.com"), asking(firm, "b@example.com"), today() + timedelta(days=3)
    answer_claim(actor=officer, claim=first, admits=True)
    leading = actor_for(first.party.person)
    assert Clock.objects.get(grant=second, ended_on=None).party == firm
    assert waiting(leading) == {firm.record.code: due}
    assert (told(leading, due), told(officer, due)) == ({firm.record.code}, set())
    answer_claim(actor=leading, claim=second, admits=True)
    assert waiting(leading) == {}


def test_the_term_of_a_request_goes_on_through_moves_and_ends_with_the_organisation():
    firm, officer = city.organisation("名录公司", stage="listed"), city.officer()
    city.rule("clock.organisation.claim", 3, "calendar days")
    claim = asking(firm, "a@example.com")
    firm = advance(ORGANISATION, firm, "vouch", actor=city.SYSTEM)
    assert Clock.objects.get(grant=claim).ended_on is None
    advance(ORGANISATION, firm, "dissolve", actor=officer, note="注销")
    assert Clock.objects.get(grant=claim).ended_on == today()
    assert waiting(officer) == {}


# -- who is asked ------------------------------------------------------------------------------------------------------


def test_what_ran_before_stands_in_the_inbox_of_the_officers_in_charge_alone_after_the_upgrade():
    migration = import_module("kezhuan.kernel.migrations.0030_public_clocks")
    row = city.achievement(city.organisation(region="440112"), stage="listed")
    notice, elsewhere = city.notice(row, city.officer(), stage="running"), city.officer("440106")
    clock = Clock.objects.filter(record=notice.pk, ended_on=None)
    assert waiting(elsewhere) == {}
    clock.update(audience=Audience.objects.get(key="public"))
    assert waiting(city.officer("440106")) == {notice.record.code: clock.get().due_on}
    migration.name_officers(apps, SimpleNamespace(connection=connection))
    assert clock.get().audience.key == audience_key(officer_tokens("440112", "achievement"))
