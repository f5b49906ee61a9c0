"""A move goes by its route: it waits until everybody has signed, happens once, and is told to those entitled."""

import pytest

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.approvals import actions
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.approvals.permissions import may_sign, steps_waiting_for
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.kernel import followers, history, journal
from kezhuan.kernel.access import can_view
from kezhuan.kernel.approvals import holders_of, steps_told
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, ApprovalStep, Entry, Message, Notice, PostHolder, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.registry import row_of
from tests.areas.approval_story import Story, _made_city, refused_with, stage_of, story
from tests.areas.crawling import client_of
from tests.factories import city

__all__ = ["_made_city", "story"]

pytestmark = pytest.mark.django_db


def test_without_a_route_the_move_is_taken_as_ever(story):
    story.register()
    assert story.stage == "registered"
    assert Entry.objects.get(kind="achievement.register").data == {"from": "listed", "to": "registered"}


def test_with_a_route_the_move_waits_and_happens_once_in_the_last_signers_transaction(story):
    story.route()
    refused_with(story.register, "approval-needed")
    approval = story.ask(note="请予登记")
    refused_with(story.register, "approval-running")
    approval = story.sign(approval, story.head, opinion="材料齐全。")
    assert (story.stage, stage_of(approval)) == ("listed", "running")
    before = Entry.objects.count()
    story.sign(approval, story.director, opinion="同意登记。")
    assert (story.stage, stage_of(approval)) == ("registered", "completed")
    kinds = list(Entry.objects.order_by("seq").values_list("kind", "actor_id")[before:])
    assert kinds == [
        ("approval.sign", story.director.person.pk),
        ("approval.complete", None),
        ("achievement.register", story.handler.person.pk),
    ]
    moved = Entry.objects.get(kind="achievement.register")
    assert moved.data["approval"] == str(approval.record.uid)
    assert moved.text.content == {"note": "请予登记"}
    assert [(told.step.post.name, told.step.signer.pk, told.opinion) for told in steps_told(approval)] == [
        ("成果处处长", story.head.person.pk, "材料齐全。"),
        ("分管副局长", story.director.person.pk, "同意登记。"),
    ]
    assert Approval.objects.get().spent_on is not None
    assert journal.verify().broken_seq is None


def test_an_approval_is_good_for_one_time(story):
    story.route(story.division)
    story.sign(story.ask(), story.head)
    for name, actor in (("withdraw", story.owner), ("reopen", story.owner), ("submit", story.owner)):
        story.row = advance(ACHIEVEMENT, story.row, name, actor=actor, note="重来")
    story.row = advance(ACHIEVEMENT, story.row, "list", actor=story.handler)
    refused_with(story.register, "approval-needed")


def test_a_step_waits_for_its_turn_and_for_its_post(story):
    story.route()
    approval = story.ask()
    first, second = approval.steps.all()
    for actor in (story.colleague, story.director, story.owner, city.officer()):
        with pytest.raises(NotAllowed):
            actions.sign_step(actor=actor, step=first)
    with pytest.raises(Conflict):
        actions.sign_step(actor=story.director, step=second)
    story.sign(approval, story.deputy)
    with pytest.raises(Conflict):
        actions.sign_step(actor=story.head, step=first)
    assert list(steps_waiting_for(story.director)) == [second]
    assert not steps_waiting_for(story.head).exists()


def test_who_may_sign_agrees_with_the_list_of_what_waits(story):
    story.route((story.division, story.leader))
    story.ask()
    actors = [story.handler, story.colleague, story.head, story.deputy, story.director, story.owner, city.officer()]
    for step in ApprovalStep.objects.select_related("approval__record"):
        for actor in actors:
            assert may_sign(actor, step) == steps_waiting_for(actor).filter(pk=step.pk).exists()
    PostHolder.objects.filter(person=story.head.person).update(until="2020-01-01")
    assert not steps_waiting_for(story.head).exists()


