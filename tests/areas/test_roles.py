"""What each role of a unit's members may do: every line of the page is tried with every role."""

import html
from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.achievements.actions import register_achievement
from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.approvals.route_actions import StepFacts, set_route
from kezhuan.areas.brokers.actions import BrokerFacts, enter_broker
from kezhuan.areas.calls.application_actions import edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.inspections.actions import prepare_inspection
from kezhuan.areas.people.actions import SYSTEM, sign_up
from kezhuan.areas.people.member_actions import invite_member
from kezhuan.kernel.access import GROUPS, actor_for, can_view
from kezhuan.kernel.documents import Upload, attach_document, may_attach
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.registry import row_of
from kezhuan.kernel.roles import ASSISTANTS, UNIT_ROLES, rights
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city
from tests.factories.databases import rows_for_all

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _made_city(django_db_setup, django_db_blocker):
    """A unit with a member of each role, made once; what a test does there is taken back after it."""
    with rows_for_all(django_db_blocker):
        unit = city.organisation(kind="university")
        yield unit, {role: city.member(unit, role) for role in UNIT_ROLES}


@pytest.fixture
def staff(_made_city, db):
    return _made_city


def head_of(unit):
    return actor_for(unit.memberships.get(role=Role.ADMINISTRATOR).person)


def fresh(row):
    return Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)


def reads(unit, actor):
    assert can_view(actor, fresh(city.achievement(unit, confidential="配方")), "full")


def writes(unit, actor):
    register_achievement(actor=actor, owner=unit, facts=city.achievement_facts())


def attaches(unit, actor):
    row = city.achievement(unit)
    if not may_attach(actor, row_of(fresh(row))):
        raise NotAllowed
    attach_document(actor=actor, record=row.record, upload=Upload("a.txt", b"a", True))


def signs(unit, actor):
    row = city.achievement(unit, by=head_of(unit))
    post = city.post(unit, "科研院", actor, city.member(unit))
    set_route(actor=SYSTEM, kind="achievement", move="submit", unit=unit, steps=[StepFacts(1, post)])
    step = ask_approval(actor=city.member(unit), row=row, move="submit").steps.get()
    sign_step(actor=actor, step=step)


def invites(unit, actor):
    invite_member(actor=actor, organisation=unit, email="new@example.com", role=Role.MEMBER)


def admits_inspectors(unit, actor):
    sign_up(name="王审", email="audit@example.com", password="long-enough-secret")
    row = city.achievement(unit, stage="listed")
    prepare_inspection(
        actor=actor, unit=unit, email="audit@example.com", body="审计局", letter_no="1", since=today(),
        until=today() + timedelta(days=1), codes=[row.record.code],
    )  # fmt: skip


def keeps(sort):
    return lambda unit, actor: city.dossier(unit, by=actor, sort=sort)


def looks_into(sort):
    def look(unit, actor):
        row = city.dossier(unit, by=head_of(unit), sort=sort)
        if client_of(actor).get(f"/dossiers/{row.record.code}/").status_code != 200:
            raise NotAllowed

    return look


def files(sort):
    def file(unit, actor):
        file_record(actor=actor, row=city.dossier(unit, by=head_of(unit), sort=sort))

    return file


def writes_application(unit, actor):
    row = calls.application(calls.call(stage="published"), unit, stage="draft", by=head_of(unit))
    edit_application(actor=actor, application=row, facts=calls.application_facts(leader="李财务"), expected_version=1)
    if actor.roles & ASSISTANTS:  # they write it; whoever answers for the unit submits it
        with pytest.raises(NotAllowed):
            advance(APPLICATION, row, "submit", actor=actor)


def makes_brokers(unit, actor):
    enter_broker(actor=actor, organisation=unit, person=actor.person, facts=BrokerFacts(("materials",)))


TRIED = {
    "brokers": (makes_brokers,),
    "read": (reads,),
    "write": (writes,),
    "attach": (attaches,),
    "write-application": (writes_application,),
    "sign": (signs,),
    "administer": (invites, admits_inspectors),
    "inner-money": tuple(act(sort) for sort in ("ledger", "price", "income") for act in (keeps, looks_into, files)),
    "inner-papers": tuple(
        act(sort) for sort in ("minutes", "contract", "exemption") for act in (keeps, looks_into, files)
    ),
}


@pytest.mark.parametrize("role", UNIT_ROLES)
@pytest.mark.parametrize("key", TRIED)
def test_what_the_page_says_of_a_role_is_what_it_may_do(key, role, staff):
    (right,) = (one for one in rights() if one.key == key)
    unit, actor = staff[0], staff[1][role]
    for act in TRIED[key]:
        if role in right.roles:
            act(unit, actor)
        else:
            with pytest.raises((NotAllowed, AssertionError)):
                act(unit, actor)


def test_every_right_is_on_the_page_and_tried():
    assert sorted(one.key for one in rights()) == sorted(TRIED)
    unit = city.organisation()
    for language, words in (("zh-hans", "财务"), ("en", "finance")):
        client = client_of(city.member(unit, Role.FINANCE))
        client.cookies["language"] = language
        with translation.override(language):
            shown = html.unescape(client.get("/roles/", headers={"accept-language": language}).content.decode())
            assert all(str(one.label) in shown for one in rights())
        assert words in shown
