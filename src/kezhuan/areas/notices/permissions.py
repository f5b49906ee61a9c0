"""Who holds a notice, who may object to it, and who decides on objections."""

from kezhuan.kernel.access import Actor, can_view, is_officer, predicate
from kezhuan.kernel.models import Notice, Objection
from kezhuan.kernel.models.notices import NoticeAudience
from kezhuan.kernel.notices import RUNNING, represents_subject
from kezhuan.kernel.text import today


@predicate
def runs(actor: Actor, notice: Notice) -> bool:
    """Starts, completes or stops a notice and records where it stands (the same people as may prepare it)."""
    inside = notice.audience == NoticeAudience.UNIT and represents_subject(actor, notice.about)
    return inside or bool(is_officer.test(actor, notice))


@predicate
def decides(actor: Actor, objection: Objection) -> bool:
    """Decides on an objection: officers in charge of the district who do not act for the noticed record's owner."""
    return bool(is_officer.test(actor, objection)) and not represents_subject(actor, objection.notice.about)


def takes_objections(notice: Notice) -> bool:
    """Whether objections are taken today: from the start until the last day for them."""
    running = notice.record.stage == RUNNING
    return running and (notice.objections_until is None or today() <= notice.objections_until)


def may_object(actor: Actor, notice: Notice) -> bool:
    """Whether the actor, who need not be signed in, may object: everybody before whom it is laid open, in its time."""
    return takes_objections(notice) and can_view(actor, notice.record, "public")
