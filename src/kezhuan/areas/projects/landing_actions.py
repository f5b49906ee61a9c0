"""落户: a firm from elsewhere that takes part promises an entity here, and holds no funded work before there is one."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.areas.projects.checks import require_unit
from kezhuan.areas.projects.following_actions import note_decision
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Member, MemberState, Project
from kezhuan.areas.projects.permissions import decides
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, today

LANDS_AT = frozenset({"filed", "signed", "running", "suspended", "rectifying"})
"""Stages at which the entity of a member is recorded: its money may wait for it."""


def record_landing(*, actor: Actor, project: Project, member: str, entity: str, on: date) -> Member:
    """Record the entity here, by its code, that a member has set up as it promised, and since when; both units by their
    codes. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not decides.test(actor, project):
        raise NotAllowed(_("Only the officers in charge, of no unit that takes part, decide here."))
    with journal.writing():
        row: Project = held(project)
        if row.record.stage not in LANDS_AT:
            raise Conflict(_("An entity is recorded once the task book is filed, while the project goes on."))
        promised = row.members.filter(state=MemberState.ACCEPTED, lands=True)
        who = promised.filter(organisation__record__code=clean(member).upper()).first()
        if who is None:
            message = _("“%(code)s” is no member that promised to set up an entity here.")
            raise Refused(Problem("landing-member", message % {"code": clean(member)[:30]}, "member"))
        if who.entity_id is not None:
            raise Conflict(_("Its entity is recorded already."))
        unit = require_unit(entity, "entity")
        if problems := list(_problems(unit, on)):
            raise Refused(problems)
        who.entity, who.landed_on = unit, on
        who.save(update_fields=["entity", "landed_on"])
        note_decision(row, actor, "landing", who.number)
        touch(PROJECT, row, actor=actor, fields=["landing"])
    return who


def _problems(unit: Organisation, on: date) -> Iterator[Problem]:
    if unit.region[:4] != settings.CITY[:4]:
        message = _("This organisation is registered elsewhere: name the entity that was set up in the city.")
        yield Problem("landing-elsewhere", message, "entity")
    if on > today():
        yield Problem("day-later", _("This day lies in the future."), "on")
