"""The payment list of the officers in charge: what is due and paid, as a file for the finance office, and read back."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.projects.models import Payment, PaymentState
from kezhuan.areas.projects.payment_list import ROWS, headers, lines, occasion_of
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.queries import payments_visible_to, rooms_of
from kezhuan.areas.projects.reading_actions import VOUCHERS, read_vouchers
from kezhuan.exchange.models import Reading
from kezhuan.exchange.uploads import open_upload
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import listed
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, TableView, Tag, Tone
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.reading_pages import SentFileForm, sending_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day, wan

SHOWN = 200
PATHS = {"call": "project__application__item__call__record__code", "project": "project__record__code"}
"""What a list of payments is narrowed down to by the codes in its address."""
TONES: dict[str, Tone] = {PaymentState.DUE: "wait", PaymentState.PAID: "ok"}


@takes_a_list
def payment_list(request: Request) -> HttpResponse:
    """The fiscal payments of the projects that the reader is in charge of; by default those that are due."""
    if not request.actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the officers in charge of projects see the payment list."))
    title, asked = _("Payment list"), request.GET.get("state", PaymentState.DUE)
    state = asked if asked in {PaymentState.PLANNED, PaymentState.DUE, PaymentState.PAID} else ""
    rows = payments_visible_to(request.actor)
    rows = rows.filter(state=state) if state else rows
    of = {name: request.GET[name] for name in ("call", "project") if request.GET.get(name)}
    rows = rows.filter(**{PATHS[name]: code for name, code in of.items()})
    more = f"&{urlencode(of)}" if of else ""
    if exports.asks_for_file(request):
        found = list(rows[: exports.MOST_LINES + 1])
        return exports.table_file(request, headers(), lines(found), name="payments", title=title)
    shown, sums = list(rows[:SHOWN]), rows.order_by().aggregate(count=Count("pk"), fen=Sum("planned_fen"))
    return page(
        request,
        "projects/payments.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        of=listed(of.values()),
        states=[(_("all"), f"?state=all{more}", not state)]
        + [
            (str(one.label), f"?state={one.value}{more}", state == one)
            for one in (PaymentState.PLANNED, PaymentState.DUE, PaymentState.PAID)
        ],
        table=_table(shown),
        rooms=_rooms(shown),
        total=_("Payments: %(count)s; together %(fen)s") % {"count": sums["count"], "fen": wan(sums["fen"] or 0)},
        most=SHOWN if sums["count"] > SHOWN else 0,
        endings=tuple(exports.MEDIA) if shown else (),
        ways=(
            (_("Read back the payment list"), reverse("payments-read-back")),
            (_("Execution of the budget (执行进度)"), reverse("execution")),
            (_("Performance (绩效)"), reverse("performance")),
            (_("Consortia (创新联合体)"), reverse("consortia")),
            (_("Reports"), reverse("report", args=["yearly"])),
        ),
    )


def _table(rows: list[Payment]) -> TableView:
    return TableView(
        columns=(
            Column(_("Payment")),
            Column(_("Project")),
            Column(_("Payee")),
            Column(_("Paid when")),
            Column(_("Due on")),
            Column(_("Amount"), numeric=True),
            Column(_("State")),
            Column(_("Voucher")),
        ),
        rows=tuple(
            (
                one.code,
                Cell(name_of(one.project.record), faces.url_of(one.project.record)),
                name_of(one.unit.record),
                occasion_of(one),
                day(one.due_on) if one.due_on else "",
                wan(one.planned_fen),
                Cell("", tag=Tag(one.get_state_display(), TONES.get(one.state, "neutral"))),
                f"{one.voucher} {day(one.paid_on)}" if one.paid_on else "",
            )
            for one in rows
        ),
    )


def _rooms(rows: list[Payment]) -> list[tuple[str, str]]:
    """The room of the budget line of each call that is paid for here."""
    calls = {one.project.application.item.call_id: one.project.application.item.call for one in rows}
    rooms = rooms_of(list(calls.values()))
    return [
        (
            " · ".join(filter(None, (call.record.code, str(call.budget_year or ""), call.budget_subject,
                                     call.budget_document))),
            wan(rooms[call.pk]),
        )
        for call in calls.values()
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def payments_read_back(request: Request) -> HttpResponseBase:
    """Send the list back as the finance office filled it in; every row is answered."""

    def send(typed: dict[str, Any]) -> Reading:
        file = typed["file"]
        source = open_upload(ROWS, file.name, file.read())
        return read_vouchers(actor=request.actor, source=source, name=file.name)

    return sending_page(
        request,
        VOUCHERS,
        SentFileForm,
        send,
        way=(_("Payment list"), reverse("payments")),
        intro=_("Number of the voucher and day of payment stand in the row of the payment. A second reading changes"
                " nothing."),
    )  # fmt: skip
