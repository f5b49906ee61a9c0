"""What evaluations add to the page of an achievement, and panels to that of an evaluation."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.papers import level_words
from kezhuan.areas.evaluations.permissions import KIND, evaluates, may_prepare
from kezhuan.areas.evaluations.queries import evaluations_visible_to
from kezhuan.areas.reviews.permissions import may_judge
from kezhuan.areas.reviews.queries import panels_about
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 20


def evaluations_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The evaluations of the achievement with what was found, and for its unit the way to another one."""
    if not actor.is_signed_in or row.record.stage not in SUPPLY_STAGES:
        return None
    lines = tuple(_line(one) for one in evaluations_of(actor, row))
    url = begin_evaluation(actor, row)
    if not lines and not url:
        return None
    return registry.Panel("evaluations/panel.html", {"lines": lines, "url": url})


def evaluations_of(actor: Actor, row: Any) -> Sequence[Evaluation]:
    """The evaluations of an achievement that the actor may see, newest first."""
    if not actor.is_signed_in or not is_named(Evaluation, "achievement", row.record.pk):
        return ()
    return list(evaluations_visible_to(actor).filter(achievement=row.record).order_by("-pk")[:SHOWN])


def begin_evaluation(actor: Actor, row: Any) -> str:
    """Where the actor prepares an evaluation of the achievement; empty where they may not."""
    may = row.record.stage in SUPPLY_STAGES and may_prepare(actor, row.record.owner)
    return f"{reverse('evaluation-new')}?achievement={row.record.code}" if may else ""


EVALUATED = LifeStep(
    20,
    _("evaluated"),
    evaluations_of,
    frozenset({"delivered", "registered"}),
    lambda row: row.delivered_on,
    begin_evaluation,
    optional=True,
)


def _line(row: Evaluation) -> LinkLine:
    stage = registry.kind_of(KIND).lifecycle.stages[row.record.stage].label
    said = level_words(row, row.level)
    return LinkLine(
        role=row.get_purpose_display(),
        code=row.record.code,
        title=name_of(row.record),
        url=faces.url_of(row.record),
        kind_label=f"{stage} · {said}" if said else stage,
    )


def reviews_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The panels that judge a case, and for those who evaluate the way to make one."""
    rows = list(visible_to(actor, panels_about(row.record))) if actor.is_signed_in else []
    may = (
        row.record.stage == "evaluating"
        and row.agency_id is None
        and evaluates.test(actor, row)
        and may_judge(actor, KIND)
    )
    url = reverse("panel-new", args=[row.record.code]) if may else ""
    stages = registry.kind_of("panel").lifecycle.stages
    lines = tuple(
        LinkLine(
            role=stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=registry.kind_of("panel").label,
        )
        for one in rows
    )
    return registry.Panel("calls/reviews.html", {"lines": lines, "url": url}) if lines or url else None
