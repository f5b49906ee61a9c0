"""Who holds a notice, who may object to it, and who decides on objections."""

from django.db.models import Q

from kezhuan.kernel.access import Actor, is_officer, predicate, reading, represents_owner
from kezhuan.kernel.models import Notice, Objection, Record
from kezhuan.kernel.models.notices import NoticeAudience
from kezhuan.kernel.notices import RUNNING
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.text import today


@predicate
def runs(actor: Actor, notice: Notice) -> bool:
    """Starts, completes or stops a notice and records where it stands (the same people as may prepare it)."""
    inside = notice.audience == NoticeAudience.UNIT and represents_owner(actor, notice.about)
    return inside or is_officer(actor, notice)


@runs.beside
def _run_by(actor: Actor, rows: Rows) -> Q:
    own = represents_owner.where(actor, rows.at("about", Record))
    return rows.where(audience=NoticeAudience.UNIT) & own | is_officer.where(actor, rows)


@predicate
def decides(actor: Actor, objection: Objection) -> bool:
    """Decides on an objection: officers in charge of the district who do not act for the noticed record's owner."""
    return is_officer(actor, objection) and not represents_owner(actor, objection.notice.about)


@decides.beside
def _decided_by(actor: Actor, rows: Rows) -> Q:
    noticed = rows.at("notice", Notice).at("about", Record)
    return is_officer.where(actor, rows) & ~represents_owner.where(actor, noticed)


def takes_objections(notice: Notice) -> bool:
    """Whether objections are taken today: from the start until the last day for them."""
    running = notice.record.stage == RUNNING
    return running and (notice.objections_until is None or today() <= notice.objections_until)


@predicate
def _is_in_its_time(_actor: Actor, notice: Notice) -> bool:
    return takes_objections(notice)


@_is_in_its_time.beside
def _in_their_time(_actor: Actor, rows: Rows) -> Q:
    open_still = rows.where(objections_until=None) | rows.where(objections_until__gte=today())
    return rows.records.where(stage=RUNNING) & open_still


may_object = _is_in_its_time & reading("public")
"""May object, signed in or not: everybody before whom it is laid open, in its time."""
