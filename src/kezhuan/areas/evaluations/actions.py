"""What a unit does with an evaluation: it prepares and changes the case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import (
    Evaluation,
    EvaluationMethod,
    EvaluationPurpose,
    Metric,
    ResultType,
    WorkItem,
)
from kezhuan.areas.evaluations.permissions import may_prepare
from kezhuan.areas.evaluations.queries import problem_of
from kezhuan.engines import maturity
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, listed

MOST_ITEMS, MOST_METRICS = 60, 40
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
"""How a work item is called: it stands in addresses."""
MOST_FIGURE = Decimal(10) ** 12


@dataclass(frozen=True)
class ItemFacts:
    """A work item as it is entered; levels are moved by evidence alone."""

    code: str
    name: str
    above: str = ""
    core: bool = True


@dataclass(frozen=True)
class MetricFacts:
    """A measured figure beside the best competitor's."""

    name: str
    own: Decimal | None
    best: Decimal | None
    rival: str
    test_method: str
    source: str
    unit: str = ""
    less_is_better: bool = False


@dataclass(frozen=True)
class EvaluationFacts:
    """What a unit says of a case; `agency` is the platform's code of the one it has chosen. See `Evaluation`."""

    title: str
    achievement: Record | None
    result_type: str
    purpose: str
    method: str
    scale: str = "trl9"
    summary: str = ""
    agency: str = ""
    agency_contract: str = ""
    novelty_reference: str = ""
    novelty_issuer: str = ""
    novelty_on: date | None = None
    items: Sequence[ItemFacts] = ()
    metrics: Sequence[MetricFacts] = ()


def check_facts(facts: EvaluationFacts, owner: Organisation | None) -> list[Problem]:
    """What cannot even be kept as a draft; whether it can be handed in is asked by the move."""
    found = []
    if not 2 <= len(clean(facts.title)) <= 200:
        found.append(Problem("title-length", _("Give a title of 2 to 200 characters."), "title"))
    about = facts.achievement
    if about is None or about.kind != "achievement" or owner is None or about.owner_id != owner.pk:
        found.append(Problem("evaluation-achievement", _("Choose an achievement of the unit."), "achievement"))
    elif about.stage not in SUPPLY_STAGES:
        message = _("Only an achievement of the unit that is listed or registered is evaluated.")
        found.append(Problem("evaluation-achievement", message, "achievement"))
    for name, value, known in (
        ("result_type", facts.result_type, ResultType.values),
        ("purpose", facts.purpose, EvaluationPurpose.values),
        ("method", facts.method, EvaluationMethod.values),
        ("scale", facts.scale, list(maturity.scales())),
    ):
        if value not in known:
            found.append(Problem("choice-unknown", _("Choose from the list."), name))
    if clean(facts.agency) and _agency(facts) is None:
        message = _("Give the platform's code of an agency that is registered here, or leave it empty.")
        found.append(Problem("evaluation-agency", message, "agency"))
    return [*found, *_item_problems(facts), *_metric_problems(facts.metrics)]


def _agency(facts: EvaluationFacts) -> Organisation | None:
    """The agency of that code; None for none."""
    rows = Organisation.objects.filter(record__code=clean(facts.agency).upper(), kind=OrganisationKind.AGENCY)
    return rows.filter(record__phase=Phase.ACTIVE).first() if clean(facts.agency) else None


def _item_problems(facts: EvaluationFacts) -> list[Problem]:
    if len(facts.items) > MOST_ITEMS:
        return [Problem("evaluation-items", _("At most %(most)s work items.") % {"most": MOST_ITEMS}, "items")]
    if any(not CODE.fullmatch(clean(one.code)) or not 1 <= len(clean(one.name)) <= 200 for one in facts.items):
        message = _("Give each work item a code of letters, digits, points and dashes, such as 1.2, and a name.")
        return [Problem("evaluation-items", message, "items")]
    if facts.scale not in maturity.scales():
        return []
    tree = [maturity.Item(clean(one.code), clean(one.name), clean(one.above), one.core) for one in facts.items]
    return [problem_of(one, "items") for one in maturity.refused_tree(tree, facts.scale)]