def test_nobody_signs_what_they_asked_for_or_what_is_their_own(story):
    contributor = city.member(story.bureau, Role.OFFICER)
    # The handler holds the post too; the head's deputy also works at the university; one officer is a completer.
    city.give_post(actor=city.SYSTEM, post=story.division, person=story.handler.person)
    add_member(actor=SYSTEM, organisation=story.unit, person=story.deputy.person, role=Role.READER)
    city.give_post(actor=city.SYSTEM, post=story.division, person=contributor.person)
    story.row.completers.filter(order=1).update(person=contributor.person)
    story.route(story.division)
    approval = story.ask()
    for actor in (story.handler, story.deputy, contributor):
        assert not steps_waiting_for(actor).exists()
        with pytest.raises(NotAllowed):
            story.sign(approval, actor)
    story.sign(approval, story.head)
    assert story.stage == "registered"


def test_nothing_is_asked_for_that_nobody_could_sign(story):
    empty = city.post(story.bureau, "局长")
    story.route(story.division, empty)
    refused_with(story.ask, "approval-no-signer")
    assert not Approval.objects.exists()
    city.give_post(actor=city.SYSTEM, post=empty, person=story.handler.person)
    refused_with(story.ask, "approval-no-signer")
    story.ask(actor=story.colleague)


def test_nothing_is_asked_for_twice_or_that_could_not_be_done(story):
    story.route()
    with pytest.raises(NotAllowed):
        story.ask(actor=story.owner)
    with pytest.raises(NotAllowed):
        actions.ask_approval(actor=story.handler, row=story.row, move="no-such-move")
    refused_with(
        lambda: actions.ask_approval(actor=story.handler, row=story.row, move="void", note="理由"), "approval-no-route"
    )
    story.ask()
    with pytest.raises(Conflict):
        story.ask(actor=story.colleague)
    story.row.completers.all().delete()
    Approval.objects.all()
    other = Story()
    other.row.completers.all().delete()
    refused_with(
        lambda: actions.ask_approval(actor=other.handler, row=other.row, move="register"), "completers-missing"
    )


def test_a_change_of_the_record_ends_the_approval(story):
    story.route()
    approval = story.ask()
    story.row = row_of(Record.objects.get(pk=story.row.pk))
    edit_achievement(
        actor=story.owner, achievement=story.row, facts=city.achievement_facts(title="改过的标题"),
        expected_version=story.row.record.version,
    )  # fmt: skip
    refused_with(lambda: story.sign(approval, story.head), "approval-changed")
    followers.run_pending()
    assert stage_of(approval) == "overtaken"
    assert not steps_waiting_for(story.head).exists()
    story.row = row_of(Record.objects.get(pk=story.row.pk))
    assert stage_of(story.ask()) == "running"


def test_a_file_added_to_the_record_ends_the_approval_and_a_withdrawal_too(story):
    story.route()
    approval = story.ask()
    attach_document(actor=story.owner, record=story.row.record, upload=Upload("说明.txt", "补充".encode(), True))
    refused_with(lambda: story.sign(approval, story.head), "approval-changed")
    followers.run_pending()
    assert stage_of(approval) == "overtaken"
    again = story.ask()
    followers.run_pending()
    assert stage_of(again) == "running"
    advance(ACHIEVEMENT, story.row, "withdraw", actor=story.owner, note="不登记了")
    refused_with(lambda: story.sign(again, story.head), "approval-changed")
    followers.run_pending()
    assert stage_of(again) == "overtaken"


def test_what_stands_against_the_move_at_the_end_keeps_the_signature_back(story):
    story.route(story.division)
    approval = story.ask()
    story.row.completers.all().delete()
    refused_with(lambda: story.sign(approval, story.head, opinion="同意"), "completers-missing")
    assert (story.stage, stage_of(approval)) == ("listed", "running")
    assert approval.steps.get().closed_at is None
    assert not Entry.objects.filter(kind="approval.sign").exists()


