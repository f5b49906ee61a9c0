"""How panels judge evaluations: the case itself while it is evaluated, and what experts read of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.evaluations.checks import least_experts
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.papers import evidence_lines, item_lines, metric_lines
from kezhuan.areas.evaluations.queries import criterion_of, weights_of
from kezhuan.areas.reviews.judging import Foreseen, Judging, Matter
from kezhuan.kernel.access import region_of
from kezhuan.kernel.models import Record
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today


def judged_items(about: Record) -> QuerySet[Record]:
    """The case itself, while it is evaluated."""
    return Record.objects.filter(pk=about.pk, kind="evaluation", stage="evaluating")


def told_to_experts(ids: Sequence[int]) -> Mapping[int, Matter]:
    """What experts read of cases, and by which words the unit and the completers would be known."""
    rows = Evaluation.objects.filter(pk__in=ids).select_related(
        "record__owner__record", "record__contact__record", "achievement__achievement"
    )
    return {one.pk: _matter(one) for one in rows.prefetch_related("items__evidence", "metrics")}


def _matter(row: Evaluation) -> Matter:
    record, about = row.record, row.achievement.achievement
    completers = list(about.completers.all())
    owners = [one.organisation for one in about.owners.select_related("organisation__record")]
    parties: dict[int, str] = {one.pk: _("co-owner") for one in owners}
    parties |= {one.person_id: _("completer") for one in completers if one.person_id is not None}
    names = [name for one in owners for name in (one.record.title, one.record.title_en)]
    for party, role in ((record.owner, _("completing unit")), (record.contact, _("contact of the evaluation"))):
        if party is not None:
            parties[party.pk] = role
            names += [party.record.title, party.record.title_en]
    told = [
        (_("Achievement"), row.achievement.title),
        (_("What is to be evaluated"), record.summary),
        (_("Type of result"), row.get_result_type_display()),
        (_("Purpose"), row.get_purpose_display()),
        (_("Work items and their maturity"), "\n".join(item_lines(row))),
        (_("Evidence"), "\n".join(evidence_lines(row))),
        (_("Metrics beside the best competitor"), "\n".join(metric_lines(row))),
    ]
    return Matter(
        title=record.title,
        field=about.field,
        sections=tuple((str(label), words) for label, words in told if words),
        names=tuple(sorted({name for name in (*names, *(one.name for one in completers)) if name})),
        parties={pk: str(role) for pk, role in parties.items()},
    )


def sided(units: Sequence[int]) -> list[QuerySet[Any, Any]]:
    """The keys of the cases whose achievement these organisations own a part of."""
    return [Evaluation.objects.filter(achievement__achievement__owners__organisation__in=units).values("pk")]


def foreseen(about: Record) -> Foreseen:
    """A panel marks the values that the weights in force count, by these weights; as many experts judge as the method
    asks for."""
    row = Evaluation.objects.select_related("record__owner").get(pk=about.pk)
    weights = {name: rule.value for name, rule in weights_of(row).items() if rule.value}
    rule = rule_or_none(least_experts(row.method), on=today(), jurisdiction=region_of(row))
    return Foreseen(
        per_item=rule.value if rule is not None else None,
        criteria=tuple(
            {"name": criterion_of(name), "weight": weight, "anchors": ""} for name, weight in weights.items()
        ),
    )


JUDGING = Judging(judged_items, told_to_experts, sided=sided, foreseen=foreseen)
