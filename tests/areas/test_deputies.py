"""AB角: a deputy sees and does what the represented may, in their days and programme, by name of both, and no more."""

from datetime import timedelta

import pytest
from django.utils import translation
from pypdf import PdfReader

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.approvals.permissions import posts_filled_by
from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, add_member, end_membership
from kezhuan.areas.people.deputy_actions import end_deputy, name_deputy
from kezhuan.areas.people.member_actions import invite_member
from kezhuan.areas.people.token_actions import require_organisation
from kezhuan.exchange.papers.printing import content_of, version_of
from kezhuan.exchange.papers.signing import confirm_version
from kezhuan.kernel import audit, jobs, journal, registry
from kezhuan.kernel.access import actor_for, can_view, is_officer, is_own_matter, visible_to
from kezhuan.kernel.deputies import represented_by, standing_in
from kezhuan.kernel.documents import stored_path
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.journal import verify
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Deputy, Entry, Job, Membership, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def office():
    return city.organisation("科技局", kind="government", region="440100")


@pytest.fixture
def chief(office):
    """In charge of needs in the whole city."""
    actor = city.member(office, Role.OFFICER)
    actor.person.memberships.update(programme="need")
    Record.objects.filter(pk=actor.person.pk).update(title="李四")
    return fresh(actor)


@pytest.fixture
def colleague(office):
    """In charge of results in Panyu alone."""
    actor = city.member(office, Role.OFFICER, jurisdiction="440113")
    actor.person.memberships.update(programme="achievement")
    Record.objects.filter(pk=actor.person.pk).update(title="张三")
    return fresh(actor)


def fresh(actor):
    from kezhuan.kernel.models import Person

    return actor_for(Person.objects.select_related("record").get(pk=actor.person.pk))


def named(chief, colleague, *, since=0, until=5, programme=""):
    row = name_deputy(actor=chief, person=colleague.person, since=today(), until=today() + 9 * DAY, programme=programme)
    Deputy.objects.filter(pk=row.pk).update(since=today() + since * DAY, until=today() + until * DAY)
    return row


def test_deputy_sees_and_decides_in_the_place_of_the_represented_and_history_names_both(chief, colleague):
    need = city.need(city.organisation(), stage="submitted")
    record = Record.objects.get(pk=need.pk)
    row = named(chief, colleague)
    for actor in (colleague, standing_in(chief, row.pk)):  # as oneself; and nobody is their own deputy
        assert can_view(actor, record) == (actor.person.pk == chief.person.pk)
        assert actor.represented is None
    instead = standing_in(colleague, row.pk)
    for group in ("title", "public", "full", "inner"):
        assert can_view(instead, record, group) == can_view(chief, record, group)
        rows = visible_to(instead, Record.objects.filter(pk=need.pk), group)
        assert rows.exists() == can_view(instead, record, group)
    assert not can_view(instead, city.achievement(city.organisation(region="440113"), stage="submitted").record)
    advance(NEED, need, "publish", actor=instead)
    entry = Entry.objects.get(kind="need.publish")
    assert (entry.actor_id, entry.data["for"]) == (colleague.person.pk, str(chief.person.record.uid))
    with translation.override("zh-hans"):
        told = told_to(chief, Record.objects.get(pk=need.pk), entries_of(record, 10))
    assert told[0].who == "张三（代李四）"
    assert verify().broken_seq is None
    with pytest.raises(NotAllowed):
        advance(NEED, need, "withdraw", actor=colleague, note="自己无权")


@pytest.mark.parametrize(
    ("since", "until", "stands_in"), [(0, 0, True), (-3, 0, True), (-3, -1, False), (1, 2, False), (0, 3, True)]
)
def test_deputy_acts_within_the_days(chief, colleague, since, until, stands_in):
    row = named(chief, colleague, since=since, until=until)
    assert (standing_in(colleague, row.pk).represented is not None) is stands_in
    assert bool(represented_by(colleague.person)) is stands_in


def test_deputy_acts_within_the_programme(office, colleague):
    chief = city.member(office, Role.OFFICER)
    instead = standing_in(colleague, named(chief, colleague, programme="need").pk)
    unit = city.organisation()
    need, result = city.need(unit, stage="submitted"), city.achievement(unit, stage="submitted")
    assert is_officer.test(chief, result)
    assert is_officer.test(instead, need)
    assert not is_officer.test(instead, result)
    assert not can_view(instead, result.record)
    assert not instead.is_city_officer


