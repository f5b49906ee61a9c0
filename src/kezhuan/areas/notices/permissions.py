"""Who holds a notice, who may object to it, and who decides on objections."""

from django.db.models import Q

from kezhuan.kernel import notices, registry
from kezhuan.kernel.access import Actor, is_officer, predicate, reading, represents_owner
from kezhuan.kernel.models import Notice, Objection, Record
from kezhuan.kernel.models.notices import NoticeAudience
from kezhuan.kernel.notices import RUNNING
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.text import today


@predicate
def runs(actor: Actor, notice: Notice) -> bool:
    """Starts, completes or stops a notice and records where it stands (the same people as may prepare it)."""
    if (keepers := notices.keepers_of(notice.about.kind)) is not None:
        return keepers.holds.test(actor, registry.row_of(notice.about))
    inside = notice.audience == NoticeAudience.UNIT and represents_owner(actor, notice.about)
    return inside or is_officer(actor, notice)


@runs.beside
def _run_by(actor: Actor, rows: Rows) -> Q:
    about = rows.at("about", Record)
    kept, mine = notices.kept_among(actor, about)
    own = rows.where(audience=NoticeAudience.UNIT) & represents_owner.where(actor, about)
    return mine | ~kept & (own | is_officer.where(actor, rows))


@predicate
def takes_paper(actor: Actor, notice: Notice) -> bool:
    """Enters an objection that came on paper: officers in charge; of an inner kind the members who keep its notices."""
    if (keepers := notices.keepers_of(notice.about.kind)) is not None:
        return keepers.holds.test(actor, registry.row_of(notice.about))
    return is_officer(actor, notice)


@takes_paper.beside
def _taken_by(actor: Actor, rows: Rows) -> Q:
    kept, mine = notices.kept_among(actor, rows.at("about", Record))
    return mine | ~kept & is_officer.where(actor, rows)


@predicate
def decides(actor: Actor, objection: Objection) -> bool:
    """Decides on an objection: officers in charge of the district who do not act for the noticed record's owner; of an
    inner kind the members who keep its notices."""
    about = objection.notice.about
    if (keepers := notices.keepers_of(about.kind)) is not None:
        return keepers.holds.test(actor, registry.row_of(about))
    return is_officer(actor, objection) and not represents_owner(actor, about)


@decides.beside
def _decided_by(actor: Actor, rows: Rows) -> Q:
    noticed = rows.at("notice", Notice).at("about", Record)
    kept, mine = notices.kept_among(actor, noticed)
    return mine | ~kept & is_officer.where(actor, rows) & ~represents_owner.where(actor, noticed)


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
