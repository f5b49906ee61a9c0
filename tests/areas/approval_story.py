"""The bureau in which approvals are told: a handler who asks, two division heads, a director, and a listed result."""

from copy import deepcopy

import pytest

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.approvals import actions
from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, Record
from kezhuan.kernel.models.parties import Role
from tests.factories import city
from tests.factories.databases import rows_for_all


class Story:
    """A university's listed result; the bureau registers it by a route: the division's heads, then the director."""

    def __init__(self, **facts):
        self.unit = city.organisation(kind="university")
        self.owner = city.member(self.unit, Role.ADMINISTRATOR)
        self.bureau = city.organisation(kind="government", region="440100")
        self.handler, self.colleague, self.head, self.deputy, self.director = (
            city.member(self.bureau, Role.OFFICER) for _ in range(5)
        )
        self.row = city.achievement(self.unit, stage="listed", by=self.owner, **facts)
        self.division = city.post(self.bureau, "成果处处长", self.head, self.deputy)
        self.leader = city.post(self.bureau, "分管副局长", self.director)

    def route(self, *positions, **more):
        return city.route(*(positions or (self.division, self.leader)), **more)

    def ask(self, actor=None, **given):
        return actions.ask_approval(actor=actor or self.handler, row=self.row, move="register", **given)

    def sign(self, approval, actor, post=None, **given):
        steps = approval.steps.filter(closed_at=None).exclude(opened_on=None).order_by("position", "pk")
        own = steps.filter(post=post) if post else steps.filter(pk__in=steps_waiting_for(actor).values("pk"))
        step = own.first() or steps.first()
        return actions.sign_step(actor=actor, step=step, **given)

    def register(self, actor=None):
        return advance(ACHIEVEMENT, self.row, "register", actor=actor or self.handler)

    @property
    def stage(self):
        return Record.objects.get(pk=self.row.pk).stage


@pytest.fixture(scope="module")
def _made_city(django_db_setup, django_db_blocker):
    """The bureau, made once for all tests of a module."""
    with rows_for_all(django_db_blocker):
        yield Story()


@pytest.fixture
def story(_made_city, db):
    return deepcopy(_made_city)


def stage_of(approval):
    return Approval.objects.select_related("record").get(pk=approval.pk).record.stage


def refused_with(function, *expected):
    with pytest.raises(Refused) as refused:
        function()
    assert sorted(problem.code for problem in refused.value.problems) == sorted(expected)
