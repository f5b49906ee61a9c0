"""An evaluation from its draft to the report: levels by evidence, who reads what, the panel, the locked report."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from kezhuan.areas.evaluations import actions, grading_actions, registering_actions
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation, Value
from kezhuan.areas.evaluations.papers import Worth, check_report, code_on_report, report_number, wording_of
from kezhuan.areas.evaluations.permissions import evaluates
from kezhuan.areas.evaluations.queries import total_of, weight_code, weights_of, whole_of
from kezhuan.areas.evaluations.registry import form_of
from kezhuan.areas.reviews.panel_actions import prepare_panel
from kezhuan.exchange.papers.printing import content_of, print_record
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import can_view
from kezhuan.kernel.documents import Upload, attach_document, withdraw_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Filing, RuleUse, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import city, evaluations, grants, reviews, scans
from tests.factories.evaluations import fresh

pytestmark = pytest.mark.django_db


class Case:
    """A university with a member who writes, the officer of the city, and a listed result."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.member, self.officer = city.member(self.unit), city.bureau()
        self.about = city.achievement(self.unit, stage="listed", by=self.member)

    def evaluation(self, stage="draft", **more):
        return evaluations.evaluation(
            self.unit, self.member, stage=stage, about=self.about, officer=self.officer, **more
        )

    def move(self, row, name, by=None):
        return advance(EVALUATION, fresh(row), name, actor=by or self.officer, note="测试")

    def edit(self, row, **more):
        row = fresh(row)
        told = evaluations.facts(self.about, **more)
        return actions.edit_evaluation(
            actor=self.member, evaluation=row, facts=told, expected_version=row.record.version
        )


@pytest.fixture
def case(settings, tmp_path):
    settings.DATA = tmp_path
    return Case()


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def test_a_level_moves_by_linked_evidence_alone_and_the_weakest_core_item_decides(case):
    row = actions.prepare_evaluation(actor=case.member, owner=case.unit, facts=evaluations.facts(case.about))

    boss = city.member(case.unit, Role.ADMINISTRATOR)

    def link(item, level, moves=False, by=boss, **more):
        given = {"kind": "test", "reference": "检1", "issuer": "检测中心", "on": today(), "level": level} | more
        facts = grading_actions.EvidenceFacts(**given)
        return grading_actions.link_evidence(actor=by, evaluation=row, item=item, facts=facts, moves=moves)

    def move(item, level, *evidence, on=None):
        return grading_actions.move_level(
            actor=case.member, evaluation=row, item=item, level=level, on=on or today(), evidence=evidence
        )

    assert codes_of(lambda: case.move(row, "submit", case.member)) == ["level-missing"]
    assert codes_of(lambda: move("1.1", 5)) == ["evidence-missing"]
    # Nothing is linked that is no file of the case and no record that the reader sees, nor what claims it itself.
    deal = city.contract(case.unit, by=boss, stage="submitted").record.code
    kept = city.dossier(case.unit, by=boss).record.code
    assert codes_of(lambda: link("1.1", 5, code=case.about.record.code)) == ["evidence-kind"]
    assert codes_of(lambda: link("1.1", 5, kind="contract", code=kept)) == ["evidence-kind"]
    hidden = city.dossier(city.organisation(), summary="别家")
    assert codes_of(lambda: link("1.1", 5)) == ["evidence-source"]
    assert codes_of(lambda: link("1.1", 5, code=hidden.record.code)) == ["evidence-source"]
    assert codes_of(lambda: link("1.1", 10, on=today() + timedelta(days=1), code=kept)) == [
        "day-later", "level-range",
    ]  # fmt: skip
    assert codes_of(lambda: link("1", 5, code=kept)) == ["level-above"]
    upload = Upload("检测报告.txt", "粗糙度0.08".encode(), True)
    file = attach_document(actor=case.member, record=row.record, upload=upload)
    link("1.1", 5, file=file.stored_id)
    assert codes_of(lambda: link("1.1", 6, file=file.stored_id)) == ["evidence-twice"]
    assert codes_of(lambda: move("1.1", 6, "检1")) == ["evidence-missing"]
    link("2", 2, kind="contract", reference="合1", code=deal)
    link("2", 2, reference="自检1", issuer=case.unit.record.title, code=kept)
    assert (
        client_of(boss).get(f"/evaluations/{row.record.code}/items/2/").content.decode().count("by the unit itself")
        == 1
    )
    move("1.1", 5, "检1")
    # What carried a move carries no other, and a refused move links nothing.
    assert codes_of(lambda: move("1.1", 4, "检1")) == ["evidence-unfit", "evidence-missing"]
    early = {"reference": "检0", "on": today() - timedelta(days=9), "code": kept}
    assert codes_of(lambda: link("1.1", 7, moves=True, **early)) == ["level-order"]
    assert fresh(row).items.get(code="1.1").evidence.count() == 1
    link("1.2", 3, moves=True, reference="检2", code=kept)
    whole = whole_of(fresh(row))[0]
    assert (whole.level, whole.weakest, whole.scale) == (3, ("1.2",), "trl9")
    # The tree keeps what is proven, on its scale.
    facts = evaluations.facts(case.about)
    assert codes_of(lambda: case.edit(row, items=facts.items[1:2], scale="grl13")) == ["item-missing"]
    gone = [actions.ItemFacts("1.1", "抛光液"), actions.ItemFacts("3", "新", "1.1")]
    assert codes_of(lambda: case.edit(row, items=gone, scale="grl13")) == ["evaluation-scale", "item-evidenced"]
    row = case.edit(row, items=[*facts.items[:3], actions.ItemFacts("2", "机械臂", core=False)])
    assert [(one.code, one.level) for one in row.items.all()] == [("1", None), ("1.1", 5), ("1.2", 3), ("2", None)]
    # A file that is taken back shows nothing any more.
    withdraw_document(actor=case.member, row=fresh(row), document=file)
    assert codes_of(lambda: case.move(row, "submit", case.member)) == ["evidence-gone"]
    with pytest.raises(NotAllowed):
        link("1.1", 6, by=case.officer, reference="检3", code=kept)
    assert journal.verify().broken_seq is None


