"""Registers approvals with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.approvals.following_actions import follow_changes
from kezhuan.areas.approvals.handover_actions import SHARES
from kezhuan.areas.approvals.holdings import HOLDINGS
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.approvals.papers import PAPER, PART
from kezhuan.areas.approvals.permissions import SIGNERS
from kezhuan.areas.approvals.queries import approval_documents
from kezhuan.areas.approvals.sheets import SHEET
from kezhuan.areas.approvals.step_actions import QUORUM
from kezhuan.areas.approvals.waiting_actions import TERM
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.fields import register_part
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import followers, handover, holdings, registry, roles, rulebook
from kezhuan.kernel.models import Approval
from kezhuan.kernel.models.rules import Unit


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="approval",
            label=_("approval"),
            plural=_("approvals"),
            model=Approval,
            lifecycle=APPROVAL,
            page="approval",
            list_page="approvals",
            documents=approval_documents,
        )
    )
    rulebook.declare(rulebook.Rule(TERM, _("Term of signing a step of an approval"), rulebook.DAYS))
    rulebook.declare(rulebook.Rule(QUORUM, _("Least share of a meeting's members who attend"), (Unit.BASIS_POINTS,)))
    # Approvals are about records of every kind, also of kinds that are registered later.
    followers.register("approvals", None, follow_changes)
    register_part(PART)
    sheets.register(SHEET)
    put_on_paper("approval", PAPER)
    roles.tell(roles.Right("sign", _("sign steps of an approval in the name of a post they hold"), SIGNERS))
    holdings.hold(*HOLDINGS)
    handover.share(*SHARES)
