"""What the tables of organisations hold of a person beside their memberships: invitations, deputies."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.models import Invitation
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models import Deputy

INVITATION = ("organisation__record__title", "role", "made_at", "ended_at")

DEPUTY = ("organisation__record__title", "programme", "since", "until", "ended_at")

HOLDINGS = (
    Holding(_("deputies"), Deputy, "represented", DEPUTY),
    Holding(_("for whom the person stands in"), Deputy, "person", DEPUTY),
    Holding(_("invitations sent"), Invitation, "by", INVITATION),
    Holding(
        _("invitations accepted"),
        Invitation,
        "accepted_by",
        (*INVITATION, "email"),
        lambda rows, _person, _actor: rows.update(email=""),
    ),
)