def test_a_case_is_its_units_own_until_handed_in_and_nobody_evaluates_their_own(case):
    row = case.evaluation()
    own = city.officer()
    case.about.completers.create(order=9, name="完成人", person=own.person)
    reader, rival = city.member(case.unit, Role.READER), city.member(city.organisation())
    others = {"officer": case.officer, "district": city.officer("440106"), "elsewhere": city.officer("440117")}
    assert can_view(reader, row.record, "inner")
    assert not any(can_view(one, row.record) for one in (*others.values(), rival))
    row = case.move(row, "submit", case.member)
    assert {name for name, one in others.items() if can_view(one, row.record, "full")} == {"officer", "district"}
    assert not can_view(rival, row.record)
    filing = Filing.objects.get(about=row.record)
    told = dict(filing.content["facts"])
    assert (filing.region, filing.programme) == ("440106", "evaluation")
    assert "1.2 抛光机" in told["工作分解单元"]
    assert "检〔2026〕1.1" in told["佐证材料"]
    with pytest.raises(Conflict):  # what is judged stays as it was handed in
        case.edit(row)
    with pytest.raises(Conflict):
        evaluations.shown(row, case.member, "1.1", 9, reference="检9")
    # A completer who is an officer elsewhere evaluates nothing of it.
    with pytest.raises(NotAllowed):
        case.move(row, "accept", own)
    row = case.move(row, "return")
    assert not can_view(case.officer, row.record)
    assert codes_of(lambda: case.move(row, "submit", case.member)) == ["filing-same"]
    row = case.edit(row, title="改过的评价")
    assert case.move(row, "submit", case.member).record.stage == "submitted"


