"""Levels beside an evaluation: what its unit says of the result, and what an evaluation by the market rests on."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import translation

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.evaluations import grading_actions
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.test_evaluations import Case, codes_of
from tests.factories import city, evaluations
from tests.factories.evaluations import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings, tmp_path):
    settings.DATA = tmp_path
    return Case()


def test_a_unit_says_no_higher_level_than_the_report_that_holds_found_on_the_same_scale(case):
    row = fresh(case.evaluation("evaluating"))
    owner = Achievement.objects.select_related("record__owner__record").get(pk=row.achievement_id)

    def say(level, scale="trl9"):
        owner.record.refresh_from_db()
        facts = city.achievement_facts(trl=level, trl_scale=scale)
        edit_achievement(actor=case.member, achievement=owner, facts=facts, expected_version=owner.record.version)
        return Achievement.objects.get(pk=owner.pk).trl

    assert say(9) == 9  # nobody has found anything yet
    grading_actions.enter_findings(actor=case.officer, evaluation=row, facts=evaluations.findings())
    row = fresh(case.move(row, "deliver"))
    assert (row.level, row.scale) == (4, "trl9")
    assert codes_of(lambda: say(5)) == ["maturity-above-report"]
    with translation.override("en"), pytest.raises(Refused, match=f"{row.record.code}-1 found .*4"):
        say(5)
    assert (say(4), say(12, "grl13"), say(3)) == (4, 12, 3)
    for later in ({"valid_to": today() - timedelta(days=1)}, {"level": None}):
        with transaction.atomic():
            Evaluation.objects.filter(pk=row.pk).update(**later)
            assert say(5) == 5
            transaction.set_rollback(True)
    case.move(row, "appeal", case.member)
    assert say(5) == 5


def test_by_the_market_it_is_judged_by_a_contract_that_is_linked(case):
    row = case.evaluation(method="market")
    assert codes_of(lambda: case.move(row, "submit", case.member)) == ["evaluation-market"]
    boss = city.member(case.unit, Role.ADMINISTRATOR)
    code = city.contract(case.unit, by=boss, stage="submitted").record.code
    facts = grading_actions.EvidenceFacts(
        kind="contract", reference="合1", issuer="买方公司", on=today(), level=6, code=code
    )
    grading_actions.link_evidence(actor=boss, evaluation=row, item="1.1", facts=facts, moves=False)
    assert case.move(row, "submit", case.member).record.stage == "submitted"
