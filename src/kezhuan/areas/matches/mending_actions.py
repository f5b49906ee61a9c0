"""Whoever a record is of says that what others missed in it was added."""

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches.meanings import TOLD_BY
from kezhuan.areas.matches.missing import missed_in
from kezhuan.areas.matches.models import Lack, Mended
from kezhuan.areas.matches.permissions import consents
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held
from kezhuan.kernel.text import now


def mend(*, actor: Actor, row: Achievement | Need, lack: str) -> None:
    """Say that a `Lack` was added to a result or a need: who missed it before is no longer counted, and the pairs that
    were refused for nothing else are suggested again. What a column tells goes from the list by itself.

    Raises `NotAllowed`, `Refused`, or `Conflict` where nobody misses it, or no longer.
    """
    if not consents.test(actor, row):
        raise NotAllowed(_("Only whoever the record is of says that what was missing was added."))
    if lack not in Lack.values:
        raise Refused(Problem("lack-unknown", _("Say which of the things missed was added."), "lack"))
    if lack in TOLD_BY:
        message = _("Write it into the record: once it stands there, nobody misses it any more.")
        raise Refused(Problem("lack-in-record", message, "lack"))
    with journal.writing():
        row = held(row)
        if lack not in {one.lack for one in missed_in(actor, row)}:
            raise Conflict(_("Nobody misses this, or no longer. Nothing was changed by you."))
        Mended.objects.update_or_create(record=row.record, lack=lack, defaults={"at": now()})
        journal.note("match.mend", record=row.record, actor=actor, data={"lack": lack})