def test_a_report_says_its_limits_is_locked_and_is_checked_by_number_and_code(case):
    row = case.evaluation("evaluating", found={"limits": "", "valid_to": today(), "advancement": None})
    assert codes_of(lambda: case.move(row, "deliver")) == [
        "evaluation-grades", "evaluation-limits", "evaluation-valid",
    ]  # fmt: skip

    def find(by=case.officer, **more):
        facts = evaluations.findings(**more)
        return grading_actions.enter_findings(actor=by, evaluation=fresh(row), facts=facts)

    with pytest.raises(NotAllowed):
        find(by=case.member)
    assert codes_of(lambda: find(advancement=8, innovation=5, marks={"economy": 10_001})) == [
        "choice-unknown", "evaluation-advancement", "evaluation-mark",
    ]  # fmt: skip
    # By the weights that ship, the program's own practice, five of the six values of a development are marked.
    assert codes_of(lambda: find(marks={"technology": 8850}) and case.move(row, "deliver")) == ["evaluation-marks"]
    shipped = {code: weights_of(row)[code].value for code in Value.values}
    assert list(shipped.values()) == [500, 2500, 3500, 1000, 0, 2500]
    assert "本程序的默认做法" in weights_of(row)["economy"].source
    for result_type in ("basic", "applied"):
        row.result_type = result_type
        assert sum(one.value for one in weights_of(row).values()) == 10_000
    row.result_type = "soft"
    assert weights_of(row) == {}
    row = fresh(row)
    find()
    assert total_of(fresh(row).marks, weights_of(row)) == Decimal("80.63")  # 3.50 + 22.125 + 24.5035 + 8 + 22.50
    # A city that sets its own weights marks what those count.
    for value, weight in zip(Value.values, (0, 5000, 2500, 0, 0, 2500), strict=True):
        city.rule(weight_code("development", value), weight, "basis points")
    assert codes_of(lambda: find(marks={"technology": 8850}) and case.move(row, "deliver")) == ["evaluation-marks"]
    find(marks={"technology": 8850, "economy": 7001, "potential": 9000})
    row = fresh(case.move(row, "deliver"))
    said = dict(row.report)
    assert said["整体成熟度"] == "4 级 部件在实验室环境验证（技术就绪水平（TRL，9级））"
    assert (said["决定整体成熟度的核心单元"], row.level) == ("1.2", 4)
    assert said["五元价值与转化潜力评分"].splitlines()[-1] == "总分 84.25"  # 44.25 + 17.5025 + 22.50, half up
    assert said["报告的适用范围与限制"] == "仅对送检批次有效"
    assert {one.rule_value.code for one in RuleUse.objects.filter(record=row.record)} == {
        weight_code("development", value) for value in Value.values
    }
    assert row.wording == wording_of(row.report)
    # Whatever changes around it, the report stays byte for byte, in whatever language it is asked for.
    printed, first = print_record(actor=case.member, row=row)
    case.about.record.title = "改了名"
    case.about.record.save(update_fields=["title"])
    city.rule(weight_code("development", "economy", "conversion"), 1, "basis points")
    with translation.override("en"):
        assert print_record(actor=case.officer, row=fresh(row)) == (printed, first)
    assert row.wording in str(content_of(case.member, row).facts)
    number, code = report_number(row), code_on_report(row)
    assert (code, check_report(number, code.lower()).worth) == (printed.code, Worth.VALID)
    assert dict(check_report(number, code).lines)["评价结论"] == "达到国内领先水平"
    wrong = "0" if code[0] != "0" else "1"
    assert [check_report(*pair) for pair in ((number, wrong + code[1:]), (number[:-1] + "2", code), ("", ""))] == [
        None, None, None,
    ]  # fmt: skip
    row.valid_to = today() - timedelta(days=1)
    row.save(update_fields=["valid_to"])
    assert check_report(number, code).worth == Worth.EXPIRED
    with pytest.raises(Conflict):
        find()
    # An appeal sets it aside, once; the next report has another number.
    case.move(row, "appeal", case.member)
    assert (check_report(number, code).worth, check_report(number, code).lines) == (Worth.APPEALED, [])
    find(marks={"technology": 9000, "economy": 7001, "potential": 9000})
    row = fresh(case.move(row, "deliver"))
    assert report_number(row) == f"{row.record.code}-2"
    assert codes_of(lambda: case.move(row, "appeal", case.member)) == ["evaluation-appealed"]


def test_experts_are_heard_by_a_panel_that_concludes_after_acceptance(case):
    row = case.evaluation("evaluating", method="letter", found={"chair": ""})
    experts = [reviews.expert(f"评价{number}", by=case.officer) for number in range(3)]
    insider = reviews.expert("本校", by=case.officer, employer=case.unit)
    assert codes_of(lambda: case.move(row, "deliver")) == ["evaluation-unheard"]
    with pytest.raises(NotAllowed):
        prepare_panel(actor=case.member, about=row.record, facts=reviews.panel_facts())
    panel = reviews.panel(case.officer, row, criteria=())
    # Its experts mark the values that count, by the weights in force; their means begin the findings.
    assert [(one["name"], one["weight"]) for one in panel.criteria] == [
        ("科学价值", 500), ("技术价值", 2500), ("经济价值", 3500), ("社会价值", 1000), ("转化推广潜力", 2500),
    ]  # fmt: skip
    made = reviews.asked(case.officer, panel)
    assert {one.expert for one in made} == set(experts)
    assert insider not in {one.expert for one in made}
    assert codes_of(lambda: case.move(row, "deliver"))[0] == "evaluation-panel"
    assert codes_of(lambda: case.move(row, "withdraw", case.member)) == ["evaluation-panel"]
    panel = reviews.concluded(case.officer, reviews.scored(case.officer, panel))
    assert codes_of(lambda: case.move(row, "deliver")) == [
        "evaluation-experts", "evaluation-chair", "evaluation-marks-heard",
    ]  # fmt: skip
    Evaluation.objects.filter(pk=row.pk).update(marks={})
    form = client_of(case.officer).get(f"/evaluations/{row.record.code}/findings/").content.decode()
    assert form.count('value="80"') == 5
    facts = evaluations.findings(marks_why="专家未见现场检测数据")
    grading_actions.enter_findings(actor=case.officer, evaluation=fresh(row), facts=facts)
    assert codes_of(lambda: case.move(row, "deliver")) == ["evaluation-experts"]
    city.rule("evaluation.experts.letter", 3, "count")  # what a meeting asks for asks nothing of letters
    assert case.move(row, "deliver").record.stage == "delivered"
    assert Decimal(panel.items.get().result["score"]) == 80
    assert "专家未见现场检测数据" in json.dumps(fresh(row).report, ensure_ascii=False)


