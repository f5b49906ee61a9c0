"""Everybody on the route has agreed, and the step waits: for its notice, or for what else stands against it."""

import pytest

from kezhuan.areas.approvals import step_actions
from kezhuan.areas.notices.lifecycle import OBJECTION
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models.parties import Role
from tests.areas.approval_story import _made_city, stage_of, story
from tests.factories import city

__all__ = ["_made_city", "story"]

pytestmark = pytest.mark.django_db


def test_it_is_taken_once_the_objection_that_came_on_paper_after_the_notice_is_dismissed(story):
    story.route(story.division)
    approval = story.ask()
    objection = city.objection(city.notice(story.row, story.handler, stage="completed"), story.colleague)
    story.sign(approval, story.head)
    followers.run_pending()
    assert (story.stage, stage_of(approval)) == ("listed", "running")
    advance(OBJECTION, objection, "dismiss", actor=story.colleague, note="经核实，排序无误")
    followers.run_pending()
    assert (story.stage, stage_of(approval)) == ("registered", "completed")


@pytest.mark.parametrize(("after", "position"), [(False, 2), (True, 3)])
def test_it_waits_for_a_signer_who_is_added_then(story, after, position):
    city.notice_rule()
    story.route()
    approval = story.ask()
    for actor in (story.head, story.director):
        story.sign(approval, actor)
    lawyer = city.member(story.bureau, Role.OFFICER)
    post = city.post(story.bureau, "法规处处长", lawyer)
    step_actions.add_signer(actor=story.handler, approval=approval, post=post, after=after)
    assert approval.steps.get(closed_at=None).position == position
    city.notice(story.row, story.handler, stage="completed")
    followers.run_pending()
    assert stage_of(approval) == "running"
    story.sign(approval, lawyer)
    assert (story.stage, stage_of(approval)) == ("registered", "completed")
