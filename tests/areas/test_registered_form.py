"""What a result is registered with: the registry's form as its unit fills it in, and a young report of novelty."""

from datetime import timedelta

import pytest

from kezhuan.areas.evaluations import checks
from kezhuan.areas.evaluations.papers import report_of
from kezhuan.areas.evaluations.registry import form_of
from kezhuan.engines.days import months_after
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.areas.test_evaluations import Case
from tests.factories.evaluations import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings, tmp_path):
    settings.DATA = tmp_path
    return Case()


def test_the_registrys_form_is_filled_in_by_its_unit_alone_and_what_is_left_empty_is_named(case):
    row = case.evaluation("delivered", found={})
    site, address = client_of(case.member), f"/evaluations/{row.record.code}/registration/"
    filled = {
        "recommended_by": "广东省教育厅", "begun_on": "2020-03", "attribute": "original", "phase": "middle",
        "application": "none", "output_fen": "12.5", "tax_fen": "", "outlook": "可推广", "version": row.record.version,
    }  # fmt: skip
    assert "转让收入" in site.get(address).content.decode().partition("Left empty")[2]
    assert site.post(f"{address}form/", filled).status_code == 422
    assert site.post(f"{address}form/", filled | {"begun_on": "2020", "not_applied_why": "x"}).status_code == 422
    assert site.post(f"{address}form/", filled | {"not_applied_why": "缺中试"}).status_code == 302
    told = dict(form_of(fresh(row)))
    assert (told["推荐单位"], told["成果属性"], told["应用状态"], told["经济效益"], told["转让收入"]) == (
        "广东省教育厅", "原始性创新", "未应用：缺中试", "新增产值：12.5万元", "",
    )  # fmt: skip
    assert told["完成单位（按顺序）"] == "南粤大学（高校）"
    assert (fresh(row).wording, dict(row.report)["专家组组长（签字）"].strip()) == (row.wording, "周组长：")
    assert client_of(case.officer).get(f"{address}form/").status_code == 403


def test_a_report_of_novelty_is_told_whole_and_young_enough_at_the_evaluation(case):
    old = months_after(today(), -25)
    told = {"novelty_reference": "查〔2024〕8号", "novelty_issuer": "某查新站", "novelty_on": old}
    row = case.evaluation(**told)
    check = checks.check_novelty
    assert [one.code for one in check(row)] == ["novelty-old"]
    row.novelty_on, row.novelty_issuer = today(), ""
    assert [one.code for one in check(row)] == ["novelty-incomplete"]
    # Of one that is judged the day of acceptance counts.
    row.novelty_issuer, row.novelty_on, row.record.stage = "某查新站", old, "evaluating"
    row.accepted_at = now() - timedelta(days=60)
    assert [one.code for one in check(row)] == []
    assert dict(report_of(row))["查新报告"] == f"查〔2024〕8号、某查新站、{old.isoformat()}"
