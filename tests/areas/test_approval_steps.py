"""Steps closed on paper and by meetings, signers added, people recused: by those who may, and told on the sheet."""

from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.approvals import actions, step_actions
from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.areas.approvals.route_actions import StepFacts
from kezhuan.areas.approvals.sheet import sheet_of
from kezhuan.areas.people.deputy_actions import end_deputy, name_deputy
from kezhuan.exchange.models import Printed
from kezhuan.exchange.papers.printing import print_record
from kezhuan.kernel import answer_times, jobs, journal, outbox, reminders
from kezhuan.kernel.access import can_view
from kezhuan.kernel.approvals import steps_told
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.history import deputised
from kezhuan.kernel.models import AnswerTime, Approval, Clock, Deputy, Document, Entry, EntryText, Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import words
from kezhuan.kernel.text import now, today
from kezhuan.web import feed_pages, inbox
from tests.areas.approval_story import _made_city, refused_with, stage_of, story
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.scans import blank

__all__ = ["_made_city", "story"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]

SCAN = Upload("签批件.png", blank(), True)
NO_SCAN = Upload("签批件.txt", "同意".encode(), True)
MINUTES = Upload("纪要.png", b"\x89PNG\r\n\x1a\n" + b"1" * 20, True)


def waiting(approval):
    return approval.steps.filter(closed_at=None).exclude(opened_on=None).order_by("position", "pk").first()


def on_paper(story, approval, signer, actor=None, **given):
    asked = {"signed_on": today(), "sheet": SCAN} | given
    return step_actions.close_on_paper(
        actor=actor or story.handler, step=waiting(approval), signer=signer.person, **asked
    )


def decide(story, approval, actor=None, **given):
    asked = {
        "meeting": "局长办公会 2026 年第 12 次", "held_on": today(), "attended": ["王局长", "李副局长"],
        "minutes_no": "〔2026〕12号纪要", "minutes": MINUTES, "opinion": "会议同意登记。",
    }  # fmt: skip
    return step_actions.record_decision(actor=actor or story.handler, step=waiting(approval), **(asked | given))


# -- on paper ----------------------------------------------------------------------------------------------------------


def test_a_signed_sheet_closes_a_step_and_the_last_one_takes_the_move(story):
    story.route()
    approval = story.ask()
    on_paper(story, approval, story.head, opinion="同意上报")
    on_paper(story, approval, story.director, opinion="同意")
    assert (story.stage, stage_of(approval)) == ("registered", "completed")
    steps = list(approval.steps.all())
    assert [(one.outcome, one.signer_id, one.entered_by_id) for one in steps] == [
        ("sheet", story.head.person.pk, story.handler.person.pk),
        ("sheet", story.director.person.pk, story.handler.person.pk),
    ]
    # One sheet bears both signatures and is kept once, for the offices on the way alone.
    assert {one.document_id for one in steps} == {Document.objects.get(record=approval.pk).pk}
    entry = Entry.objects.filter(kind="approval.sheet").first()
    assert entry.data["signer"] == str(story.head.person.record.uid)
    assert entry.actor_id == story.handler.person.pk
    assert not can_view(story.owner, Record.objects.get(pk=approval.pk), "full")


def test_a_sheet_is_entered_by_the_office_for_somebody_who_could_have_signed(story):
    story.route()
    approval = story.ask()
    for actor in (story.owner, city.officer()):
        with pytest.raises(NotAllowed):
            on_paper(story, approval, story.head, actor=actor)
    refused_with(lambda: on_paper(story, approval, story.director), "sheet-signer")
    refused_with(lambda: on_paper(story, approval, story.handler), "sheet-signer")
    refused_with(lambda: on_paper(story, approval, story.head, sheet=None), "sheet-missing")
    refused_with(lambda: on_paper(story, approval, story.head, sheet=NO_SCAN), "scan-type")
    refused_with(lambda: on_paper(story, approval, story.head, signed_on=today() + timedelta(days=1)), "day-later")
    refused_with(lambda: on_paper(story, approval, story.head, signed_on=today() - timedelta(days=1)), "day-earlier")
    refused_with(lambda: on_paper(story, approval, story.head, opinion="见附件 机密★5年"), "state-secret")
    assert approval.steps.filter(closed_at=None).count() == 2
    assert not Document.objects.filter(record=approval.pk).exists()


