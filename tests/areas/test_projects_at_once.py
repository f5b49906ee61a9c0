"""Officers who sign two task books of one leader in the same second: the limits hold, and the refusal says why."""

import pytest

from kezhuan.areas.calls.models import Application
from kezhuan.areas.projects.actions import open_project, sign_book
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from tests.factories import city, projects
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_officers_at_once_never_sign_past_the_limits_of_a_leader():
    leader, partner, officer = city.organisation("链主公司"), city.organisation("参与公司"), city.bureau()
    facts = {"call_kind": "chain", "budget_year": 2026, "fen": 120_000_000, "passed_on": 40_000_000}
    chosen = [projects.awarded(leader, by=officer, **facts)[0] for _ in range(2)]
    colleagues = [city.clerk(leader) for _ in range(2)]
    opened = at_once([lambda actor=one: open_project(actor=actor, application=chosen[0]) for one in colleagues])
    assert sorted(type(one).__name__ for one in opened) == ["Project", "Refused"]
    Project.objects.filter(application=chosen[0]).update(alive=False)
    # Each alone comes to 200 with what was decided of the other; both would come to 240.
    rows = [projects.project(one, stage="filed", members=[(partner, 1)]) for one in chosen]
    for row in rows:
        for unit in (partner, row.poster):
            sign_book(actor=city.clerk(unit), project=Project.objects.select_related("record").get(pk=row.pk))
    results = at_once([lambda row=row: advance(PROJECT, row, "sign", actor=officer) for row in rows])
    assert sorted(type(one).__name__ for one in results) == ["Project", "Refused"]
    (refused,) = [one for one in results if isinstance(one, Refused)]
    (problem,) = refused.problems
    assert problem.code == "leader-receives-too-much"
    signed = Application.objects.get(kept_fen__isnull=False)
    assert signed.record.code in str(problem.message)
    assert signed.kept_fen == 119_999_999
    assert journal.verify().broken_seq is None
