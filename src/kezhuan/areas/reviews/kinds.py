"""Registers experts, panels and reviews with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews import letters, pages_experts, pages_panels, pages_reviews
from kezhuan.areas.reviews.choosing_actions import DRAW_CAP
from kezhuan.areas.reviews.clearing import months_code
from kezhuan.areas.reviews.fee_actions import FEE
from kezhuan.areas.reviews.lifecycle import ANSWER, EXPERT, PANEL, REVIEW, forget_experts
from kezhuan.areas.reviews.models import Dismissed, Expert, FoundTie, LookUp, Panel, Review, TieKind
from kezhuan.areas.reviews.papers import PANEL_PAPER, REVIEW_PAPER
from kezhuan.areas.reviews.permissions import POOL
from kezhuan.areas.reviews.queries import (
    expert_documents,
    expert_facts,
    expert_text,
    panel_documents,
    review_documents,
    taken_this_year,
)
from kezhuan.areas.reviews.sheets import EXPERTS, PANELS, REVIEWS
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import holdings, registry, rulebook
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.profiles import KEPT, Profile

HOLDINGS = (
    Holding(
        _("pool of experts"), Expert, "person",
        ("record__code", "sort", "fields", "topics", "capacity", "declared_on", "bank", "account"), forget_experts,
    ),
    Holding(_("ties looked up"), LookUp, "by", ("party__code", "on", "source")),
    Holding(_("ties found in registers"), FoundTie, "other__person", ("party__code", "kind", "until")),
    Holding(_("conflicts dismissed"), Dismissed, "by", ("key", "reason", "on")),
    Holding(
        _("dismissals of conflicts taken back"), Dismissed, "withdrawn_by", ("key", "withdrawn_why", "withdrawn_on")
    ),
)  # fmt: skip


def concerned_in_panel(row: Any) -> Iterable[int]:
    """Whose own matter a panel is: those whose items it judges, and the experts who judge."""
    if not row.pk:
        return ()
    owners = row.items.exclude(record__owner=None).values_list("record__owner", flat=True)
    return {*owners, *row.reviews.values_list("expert__person", flat=True)}


def concerned_in_review(row: Any) -> Iterable[int]:
    """Whose own matter a review is: its expert's."""
    return (row.expert.person_id,)


def _declare_rules() -> None:
    label = _("Somebody who was asked to join the pool of experts answers: days")
    rulebook.declare(rulebook.Rule(ANSWER, label, rulebook.DAYS))
    rulebook.declare(rulebook.Rule(DRAW_CAP, _("How often the lot may fall on an expert in a year"), (Unit.COUNT,)))
    rulebook.declare(rulebook.Rule(FEE, _("Fee of an expert for an item that they judged"), (Unit.FEN,)))
    for kind in TieKind:
        label = format_lazy(_("How long after its end a tie of an expert counts: {kind}"), kind=kind.label)
        rulebook.declare(rulebook.Rule(months_code(kind.value), label, (Unit.MONTHS,)))


# Read by the officers in charge of the pool alone, so nobody else sees them suggested.
_PROFILE = Profile(
    ("active",),
    _("Experts in the pool"),
    expert_facts,
    expert_text,
    kept=0,
    kept_inside=KEPT,
    introduced=False,
    capacity=lambda expert: expert.capacity,
    taken=taken_this_year,
)


def register() -> None:
    """Called once when Django has loaded the models."""
    _declare_rules()
    registry.register(
        registry.Kind(
            slug=POOL,
            is_programme=True,
            label=_("expert"),
            plural=_("review experts"),
            model=Expert,
            lifecycle=EXPERT,
            page="expert",
            list_page="experts",
            documents=expert_documents,
            concerned=lambda row: (row.person_id,),
            profile=_PROFILE,
        )
    )
    registry.register(
        registry.Kind(
            slug="panel",
            label=_("review panel"),
            plural=_("review panels"),
            model=Panel,
            lifecycle=PANEL,
            page="panel",
            list_page="panels",
            documents=panel_documents,
            concerned=concerned_in_panel,
        )
    )
    registry.register(
        registry.Kind(
            slug="review",
            label=_("review"),
            plural=_("reviews"),
            model=Review,
            lifecycle=REVIEW,
            page="review",
            list_page="reviews",
            documents=review_documents,
            concerned=concerned_in_review,
            dated={"accepted": _("scores to be handed in")},
            door=letters.door,
        )
    )
    for face in (pages_experts, pages_panels, pages_reviews):
        face.register_face()
    for sheet in (EXPERTS, PANELS, REVIEWS):
        sheets.register(sheet)
    put_on_paper(PANEL.kind, PANEL_PAPER)
    put_on_paper(REVIEW.kind, REVIEW_PAPER)
    letters.register()
    holdings.hold(*HOLDINGS)
    holdings.name_words(lambda person: Q(record__expert__person=person))