def test_what_all_agreed_to_is_taken_once_its_notice_is_complete(story):
    city.notice_rule()
    story.route(story.division)
    approval = story.ask(note="请予登记")
    story.sign(approval, story.head, opinion="同意")
    followers.run_pending()
    assert (story.stage, stage_of(approval), steps_waiting_for(story.head).exists()) == ("listed", "running", False)
    refused_with(story.register, "approval-running", "notice-missing")
    with pytest.raises(Conflict):
        story.ask(actor=story.colleague)
    page = client_of(story.colleague).get(f"/approvals/{approval.record.code}/").content.decode()
    assert "Everybody on the route has agreed." in page
    assert "A notice must be held before this step" in page
    notice = city.notice(story.row, story.handler, stage="running")
    followers.run_pending()
    assert story.stage == "listed"
    # Whoever asked may not take it any more: it waits for a colleague who takes over.
    story.handler.person.memberships.update(until="2020-01-01")
    advance(NOTICE, notice, "complete", actor=story.colleague)
    followers.run_pending()
    assert (story.stage, stage_of(approval)) == ("listed", "running")
    page = client_of(story.colleague).get(f"/approvals/{approval.record.code}/").content.decode()
    assert f"{story.handler.person.record.title}, who asked for it, may not take this step any more" in page
    actions.take_over(actor=story.colleague, approval=approval)
    followers.run_pending()
    assert (story.stage, stage_of(approval)) == ("registered", "completed")
    moved = Entry.objects.get(kind="achievement.register")
    assert (moved.actor_id, moved.data["approval"]) == (story.colleague.person.pk, str(approval.record.uid))
    assert moved.text.content == {"note": "请予登记"}
    assert Approval.objects.get().spent_on is not None
    assert Notice.objects.get().spent_on is not None
    assert journal.verify().broken_seq is None


def test_a_change_while_the_notice_stands_ends_what_all_agreed_to(story):
    city.notice_rule()
    story.route(story.division)
    approval = story.ask()
    story.sign(approval, story.head)
    notice = city.notice(story.row, story.handler, stage="running")
    attach_document(actor=story.owner, record=story.row.record, upload=Upload("说明.txt", "补充".encode(), True))
    advance(NOTICE, notice, "complete", actor=story.handler)
    followers.run_pending()
    assert (story.stage, stage_of(approval)) == ("listed", "overtaken")
    refused_with(story.register, "approval-needed")
    story.sign(story.ask(), story.head)  # the notice tells the same still: its last signer takes the move at once
    assert story.stage == "registered"


def test_a_colleague_takes_over_from_one_who_left(story):
    story.route(story.division)
    approval = story.ask()
    story.handler.person.memberships.update(until="2020-01-01")
    refused_with(lambda: story.sign(approval, story.head), "approval-asker-gone")
    for actor in (story.owner, city.officer()):
        with pytest.raises(NotAllowed):
            actions.take_over(actor=actor, approval=approval)
    actions.take_over(actor=story.colleague, approval=approval)
    story.sign(approval, story.head)
    assert Entry.objects.get(kind="achievement.register").actor_id == story.colleague.person.pk


def test_whoever_takes_over_signs_nothing_and_leaves_somebody_who_does(story):
    story.route(story.division)
    approval = story.ask()
    actions.take_over(actor=story.head, approval=approval)
    with pytest.raises(NotAllowed):
        story.sign(approval, story.head)
    refused_with(lambda: actions.take_over(actor=story.deputy, approval=approval), "approval-no-signer")
    story.sign(approval, story.deputy)
    assert story.stage == "registered"


# -- who reads what ----------------------------------------------------------------------------------------------------


def test_opinions_are_read_by_the_offices_on_the_way_and_by_nobody_else(story):
    finance = city.organisation(kind="government", region="440100")
    signer = city.member(finance, Role.OFFICER)
    story.route((story.division, city.post(finance, "科教处处长", signer)))
    approval = story.ask()
    story.sign(approval, story.head, opinion="内部意见:建议压缩")
    readers = [story.handler, story.colleague, story.head, story.director, signer]
    others = [
        story.owner,
        city.member(story.unit),
        city.officer(),
        city.officer("440106"),
        city.member(city.organisation()),
    ]
    record = Record.objects.get(pk=approval.pk)
    assert [can_view(actor, record) for actor in readers + others] == [True] * 5 + [False] * 5
    # In the record's own history the applicant finds neither that it was asked for nor what was said.
    about = Record.objects.get(pk=story.row.pk)
    entries = history.entries_of(about, 50)
    assert "approval.asked" in {told.entry.kind for told in history.told_to(story.handler, about, entries)}
    told = history.told_to(story.owner, about, entries)
    assert "approval.asked" not in {one.entry.kind for one in told}
    assert not any("内部意见" in one.note for one in told)


