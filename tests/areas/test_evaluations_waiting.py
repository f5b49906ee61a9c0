"""An evaluation that was accepted waits for whoever evaluates it, in words for what is to be done next."""

import pytest
from django.utils import translation

from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import now
from kezhuan.web import inbox
from tests.factories import city, evaluations, reviews
from tests.factories.evaluations import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def parties():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    return city.member(unit), city.bureau()


def made(parties, **more):
    member, officer = parties
    return evaluations.evaluation(member.organisation, member, stage="evaluating", officer=officer, **more)


def waiting(actor):
    """By code what stands in somebody's inbox."""
    with translation.override("en"):
        shown = {line.code: str(line.label) for line in inbox.lines(actor)}
    assert inbox.count(actor) == len(shown)
    return shown


REPORT = "evaluation · findings to be entered, and the report to be delivered"
HEAR = "evaluation · panel of experts to be made"


def test_a_case_without_experts_waits_for_its_report_until_that_is_delivered(parties):
    member, officer = parties
    row = made(parties, method="standardised", found={})
    assert waiting(officer) == {row.record.code: REPORT}
    assert (waiting(member), waiting(city.member(city.organisation()))) == ({}, {})
    advance(EVALUATION, fresh(row), "deliver", actor=officer)
    assert waiting(officer) == {}


def test_a_case_for_experts_waits_for_a_panel_then_the_panel_waits_and_then_the_report(parties):
    _member, officer = parties
    for number in range(3):
        reviews.expert(f"评价{number}", by=officer)
    row = made(parties, method="letter")
    code = row.record.code
    assert waiting(officer) == {code: HEAR}
    panel = reviews.panel(officer, row)
    assert code not in waiting(officer)
    reviews.asked(officer, panel)
    reviews.concluded(officer, reviews.scored(officer, panel))
    assert waiting(officer) == {code: REPORT}
    Evaluation.objects.filter(pk=row.pk).update(accepted_at=now())  # as an appeal does: that panel counts no more
    assert waiting(officer) == {code: HEAR}


def test_a_case_of_an_agency_waits_for_the_agency_and_not_for_the_bureau(parties):
    _member, officer = parties
    agency = city.member(city.organisation("评价机构", kind="agency"))
    told = {"agency": agency.organisation.record.code, "agency_contract": "委〔2026〕8号"}
    row = made((parties[0], agency), method="meeting", **told)
    assert waiting(officer) == {}
    assert waiting(agency) == {row.record.code: REPORT}
