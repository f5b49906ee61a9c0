"""Who acts for an organisation: admitted by mail address, ended, and never without an administrator."""

import threading

import pytest
from django.db import connections

from kezhuan.areas.people.actions import admit_member, end_membership, sign_up
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Membership
from kezhuan.kernel.models.parties import Role
from tests.factories import city

PASSWORD = "long-enough-secret"


@pytest.fixture
def firm(db):
    return city.organisation("抛光公司")


def test_administrator_admits_by_mail_and_the_person_acts(firm):
    leading = city.member(firm, Role.ADMINISTRATOR)
    user = sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    admit_member(actor=leading, organisation=firm, email=" NEW@example.com", role=Role.MEMBER)
    assert actor_for(user.person).organisation == firm


def test_member_and_stranger_admit_nobody(firm):
    sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    for actor in (city.member(firm), city.member(city.organisation())):
        with pytest.raises(NotAllowed):
            admit_member(actor=actor, organisation=firm, email="new@example.com", role=Role.MEMBER)


@pytest.mark.parametrize(
    ("email", "role", "code"),
    [("nobody@example.com", Role.MEMBER, "email-unknown"), ("new@example.com", Role.OFFICER, "role-unknown")],
)
def test_admission_says_what_is_wrong(firm, email, role, code):
    sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    with pytest.raises(Refused) as refused:
        admit_member(actor=city.member(firm, Role.ADMINISTRATOR), organisation=firm, email=email, role=role)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_ended_membership_gives_nothing_any_more(firm):
    leading, colleague = city.member(firm, Role.ADMINISTRATOR), city.member(firm)
    end_membership(actor=leading, membership=Membership.objects.get(person=colleague.person))
    assert actor_for(colleague.person).organisation is None


def test_last_administrator_stays(firm):
    leading = city.member(firm, Role.ADMINISTRATOR)
    held = Membership.objects.get(person=leading.person)
    with pytest.raises(Refused) as refused:
        end_membership(actor=leading, membership=held)
    assert refused.value.problems[0].code == "last-administrator"
    held.refresh_from_db()
    assert held.until is None


@pytest.mark.django_db(transaction=True)
def test_two_administrators_leaving_at_once_leave_one():
    firm = city.organisation("抛光公司")
    leading = [city.member(firm, Role.ADMINISTRATOR) for _ in range(2)]
    outcomes, start = [], threading.Barrier(2)

    def leave(actor):
        try:
            start.wait()
            end_membership(actor=actor, membership=Membership.objects.get(person=actor.person))
            outcomes.append("left")
        except Refused as refused:
            outcomes.append(refused.problems[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=leave, args=(actor,)) for actor in leading]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last-administrator", "left"]


def test_member_pages_admit_and_end(client, firm):
    boss = sign_up(name="管理员", email="boss@example.com", password=PASSWORD)
    city.add_member(actor=city.SYSTEM, organisation=firm, person=boss.person, role=Role.ADMINISTRATOR)
    sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    client.force_login(boss)
    address = f"/organisations/{firm.record.code}/"
    wrong = client.post(f"{address}members/new/", {"email": "nobody@example.com", "role": "member"})
    assert (wrong.status_code, "nobody@example.com" in wrong.content.decode()) == (422, True)
    assert client.post(f"{address}members/new/", {"email": "new@example.com", "role": "member"}).status_code == 302
    held = Membership.objects.get(person__user__email="new@example.com")
    assert "新同事" in client.get(address).content.decode()
    assert client.post(f"{address}members/{held.pk}/end/").status_code == 302
    assert f"members/{held.pk}/end/" not in client.get(address).content.decode()


def test_stranger_has_no_member_pages(client, firm):
    stranger = sign_up(name="外人", email="stranger@example.com", password=PASSWORD)
    client.force_login(stranger)
    assert client.get(f"/organisations/{firm.record.code}/members/new/").status_code == 403


@pytest.mark.django_db
def test_officer_admits_only_where_nobody_leads_and_never_an_officer():
    firm, officer = city.organisation("无人公司", stage="listed"), city.officer()
    sign_up(name="第一人", email="first@example.com", password=PASSWORD)
    other = sign_up(name="另一管理人员", email="other@example.com", password=PASSWORD)
    office = city.organisation("科技局", kind="government", region="440100")
    city.add_member(actor=city.SYSTEM, organisation=office, person=other.person, role=Role.OFFICER)
    with pytest.raises(Refused) as refused:
        admit_member(actor=officer, organisation=firm, email="other@example.com", role=Role.ADMINISTRATOR)
    assert refused.value.problems[0].code == "officer-member"
    admit_member(actor=officer, organisation=firm, email="first@example.com", role=Role.ADMINISTRATOR)
    sign_up(name="第二人", email="second@example.com", password=PASSWORD)
    with pytest.raises(NotAllowed):
        admit_member(actor=officer, organisation=firm, email="second@example.com", role=Role.ADMINISTRATOR)
