"""Leaving a post: everything open passes to a successor in one action, shown before and afterwards; the rest ends."""

from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.calls.actions import prepare_call
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, add_member, sign_up
from kezhuan.areas.people.claim_actions import claim_organisation
from kezhuan.areas.people.deputy_actions import name_deputy
from kezhuan.areas.people.handover_actions import hand_over, open_lines, successors_of
from kezhuan.areas.people.member_actions import accept_invitation, invite_member
from kezhuan.areas.people.token_actions import make_token
from kezhuan.exchange.models import Import
from kezhuan.kernel import tokens
from kezhuan.kernel.access import actor_for, can_view
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Deputy, Entry, Membership, Record, Token, User, Watch
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from kezhuan.kernel.watches import follow_record
from kezhuan.web import inbox
from tests.areas.approval_story import Story
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.calls import call_facts
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    """Lists of what passes are in the language of the moment, which another test may have left."""
    with translation.override("en"):
        yield


@pytest.fixture
def firm():
    return city.organisation("抛光公司")


@pytest.fixture
def boss(firm):
    return city.member(firm, Role.ADMINISTRATOR)


@pytest.fixture
def successor(firm):
    return city.member(firm)


def post_of(actor):
    rows = Membership.objects.select_related("person__record", "organisation__record")
    return rows.filter(person=actor.person, until=None).first()


def filled(boss, firm, successor):
    """Something open of every sort."""
    submitted = city.need(firm, stage="submitted", by=boss, contact=boss.person)
    closed = city.need(firm, stage="closed", by=boss, contact=boss.person)
    foreign = city.need(city.organisation(), stage="published")
    follow_record(actor=boss, record=Record.objects.select_related("title_to").get(pk=foreign.pk))
    name_deputy(actor=boss, person=city.member(firm).person, since=today(), until=today())
    user = sign_up(name="新人", email="new@example.com", password="long-enough-secret")
    invitation = invite_member(actor=boss, organisation=firm, email=user.email, role=Role.MEMBER)
    make_token(actor=boss, name="报表", reads=["need"], writes=[], expires_on=today(), seed=tokens.new_seed())
    return submitted, closed, foreign, invitation, user


def test_everything_open_passes_and_the_rest_ends(firm, boss, successor):
    submitted, closed, foreign, invitation, user = filled(boss, firm, successor)
    passing, day = Deputy.objects.get(), timedelta(days=1)
    Deputy.objects.filter(pk=passing.pk).update(since=today() - day)
    for until, programme in ((today() + 2 * day, ""), (today(), "need")):
        name_deputy(actor=successor, person=passing.person, since=today(), until=until, programme=programme)
    before = [(line.label, line.text) for line in open_lines(post_of(boss))]
    assert len(before) == 5
    told = hand_over(actor=boss, membership=post_of(boss), successor=successor.person)
    assert [(line.label, line.text) for line in told] == before
    contacts = dict(Record.objects.filter(kind="need").values_list("pk", "contact"))
    assert (contacts[submitted.pk], contacts[closed.pk]) == (successor.person.pk, boss.person.pk)
    assert Watch.objects.get(record=foreign.pk).person_id == successor.person.pk
    # The same two had one already: one is left, for the days of both, beside the one of a single programme.
    left = {one.programme: one for one in Deputy.objects.filter(ended_at=None)}
    assert sorted(left) == ["", "need"]
    assert (left[""].represented_id, left[""].person_id) == (successor.person.pk, passing.person_id)
    assert (left[""].since, left[""].until) == (today() - day, today() + 2 * day)
    assert Token.objects.get().ended_at is not None
    assert actor_for(boss.person).organisation is None
    # The last administrator is followed by the successor, whose invitations let people in.
    now = actor_for(successor.person)
    assert Role.ADMINISTRATOR in now.roles
    invitation.refresh_from_db()
    accept_invitation(actor=actor_for(user.person), invitation=invitation)
    entry = Entry.objects.get(kind="organisation.handover")
    assert (entry.actor_id, entry.data["count"]) == (boss.person.pk, 5)
    assert open_lines(Membership.objects.filter(person=boss.person).first()) == []


