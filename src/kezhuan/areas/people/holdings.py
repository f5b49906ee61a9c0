"""What the tables of organisations hold of a person beside their memberships: invitations."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.models import Invitation
from kezhuan.kernel.holdings import Holding

INVITATION = ("organisation__record__title", "role", "made_at", "ended_at")

HOLDINGS = (
    Holding(_("invitations sent"), Invitation, "by", INVITATION),
    Holding(
        _("invitations accepted"),
        Invitation,
        "accepted_by",
        (*INVITATION, "email"),
        lambda rows, _person, _actor: rows.update(email=""),
    ),
)
