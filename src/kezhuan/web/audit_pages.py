"""The page of the audit: what a month's journal holds, and the month as a file, for the auditors."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.engines.tables import csv_lines
from kezhuan.kernel import audit
from kezhuan.kernel.audit import Month, label_of
from kezhuan.web.components import Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail

CSV = "text/csv; charset=utf-8"


def _file(month: Month, rows: Iterator[Sequence[Any]]) -> StreamingHttpResponse:
    """The rows as CSV, sent while they are read."""
    answer = StreamingHttpResponse(csv_lines(audit.HEADER, rows), content_type=CSV)
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{month.name}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def audit_page(request: Request) -> HttpResponseBase:
    """How often each kind of entry was made in a month; whoever posts gets the month as CSV."""
    actor = request.actor
    audit.require_may_audit(actor)
    asked = request.POST.get("month") or request.GET.get("month", "")
    month = Month.read(asked) if asked else audit.present_month()
    if request.method == "POST":
        return _file(month, audit.take_month(actor, month))
    counts = audit.counts_of(actor, month)
    return page(
        request,
        "audit.html",
        title=_("Audit"),
        crumbs=trail((_("Home"), reverse("home")), _("Audit")),
        month=month.name,
        head=audit.head(),
        before_url=f"?{urlencode({'month': month.before})}",
        total=sum(number for _kind, number in counts),
        table=TableView(
            (Column(_("Entry")), Column(_("In words")), Column(_("Entries"), numeric=True)),
            tuple((kind, label_of(kind), f"{number:,}") for kind, number in counts),
        ),
    )
