"""Who acts for an organisation: invited by mail, accepted, given roles, ended, and never without an administrator."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from kezhuan.areas.people.actions import add_member, end_membership, sign_up
from kezhuan.areas.people.member_actions import (
    accept_invitation,
    end_invitation,
    invitation_of,
    invitation_token,
    invite_member,
    set_role,
)
from kezhuan.areas.people.models import Invitation
from kezhuan.kernel.access import actor_for, assists_owner, can_view, represents_owner, visible_to
from kezhuan.kernel.documents import may_attach
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.models import Entry, Membership, Organisation, Record, User
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.post import letters_to

PASSWORD = "long-enough-secret"


@pytest.fixture
def firm(db):
    return city.organisation("抛光公司")


@pytest.fixture
def boss(firm):
    return city.member(firm, Role.ADMINISTRATOR)


def link_in(text):
    return re.search(r"http://localhost:8000(/invitations/\S+/)", text)[1]


# -- invitations -------------------------------------------------------------------------------------------------------


def test_several_are_invited_from_a_pasted_list_and_what_cannot_be_stays_in_the_form(firm, boss):
    colleague = sign_up(name="同事", email="known@example.com", password=PASSWORD)
    add_member(actor=boss, organisation=firm, person=colleague.person)
    lines = [
        "张三\tzhang@example.com\t财务", "李 四, LI@example.com", "wang@example.com read-only member", "",
        "zhang@example.com", "赵六 没有地址", "qian@example.com 老板", "known@example.com",
        "zhang@example.com 法务",
    ]  # fmt: skip
    client, address = client_of(boss), f"/organisations/{firm.record.code}/members/several/"
    answer = client.post(address, {"lines": "\n".join(lines), "role": "member"})
    assert answer.status_code == 422
    sent = dict(Invitation.objects.values_list("email", "role"))
    assert sent == {"zhang@example.com": "finance", "li@example.com": "member", "wang@example.com": "reader"}
    assert answer.context["form"]["lines"].value().splitlines() == lines[5:]
    assert [one.message.partition(":")[0] for one in answer.context["problems"]] == [
        f"Line {number}" for number in range(1, 5)
    ]
    assert "老板" in answer.context["problems"][1].message
    assert len(letters_to("zhang@example.com")) == 1
    assert not Membership.objects.filter(person__user__email__in=sent).exists()
    done = client.post(address, {"lines": "sun@example.com", "role": "legal"})
    assert done["Location"] == f"/organisations/{firm.record.code}/"
    assert client.post(address, {"lines": "a@example.com\n" * 51, "role": "legal"}).status_code == 422
    assert Invitation.objects.count() == 4
    reader = client_of(city.member(firm, Role.READER))
    assert reader.post(address, {"lines": "x@example.com", "role": "administrator"}).status_code == 403


def test_invited_account_accepts_and_acts(firm, boss):
    user = sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    invite_member(actor=boss, organisation=firm, email=" NEW@example.com", role=Role.FINANCE)
    assert actor_for(user.person).organisation is None
    client = Client()
    address = link_in(letters_to("new@example.com")[-1])
    assert client.get(address)["Location"].startswith("/sign-in/?next=%2Finvitations%2F")
    client.force_login(user)
    assert "抛光公司" in client.get(address).content.decode()
    assert client.post(address)["Location"] == f"/organisations/{firm.record.code}/"
    actor = actor_for(user.person)
    assert (actor.organisation, actor.roles) == (firm, {Role.FINANCE})
    assert client.session["acting_for"] == firm.pk
    assert client.get(address).status_code == 403
    entry = Entry.objects.get(kind="organisation.member", data__member=str(user.person.record.uid))
    assert entry.actor_id == boss.person.pk


def test_invited_stranger_opens_an_account_by_the_link_also_where_sign_up_is_closed(firm, boss, settings):
    settings.SIGN_UP_OPEN = False
    invite_member(actor=boss, organisation=firm, email="new@example.com", role=Role.MEMBER)
    client, address = Client(), link_in(letters_to("new@example.com")[-1])
    wrong = client.post(address, {"name": "新同事", "password": "short"})
    assert (wrong.status_code, User.objects.exists(), "新同事" in wrong.content.decode()) == (422, False, True)
    assert client.post(address, {"name": "新同事", "password": PASSWORD}).status_code == 302
    user = User.objects.get()
    assert (user.email, actor_for(user.person).organisation) == ("new@example.com", firm)
    assert client.get("/account/security/").status_code == 200


def test_link_is_for_its_address_alone(firm, boss):
    invite_member(actor=boss, organisation=firm, email="new@example.com", role=Role.MEMBER)
    other = sign_up(name="外人", email="other@example.com", password=PASSWORD)
    client, address = Client(), link_in(letters_to("new@example.com")[-1])
    client.force_login(other)
    shown = client.get(address).content.decode()
    assert "n***@example.com" in shown
    assert "new@example.com" not in shown
    assert client.post(address).status_code == 403
    with pytest.raises(NotAllowed):
        accept_invitation(actor=actor_for(other.person), invitation=Invitation.objects.get())
    assert Invitation.objects.get().ended_at is None


def test_link_ends_with_its_day_when_withdrawn_declined_or_sent_anew(firm, boss):
    user = sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    own = actor_for(user.person)
    invitation = invite_member(actor=boss, organisation=firm, email="new@example.com", role=Role.MEMBER)
    first = invitation_token(invitation)
    assert invitation_of(first) == invitation
    renewed = invite_member(actor=boss, organisation=firm, email="new@example.com", role=Role.LEGAL)
    assert (renewed.pk, renewed.role) == (invitation.pk, Role.LEGAL)
    for token in (first, "nonsense", first + "x"):
        with pytest.raises(NotAllowed):
            invitation_of(token)
    token = invitation_token(renewed)
    Invitation.objects.update(until=renewed.until - timedelta(days=15))
    with pytest.raises(NotAllowed):
        invitation_of(token)
    Invitation.objects.update(until=renewed.until)
    with pytest.raises(NotAllowed):
        end_invitation(actor=city.member(firm), invitation=renewed)
    end_invitation(actor=own, invitation=renewed)
    assert Entry.objects.filter(kind="organisation.invite-declined").count() == 1
    with pytest.raises(Conflict):
        end_invitation(actor=boss, invitation=renewed)
    with pytest.raises(Conflict):
        accept_invitation(actor=own, invitation=renewed)


def test_invitation_of_an_administrator_who_left_lets_nobody_in(firm, boss):
    other = city.member(firm, Role.ADMINISTRATOR)
    user = sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    invitation = invite_member(actor=boss, organisation=firm, email="new@example.com", role=Role.MEMBER)
    end_membership(actor=other, membership=Membership.objects.get(person=boss.person))
    with pytest.raises(NotAllowed):
        accept_invitation(actor=actor_for(user.person), invitation=invitation)
    assert actor_for(user.person).organisation is None


def test_member_reader_and_stranger_invite_nobody(firm):
    for actor in (city.member(firm), city.member(firm, Role.READER), city.member(city.organisation())):
        with pytest.raises(NotAllowed):
            invite_member(actor=actor, organisation=firm, email="new@example.com", role=Role.MEMBER)
    assert letters_to("new@example.com") == []


@pytest.mark.parametrize(
    ("email", "role", "code"),
    [
        ("nowhere", Role.MEMBER, "email-invalid"),
        ("new@example.com", Role.OFFICER, "role-unknown"),
        ("new@example.com", "", "role-unknown"),
        ("known@example.com", Role.MEMBER, "member-known"),
    ],
)
def test_invitation_says_what_is_wrong(firm, boss, email, role, code):
    known = sign_up(name="同事", email="known@example.com", password=PASSWORD)
    add_member(actor=boss, organisation=firm, person=known.person)
    with pytest.raises(Refused) as refused:
        invite_member(actor=boss, organisation=firm, email=email, role=role)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.django_db
def test_officer_invites_only_where_nobody_leads_and_never_an_officer():
    firm, officer = city.organisation("无人公司", stage="listed"), city.officer()
    other = sign_up(name="另一管理人员", email="other@example.com", password=PASSWORD)
    office = city.organisation("科技局", kind="government", region="440100")
    add_member(actor=city.SYSTEM, organisation=office, person=other.person, role=Role.OFFICER)
    with pytest.raises(Refused) as refused:
        invite_member(actor=officer, organisation=firm, email="other@example.com", role=Role.ADMINISTRATOR)
    assert refused.value.problems[0].code == "officer-member"
    first, second = (sign_up(name="人", email=f"{n}@example.com", password=PASSWORD) for n in ("first", "second"))
    waiting = [
        invite_member(actor=officer, organisation=firm, email=user.email, role=Role.ADMINISTRATOR)
        for user in (first, second)
    ]
    accept_invitation(actor=actor_for(first.person), invitation=waiting[0])
    # Somebody leads it now: the officer's other invitation lets nobody in any more.
    with pytest.raises(NotAllowed):
        accept_invitation(actor=actor_for(second.person), invitation=waiting[1])
    with pytest.raises(NotAllowed):
        invite_member(actor=officer, organisation=firm, email="third@example.com", role=Role.ADMINISTRATOR)


def test_pages_invite_show_withdraw_change_and_end(firm, boss):
    client, address = client_of(boss), f"/organisations/{firm.record.code}/"
    wrong = client.post(f"{address}members/new/", {"email": "nowhere", "role": "member"})
    assert (wrong.status_code, "nowhere" in wrong.content.decode()) == (422, True)
    assert client.post(f"{address}members/new/", {"email": "new@example.com", "role": "member"}).status_code == 302
    colleague = city.member(firm)
    shown = client.get(address).content.decode()
    assert "new@example.com" in shown
    assert "new@example.com" not in client_of(colleague).get(address).content.decode()
    number = Invitation.objects.get().pk
    assert client_of(colleague).post(f"{address}invitations/{number}/withdraw/").status_code == 403
    client.post(f"{address}invitations/{number}/withdraw/")
    assert "new@example.com" not in client.get(address).content.decode()
    held = Membership.objects.get(person=colleague.person)
    assert client.post(f"{address}members/{held.pk}/role/", {"role": "legal"}).status_code == 302
    assert actor_for(colleague.person).roles == {Role.LEGAL}
    held = Membership.objects.get(person=colleague.person, until=None)
    stranger = client_of(city.member(city.organisation()))
    assert stranger.post(f"{address}members/{held.pk}/end/").status_code == 403
    assert stranger.post(f"{address}members/{held.pk}/role/", {"role": "administrator"}).status_code == 403
    # One leaves by oneself.
    assert client_of(colleague).post(f"{address}members/{held.pk}/end/").status_code == 302
    assert actor_for(colleague.person).organisation is None


def test_stranger_has_no_member_pages(firm):
    stranger = client_of(city.member(city.organisation()))
    assert stranger.get(f"/organisations/{firm.record.code}/members/new/").status_code == 403


# -- roles -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "reads", "writes", "attaches", "invites"),
    [
        (Role.ADMINISTRATOR, True, True, True, True),
        (Role.MEMBER, True, True, True, False),
        (Role.FINANCE, True, False, True, False),
        (Role.LEGAL, True, False, True, False),
        (Role.READER, True, False, False, False),
    ],
)
def test_what_each_role_gives(role, reads, writes, attaches, invites):
    firm = city.organisation()
    row = city.need(firm, stage="submitted")
    actor = city.member(firm, role)
    record = Record.objects.get(pk=row.pk)
    assert can_view(actor, record, "inner") is reads
    assert visible_to(actor, Record.objects.all(), "inner").filter(pk=row.pk).exists() is reads
    assert bool(represents_owner.test(actor, record)) is writes
    assert bool(may_attach(actor, row)) is attaches
    assert bool(assists_owner.test(actor, record)) is (attaches and not writes)
    page = client_of(actor)
    assert page.get(f"/records/{record.code}/documents/").status_code == (200 if attaches else 403)
    assert page.get("/needs/new/").status_code == (200 if writes else 403)
    assert page.get(f"/organisations/{firm.record.code}/members/new/").status_code == (200 if invites else 403)
    other = city.need(city.organisation(), stage="submitted")
    assert not may_attach(actor, other)


def test_role_is_changed_by_administrators_alone_and_never_of_an_officer(firm, boss):
    colleague = city.member(firm)
    held = Membership.objects.get(person=colleague.person)
    with pytest.raises(NotAllowed):
        set_role(actor=colleague, membership=held, role=Role.ADMINISTRATOR)
    with pytest.raises(Refused):
        set_role(actor=boss, membership=held, role=Role.OFFICER)
    set_role(actor=boss, membership=held, role=Role.ADMINISTRATOR)
    assert actor_for(colleague.person).roles == {Role.ADMINISTRATOR}
    officer = city.officer()
    with pytest.raises(NotAllowed):
        set_role(actor=officer, membership=Membership.objects.get(person=officer.person), role=Role.MEMBER)
    # A role opens what a unit keeps inside: an officer in charge gives none where somebody leads.
    reader = city.member(firm, Role.READER)
    with pytest.raises(NotAllowed):
        set_role(actor=officer, membership=Membership.objects.get(person=reader.person), role=Role.FINANCE)
    page = client_of(officer).get(f"/organisations/{firm.record.code}/").content.decode()
    assert "/role/" not in page
    assert "/members/new/" not in page


# -- the last administrator --------------------------------------------------------------------------------------------


def test_ended_membership_gives_nothing_any_more(firm, boss):
    colleague = city.member(firm)
    end_membership(actor=boss, membership=Membership.objects.get(person=colleague.person))
    assert actor_for(colleague.person).organisation is None


def test_last_administrator_stays_and_keeps_the_role(firm, boss):
    held = Membership.objects.get(person=boss.person)
    for act in (
        lambda: end_membership(actor=boss, membership=held),
        lambda: set_role(actor=boss, membership=held, role=Role.READER),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.problems[0].code == "last-administrator"
    held.refresh_from_db()
    assert (held.until, Membership.objects.filter(organisation=firm).count()) == (None, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["each leaves", "each ends the next", "each becomes a reader"])
def test_eight_administrators_leaving_at_once_leave_one(how):
    firm = city.organisation("抛光公司")
    leading = [city.member(firm, Role.ADMINISTRATOR) for _ in range(8)]
    held = [
        Membership.objects.select_related("organisation", "person__record").get(person=one.person) for one in leading
    ]
    if how == "each ends the next":
        held = [*held[1:], held[0]]

    def act(actor, membership):
        if how == "each becomes a reader":
            return set_role(actor=actor, membership=membership, role=Role.READER)
        return end_membership(actor=actor, membership=membership)

    results = at_once([lambda a=a, m=m: act(a, m) for a, m in zip(leading, held, strict=True)])
    refused = [one.problems[0].code for one in results if isinstance(one, Refused)]
    assert refused == ["last-administrator"]
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert Membership.objects.filter(organisation=firm, role=Role.ADMINISTRATOR, until=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_invitation_accepted_many_times_at_once_makes_one_member():
    firm = city.organisation("抛光公司")
    boss = city.member(firm, Role.ADMINISTRATOR)
    user = sign_up(name="新同事", email="new@example.com", password=PASSWORD)
    invitation = invite_member(actor=boss, organisation=firm, email=user.email, role=Role.MEMBER)
    own = actor_for(user.person)
    results = at_once([lambda: accept_invitation(actor=own, invitation=invitation) for _ in range(6)])
    assert sum(isinstance(one, Membership) for one in results) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 5
    assert Membership.objects.filter(person=user.person).count() == 1


# -- claimed by code ---------------------------------------------------------------------------------------------------

CODE = "91350100M000100Y43"


@pytest.mark.django_db
def test_code_leads_to_the_claim_to_the_registration_or_to_the_administrator():
    from kezhuan.areas.people.actions import SYSTEM, register_organisation

    asking = client_of(actor_for(sign_up(name="申请人", email="a@example.com", password=PASSWORD).person))
    assert asking.post("/organisations/claim/", {"number": CODE[:-1] + "9"}).status_code == 422
    unknown = asking.post("/organisations/claim/", {"number": CODE.lower()})
    assert unknown["Location"] == f"/organisations/new/?number={CODE}"
    assert CODE in asking.get(unknown["Location"]).content.decode()
    row = register_organisation(actor=SYSTEM, name="名录公司", kind="enterprise", number=CODE, stage="listed")
    page = f"/organisations/{row.record.code}/"
    assert asking.post("/organisations/claim/", {"number": CODE})["Location"] == page
    assert b"I act for this organisation" in asking.get(page).content
    city.member(row, Role.ADMINISTRATOR)
    assert asking.post("/organisations/claim/", {"number": CODE})["Location"] == page
    shown = asking.get(page).content.decode()
    assert "Ask its administrator to invite you" in shown
    assert "I act for this organisation" not in shown
    assert Client().get("/organisations/claim/")["Location"] == "/sign-in/?next=%2Forganisations%2Fclaim%2F"


@pytest.mark.django_db
def test_code_of_a_registration_that_waits_tells_nothing_of_it():
    from kezhuan.areas.people.actions import register_organisation

    first = actor_for(sign_up(name="先到", email="a@example.com", password=PASSWORD).person)
    register_organisation(actor=first, name="保密筹备公司", kind="enterprise", number=CODE)
    second = client_of(actor_for(sign_up(name="后到", email="b@example.com", password=PASSWORD).person))
    answer = second.post("/organisations/claim/", {"number": CODE})
    assert (answer.status_code, "保密筹备公司" in answer.content.decode()) == (409, False)
    # Whoever registered it comes to its page and leads it, waiting for an officer.
    assert client_of(first).post("/organisations/claim/", {"number": CODE}).status_code == 302
    assert Organisation.objects.get().record.stage == "unverified"
