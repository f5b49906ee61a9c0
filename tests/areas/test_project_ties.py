"""Whoever took part in a project with an applicant is not clear of it, for three years after it ended."""

from datetime import date

import pytest

from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.engines.days import months_after
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, projects, reviews

pytestmark = pytest.mark.django_db


def test_units_of_one_project_are_tied_while_it_runs_and_for_three_years():
    officer, partner = city.officer(), city.organisation("合作公司")
    (chosen,) = projects.awarded(city.organisation("甲大学", kind="university"), by=officer)
    row = projects.project(chosen, stage="running", by=officer, members=[(partner, 1)])
    panel = reviews.panel(officer, reviews.closed_call(officer, row.leader))
    experts = [
        reviews.expert(name, by=officer, employer=unit)
        for name, unit in (("合作方专家", partner), ("出题方专家", row.poster), ("他人", city.organisation()))
    ]

    def tied():
        clearing = clear_panel(panel, experts)
        assert {one.kind for _number, one in clearing.found} <= {"co-project"}
        return clearing.cleared.barred[0].tolist()

    def ended(on: date) -> None:
        Record.objects.filter(pk=row.pk).update(phase=Phase.DONE, closed_on=on)

    assert tied() == [True, True, False]
    page = client_of(officer).get(f"/panels/{panel.record.code}/conflicts/").content.decode()
    assert "合作方专家" in page
    assert row.record.title in page
    ended(months_after(today(), -35))
    assert tied() == [True, True, False]
    ended(months_after(today(), -37))
    assert tied() == [False, False, False]
