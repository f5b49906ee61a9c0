"""Whom an open call by invitation invites: the only writer of that list once the call is published."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.calls.inviting import invited_problems, invites, nobody_invited
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.telling_actions import tell_invited
from kezhuan.areas.calls.units import units_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import listed


def invite(*, actor: Actor, call: Call, codes: Sequence[str]) -> Call:
    """Say whom a call by invitation that takes applications invites, by the codes of their pages, in place of what was
    said before: who comes to it is told. Raises `NotAllowed`, or `Refused`: who has begun an application stays."""
    with journal.writing():
        row: Call = held(call)
        must_allow(
            invites, actor, row, _("The officers in charge say whom a call by invitation invites, while it is open.")
        )
        units = units_of(codes)
        problems = [*invited_problems(codes), *([] if codes else [nobody_invited()]), *_begun(row, units)]
        if problems:
            raise Refused(problems)
        before = set(row.invited.values_list("pk", flat=True))
        if before == {one.pk for one in units}:
            return row
        row.invited.set(units)
        touch(CALL, row, actor=actor, fields=["invited"])
        tell_invited(row, [one for one in units if one.pk not in before])
    return row


def _begun(row: Call, units: Sequence[Organisation]) -> list[Problem]:
    """Who is left out although they have begun an application."""
    rows = Application.objects.filter(item__call=row).exclude(applicant__in=units).order_by("applicant")
    names = list(rows.values_list("applicant__record__title", flat=True).distinct())
    if not names:
        return []
    message = _("%(units)s: an application was begun, so the invitation stands.")
    return [Problem("invited-begun", message % {"units": listed(names[:10])}, "invited")]
