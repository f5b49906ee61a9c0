"""A conflict that was found and is none is dismissed with a reason, and a dismissal by mistake taken back with one."""

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.clearing import find_conflict
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Dismissed, Panel
from kezhuan.areas.reviews.panel_actions import require_runs
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import clean, today


def dismiss_conflict(*, actor: Actor, panel: Panel, key: str, reason: str) -> None:
    """Dismiss a conflict that was found and is none, with the reason; it stays dismissed for every panel. Raises
    `NotAllowed` or `Refused`."""
    require_runs(actor, panel)
    if not clean(reason):
        raise Refused(Problem("dismissal-reason", _("Say why this is no conflict."), "reason"))
    if actor.person is None or find_conflict(panel, key) is None:
        raise Refused(Problem("conflict-unknown", _("This conflict is no longer found."), "key"))
    with journal.writing():
        Dismissed.objects.get_or_create(
            key=key, withdrawn_on=None, defaults={"reason": clean(reason), "by": actor.person, "on": today()},
        )  # fmt: skip
        touch(PANEL, held(panel), actor=actor, fields=["dismissals"])


def take_back_dismissal(*, actor: Actor, panel: Panel, key: str, reason: str) -> None:
    """Let a conflict that was dismissed by mistake count again, for every panel, before the experts of this one score;
    the dismissal stays in sight with both reasons. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_runs(actor, panel)
    if not clean(reason):
        raise Refused(Problem("dismissal-reason", _("Say why it is a conflict after all."), "reason"))
    if actor.person is None or find_conflict(panel, key, dismissed=True) is None:
        raise Refused(Problem("conflict-unknown", _("This conflict is not dismissed, or no longer found."), "key"))
    with journal.writing():
        row = held(panel)
        if row.record.stage != "prepared":
            raise Conflict(_("A dismissal is taken back before the experts of the panel score."))
        standing = Dismissed.objects.filter(key=key, withdrawn_on=None)
        if standing.update(withdrawn_on=today(), withdrawn_by=actor.person, withdrawn_why=clean(reason)):
            touch(PANEL, row, actor=actor, fields=["dismissals-withdrawn"])
