"""Pages of files that come back filled in: send one, and see what became of each of its rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kezhuan.exchange.models import Reading, ReadingRow, RowOutcome
from kezhuan.exchange.reading_actions import CHECK, ReadingKind, carry_out, kind_of, readings_of
from kezhuan.kernel.access import visible_to
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, TableView, Tag, Text, Tone
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

SHOWN = 200
"""Rows on the page; the file holds all."""
TONES: dict[RowOutcome, Tone] = {
    RowOutcome.TAKEN: "ok",
    RowOutcome.PART: "ok",
    RowOutcome.SAME: "neutral",
    RowOutcome.DIFFERS: "no",
    RowOutcome.UNKNOWN: "wait",
    RowOutcome.REFUSED: "wait",
}


class SentFileForm(forms.Form):
    """A file in the columns of an export, as another house filled it in."""

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy(".xlsx, .csv, .tsv or .jsonl, in the columns of the export.")
    )
    declared_open = forms.BooleanField(
        label=gettext_lazy("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here."),
        error_messages={"required": gettext_lazy("Declare that the file holds no state secret, then send it again.")},
    )


def sending_page(
    request: Request,
    kind: ReadingKind,
    maker: type[SentFileForm],
    send: Callable[[dict[str, Any]], Reading],
    *,
    way: tuple[str, str],
    intro: str,
) -> HttpResponseBase:
    """Draw the form that sends a file of a sort, or send it: one goes on to its job. `way` is the list behind it."""
    if not kind.may(request.actor):
        raise NotAllowed(kind.refusal)

    def act(form: Any) -> HttpResponseBase:
        return redirect("job", number=send(form.cleaned_data).job_id)

    return action_page(
        request,
        maker,
        act,
        title=kind.label,
        intro=intro,
        submit_label=_("Read back"),
        back=way[1],
        crumbs=trail((_("Home"), "/"), way, kind.label),
    )


@takes_a_list
def reading(request: Request, number: int) -> HttpResponse:
    """What became of each row of a file, for the office that sent it; of a record that a reader there may not see
    nothing is told but what the file says."""
    found = _found(request, number)
    kind, rows = kind_of(found), found.rows.select_related("record")
    only_check = bool(found.options.get(CHECK))
    if exports.asks_for_file(request):
        return exports.shown_file(request, _table(request, kind, rows, only_check), name="readings", title=kind.label)
    counted = Counter(found.rows.values_list("outcome", flat=True))
    return page(
        request,
        "reading.html",
        title=kind.label,
        crumbs=trail((_("Home"), "/"), (kind.label, reverse(kind.page)), found.file_name or str(found.pk)),
        file=found.file_name,
        only_check=only_check,
        waiting=counted[""],
        counts=[(_tag(kind, one, only_check), counted[one]) for one in RowOutcome if counted[one]],
        table=_table(request, kind, rows[:SHOWN], only_check),
        most=SHOWN if sum(counted.values()) > SHOWN else 0,
        endings=tuple(exports.MEDIA),
        again=reverse(kind.page),
        carry_out=reverse("reading-carry-out", args=[found.pk])
        if only_check and not counted[""] and not found.emptied
        else "",
    )


@require_POST
def reading_carry_out(request: Request, number: int) -> HttpResponse:
    """Carry out a file that was only checked; it is not sent again."""
    return redirect("job", number=carry_out(actor=request.actor, reading=_found(request, number)).job_id)


def _found(request: Request, number: int) -> Reading:
    found = readings_of(request.actor).filter(pk=number).first()
    if found is None:
        raise Missing(str(number))
    return found


def _tag(kind: ReadingKind, outcome: RowOutcome, only_check: bool) -> Tag:
    said: Text = kind.words.get(outcome, outcome.label)
    if only_check and outcome in {RowOutcome.TAKEN, RowOutcome.PART}:
        said = _("would be: %(outcome)s") % {"outcome": said}
    return Tag(said, TONES[outcome])


def _name(row: ReadingRow, known: Record) -> str:
    """What the file calls a record, or the name that it has in the reader's language."""
    name = name_of(known)
    return name if name != known.title else row.title or name


def _table(request: Request, kind: ReadingKind, rows: Iterable[ReadingRow], only_check: bool) -> TableView:
    columns = (Column(_("Row"), numeric=True), Column(_("Number")), Column(_("Result")), Column(_("Reason")))
    shown = list(rows)
    named = {one.record_id for one in shown if one.record_id is not None}
    seen = set(visible_to(request.actor, Record.objects.filter(pk__in=named)).values_list("pk", flat=True))
    lines = []
    for one in shown:
        known = one.record if one.record_id in seen else None
        hidden = one.record is not None and known is None
        name = f"{known.code} {_name(one, known)}" if known is not None else one.title
        tag = _tag(kind, RowOutcome(one.outcome), only_check) if one.outcome else None
        lines.append(
            (
                str(one.row),
                Cell(name, faces.url_of(known)) if known is not None else name,
                Cell("", tag=tag) if tag is not None else "",
                "" if hidden else one.reason,
            )
        )
    return TableView(columns, tuple(lines))
