"""What is asked of evaluations: rows as an actor may see them, the tree as the engine takes it, weights by class and
purpose, what panels judge, and documents for search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import override

from kezhuan.areas.evaluations.models import Evaluation, EvidenceSort, ResultType, Value, WorkEvidence
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import advice_on, heard_on
from kezhuan.engines import maturity
from kezhuan.engines.findings import Finding, Unfit
from kezhuan.engines.rules import places_of
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, region_of, visible_to
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document, Record, RuleValue
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.rulebook import versions_in_force
from kezhuan.kernel.text import language, today

TOLD = ("record__owner__record", "agency__record", "achievement__title_to", "achievement__public_to")
WHOLE = 10_000


AGENCY_REPORT = "agency-report"
"""The kind of the document of an agency's own report."""


def agency_report(row: Evaluation) -> Document | None:
    """The agency's own report, the newest one; what was set aside by an appeal is older than the acceptance."""
    rows = Document.objects.filter(record=row.record, kind=AGENCY_REPORT, withdrawn_at=None)
    if row.accepted_at is not None:
        rows = rows.filter(uploaded_at__gte=row.accepted_at)
    return rows.order_by("-pk").first()


def problem_of(finding: Finding, field: str = "") -> Problem:
    """What an engine found, as a refusal says it."""
    return Problem(finding.code, finding.words.say(language()), field or finding.field, finding.clause)


def is_own_test(row: Evaluation, evidence: WorkEvidence) -> bool:
    """Whether a test was issued by the unit whose result it shows: told beside it, for it is nobody else's word."""
    owner = row.record.owner
    return evidence.kind == EvidenceSort.TEST and owner is not None and evidence.issuer == owner.record.title


def evaluations_visible_to(actor: Actor) -> QuerySet[Evaluation]:
    """Evaluations that the actor may see, with what a list shows."""
    return visible_to(actor, Evaluation.objects.select_related(*TOLD))


def report_on(actor: Actor, achievement: Record) -> Evaluation | None:
    """The report on an achievement that stands today and was delivered last, of those that the actor may read."""
    rows = evaluations_visible_to(actor).filter(achievement=achievement, valid_to__gte=today()).exclude(report=[])
    return rows.filter(record__stage__in=("delivered", "registered")).order_by("-delivered_on", "-pk").first()


def evaluation_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Evaluations as search reads them, for the few who read them."""
    for row in Evaluation.objects.filter(pk__in=ids).select_related("record", "achievement"):
        text = f"{row.record.summary}\n{row.achievement.code}\n{row.achievement.title}\n{row.conclusion}"
        yield from search.by_group(row.record, public_text=text, facets={"sort": row.result_type})


# -- maturity ----------------------------------------------------------------------------------------------------------


def tree_of(row: Evaluation) -> list[maturity.Item]:
    """The work items as the engine takes them."""
    return [maturity.Item(one.code, one.name, one.above, one.core, one.level) for one in row.items.all()]


def whole_of(row: Evaluation) -> tuple[maturity.Whole | None, tuple[Finding, ...]]:
    """How mature the whole is, or why that cannot be said yet; a case without items is asked for none."""
    items = tree_of(row)
    if not items:
        return None, ()
    try:
        return maturity.whole(items, row.scale), ()
    except Unfit as unfit:
        return None, unfit.findings


def leaves_of(row: Evaluation) -> set[str]:
    """The codes of the items that carry a level: those without others below."""
    items = list(row.items.all())
    above = {one.above for one in items}
    return {one.code for one in items if one.code not in above}


# -- weights -----------------------------------------------------------------------------------------------------------


def weight_code(result_type: str, value: str, purpose: str = "") -> str:
    """The code of the rule value that weighs a value for a class, or for a class and a purpose. Sets of the classes
    basic, applied and development ship as the program's own practice, none of soft science and none for a purpose."""
    return ".".join(filter(None, ("evaluation.weight", result_type, purpose, value)))


def weights_of(row: Evaluation, on: date | None = None) -> dict[str, RuleValue]:
    """By value the weights in force for the case: those of its class and purpose where all six are set and sum to the
    whole, else those of its class; empty where neither are. One query."""
    places = places_of(region_of(row))
    found: dict[str, RuleValue] = {}
    wanted = [weight_code(row.result_type, one, purpose) for one in Value.values for purpose in (row.purpose, "")]
    held = versions_in_force(on or today()).filter(code__in=wanted, jurisdiction__in=places)
    for one in sorted(held, key=lambda one: (-places.index(one.jurisdiction), one.effective_from)):
        found[one.code] = one  # the nearest place last
    for purpose in (row.purpose, ""):
        codes = {one: weight_code(row.result_type, one, purpose) for one in Value.values}
        chosen = {one: found[code] for one, code in codes.items() if code in found}
        if len(chosen) == len(codes) and sum(one.value for one in chosen.values()) == WHOLE:
            return chosen
    return {}


def total_of(marks: Mapping[str, int], weights: Mapping[str, RuleValue]) -> Decimal | None:
    """The weighted total of marks (in hundredths of a point), rounded half up to hundredths of a point; None without
    weights, or while a value that weighs something has no mark."""
    if not weights or any(one.value and name not in marks for name, one in weights.items()):
        return None
    hundredths = sum(marks.get(name, 0) * one.value for name, one in weights.items())
    return Decimal((hundredths + WHOLE // 2) // WHOLE) / 100


# -- panels ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """What a panel said of the case: its item with the advice, and how many experts' sheets count."""

    item: PanelItem
    experts: int


def heard_of(row: Evaluation) -> Heard | None:
    """What the last panel that has concluded since the case was accepted says of it."""
    return heard_among([row]).get(row.pk)


def heard_among(rows: Sequence[Evaluation]) -> dict[int, Heard]:
    """The same of several cases, by their ids, of those that were heard. One query."""
    found = {}
    advice = advice_on([row.pk for row in rows])
    for row in rows:
        item = advice.get(row.pk)
        if item is not None and row.accepted_at is not None and item.panel.record.changed_at >= row.accepted_at:
            found[row.pk] = Heard(item, len(item.result.get("totals", {})))
    return found


def criterion_of(value: str) -> str:
    """What a panel's criterion is called by which its experts mark a value, in Chinese, as its rows are kept."""
    with override(LANGUAGE):
        return str(Value(value).label)


def marks_heard(row: Evaluation) -> dict[str, int]:
    """By value the mean of the experts' marks in hundredths of a point, rounded half up, where the panel that was heard
    marked it. Two queries."""
    heard = heard_of(row)
    if heard is None:
        return {}
    values = {criterion_of(one): one for one in Value.values}
    sheets = list(heard_on(heard.item))
    found = {}
    for place, criterion in enumerate(heard.item.panel.criteria):
        marks = [Decimal(one.marks[place]) * 100 for one in sheets]
        if marks and criterion["name"] in values:
            mean = sum(marks, Decimal()) / len(marks)
            found[values[criterion["name"]]] = int(mean.quantize(Decimal(1), ROUND_HALF_UP))
    return found


def asks_grades(row: Any) -> bool:
    """Whether grades of innovation and advancement are asked for: of what is applied, not of theory or soft science."""
    return row.result_type in {ResultType.APPLIED, ResultType.DEVELOPMENT}