def test_deputy_of_a_member_writes_in_the_programme_alone():
    unit = city.organisation(kind="university")
    professor, reader = city.member(unit, Role.ADMINISTRATOR), city.member(unit, Role.READER)
    result, need = city.achievement(unit), city.need(unit)
    with pytest.raises(NotAllowed):
        advance(ACHIEVEMENT, result, "submit", actor=reader)
    instead = standing_in(reader, named(professor, reader, programme="achievement").pk)
    with pytest.raises(NotAllowed):
        advance(NEED, need, "submit", actor=instead)
    with pytest.raises(NotAllowed):
        invite_member(actor=instead, organisation=unit, email="x@example.com", role=Role.MEMBER)
    assert advance(ACHIEVEMENT, result, "submit", actor=instead).record.stage == "submitted"
    everything = standing_in(reader, named(professor, reader).pk)
    assert advance(NEED, need, "submit", actor=everything).record.stage == "submitted"


def test_a_clerk_names_a_deputy_who_keeps_what_the_clerk_keeps_and_no_more():
    unit = city.organisation(kind="university")
    clerk, member = city.member(unit, Role.FINANCE), city.member(unit)
    price, minutes = (city.dossier(unit, sort=sort) for sort in ("price", "minutes"))
    need = city.need(unit)
    instead = standing_in(member, named(clerk, member).pk)
    for row in (price, minutes):
        row.record.refresh_from_db()
        for group in ("title", "public", "full", "inner"):
            assert can_view(instead, row.record, group) == can_view(clerk, row.record, group)
            seen = visible_to(instead, Record.objects.filter(pk=row.pk), group).exists()
            assert seen == can_view(clerk, row.record, group)
    assert can_view(instead, price.record, "inner")
    assert not can_view(instead, minutes.record)
    assert not can_view(member, price.record)
    assert advance(DOSSIER, price, "close", actor=instead).record.stage == "closed"
    # In the clerk's place they are no writer, which they are as themselves.
    with pytest.raises(NotAllowed):
        advance(NEED, need, "submit", actor=instead)
    assert advance(NEED, need, "submit", actor=member).record.stage == "submitted"
    # What a unit keeps inside belongs to no programme, so a deputy in one reads none of it.
    other = city.dossier(unit, sort="price").record
    in_one = standing_in(city.member(unit, Role.READER), named(clerk, city.member(unit, Role.READER)).pk)
    assert in_one.represented is None
    reader = city.member(unit, Role.READER)
    in_one = standing_in(reader, named(clerk, reader, programme="need").pk)
    assert in_one.represented == clerk.person
    assert not can_view(in_one, other)


def test_holders_of_posts_name_deputies_who_sign_for_them(office, chief):
    """Also whoever signs in the finance office; the page offers it."""
    signer, colleague = city.member(office, Role.FINANCE), city.member(office)
    client = client_of(signer)
    assert "Name a deputy" in client.get("/account/deputies/").content.decode()
    typed = {"person": colleague.person.pk, "programme": "", "since": today(), "until": today()}
    assert client.post("/account/deputies/", typed).status_code == 302
    post = city.post(office, "财务", signer, chief)
    instead = standing_in(colleague, Deputy.objects.get().pk)
    assert list(posts_filled_by(instead)) == [post]
    assert not posts_filled_by(colleague).exists()
    assert "Name a deputy" not in client_of(city.member(office, Role.READER)).get("/account/deputies/").content.decode()


def test_nobody_decides_on_their_own_application_in_whose_place_ever(chief, colleague):
    firm, row = city.organisation(), named(chief, colleague)
    need = city.need(firm, stage="submitted")
    theirs = city.need(city.organisation(), stage="submitted")
    Record.objects.filter(pk=theirs.pk).update(contact=colleague.person)
    add_member(actor=SYSTEM, organisation=firm, person=colleague.person)
    instead = standing_in(actor_for(colleague.person, colleague.organisation.pk), row.pk)
    for one in (need, theirs):
        one.record.refresh_from_db()
        assert is_own_matter.test(instead, one.record)
        with pytest.raises(NotAllowed):
            advance(NEED, one, "publish", actor=instead)
    # Neither does an officer who acts for the firm too, whoever they are just then.
    add_member(actor=SYSTEM, organisation=firm, person=chief.person)
    with pytest.raises(NotAllowed):
        advance(NEED, need, "publish", actor=actor_for(chief.person, chief.organisation.pk))
    assert advance(NEED, theirs, "publish", actor=actor_for(chief.person, chief.organisation.pk))