def test_an_office_whose_own_matter_it_is_reads_nothing_though_a_post_of_it_is_on_the_way(story):
    inside = city.post(story.unit, "科研处处长", city.member(story.unit))
    story.route(story.division, inside)
    # Nobody of the unit signs in its own matter, so such a route asks for a post that nobody fills.
    refused_with(story.ask, "approval-no-signer")


def test_returned_to_the_office_the_applicant_reads_nothing_and_returned_to_them_the_opinion(story):
    story.route()
    for to_applicant in (False, True):
        approval = story.ask()
        story.sign(approval, story.head, opinion="同意上报")
        actions.return_approval(
            actor=story.director, approval=approval, opinion="完成人证明不足", to_applicant=to_applicant
        )
        assert (story.stage, stage_of(approval)) == ("listed", "returned")
        about = Record.objects.get(pk=story.row.pk)
        told = history.told_to(story.owner, about, history.entries_of(about, 50))
        assert [one.note for one in told if one.note == "完成人证明不足"] == ["完成人证明不足"] * to_applicant
        assert not any("同意上报" in one.note for one in told)
        assert [(told.step.outcome, told.opinion) for told in steps_told(approval)] == [
            ("agreed", "同意上报"),
            ("returned", "完成人证明不足"),
        ]
        with pytest.raises(Conflict):
            story.sign_any = actions.sign_step(actor=story.director, step=approval.steps.last())


def test_only_whose_turn_it_is_returns_and_only_the_office_withdraws(story):
    story.route()
    approval = story.ask()
    for actor in (story.director, story.handler, story.owner):
        with pytest.raises(NotAllowed):
            actions.return_approval(actor=actor, approval=approval, opinion="不妥")
    refused_with(lambda: actions.return_approval(actor=story.head, approval=approval, opinion=" "), "note-missing")
    for actor in (story.owner, city.officer()):
        with pytest.raises(NotAllowed):
            advance(APPROVAL, approval, "withdraw", actor=actor)
    advance(APPROVAL, approval, "withdraw", actor=story.colleague)
    assert stage_of(approval) == "withdrawn"


def test_signers_are_told_when_their_turn_comes_and_the_asker_at_the_end(story):
    story.route()
    approval = story.ask()
    assert {one.person_id for one in Message.objects.filter(letter="approval.waits")} == {
        story.head.person.pk,
        story.deputy.person.pk,
    }
    story.sign(approval, story.head)
    story.sign(approval, story.director)
    waits = Message.objects.filter(letter="approval.waits").order_by("pk")
    assert [one.person_id for one in waits][2:] == [story.director.person.pk]
    assert [one.person_id for one in Message.objects.filter(letter="approval.ended")] == [story.handler.person.pk]


def test_who_was_closed_or_left_the_office_holds_no_post_there(story):
    def holders():
        return {one.person_id for one in holders_of([story.division.pk, story.leader.pk])}

    assert holders() == {one.person.pk for one in (story.head, story.deputy, story.director)}
    advance(PERSON, story.head.person, "close", actor=city.officer(), note="离职")
    assert holders() == {story.deputy.person.pk, story.director.person.pk}
    taken = Entry.objects.get(kind="organisation.post-taken")
    assert (taken.data["member"], taken.data["post"]) == (str(story.head.person.record.uid), story.division.pk)
    # As data of before holds it: closed, or gone, and the post goes on.
    Record.objects.filter(pk=story.deputy.person.pk).update(phase="done", stage="closed")
    assert holders() == {story.director.person.pk}
    story.director.person.memberships.update(until="2020-01-01")
    assert holders() == set()
