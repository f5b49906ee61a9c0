"""How the route of an approval is drawn: whose post, how each step stands, who signed when, with which opinion."""

from django.utils.translation import gettext as _

from kezhuan.kernel.approvals import RUNNING, StepTold, steps_told
from kezhuan.kernel.history import signer_name
from kezhuan.kernel.models import Approval
from kezhuan.kernel.models.approvals import Outcome
from kezhuan.kernel.text import listed
from kezhuan.web.components import RouteStep
from kezhuan.web.names import name_of


def route_steps(approval: Approval) -> tuple[RouteStep, ...]:
    """All steps of an approval that the reader may see."""
    running = approval.record.stage == RUNNING
    return tuple(_step(told, running) for told in steps_told(approval))


def _step(told: StepTold, running: bool) -> RouteStep:
    step = told.step
    post = f"{step.post.name} · {name_of(step.post.organisation.record)}"
    if step.closed_at is None:
        return RouteStep(post, "now" if running and step.opened_on is not None else "todo")
    return RouteStep(
        post,
        "returned" if step.outcome == Outcome.RETURNED else "done",
        who=who_closed(told),
        on=step.signed_on,
        opinion=told.opinion,
    )


def who_closed(told: StepTold) -> str:
    """Who closed a step, and how: by their own hand, on paper, or in a meeting."""
    step = told.step
    if step.outcome == Outcome.DECIDED:
        parts = [step.meeting, step.minutes_no, _("attended: %(names)s") % {"names": listed(step.attended)}]
        if step.entitled is not None:
            parts.append(_("of %(all)s members") % {"all": step.entitled})
        if step.recused:
            parts.append(_("recused: %(names)s") % {"names": listed(step.recused)})
        return " · ".join(filter(None, parts))
    name = signer_name(step)
    return _("%(name)s, on paper") % {"name": name} if step.outcome == Outcome.SHEET else name
