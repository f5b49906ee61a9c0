"""Evaluations in the invented city: one that the university prepares, one that is judged, and one by experts with its
report."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.evaluations.actions import EvaluationFacts, ItemFacts, MetricFacts, prepare_evaluation
from kezhuan.areas.evaluations.grading_actions import EvidenceFacts, Findings, enter_findings, link_evidence
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.queries import weight_code
from kezhuan.areas.reviews.models import ExpertSort
from kezhuan.demo.grants import invented_rule
from kezhuan.demo.procedures import officer
from kezhuan.demo.reviews import judge
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import User
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

EVALUATIONS = 3
FOR_CONVERSION = {"science": 0, "technology": 2500, "economy": 3500, "society": 500, "culture": 0, "potential": 3500}
"""By what the invented city weighs the values of a development that is to be converted."""
LEVELS = (("1.1", "test", 6), ("1.2", "pilot", 5), ("2", "proof", 7))


def evaluate_results(step: Callable[[str, int, int], None]) -> None:
    """Evaluate three results of the university, each as far as another point of its way, by weights for their purpose."""
    for value, weight in FOR_CONVERSION.items():
        invented_rule(weight_code("development", value, "conversion"), weight, Unit.BASIS_POINTS)
    member = actor_for(User.objects.select_related("person__record").get(email="university@demo.kezhuan").person)
    rows = Achievement.objects.filter(record__owner=member.organisation, record__stage="listed").exclude(
        completers=None
    )
    for number, about in enumerate(rows.select_related("record").order_by("-pk")[:EVALUATIONS], 1):
        row = _prepared(about, member, method="letter" if number == 1 else "standardised")
        if number < EVALUATIONS:
            row = advance(EVALUATION, row, "submit", actor=member)
            row = advance(EVALUATION, row, "accept", actor=officer())
        if number == 1:
            _delivered(row)
        step("evaluations", number, EVALUATIONS)


def _prepared(about: Achievement, member: Actor, *, method: str) -> Evaluation:
    """A case with a tree whose levels a report of a test, a pilot run and a proof of concept show."""
    assert member.organisation is not None
    facts = EvaluationFacts(
        title=f"示例·{about.record.title}评价",
        achievement=about.record,
        result_type="development",
        purpose="conversion",
        method=method,
        summary="示例：拟作价转让，请评价其成熟度、创新度和先进度。",
        items=(
            ItemFacts("1", "核心工艺"),
            ItemFacts("1.1", "关键材料", "1"),
            ItemFacts("1.2", "专用装备", "1"),
            ItemFacts("2", "配套软件", core=False),
        ),
        metrics=(
            MetricFacts("良率", Decimal("96.5"), Decimal(94), "示例·国外同类产品", "企业标准", "示例·第三方检测报告", "%"),
            MetricFacts("单位能耗", Decimal("1.8"), Decimal("1.6"), "示例·国外同类产品", "国家标准", "示例·产品手册", "kWh", True),
        ),
    )  # fmt: skip
    row = prepare_evaluation(actor=member, owner=member.organisation, facts=facts)
    content = f"示例检测报告 {row.record.code}".encode()
    file = attach_document(actor=member, record=row.record, upload=Upload("示例检测报告.txt", content, True))
    for item, kind, level in LEVELS:
        shown = EvidenceFacts(
            kind=kind,
            reference=f"示例〔2026〕{item}号",
            issuer="示例·检测中心",
            on=today() - timedelta(days=30),
            level=level,
            file=str(file.stored_id),
        )
        link_evidence(actor=member, evaluation=row, item=item, facts=shown, moves=True)
    return Evaluation.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)


def delivered_without_experts(about: Achievement, member: Actor) -> Evaluation:
    """A standardised evaluation with its report: the grades follow from its items and metrics."""
    row = _prepared(about, member, method="standardised")
    for name, actor in (("submit", member), ("accept", officer())):
        row = advance(EVALUATION, row, name, actor=actor)
    return _reported(row)


def _delivered(row: Evaluation) -> None:
    judge(officer(), row, row.pk, {ExpertSort.TECHNICAL: 3, ExpertSort.ENTERPRISE: 2})
    _reported(row)


def _reported(row: Evaluation) -> Evaluation:
    findings = Findings(
        conclusion="示例：主要指标达到国内领先水平，专用装备需补充连续运行数据。",
        limits="示例：仅对送检样品和所列指标成立，不含经济效益核算。",
        valid_to=months_after(today(), 24),
        innovation=3,
        advancement=5,
        standing="china-leading",
        marks={"science": 8000, "technology": 8800, "economy": 7900, "society": 8100, "potential": 8400},
        chair="示例·秦专家",
    )
    row = enter_findings(actor=officer(), evaluation=row, facts=findings)
    return advance(EVALUATION, row, "deliver", actor=officer())