def test_posts_and_approvals_pass_to_the_successor():
    story = Story()
    story.route()
    approval = story.ask()
    for leaving, successor in ((story.handler, story.colleague), (story.head, city.member(story.bureau, Role.OFFICER))):
        hand_over(actor=leaving, membership=post_of(leaving), successor=successor.person)
    approval.refresh_from_db()
    assert approval.asked_by == story.colleague.person
    story.sign(approval, successor)
    assert Entry.objects.get(kind="approval.sign").actor_id == successor.person.pk


def test_only_a_colleague_with_writing_rights_takes_it_over(firm, boss, successor):
    for stranger in (boss, city.member(firm, Role.READER), city.member(city.organisation())):
        with pytest.raises(Refused) as refused:
            hand_over(actor=boss, membership=post_of(boss), successor=stranger.person)
        assert refused.value.problems[0].code == "successor-colleague"
    with pytest.raises(NotAllowed):
        hand_over(actor=successor, membership=post_of(boss), successor=successor.person)
    assert post_of(boss).until is None


def test_pages_show_the_list_before_and_afterwards_and_sessions_end(firm, boss, successor):
    filled(boss, firm, successor)
    leaving, staying, officer = client_of(boss), client_of(successor), client_of(city.officer(firm.region))
    draft = city.need(firm, by=boss, contact=boss.person, title="抛光 qzxvdraft")
    user = User.objects.get(person=boss.person)
    user.set_password("long-enough-secret")
    user.save(update_fields=["password"])
    assert leaving.post("/sign-in/", {"email": user.email, "password": "long-enough-secret"}).status_code == 302
    code, number = firm.record.code, post_of(boss).pk
    address = f"/organisations/{code}/members/{number}/handover/"
    shown = leaving.get(address).content.decode()
    assert "new@example.com" in shown
    assert draft.record.code in shown
    # What is open inside a unit is not the officers' business: they see no draft of it here either.
    for client in (staying, officer):
        assert client.get(address).status_code == 403
        assert client.post(address, {"successor": successor.person.pk}).status_code == 403
    assert "handover" not in officer.get(f"/organisations/{code}/").content.decode()
    assert leaving.post(address, {"successor": ""}).status_code == 422
    chief = client_of(city.member(firm, Role.ADMINISTRATOR))
    after = chief.post(address, {"successor": successor.person.pk})["Location"]
    for client in (chief, staying):
        assert "new@example.com" in client.get(after).content.decode()
    assert leaving.get("/account/").status_code == 302
    for client in (client_of(city.member(city.organisation())), officer):
        assert client.get(after).status_code == 404
    assert "qzxvdraft" not in officer.get(f"/organisations/{code}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_over_to_each_other_at_once_leave_one():
    firm = city.organisation("抛光公司")
    pair = [city.member(firm, Role.ADMINISTRATOR) for _ in range(2)]
    held = [post_of(one) for one in pair]
    results = at_once(
        [
            lambda a=a, m=m, s=s: hand_over(actor=a, membership=m, successor=s.person)
            for a, m, s in zip(pair, held, reversed(pair), strict=True)
        ]
    )
    assert sorted(isinstance(one, Refused) for one in results) == [False, True]
    assert Membership.objects.filter(organisation=firm, role=Role.ADMINISTRATOR, until=None).count() == 1


# -- what an officer is in charge of -----------------------------------------------------------------------------------


def charged(office, **scope):
    """An officer of the office with a scope."""
    actor = city.member(office, Role.OFFICER)
    actor.person.memberships.update(**scope)
    return actor_for(actor.person)


def codes_waiting(actor):
    return {line.code for line in inbox.lines(actor)}


def test_what_waits_by_an_officers_charge_passes_with_the_charge():
    office = city.organisation("科技局", kind="government", region="440100")
    leaving = charged(office, programme="need", jurisdiction="440112")
    successor = charged(office, programme="achievement", jurisdiction="440106")
    need = city.need(city.organisation(region="440112"), stage="submitted")
    result = city.achievement(city.organisation(region="440106"), stage="submitted")
    elsewhere = city.need(city.organisation(region="440106"), stage="submitted")
    assert (codes_waiting(leaving), codes_waiting(successor)) == ({need.record.code}, {result.record.code})
    told = hand_over(actor=leaving, membership=post_of(leaving), successor=successor.person)
    assert len(told) == 2
    assert need.record.code in told[1].text
    assert need.record.title not in told[1].text
    heir = actor_for(successor.person)
    assert codes_waiting(heir) == {need.record.code, result.record.code}
    assert elsewhere.record.code not in codes_waiting(heir)
    assert heir.charges == successor.charges | leaving.charges
    assert advance(NEED, need, "publish", actor=heir).record.stage == "published"
    assert actor_for(leaving.person).charges == frozenset()
    given, ended = (Entry.objects.filter(kind=f"organisation.{one}").last() for one in ("member", "member-left"))
    scope = {"role": "officer", "programme": "need", "jurisdiction": "440112"}
    assert given.data.items() >= (scope | {"member": str(successor.person.record.uid)}).items()
    assert ended.data.items() >= (scope | {"member": str(leaving.person.record.uid)}).items()


def test_an_import_that_waits_passes_and_one_that_is_over_stays_whose_it_was(firm, boss, successor):
    made = {"kind": "need", "by": boss.person, "acting_for": firm, "sha256": "0" * 64, "started_at": now(),
            "changed_at": now()}  # fmt: skip
    waits, over = (
        Import.objects.create(file_name=f"{state}.xlsx", state=state, **made) for state in ("checked", "done")
    )
    told = [line.text for line in hand_over(actor=boss, membership=post_of(boss), successor=successor.person)]
    assert [text for text in told if ".xlsx" in text] == [f"{waits.pk} · checked.xlsx · checked"]
    assert [Import.objects.get(pk=one.pk).by for one in (waits, over)] == [successor.person, boss.person]


def test_an_offices_call_passes_though_it_belongs_to_nobody():
    office = city.organisation("科技局", kind="government", region="440100")
    leaving, successor = (charged(office, programme="call") for _ in range(2))
    mine, others = (prepare_call(actor=one, facts=call_facts()).record for one in (leaving, successor))
    told = hand_over(actor=leaving, membership=post_of(leaving), successor=successor.person)
    assert f"{mine.code} {mine.title} · draft" in [line.text for line in told]
    contacts = dict(Record.objects.filter(kind="call").values_list("pk", "contact"))
    assert contacts == dict.fromkeys((mine.pk, others.pk), successor.person.pk)


def test_a_charge_that_the_successor_holds_already_is_not_given_twice():
    office = city.organisation("科技局", kind="government", region="440100")
    leaving, successor = charged(office, programme="need", jurisdiction="440112"), charged(office, programme="need")
    firm = city.organisation("名录公司", stage="listed", region="440112")
    asking = sign_up(name="申请人", email="a@example.com", password="long-enough-secret").person
    claim_organisation(actor=actor_for(asking), organisation=firm, note="我是技术总监")
    leaving.person.memberships.update(programme="")
    leaving = actor_for(leaving.person)
    told = [line.text for line in open_lines(post_of(leaving))]
    assert any(firm.record.code in text for text in told)
    leaving.person.memberships.update(programme="need")
    hand_over(actor=actor_for(leaving.person), membership=post_of(leaving), successor=successor.person)
    assert actor_for(successor.person).charges == successor.charges
    assert Membership.objects.filter(person=successor.person).count() == 1


def test_a_charge_passes_to_an_officer_and_nobody_takes_one_for_themselves():
    office = city.organisation("科技局", kind="government", region="440100")
    leaving, clerk = charged(office, programme="need", jurisdiction="440112"), city.member(office)
    head = city.member(office, Role.ADMINISTRATOR)
    for actor, successor, code in ((leaving, clerk, "successor-officer"), (head, head, "scope-own")):
        with pytest.raises(Refused) as refused:
            hand_over(actor=actor, membership=post_of(leaving), successor=successor.person)
        assert refused.value.problems[0].code == code
        assert post_of(leaving).until is None
    # Who divides the office's power may make an officer of the colleague.
    hand_over(actor=head, membership=post_of(leaving), successor=clerk.person)
    assert actor_for(clerk.person).charges == leaving.charges


# -- who can take it over ----------------------------------------------------------------------------------------------


def offered(actor):
    return set(successors_of(post_of(actor)).values_list("pk", flat=True))


def test_a_finance_clerks_items_pass_to_who_may_see_them_and_to_nobody_else(firm, boss):
    clerk, other, legal = (city.member(firm, role) for role in (Role.FINANCE, Role.FINANCE, Role.LEGAL))
    member, reader = city.member(firm), city.member(firm, Role.READER)
    kept = city.dossier(firm, by=clerk)
    Record.objects.filter(pk=kept.pk).update(contact=clerk.person)
    assert offered(clerk) == {other.person.pk, boss.person.pk}
    for stranger in (member, legal, reader):
        with pytest.raises(Refused) as refused:
            hand_over(actor=clerk, membership=post_of(clerk), successor=stranger.person)
        assert refused.value.problems[0].code == "successor-colleague"
    hand_over(actor=clerk, membership=post_of(clerk), successor=other.person)
    kept.record.refresh_from_db()
    assert kept.record.contact_id == other.person.pk
    assert can_view(actor_for(other.person), kept.record, "inner")


def test_who_may_not_see_an_item_does_not_become_its_contact(firm, boss):
    member, chief = city.member(firm), city.member(firm, Role.ADMINISTRATOR)
    kept = city.dossier(firm, by=boss)
    Record.objects.filter(pk=kept.pk).update(contact=boss.person)
    with pytest.raises(Refused) as refused:
        hand_over(actor=boss, membership=post_of(boss), successor=member.person)
    problem = refused.value.problems[0]
    assert (problem.code, kept.record.code in problem.message) == ("successor-sees-not", True)
    assert post_of(boss).until is None
    assert Record.objects.get(pk=kept.pk).contact_id == boss.person.pk
    hand_over(actor=boss, membership=post_of(boss), successor=chief.person)


def test_the_only_administrator_can_be_followed_by_a_clerk_who_becomes_one(firm, boss):
    clerk = city.member(firm, Role.FINANCE)
    need = city.need(firm, stage="submitted", by=boss, contact=boss.person)
    assert offered(boss) == {clerk.person.pk}
    hand_over(actor=boss, membership=post_of(boss), successor=clerk.person)
    assert Role.ADMINISTRATOR in actor_for(clerk.person).roles
    assert Record.objects.get(pk=need.pk).contact_id == clerk.person.pk


def test_a_watch_passes_though_the_successor_watches_the_same_for_another_organisation(firm, boss, successor):
    foreign = city.need(city.organisation(), stage="published")
    record = Record.objects.select_related("title_to", "public_to").get(pk=foreign.pk)
    elsewhere = city.organisation()
    add_member(actor=SYSTEM, organisation=elsewhere, person=successor.person)
    follow_record(actor=boss, record=record)
    follow_record(actor=actor_for(successor.person, elsewhere.pk), record=record)
    hand_over(actor=boss, membership=post_of(boss), successor=successor.person)
    watched = Watch.objects.filter(person=successor.person, record=record)
    assert set(watched.values_list("acting_for", flat=True)) == {firm.pk, elsewhere.pk}