# -- by a meeting ------------------------------------------------------------------------------------------------------


def test_a_meeting_decides_a_collective_step_and_the_sheet_tells_it(story):
    story.route(story.division, StepFacts(2, story.leader, "collective", numbered=True))
    approval = story.ask(note="请予登记")
    refused_with(lambda: decide(story, approval), "step-signed")
    story.sign(approval, story.head, opinion="拟同意")
    with pytest.raises(NotAllowed):
        decide(story, approval, actor=city.officer())
    refused_with(lambda: story.sign(approval, story.director), "step-collective")
    refused_with(lambda: on_paper(story, approval, story.director), "step-collective")
    refused_with(lambda: decide(story, approval), "document-number-missing")
    refused_with(
        lambda: decide(story, approval, meeting="", minutes_no=" ", minutes=None, attended=[], document_no="x"),
        "meeting-name", "minutes-number", "minutes-missing", "attendance-names",
    )  # fmt: skip
    refused_with(lambda: decide(story, approval, recused=["王局长"], document_no="x"), "recused-attends")
    refused_with(lambda: decide(story, approval, minutes=NO_SCAN, document_no="x"), "scan-type")
    refused_with(lambda: decide(story, approval, held_on=today() + timedelta(days=1), document_no="x"), "day-later")
    decide(story, approval, recused=["周处长"], document_no="穗科〔2026〕12号")
    assert (story.stage, stage_of(approval)) == ("registered", "completed")
    sheet = sheet_of(Approval.objects.select_related("record", "about", "office__record", "asked_by__record").get())
    assert (sheet.document_no, sheet.note, sheet.about_code) == (
        "穗科〔2026〕12号", "请予登记", story.row.record.code,
    )  # fmt: skip
    signed, decided = sheet.rows
    assert (signed.post, signed.signer, signed.opinion, signed.meeting) == (
        "成果处处长", story.head.person.record.title, "拟同意", "",
    )  # fmt: skip
    assert (decided.meeting, decided.minutes_no, decided.attended, decided.recused, decided.opinion) == (
        "局长办公会 2026 年第 12 次", "〔2026〕12号纪要", ("王局长", "李副局长"), ("周处长",), "会议同意登记。",
    )  # fmt: skip
    assert journal.verify().broken_seq is None


def test_names_of_a_meeting_are_no_part_of_the_chain(story):
    story.route(StepFacts(1, story.leader, "collective"))
    decide(story, story.ask())
    entry = Entry.objects.get(kind="approval.decide")
    assert set(entry.data) == {"step", "document", "text_hash"}
    assert EntryText.objects.get(entry=entry).content == {"note": "会议同意登记。"}


def test_whose_own_matter_it_is_attends_no_meeting_and_records_none(story):
    completer = city.member(story.bureau, Role.OFFICER)
    story.row.completers.filter(order=1).update(person=completer.person)
    story.route(StepFacts(1, story.leader, "collective"))
    approval = story.ask()
    refused_with(lambda: decide(story, approval, attended=[completer.person.record.title]), "concerned-attends")
    with pytest.raises(NotAllowed):
        decide(story, approval, actor=completer)
    decide(story, approval, recused=[completer.person.record.title])
    assert story.stage == "registered"


def test_who_was_recused_in_a_meeting_signs_no_later_step(story):
    story.route(StepFacts(1, story.leader, "collective"), StepFacts(2, story.division))
    approval = story.ask()
    decide(story, approval, recused=[story.head.person.record.title])
    with pytest.raises(NotAllowed):
        story.sign(approval, story.head)
    story.sign(approval, story.deputy)
    assert story.stage == "registered"


