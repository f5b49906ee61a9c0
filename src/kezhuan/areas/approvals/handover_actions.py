"""What passes of approvals when somebody leaves an office: the posts they hold, and the approvals they asked for."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.approvals.actions import take_over
from kezhuan.areas.approvals.route_actions import give_post, take_post
from kezhuan.kernel.access import SYSTEM, Actor, actor_for
from kezhuan.kernel.approvals import RUNNING
from kezhuan.kernel.handover import Share
from kezhuan.kernel.models import Approval, Organisation, Person, PostHolder
from kezhuan.kernel.text import today


def _held(person: Person, organisation: Organisation) -> QuerySet[PostHolder]:
    rows = PostHolder.objects.filter(person=person, post__organisation=organisation, post__closed_on=None)
    rows = rows.filter(Q(until=None) | Q(until__gte=today()))
    return rows.select_related("post__organisation__record", "person__record").order_by("pk")


def _post_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [one.post.name for one in _held(person, organisation)]


def _pass_posts(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    """The steps that wait for a post wait for its new holder; who may hand over was asked before."""
    for one in _held(person, organisation):
        give_post(actor=SYSTEM, post=one.post, person=successor)
        take_post(actor=SYSTEM, holder=one)


def _asked(person: Person, organisation: Organisation) -> QuerySet[Approval]:
    rows = Approval.objects.filter(asked_by=person, office=organisation, record__stage=RUNNING)
    return rows.select_related("record", "about").order_by("pk")


def _asked_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [str(one.record) for one in _asked(person, organisation)]


def _pass_asked(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    """The successor goes on in their place, and therefore signs nothing in these."""
    for one in _asked(person, organisation):
        take_over(actor=actor_for(successor, organisation.pk), approval=one)


SHARES = (
    Share(_("Posts, with the steps that wait for them"), _post_lines, _pass_posts),
    Share(_("Approvals asked for"), _asked_lines, _pass_asked),
)
