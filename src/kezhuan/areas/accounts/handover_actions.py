"""What ends of an account when somebody leaves a post: its sessions, when they act for nobody any more."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.accounts.agents import told_agent
from kezhuan.areas.accounts.factor_actions import end_other_sessions
from kezhuan.areas.accounts.queries import sessions_of
from kezhuan.kernel.access import Actor, memberships_of
from kezhuan.kernel.handover import Share
from kezhuan.kernel.models import Organisation, Person, User


def _ending(person: Person, organisation: Organisation) -> User | None:
    """The account whose sessions end: of somebody who acts for another organisation too, they go on for that one."""
    if memberships_of(person).exclude(organisation=organisation).exists():
        return None
    return User.objects.filter(person=person).first()


def _lines(person: Person, organisation: Organisation) -> Sequence[str]:
    user = _ending(person, organisation)
    return [told_agent(one.agent) for one in sessions_of(user)] if user is not None else []


def _end(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    user = _ending(person, organisation)
    if user is not None:
        end_other_sessions(user=user, keep=None, actor=actor)


SHARES = (Share(_("Sessions"), _lines, _end, ends=True),)
