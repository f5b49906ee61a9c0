"""Evaluations at a stage, through the actions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from kezhuan.areas.evaluations.actions import EvaluationFacts, ItemFacts, MetricFacts, prepare_evaluation
from kezhuan.areas.evaluations.grading_actions import EvidenceFacts, Findings, enter_findings, link_evidence
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.registering_actions import register_result
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city, grants

WAYS = {
    "draft": (),
    "submitted": ("submit",),
    "evaluating": ("submit", "accept"),
    "delivered": ("submit", "accept", "deliver"),
    "registered": ("submit", "accept", "deliver"),
    "rejected": ("submit", "reject"),
    "withdrawn": ("submit", "withdraw"),
    "discarded": ("discard",),
}
MARKS = {"science": 7000, "technology": 8850, "economy": 7001, "society": 8000, "potential": 9000}
"""Of every value that the weights of a development count."""
BY_UNIT = frozenset({"submit", "withdraw", "discard"})


def facts(about: Any, **more: Any) -> EvaluationFacts:
    """Two core items below one, one that is not core, and a figure that is better than the competitor's."""
    given: dict[str, Any] = {
        "title": "碳化硅抛光工艺评价", "achievement": about.record, "result_type": "development",
        "purpose": "conversion", "method": "standardised", "summary": "八英寸衬底低损伤抛光",
        "items": (
            ItemFacts("1", "工艺"), ItemFacts("1.1", "抛光液", "1"), ItemFacts("1.2", "抛光机", "1"),
            ItemFacts("2", "包装", core=False),
        ),
        "metrics": (
            MetricFacts("粗糙度", Decimal("0.08"), Decimal("0.1"), "某国外公司", "GB/T 29505", "产品手册", "nm", True),
        ),
    }  # fmt: skip
    return EvaluationFacts(**(given | more))


def shown(row: Evaluation, by: Actor, item: str, level: int, **more: Any) -> Any:
    """An item's level is shown by a test report, a file of the case, and moves there."""
    if "code" not in more:
        upload = Upload("检测报告.txt", f"检测 {row.pk}".encode(), True)
        held = row.record.documents.filter(name=upload.name).first()
        more["file"] = (held or attach_document(actor=by, record=row.record, upload=upload)).stored_id
    given: dict[str, Any] = {
        "kind": "test", "reference": f"检〔2026〕{item}", "issuer": "某检测中心", "on": today(), "level": level,
    }  # fmt: skip
    return link_evidence(actor=by, evaluation=row, item=item, facts=EvidenceFacts(**(given | more)), moves=True)


def findings(**more: Any) -> Findings:
    """What was found: everything that a report asks for."""
    given: dict[str, Any] = {
        "conclusion": "达到国内领先水平", "limits": "仅对送检批次有效", "valid_to": today() + timedelta(days=700),
        "innovation": 2, "advancement": 5, "standing": "china-leading", "marks": MARKS,
        "chair": "周组长",
    }  # fmt: skip
    return Findings(**(given | more))


def evaluation(
    unit: Organisation,
    by: Actor,
    *,
    stage: str = "draft",
    about: Any = None,
    officer: Actor | None = None,
    found: dict[str, Any] | None = None,
    **more: Any,
) -> Evaluation:
    """An evaluation at a stage: its core items on levels 6 and 4."""
    officer = officer or city.bureau()
    about = about or city.achievement(unit, stage="listed", by=by)
    row = prepare_evaluation(actor=by, owner=unit, facts=facts(about, **more))
    shown(row, by, "1.1", 6)
    shown(row, by, "1.2", 4)
    for name in WAYS[stage]:
        if name == "deliver":
            enter_findings(actor=officer, evaluation=row, facts=findings(**(found or {})))
        row = advance(EVALUATION, fresh(row), name, actor=by if name in BY_UNIT else officer, note="测试")
    if stage == "registered":
        row = register_result(actor=by, evaluation=row, number=f"440{today().year}Y{row.pk % 10_000:04}", on=today())
    if stage == "evaluating":
        enter_findings(actor=officer, evaluation=row, facts=findings(**(found or {})))
    return fresh(row)


def fresh(row: Evaluation) -> Evaluation:
    """The row as it stands now."""
    return Evaluation.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)


def of_town(unit: Organisation, member: Actor, officer: Actor, agency: Organisation) -> list[Evaluation]:
    """Evaluations of a result that the member has completed: a draft, one that is judged, one that is registered, and
    one that an agency judges."""
    about = grants.achievement(unit, [member], by=member, title="被评价的成果")
    rows = [
        evaluation(unit, member, stage=stage, about=about, officer=officer)
        for stage in ("draft", "evaluating", "registered", "evaluating")
    ]
    Evaluation.objects.filter(pk=rows[-1].pk).update(agency=agency, agency_contract="委1号")
    return rows
