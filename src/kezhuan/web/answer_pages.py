"""The public page of answer times: how soon those who are asked answer, by kind of organisation."""

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.kernel import answer_times, registry
from kezhuan.kernel.models import AnswerTime
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.workdays import WORKING
from kezhuan.web import exports
from kezhuan.web.components import Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail


@takes_a_list
def answer_times_page(request: Request) -> HttpResponse:
    """Median, 95th percentile and share in time of the last year's answers, for everybody."""
    rows = [row for row in answer_times.shown() if row.record_kind in {kind.slug for kind in registry.kinds()}]
    columns = (
        Column(_("Who was asked")),
        Column(_("For what")),
        Column(_("Answers"), numeric=True),
        Column(_("Half of them within"), numeric=True),
        Column(_("95 % within"), numeric=True),
        Column(_("In time"), numeric=True),
        Column(_("Overdue now"), numeric=True),
    )
    title, table = _("Answer times"), TableView(columns, tuple(_line(row) for row in rows))
    if exports.asks_for_file(request):
        return exports.shown_file(request, table, name="answer-times", title=title)
    return page(
        request,
        "answer_times.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        table=table if rows else None,
        endings=tuple(exports.MEDIA) if rows else (),
        counted_at=rows[0].counted_at if rows else None,
        least=answer_times.LEAST,
    )


def _line(row: AnswerTime) -> tuple[str, ...]:
    kind = registry.kind_of(row.record_kind)
    asked = row.answered + row.overdue
    return (
        capfirst(str(OrganisationKind(row.organisation_kind).label)),
        f"{capfirst(str(kind.label))} · {registry.waits_as(kind, row.stage)}",
        f"{row.answered:,}",
        _days(row.median_days, row.day_kind),
        _days(row.most_days, row.day_kind),
        _("%(share)s %%") % {"share": row.in_time * 100 // asked},
        f"{row.overdue:,}",
    )


def _days(number: int | None, day_kind: str) -> str:
    if number is None:
        return "–"
    if day_kind == WORKING:
        return ngettext("%(number)s working day", "%(number)s working days", number) % {"number": number}
    return ngettext("%(number)s calendar day", "%(number)s calendar days", number) % {"number": number}