def test_another_panel_judges_after_an_appeal(case):
    row = case.evaluation("evaluating", method="meeting")
    city.rule("evaluation.experts.meeting", 3, "count")
    for number in range(3):
        reviews.expert(f"评价{number}", by=case.officer)
    panel = reviews.panel(case.officer, row)
    reviews.asked(case.officer, panel)
    reviews.concluded(case.officer, reviews.scored(case.officer, panel))
    row = fresh(case.move(row, "deliver"))
    said = dict(row.report)
    assert (said["评审组"], said["专家组组长"]) == (panel.record.code, "周组长")
    assert said["会议纪要"].startswith("纪要〔2026〕1号")
    assert said["专家评分"] == "80.00（有效评分专家3人）"
    case.move(row, "appeal", case.member)
    assert codes_of(lambda: case.move(row, "deliver")) == ["evaluation-unheard"]


def test_demo_city_evaluates_three_results(case):
    from kezhuan.demo.evaluations import EVALUATIONS, evaluate_results
    from kezhuan.demo.reviews import pool_of

    for who, actor in (("university", case.member), ("officer", case.officer)):
        User.objects.create_user(f"{who}@demo.kezhuan", "", person=actor.person)
    pool_of(case.officer, "")
    for _ in range(EVALUATIONS):
        grants.achievement(case.unit, [case.member])
    told = []
    evaluate_results(lambda *said: told.append(said))
    assert told[-1] == ("evaluations", EVALUATIONS, EVALUATIONS)
    rows = Evaluation.objects.order_by("pk").values_list("record__stage", "level")
    assert list(rows) == [("delivered", 5), ("evaluating", None), ("draft", None)]
    said = dict(Evaluation.objects.get(record__stage="delivered").report)
    assert said["专家评分"].endswith("（有效评分专家5人）")
    assert said["五元价值与转化潜力评分"].splitlines()[-1] == "总分 83.10"  # by the city's weights for conversion


def test_pages_from_the_list_to_the_registered_result(case):
    row = case.evaluation("delivered", found={})
    draft = case.evaluation(title="草稿评价")
    followers.run_pending()
    site, code = client_of(case.member), row.record.code
    listed = site.get("/evaluations/").content.decode()
    assert row.record.title in listed
    assert "草稿评价" in listed
    page = site.get(f"/evaluations/{code}/").content.decode()
    assert all(word in page for word in (row.wording, code_on_report(row), "仅对送检批次有效", "0.08", "检〔2026〕1.2"))
    assert client_of(case.officer).get(f"/evaluations/{draft.record.code}/").status_code == 404
    assert "检〔2026〕1.1" in site.get(f"/evaluations/{draft.record.code}/items/1.1/").content.decode()
    wrong = site.post(f"/evaluations/{draft.record.code}/items/1.1/", {"level": "12", "on": "昨天"})
    assert wrong.status_code == 422
    assert site.get(f"/evaluations/{draft.record.code}/items/1/").status_code == 404
    # Whoever has the paper sees what it says, and nothing with one character changed.
    anybody, asked = Client(), {"number": report_number(row), "code": code_on_report(row)}
    assert "仅对送检批次有效" in anybody.get("/evaluation-reports/", asked).content.decode()
    assert anybody.get("/evaluation-reports/", asked | {"code": "0000-0000-0000-0000"}).status_code == 404
    assert anybody.get("/evaluation-reports/", {"number": ""}).status_code == 422
    # The registry's form is taken along, and its number read back, once.
    address = f"/evaluations/{code}/registration/"
    assert "国内领先" in site.get(address).content.decode()
    assert b"".join(site.post(address, {"export": "xlsx"}))[:2] == b"PK"
    assert site.post(address, {"number": "粤登1", "on": today().isoformat()}).status_code == 422
    given = {"number": "4402026y0001", "on": today().isoformat()}
    assert site.post(address, given).status_code == 302
    row = fresh(row)
    assert (row.record.stage, row.reg_no, row.registered_on) == ("registered", "4402026Y0001", today())
    assert dict(form_of(row))["批准登记号"] == "4402026Y0001"
    assert site.post(address, given).status_code == 403
    other = case.evaluation("delivered", found={})
    with pytest.raises(Conflict):
        registering_actions.register_result(actor=case.member, evaluation=row, number="4402026Y0002", on=today())
    assert codes_of(
        lambda: registering_actions.register_result(
            actor=case.member, evaluation=other, number="4402026Y0001", on=today()
        )
    ) == ["registration-twice"]
    assert check_report(report_number(row), code_on_report(row)).worth == Worth.VALID


