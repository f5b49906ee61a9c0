"""What the tables of approvals hold of a person; what they signed stays, and names them by number alone."""

from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models import Approval, ApprovalStep, PostHolder, Route

STEP = ("approval__record__code", "post__name", "outcome", "signed_on")
HOLDINGS = (
    Holding(_("posts held"), PostHolder, "person", ("post__name", "since", "until")),
    Holding(_("routes of approval set"), Route, "made_by", ("kind", "move", "version", "made_at")),
    Holding(_("approvals asked for"), Approval, "asked_by", ("record__code", "move")),
    Holding(_("steps of approvals signed"), ApprovalStep, "signer", STEP),
    Holding(_("approvals that a deputy asked for"), Approval, "asked_for", ("record__code", "move")),
    Holding(_("steps of approvals that a deputy signed"), ApprovalStep, "signed_for", STEP),
    Holding(_("steps of approvals written down"), ApprovalStep, "entered_by", STEP),
    Holding(_("signers added"), ApprovalStep, "added_by", STEP),
)
