"""The page of whoever decides: what waits for their signature, each with its evidence complete or not."""

from dataclasses import dataclass

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.approvals.panels import clocks_of
from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.areas.approvals.queries import TOLD, Evidence, evidence_for
from kezhuan.kernel import clocks, registry
from kezhuan.kernel.access import GROUPS, Actor, can_view
from kezhuan.kernel.history import asker_name
from kezhuan.kernel.models import ApprovalStep
from kezhuan.web import faces, inbox
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ClockLine, Text
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail

SHOWN = 20
"""Decisions on the page: their evidence is put together anew for each."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One step that waits: the record, what is asked for, by whom, until when, and what it rests on."""

    title: str
    code: str
    url: str
    move: Text
    post: str
    asked_by: str
    clock: ClockLine | None
    evidence: Evidence | None


@require_safe
def decision_list(request: Request) -> HttpResponseBase:
    """What waits for the reader to decide, the longest waiting first; whoever is not signed in does so first."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    decisions, more = _decisions(request.actor)
    return page(
        request,
        "approvals/decisions.html",
        title=_("Decisions that wait for you"),
        crumbs=trail(
            (_("Home"), "/"),
            (capfirst(str(registry.kind_of("approval").plural)), reverse("approvals")),
            _("Decisions that wait for you"),
        ),
        decisions=decisions,
        more=more,
    )


def _decisions(actor: Actor) -> tuple[list[Decision], bool]:
    """The decisions that are shown, and whether more wait behind them."""
    joined = ("post", "approval__record", *(f"approval__{one}" for one in TOLD))
    audiences = (f"approval__about__{group}_to" for group in GROUPS)
    rows = steps_waiting_for(actor).select_related(*joined, *audiences).order_by("opened_on", "pk")
    steps = list(rows[: SHOWN + 1])
    running = clocks_of(steps)
    left = dict(zip(running, clocks.remaining_on(list(running.values())), strict=True))
    label = registry.kind_of("approval").label
    terms = {key: inbox.clock_line(label, running[key], left[key]) for key in running}
    shown = [_decision(actor, step, terms.get((step.approval_id, step.post_id))) for step in steps[:SHOWN]]
    return shown, len(steps) > SHOWN


def _decision(actor: Actor, step: ApprovalStep, term: ClockLine | None) -> Decision:
    approval = step.approval
    about = approval.about
    return Decision(
        title=name_of(about) if can_view(actor, about) else name_of(approval.record),
        code=approval.record.code,
        url=faces.url_of(approval.record),
        move=registry.kind_of(about).lifecycle.moves[approval.move].label,
        post=step.post.name,
        asked_by=f"{asker_name(approval)} · {name_of(approval.office.record)}",
        clock=term,
        evidence=evidence_for(actor, approval),
    )