# -- who signs ---------------------------------------------------------------------------------------------------------


def test_the_recused_do_not_sign(story):
    story.route(story.division)
    approval = story.ask()
    for actor in (story.owner, city.officer()):
        with pytest.raises(NotAllowed):
            step_actions.recuse(actor=actor, approval=approval, person=story.head.person, reason="亲属")
    refused_with(
        lambda: step_actions.recuse(
            actor=story.handler, approval=approval, person=story.colleague.person, reason="亲属"
        ),
        "recused-unknown",
    )
    refused_with(
        lambda: step_actions.recuse(actor=story.head, approval=approval, person=story.head.person, reason=" "),
        "reason-missing",
    )
    step_actions.recuse(actor=story.head, approval=approval, person=story.head.person, reason="与完成人系亲属")
    assert not steps_waiting_for(story.head).exists()
    with pytest.raises(NotAllowed):
        story.sign(approval, story.head)
    refused_with(lambda: on_paper(story, approval, story.head), "sheet-signer")
    story.sign(approval, story.deputy)
    assert story.stage == "registered"


def test_a_signer_is_added_beside_or_after_whose_turn_it_is(story):
    legal = city.organisation(kind="government", region="440100")
    lawyer, auditor = city.member(legal, Role.OFFICER), city.member(story.bureau, Role.OFFICER)
    law, audit = city.post(legal, "法规处处长", lawyer), city.post(story.bureau, "机关纪委书记", auditor)
    story.route()
    approval = story.ask()
    record = Record.objects.get(pk=approval.pk)
    assert not can_view(lawyer, record)
    with pytest.raises(NotAllowed):
        step_actions.add_signer(actor=story.owner, approval=approval, post=law, after=False)
    step_actions.add_signer(actor=story.head, approval=approval, post=law, after=False, reason="涉及合同")
    step_actions.add_signer(actor=story.handler, approval=approval, post=audit, after=True)
    assert can_view(lawyer, Record.objects.get(pk=approval.pk))
    assert [(one.position, one.post.name) for one in approval.steps.order_by("position", "pk")] == [
        (1, "成果处处长"), (1, "法规处处长"), (2, "机关纪委书记"), (3, "分管副局长"),
    ]  # fmt: skip
    assert [steps_waiting_for(actor).count() for actor in (story.head, lawyer, auditor, story.director)] == [1, 1, 0, 0]
    refused_with(
        lambda: step_actions.add_signer(actor=story.head, approval=approval, post=law, after=False), "route-post-twice"
    )
    empty = city.post(story.bureau, "空缺岗位")
    refused_with(
        lambda: step_actions.add_signer(actor=story.head, approval=approval, post=empty, after=True),
        "approval-no-signer",
    )
    for actor in (lawyer, story.head, auditor):
        story.sign(approval, actor)
        assert story.stage == "listed"
    story.sign(approval, story.director)
    assert story.stage == "registered"
    with pytest.raises(Conflict):
        step_actions.add_signer(actor=story.handler, approval=approval, post=law, after=True)


# -- inside a unit -----------------------------------------------------------------------------------------------------


def test_a_units_own_route_goes_by_its_own_posts_and_nobody_else_reads_it(story):
    chief, lawyer = city.member(story.unit), city.member(story.unit, Role.LEGAL)
    head = city.post(story.unit, "科研院院长", chief)
    city.route(
        (head, city.post(story.unit, "法务主管", lawyer)), kind="achievement", move="submit", unit=story.unit
    )  # fmt: skip
    draft = city.achievement(story.unit, by=story.owner)
    approval = actions.ask_approval(actor=story.owner, row=draft, move="submit")
    record = Record.objects.get(pk=approval.pk)
    assert not can_view(story.handler, record)
    assert not can_view(city.officer("440106"), record)
    with pytest.raises(NotAllowed):
        story.sign(approval, story.owner)
    story.sign(approval, lawyer, post=approval.steps.get(post__name="法务主管").post)
    story.sign(approval, chief)
    assert Record.objects.get(pk=draft.pk).stage == "submitted"
    # Another unit goes by no route, and the bureau's own step of the same record by none of the unit's.
    other = city.organisation()
    city.achievement(other, stage="submitted")
    refused_with(
        lambda: city.route(story.division, kind="achievement", move="submit", unit=story.unit), "route-foreign-post"
    )


