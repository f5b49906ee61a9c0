"""Closing a person: never the last administrator; memberships end, and whoever was closed leads nothing any more."""

import pytest

from kezhuan.areas.people.actions import end_membership, sign_up
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.areas.people.member_actions import accept_invitation, invite_member, set_role
from kezhuan.areas.people.permissions import is_led, may_claim
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.queries import candidates
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Membership, Organisation, Person, Record
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city, reviews
from tests.factories.databases import at_once

PASSWORD = "long-enough-secret"


@pytest.fixture
def firm(db):
    return city.organisation("抛光公司")


@pytest.fixture
def boss(firm):
    return city.member(firm, Role.ADMINISTRATOR)


def closed_by(officer, actor):
    return client_of(officer).post(f"/records/{actor.person.record.code}/moves/close/", {"note": "离职"})


def test_last_administrator_is_not_closed_until_somebody_else_leads(firm, boss):
    officer, member = city.officer(), city.member(firm)
    answer = closed_by(officer, boss)
    assert (answer.status_code, "抛光公司" in answer.content.decode()) == (422, True)
    assert Person.objects.get(pk=boss.person.pk).record.stage == "active"
    assert actor_for(boss.person).roles == {Role.ADMINISTRATOR}
    set_role(actor=boss, membership=Membership.objects.get(person=member.person), role=Role.ADMINISTRATOR)
    assert closed_by(officer, boss).status_code == 302
    assert not Membership.objects.filter(person=boss.person, until=None).exists()
    left = Entry.objects.filter(kind="organisation.member-left", record=firm.record).last()
    assert (left.actor_id, left.data["member"]) == (officer.person.pk, str(boss.person.record.uid))
    # The one who stays is the last one now; what was closed can be made anonymous without another step.
    assert closed_by(officer, member).status_code == 422
    person = Person.objects.select_related("record").get(pk=boss.person.pk)
    assert advance(PERSON, person, "anonymise", actor=officer, note="申请").record.stage == "anonymised"


@pytest.mark.django_db
def test_no_panel_draws_or_asks_an_expert_whose_record_was_closed():
    officer = city.officer()
    gone, stays = (reviews.expert(name, by=officer) for name in ("gone", "stays"))
    advance(PERSON, gone.person, "close", actor=officer, note="离职")
    assert list(candidates(Panel(pk=0, region="440100"))) == [stays]


def test_a_firm_left_alone_by_a_closed_administrator_is_led_again(firm, boss):
    """As data of before holds it: the person is closed and the membership goes on."""
    Record.objects.filter(pk=boss.person.pk).update(stage="closed", phase="done")
    officer, heir = city.officer(), sign_up(name="继任", email="heir@example.com", password=PASSWORD)
    assert not is_led(firm)
    Record.objects.filter(pk=firm.pk).update(stage="listed", phase="public")
    listed = Organisation.objects.select_related("record").get(pk=firm.pk)
    assert may_claim.test(actor_for(heir.person), listed)
    invitation = invite_member(actor=officer, organisation=firm, email=heir.email, role=Role.ADMINISTRATOR)
    accept_invitation(actor=actor_for(heir.person), invitation=invitation)
    assert is_led(firm)
    end_membership(actor=officer, membership=Membership.objects.get(person=boss.person))
    assert Membership.objects.get(person=heir.person).until is None
    with pytest.raises(Refused):
        end_membership(actor=officer, membership=Membership.objects.get(person=heir.person))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_closed_at_once_leave_one():
    firm = city.organisation("抛光公司")
    pair, officers = [city.member(firm, Role.ADMINISTRATOR) for _ in range(2)], [city.officer() for _ in range(2)]
    results = at_once(
        [
            lambda one=one, officer=officer: advance(PERSON, one.person, "close", actor=officer, note="离职")
            for one, officer in zip(pair, officers, strict=True)
        ]
    )
    assert sorted(isinstance(one, Refused) for one in results) == [False, True]
    assert Membership.objects.filter(organisation=firm, role=Role.ADMINISTRATOR, until=None).count() == 1