def test_deputyship_ends_with_the_membership_of_either_and_is_not_handed_on(office, chief, colleague):
    third = city.member(office, Role.OFFICER)
    row = named(chief, colleague)
    instead = standing_in(colleague, row.pk)
    with pytest.raises(NotAllowed):
        name_deputy(actor=instead, person=third.person, since=today(), until=today())
    with pytest.raises(NotAllowed):
        require_organisation(instead)
    on = named(colleague, third)
    assert not standing_in(third, on.pk).is_in_charge("440106", "need")
    end_membership(actor=city.officer(), membership=Membership.objects.get(person=chief.person))
    assert standing_in(colleague, row.pk).represented is None
    end_membership(actor=city.officer(), membership=Membership.objects.get(person=third.person))
    assert represented_by(third.person) == []


def test_strangers_name_nobody_and_what_is_wrong_is_said(office, chief, colleague):
    stranger = city.member(city.organisation())
    with pytest.raises(NotAllowed):
        name_deputy(actor=city.member(office, Role.READER), person=colleague.person, since=today(), until=today())
    for person, since, until, programme, code in (
        (stranger.person, today(), today(), "", "deputy-colleague"),
        (chief.person, today(), today(), "", "deputy-colleague"),
        (colleague.person, today() - DAY, today(), "", "deputy-days"),
        (colleague.person, today() + DAY, today(), "", "deputy-days"),
        (colleague.person, today(), today(), "person", "programme-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            name_deputy(actor=chief, person=person, since=since, until=until, programme=programme)
        assert [one.code for one in refused.value.problems] == [code]
    row = named(chief, colleague)
    with pytest.raises(NotAllowed):
        end_deputy(actor=stranger, deputy=row)
    end_deputy(actor=colleague, deputy=row)
    end_deputy(actor=chief, deputy=row)
    assert Entry.objects.filter(kind="person.deputy-ended").count() == 1
    assert represented_by(colleague.person) == []


def test_pages_name_stand_in_and_end(office, chief, colleague):
    need = city.need(city.organisation(), stage="submitted").record
    naming, standing = client_of(chief), client_of(colleague)
    typed = {"person": colleague.person.pk, "programme": "", "since": today(), "until": today()}
    assert naming.post("/account/deputies/", typed | {"until": "2020-01-01"}).status_code == 422
    assert naming.post("/account/deputies/", typed).status_code == 302
    assert naming.post("/account/deputies/", typed).status_code == 422
    row = Deputy.objects.get()
    assert standing.get(f"/needs/{need.code}/").status_code == 404
    waiting = standing.get("/inbox/").content.decode()
    assert need.code not in waiting
    assert f'value="deputy:{row.pk}"' in waiting
    assert standing.post("/act-for/", {"organisation": f"deputy:{row.pk}", "next": "/inbox/"}).status_code == 302
    waiting = standing.get("/inbox/").content.decode()
    assert need.code in waiting
    assert "张三 (for 李四)" in waiting
    assert "Name a deputy" in naming.get("/account/deputies/").content.decode()
    assert "Name a deputy" not in standing.get("/account/deputies/").content.decode()
    standing.post(f"/records/{need.code}/moves/publish/")
    assert "张三 (for 李四)" in naming.get(f"/needs/{need.code}/").content.decode()
    told = naming.get(f"/api/v1/needs/{need.code}/history").content.decode()
    assert "张三 (for 李四)" in told
    assert client_of(city.member(office)).post(f"/account/deputies/{row.pk}/end/").status_code == 404
    # Back to oneself.
    standing.post("/act-for/", {"organisation": str(office.pk)})
    assert "(for 李四)" not in standing.get("/inbox/").content.decode()
    standing.post("/act-for/", {"organisation": f"deputy:{row.pk}"})
    assert naming.post(f"/account/deputies/{row.pk}/end/").status_code == 302
    # What was chosen before gives nothing from this moment on.
    assert standing.get(f"/needs/{need.code}/edit/").status_code in {403, 404}
    assert "(for 李四)" not in standing.get("/").content.decode()


def test_a_foreign_deputyship_is_chosen_in_vain(office, chief, colleague):
    row, stranger = named(chief, colleague), city.member(office, Role.OFFICER, jurisdiction="440113")
    client = client_of(stranger)
    client.post("/act-for/", {"organisation": f"deputy:{row.pk}"})
    assert "李四" not in client.get("/inbox/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_deputy_named_many_times_at_once_is_named_once():
    office = city.organisation("科技局", kind="government", region="440100")
    chief, colleague = city.member(office, Role.OFFICER), city.member(office, Role.OFFICER)
    results = at_once(
        [lambda: name_deputy(actor=chief, person=colleague.person, since=today(), until=today()) for _ in range(6)]
    )
    assert sum(isinstance(one, Deputy) for one in results) == 1
    assert [one.problems[0].code for one in results if isinstance(one, Refused)] == ["deputy-held"] * 5


# -- approvals ---------------------------------------------------------------------------------------------------------


def test_deputy_signs_the_steps_of_the_represented_and_what_bars_one_of_them_bars_both():
    from kezhuan.areas.approvals.permissions import may_sign, steps_waiting_for
    from tests.areas.approval_story import Story

    story = Story()
    story.route()
    approval = story.ask()
    colleague = story.colleague
    instead = standing_in(colleague, named(story.head, colleague, programme="achievement").pk)
    step = approval.steps.exclude(opened_on=None).select_related("approval__record", "approval__about").get()
    for actor, signs in ((colleague, False), (instead, True)):
        assert may_sign(actor, step) is signs
        assert (step in steps_waiting_for(actor)) is signs
    # In another programme the deputy signs nothing, neither for whom asked for it, nor who asked for it for another.
    elsewhere = standing_in(colleague, named(story.head, colleague, programme="need").pk)
    asker = standing_in(story.handler, named(story.head, story.handler).pk)
    for actor in (elsewhere, asker):
        assert actor.represented == story.head.person
        assert not may_sign(actor, step)
        assert step not in steps_waiting_for(actor)
    story.sign(approval, instead)
    entry = Entry.objects.get(kind="approval.sign")
    assert (entry.actor_id, entry.data["for"]) == (colleague.person.pk, str(story.head.person.record.uid))


def test_a_deputy_who_asks_for_an_approval_is_told_with_whom_they_stand_in_for():
    from kezhuan.areas.approvals.api import approval_fields
    from kezhuan.areas.approvals.sheet import sheet_of
    from tests.areas.approval_story import Story

    story = Story()
    story.route()
    approval = story.ask(standing_in(story.colleague, named(story.handler, story.colleague).pk))
    both = f"{story.colleague.name} (for {story.handler.name})"
    with translation.override("en"):
        assert sheet_of(approval).asked_by == both
    assert both in client_of(story.head).get(f"/approvals/{approval.record.code}/").content.decode()
    row = next(one for one in audit.take_month(SYSTEM, audit.present_month()) if one[2] == "approval.asked")
    assert (row[5], row[-1]) == (story.colleague.person.record.code, story.handler.person.record.code)
    told = approval_fields(story.head, approval, frozenset({"full"}))
    assert [told[name]["code"] for name in ("asked_by", "asked_for")] == [
        one.person.record.code for one in (story.colleague, story.handler)
    ]


def test_filings_signatures_and_jobs_of_a_deputy_say_in_whose_place(settings, tmp_path):
    settings.DATA = tmp_path
    unit = city.organisation(kind="university")
    chief, other = city.member(unit, Role.ADMINISTRATOR, name="李四"), city.member(unit, Role.READER, name="张三")
    deputyship = named(chief, other)
    instead, both = standing_in(other, deputyship.pk), "张三（代李四）"
    filing = city.filing(city.dossier(unit, by=chief), instead)
    officer = city.officer()
    assert "张三 (for 李四)" in client_of(officer).get(f"/filings/{filing.record.code}/").content.decode()
    row = registry.row_of(filing.record)
    assert dict(content_of(officer, row).facts)["报送人"] == both
    told = client_of(officer).get(f"/api/v1/filings/{filing.record.code}").json()
    assert [told[key]["name"] for key in ("filed_by", "filed_for")] == ["张三", "李四"]

    result = city.achievement(unit, stage="listed", by=chief)
    printed, _content = version_of(actor=instead, row=result)
    signature = confirm_version(actor=instead, row=result, code=printed.code)
    paper = PdfReader(stored_path(signature.document.sha256))
    assert f"确认人：{both}" in "".join(page.extract_text() for page in paper.pages)
    page = f"/records/{result.record.code}/signatures/"
    assert "张三 (for 李四)" in client_of(chief).get(page).content.decode()
    (shown,) = client_of(chief).get(f"/api/v1/achievements/{result.record.code}/signatures").json()["items"]
    assert [shown[key]["name"] for key in ("signed_by", "signed_for")] == ["张三", "李四"]

    # What goes on without them does so in the same place, as long as they may stand in it.
    with journal.writing():
        jobs.enqueue("imports.forget", actor=instead)
    running = jobs.Running(Job.objects.get(deputy=deputyship))
    assert running.actor.represented == chief.person
    end_deputy(actor=chief, deputy=deputyship)
    assert running.actor is None
