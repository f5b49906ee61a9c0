"""What the tables of organisations hold of a person beside their memberships: invitations, deputies."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.models import Invitation
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models import Deputy, Person, User

INVITATION = ("organisation__record__title", "role", "made_at", "ended_at")

DEPUTY = ("organisation__record__title", "programme", "since", "until", "ended_at")


def words_of_invitations(person: Person) -> Q:
    """The entries beside which the address stands to which somebody was invited."""
    addresses = [person.email, *User.objects.filter(person=person).values_list("email", flat=True)]
    invited = Invitation.objects.filter(Q(accepted_by=person) | Q(email__in=filter(None, addresses)))
    return Q(kind="organisation.invite", data__invitation__in=list(invited.values_list("pk", flat=True)))


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