# -- terms -------------------------------------------------------------------------------------------------------------


def test_a_step_has_a_term_where_a_rule_value_sets_one_and_none_ships(story):
    story.route()
    approval = story.ask()
    assert not Clock.objects.filter(record=approval.pk).exists()
    actions.advance(actions.APPROVAL, approval, "withdraw", actor=story.handler)
    city.rule("clock.approval.step", 3, "working days")
    approval = story.ask()
    clock = Clock.objects.get(record=approval.pk)
    assert (clock.post_id, clock.party_id, clock.ended_on) == (story.division.pk, story.bureau.pk, None)
    story.sign(approval, story.head)
    clock.refresh_from_db()
    assert (clock.ended_on, clock.answered) == (today(), True)
    later = Clock.objects.get(record=approval.pk, ended_on=None)
    assert later.post_id == story.leader.pk
    actions.advance(actions.APPROVAL, approval, "withdraw", actor=story.handler)
    later.refresh_from_db()
    assert (later.ended_on, later.answered) == (today(), False)


def test_the_term_of_a_step_reminds_who_holds_its_post_and_stands_in_their_inbox_and_calendar_alone(story):
    city.rule("clock.approval.step", 3, "working days")
    story.route(story.division)
    approval = story.ask()
    step_actions.recuse(actor=story.deputy, approval=approval, person=story.deputy.person, reason="亲属")
    clock = Clock.objects.get(record=approval.pk)
    told = reminders.letters_of(clock.due_on - timedelta(days=1), clock.due_on)
    assert told == {(story.head.person.pk, story.bureau.pk): {clock.pk: "due"}}
    for actor, waits in ((story.head, 1), (story.deputy, 0), (story.colleague, 0), (story.handler, 0)):
        assert (inbox.count(actor), len(inbox.lines(actor)), len(inbox.waiting_clocks(actor))) == (waits,) * 3
    assert inbox.lines(story.head)[0].clock.due == clock.due_on
    story.sign(approval, story.head)
    assert inbox.waiting_clocks(story.head) == []
    # What a bureau's posts take among themselves is no answer to anybody.
    jobs.enqueue(answer_times.COUNT)
    jobs.run_pending()
    assert not AnswerTime.objects.filter(record_kind="approval").exists()


# -- deputies ----------------------------------------------------------------------------------------------------------


def instead_of(represented, deputy):
    row = name_deputy(actor=represented, person=deputy.person, since=today(), until=today() + timedelta(days=9))
    return standing_in(deputy, row.pk)


def test_a_deputy_asks_and_signs_by_name_of_both_and_the_move_is_taken_in_that_place(story):
    story.route(story.division)
    asker, signer = instead_of(story.handler, story.colleague), instead_of(story.head, story.director)
    story.colleague.person.memberships.update(programme="need")
    approval = story.ask(actor=asker)
    for actor in (story.handler, story.colleague):
        assert not steps_waiting_for(actor).exists()
    story.sign(approval, signer)
    assert story.stage == "registered"
    step = steps_told(approval)[0].step
    assert (step.signer_id, step.signed_for_id) == (story.director.person.pk, story.head.person.pk)
    with translation.override("zh-hans"):
        signer = sheet_of(approval).rows[0].signer
    assert signer == f"{story.director.person.record.title}（代{story.head.person.record.title}）"
    moved = Entry.objects.get(kind="achievement.register")
    assert (moved.actor_id, moved.data["for"]) == (
        story.colleague.person.pk, str(story.handler.person.record.uid),
    )  # fmt: skip