def _metric_problems(metrics: Sequence[MetricFacts]) -> list[Problem]:
    if len(metrics) > MOST_METRICS:
        return [Problem("evaluation-metrics", _("At most %(most)s metrics.") % {"most": MOST_METRICS}, "metrics")]
    for one in metrics:
        told = (one.name, one.rival, one.test_method, one.source)
        if not all(map(clean, told)) or one.own is None or one.best is None:
            message = _(
                "A metric has a name, both figures, the competitor, how it was tested, and where the competitor's"
                " figure is from."
            )
            return [Problem("evaluation-metrics", message, "metrics")]
        if not all(value.is_finite() and abs(value) < MOST_FIGURE and _fits(value) for value in (one.own, one.best)):
            message = _("A figure has at most twelve digits before the point and six behind it.")
            return [Problem("evaluation-metrics", message, "metrics")]
    return []


def _fits(value: Decimal) -> bool:
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -6


def _columns(facts: EvaluationFacts) -> dict[str, Any]:
    names = ("achievement", "result_type", "purpose", "method", "scale")
    own = {"agency": _agency(facts), "agency_contract": clean(facts.agency_contract)}
    own |= {"novelty_reference": clean(facts.novelty_reference), "novelty_issuer": clean(facts.novelty_issuer)}
    return {name: getattr(facts, name) for name in names} | own | {"novelty_on": facts.novelty_on}


def prepare_evaluation(*, actor: Actor, owner: Organisation, facts: EvaluationFacts) -> Evaluation:
    """Begin a case about an achievement of the unit, inside it. Raises `NotAllowed` or `Refused`."""
    if not may_prepare(actor, owner):
        raise NotAllowed(_("Only members of the unit that write for it prepare its evaluation."))
    if problems := check_facts(facts, owner):
        raise Refused(problems)
    with journal.writing():
        row: Evaluation = open_record(
            EVALUATION,
            lambda record: Evaluation(record=record, **_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=owner,
            contact=actor.person,
        )
        _write_rows(row, facts)
    return row


def edit_evaluation(
    *, actor: Actor, evaluation: Evaluation, facts: EvaluationFacts, expected_version: int
) -> Evaluation:
    """Change a draft. Raises `NotAllowed`, `Refused`, or `Conflict` when somebody changed it meanwhile."""
    if not represents_owner.test(actor, evaluation):
        raise NotAllowed(_("Only the unit changes its evaluation."))
    if problems := check_facts(facts, evaluation.record.owner):
        raise Refused(problems)
    with journal.writing():
        row: Evaluation = held(evaluation)
        if row.record.stage != "draft":
            raise Conflict(_("An evaluation is changed while it is a draft."))
        if problems := _kept_problems(row, facts):
            raise Refused(problems)
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(row.record, texts), *set_columns(row, _columns(facts))]
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save()
        _write_rows(row, facts)
        fields = [*changed, "items", "metrics"]
        touch(EVALUATION, row, actor=actor, fields=fields, expected_version=expected_version)
    return row


def _kept_problems(row: Evaluation, facts: EvaluationFacts) -> list[Problem]:
    """An item that has evidence stays where its evidence is, on the scale on which that speaks."""
    proven = set(row.items.exclude(evidence=None).values_list("code", flat=True))
    found = []
    if proven and (facts.scale != row.scale):
        message = _("There is evidence on this scale, and levels of two scales are not compared: it stays.")
        found.append(Problem("evaluation-scale", message, "scale"))
    tree = {clean(one.code): clean(one.above) for one in facts.items}
    lost = sorted(one for one in proven if one not in tree or one in tree.values())
    if lost:
        message = _("These items have evidence: %(codes)s. They stay, and nothing is put below them.")
        found.append(Problem("item-evidenced", message % {"codes": listed(lost)}, "items"))
    return found


def _write_rows(row: Evaluation, facts: EvaluationFacts) -> None:
    """The tree and the metrics as entered; an item that is known by its code keeps its level and its evidence."""
    known = {one.code: one for one in row.items.all()}
    items = []
    for number, one in enumerate(facts.items, 1):
        item = known.pop(clean(one.code), None) or WorkItem(evaluation=row, code=clean(one.code))
        item.number, item.name, item.above, item.core = number, clean(one.name), clean(one.above), one.core
        items.append(item)
    metrics = [
        Metric(
            evaluation=row, number=number, name=clean(one.name), unit=clean(one.unit), own=one.own or Decimal(0),
            best=one.best or Decimal(0), less_is_better=one.less_is_better, rival=clean(one.rival),
            test_method=clean(one.test_method), source=clean(one.source),
        )
        for number, one in enumerate(facts.metrics, 1)
    ]  # fmt: skip
    require_fits(*items, *metrics)
    for written in (*items, *metrics):
        refuse_marked(written)
    row.items.filter(pk__in=[one.pk for one in known.values()]).delete()
    row.metrics.all().delete()
    for item in items:
        item.save()
    Metric.objects.bulk_create(metrics)
