"""What is asked of the project library: entries and budget documents as an officer in charge reads them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application, BudgetDocument, LibraryEntry
from kezhuan.areas.calls.permissions import PROGRAMME
from kezhuan.exchange.sheets import speaks_chinese
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import wan_from_fen

TOLD = (
    "application__record__owner__record",
    "application__applicant__record",
    "application__item__call__record",
    "document",
)
HEADS = (
    ("序号", "place"), ("申报书编号", "application"), ("项目名称", "project"), ("申报单位", "applicant"),
    ("征集编号", "call"),
    ("金额(万元)", "amount (万元)"), ("入库日期", "since"), ("出库日期", "left on"), ("预算文件", "budget document"),
    ("预算年度", "budget year"), ("科目", "subject"), ("安排金额(万元)", "funded (万元)"),
)  # fmt: skip


def require_keeper(actor: Actor) -> None:
    """Raises `NotAllowed` but for the officers in charge of calls."""
    if not (actor.is_officer and actor.regions_of(PROGRAMME)):
        raise NotAllowed(_("The project library is kept by the officers in charge of calls."))


def entries_of(actor: Actor) -> QuerySet[LibraryEntry]:
    """The entries that the actor is in charge of, in their order."""
    own = is_officer.among(actor, Application.objects.all())
    return LibraryEntry.objects.filter(application__in=own.values("pk")).select_related(*TOLD)


def waiting_for(actor: Actor) -> QuerySet[LibraryEntry]:
    """Those of them that have not left."""
    return entries_of(actor).filter(left_on=None)


def documents_of(actor: Actor) -> QuerySet[BudgetDocument]:
    """The budget documents that name projects which the actor is in charge of, or were entered for their districts; the
    newest first."""
    regions = actor.regions_of(PROGRAMME)
    own = Q(entries__in=entries_of(actor).values("pk"))
    own |= Q() if "" in regions else Q(region__in=list(regions))
    rows = BudgetDocument.objects.all() if "" in regions else BudgetDocument.objects.filter(own)
    return rows.distinct().order_by("-issued_on", "-pk")


def headers() -> list[str]:
    """The headers of the library as a file, in the reader's language."""
    return [zh if speaks_chinese() else en for zh, en in HEADS]


def lines(rows: Sequence[LibraryEntry]) -> list[list[Any]]:
    """Its rows."""
    return [
        [
            one.place, one.application.record.code, one.application.record.title,
            one.application.applicant.record.title, one.application.item.call.record.code,
            wan_from_fen(one.amount_fen), one.since, one.left_on,
            *((one.document.number, one.document.year, one.document.subject, wan_from_fen(one.funded_fen or 0))
              if one.document is not None else ("", "", "", "")),
        ]
        for one in rows
    ]  # fmt: skip