def test_an_agency_of_the_unit_s_choice_evaluates_in_place_of_the_bureau_and_its_report_is_locked_by_its_hash(case):
    agency = city.organisation("评价服务公司", kind="agency", region="440106")
    judge, rival = city.member(agency), city.member(city.organisation("别的机构", kind="agency"))
    for wrong in (case.unit.record.code, "O-1999-00001"):  # the unit itself is no agency
        with pytest.raises(Refused) as refused:
            case.evaluation(agency=wrong)
        assert [one.code for one in refused.value.problems] == ["evaluation-agency"]
    row = case.evaluation(agency=agency.record.code)
    with pytest.raises(Refused) as refused:
        case.move(row, "submit", case.member)
    assert [one.code for one in refused.value.problems] == ["evaluation-commission"]
    Evaluation.objects.filter(pk=row.pk).update(
        agency=case.unit, agency_contract="自评"
    )  # an agency of its own results
    with pytest.raises(Refused) as refused:
        case.move(fresh(row), "submit", case.member)
    assert [one.code for one in refused.value.problems] == ["evaluation-agency"]
    case.edit(row, agency=agency.record.code, agency_contract="委〔2026〕8号")
    row = case.move(row, "submit", case.member)
    assert not Filing.objects.filter(about=row.record).exists()  # nothing of it goes to the bureau
    seen = [can_view(one, fresh(row).record, "full") for one in (case.member, judge, rival, case.officer)]
    assert seen == [True, True, False, False]
    assert [evaluates.among(one, Evaluation.objects.all()).count() for one in (judge, rival, case.officer)] == [1, 0, 0]
    for other in (rival, case.officer, case.member):
        with pytest.raises(NotAllowed):
            case.move(row, "accept", other)
    row = case.move(row, "accept", judge)
    grading_actions.enter_findings(actor=judge, evaluation=row, facts=evaluations.findings())
    with pytest.raises(Refused) as refused:
        case.move(row, "deliver", judge)
    assert [one.code for one in refused.value.problems] == ["evaluation-agency-report"]
    file = Upload("评价报告.png", scans.blank(), True)
    with pytest.raises(NotAllowed):
        grading_actions.keep_agency_report(actor=case.member, evaluation=row, file=file)
    page = client_of(judge).get(f"/evaluations/{row.record.code}/").content.decode()
    assert f"/evaluations/{row.record.code}/agency-report/" in page
    grading_actions.keep_agency_report(actor=judge, evaluation=row, file=file)
    older = Document.objects.filter(record=row.record, kind="agency-report")  # as if it were of before an appeal
    older.update(uploaded_at=now() - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        grading_actions.keep_agency_report(actor=judge, evaluation=row, file=file)
    assert [one.code for one in refused.value.problems] == ["file-held"]
    older.update(uploaded_at=now())
    row = case.move(row, "deliver", judge)
    kept = row.record.documents.get(kind="agency-report")
    told = dict(fresh(row).report)
    assert (told["第三方评价机构"], told["委托合同号"]) == ("评价服务公司", "委〔2026〕8号")
    assert told["机构评价报告（SHA-256）"] == kept.sha256
    assert check_report(report_number(fresh(row)), code_on_report(fresh(row))).worth == Worth.VALID
    with pytest.raises(NotAllowed):  # it proves something
        withdraw_document(actor=case.member, row=fresh(row), document=kept)
    with pytest.raises(Conflict):
        grading_actions.keep_agency_report(actor=judge, evaluation=row, file=file)
