"""Signing at the same moment: one signs, the others are told, and the move happens once."""

import pytest

from kezhuan.areas.approvals import actions
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.kernel import followers, journal
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, ApprovalStep, Entry
from kezhuan.kernel.models.parties import Role
from tests.areas.approval_story import Story, stage_of
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


@pytest.fixture
def story():
    return Story()


def test_eight_signers_press_at_once_and_one_signs(story):
    heads = [city.member(story.bureau, Role.OFFICER) for _ in range(8)]
    story.route(city.post(story.bureau, "处长", *heads))
    step = story.ask().steps.get()
    results = at_once([lambda actor=actor: actions.sign_step(actor=actor, step=step) for actor in heads])
    assert kinds_of(results) == ["Approval", *["Conflict"] * 7]
    assert (story.stage, Entry.objects.filter(kind="achievement.register").count()) == ("registered", 1)
    assert Entry.objects.filter(kind="approval.sign").count() == 1
    assert journal.verify().broken_seq is None


def test_countersigners_finish_at_once_and_the_move_happens_once(story):
    signers = [city.member(story.bureau, Role.OFFICER) for _ in range(5)]
    posts = tuple(city.post(story.bureau, f"会签处室{n}", actor) for n, actor in enumerate(signers))
    story.route(posts)
    steps = list(story.ask().steps.order_by("post__name"))
    results = at_once(
        [
            lambda actor=actor, step=step: actions.sign_step(actor=actor, step=step)
            for actor, step in zip(signers, steps, strict=True)
        ]
    )
    assert kinds_of(results) == ["Approval"] * 5
    assert (story.stage, Entry.objects.filter(kind="achievement.register").count()) == ("registered", 1)
    assert Entry.objects.filter(kind="approval.complete").count() == 1
    assert not ApprovalStep.objects.filter(closed_at=None).exists()
    assert journal.verify().broken_seq is None


def test_the_last_one_signs_while_the_notice_is_completed_and_the_move_happens_once(story):
    story.route(story.division)
    step = story.ask().steps.get()
    notice = city.notice(story.row, story.handler, stage="running")
    results = at_once(
        [
            lambda: actions.sign_step(actor=story.head, step=step),
            lambda: advance(NOTICE, notice, "complete", actor=story.handler),
        ]
    )
    assert kinds_of(results) == ["Approval", "Notice"]
    followers.run_pending()
    assert (story.stage, Entry.objects.filter(kind="achievement.register").count()) == ("registered", 1)
    assert Entry.objects.filter(kind="approval.complete").count() == 1
    assert journal.verify().broken_seq is None


def test_one_signs_while_another_returns_and_a_third_withdraws(story):
    story.route(story.division)
    approval = story.ask()
    step = approval.steps.get()
    results = at_once(
        [
            lambda: actions.sign_step(actor=story.head, step=step),
            lambda: actions.return_approval(actor=story.deputy, approval=approval, opinion="不妥"),
            lambda: advance(actions.APPROVAL, approval, "withdraw", actor=story.handler),
        ]
    )
    assert kinds_of(results) == ["Approval", "Conflict", "Conflict"]
    assert (story.stage == "registered") == (stage_of(approval) == "completed") == isinstance(results[0], Approval)


def test_the_owner_withdraws_the_record_while_the_last_one_signs(story):
    story.route(story.division)
    step = story.ask().steps.get()
    life = actions.registry.kind_of("achievement").lifecycle
    results = at_once(
        [
            lambda: actions.sign_step(actor=story.head, step=step),
            lambda: advance(life, story.row, "withdraw", actor=story.owner, note="不登记了"),
        ]
    )
    # Whoever was first: the record is withdrawn in the end, and was registered before only by a signature that counts.
    assert story.stage == "withdrawn"
    signed = Entry.objects.filter(kind="approval.sign").count()
    assert signed == Entry.objects.filter(kind="achievement.register").count()
    assert isinstance(results[0], Refused) == (signed == 0)
    assert journal.verify().broken_seq is None


def test_one_approval_is_asked_for_however_many_ask_at_once(story):
    story.route()
    askers = [city.member(story.bureau, Role.OFFICER) for _ in range(5)]
    results = at_once([lambda actor=actor: story.ask(actor=actor) for actor in askers])
    assert kinds_of(results) == ["Approval", *["Conflict"] * 4]
    assert isinstance(results[0], Approval | Conflict)
    assert Approval.objects.count() == 1


def test_one_route_is_set_however_many_set_it_at_once(story):
    def set_it(n):
        return city.route(story.division, replaces=0)

    results = at_once([lambda n=n: set_it(n) for n in range(5)])
    assert kinds_of(results) == ["Conflict"] * 4 + ["Route"]