def test_a_deputys_hand_on_a_sheet_printed_here_is_entered_with_both_names_and_its_code_read_back(story):
    story.route()
    instead_of(story.head, story.colleague)
    end_deputy(actor=story.head, deputy=Deputy.objects.get())  # back at noon, when the sheet was signed already
    approval = story.ask()
    printed, content = print_record(actor=story.handler, row=approval)
    sheet = Upload("呈批表.pdf", content, True)
    # Of another record, without whom they stood in for, on a day on which nobody did.
    Printed.objects.update(record=story.unit.pk)
    refused_with(lambda: on_paper(story, approval, story.head, sheet=sheet), "scan-foreign")
    Printed.objects.update(record=approval.pk)
    refused_with(lambda: on_paper(story, approval, story.colleague, sheet=sheet), "sheet-signer")
    Deputy.objects.update(ended_at=now() - timedelta(days=1))
    signed_for = story.head.person
    refused_with(lambda: on_paper(story, approval, story.colleague, sheet=sheet, signed_for=signed_for), "sheet-signer")
    Deputy.objects.update(ended_at=now())
    page = client_of(story.handler).get(f"/approvals/{approval.record.code}/steps/{waiting(approval).pk}/paper/")
    offered = f'value="{story.colleague.person.pk}-{signed_for.pk}">{deputised(story.colleague.person, signed_for)}<'
    assert offered in page.content.decode()
    on_paper(story, approval, story.colleague, sheet=sheet, signed_for=signed_for)
    # The opinion changed what is printed; the same sheet, signed by all, closes the next step, too.
    on_paper(story, approval, story.director, sheet=sheet)
    assert story.stage == "registered"
    assert sheet_of(approval).rows[0].signer == deputised(story.colleague.person, signed_for)
    entry = Entry.objects.filter(kind="approval.sheet").first()
    assert (entry.data["signed_for"], entry.data["code"]) == (str(signed_for.record.uid), printed.code)


def test_what_asks_somebody_to_act_is_written_to_their_deputy_who_has_it_in_the_calendar(story):
    city.rule("clock.approval.step", 3, "working days")
    story.route(story.division)
    instead_of(story.head, story.colleague)
    name_deputy(
        actor=story.head, person=story.director.person, since=today(), until=today(), programme="need"
    )  # for other matters alone
    clock = Clock.objects.get(record=story.ask().pk)
    outbox.tell(
        story.head.person, reminders.LETTER, key="r", acting_for=story.bureau, content={"clocks": {clock.pk: "due"}}
    )

    def told(actor):
        with translation.override("en"):
            sent = map(words.outgoing, Message.objects.filter(person=actor.person).order_by("pk"))
            return [one.subject for one in sent if one is not None]

    name, title = story.head.person.record.title, clock.record.title
    waits = [f"Waits for your signature: {title}", "1 term needs somebody"]
    assert told(story.head) == waits
    assert told(story.colleague) == [f"You are deputy of {name}", *(f"For {name}: {one}" for one in waits)]
    assert told(story.director) == [f"You are deputy of {name}"]
    for actor, named in ((story.head, title), (story.colleague, f"{title} (for {name})")):
        with translation.override("en"):
            assert [str(one["summary"]).endswith(named) for one in feed_pages._calendar(actor.person).events] == [True]
    Deputy.objects.update(until=today() - timedelta(days=1), since=today() - timedelta(days=1))
    assert told(story.colleague) == [f"You are deputy of {name}"]
    assert feed_pages._calendar(story.colleague.person).events == []


def test_when_the_deputys_days_are_over_a_colleague_takes_over(story):
    story.route(story.division)
    asker = instead_of(story.handler, story.colleague)
    story.colleague.person.memberships.update(programme="need")
    approval = story.ask(actor=asker)
    end_deputy(actor=story.handler, deputy=Deputy.objects.get())
    refused_with(lambda: story.sign(approval, story.head), "approval-asker-gone")
    actions.take_over(actor=story.handler, approval=approval)
    story.sign(approval, story.head)
    assert story.stage == "registered"
