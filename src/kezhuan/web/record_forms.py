"""Pages of forms: one on which any kind of record is entered or changed, one for a form that does one thing. Every
problem is told, and nothing that was typed is lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BaseFormSet, Form
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.components import Crumb, FormRows, FormSection, ProblemLine, Text
from kezhuan.web.forms import changed_rows, problems_of, without_blank_rows
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page

Rows = Mapping[str, "BaseFormSet[Any]"]


@dataclass(frozen=True)
class RowSet:
    """Rows of one sort in a form: how they are made, what they are called."""

    maker: Callable[..., Any]
    legend: Text
    add_label: Text
    hint: Text = ""


@dataclass(frozen=True)
class RecordForm:
    """What an area says of its form: fields and their groups, rows, how it starts, and where it goes back to."""

    title: Text
    maker: Callable[[QueryDict | None], Form]
    groups: Sequence[tuple[Text, Sequence[str]]]
    rows: Mapping[str, RowSet]
    initial_rows: Mapping[str, list[dict[str, Any]]]
    save: Callable[[Any, Rows], Any]
    crumbs: Sequence[Crumb]
    back: str
    version: int | None = None
    intro: Text = ""
    template: str = "form.html"


def expected_version(request: Request, present: int) -> int:
    """The version that the editor had in front of them."""
    return whole_number(request.POST.get("version", ""), present)


def form_page(request: Request, shown: RecordForm) -> HttpResponse:
    """Draw the form, add or remove a row, or save and go to the record; every problem is told, nothing is lost."""
    changed = changed_rows(request.POST)
    posted = changed if changed is not None else (request.POST if request.method == "POST" else None)
    rows = _rows(shown, posted)
    if posted is not None and changed is None:
        posted = without_blank_rows(posted, rows)
        rows = _rows(shown, posted)
    form = shown.maker(posted)
    problems: tuple[ProblemLine, ...] = ()
    status = 200
    if posted is not None and changed is None:
        status = 422
        if (marked := _marked(posted)) is not None:
            # Told before anything else that is wrong, and alone.
            problems = (ProblemLine(secrets_problem().message, f"id_{marked}"),)
        elif _all_valid(form, *rows.values()):
            saved, problems, status = _tried(lambda: shown.save(form, rows), form, rows)
            if saved is not None:
                record: Record = saved.record
                return redirect(faces.url_of(record))
        else:
            problems = problems_of(form, *rows.values())
    return page(
        request,
        shown.template,
        status=status,
        title=shown.title,
        intro=shown.intro,
        form=form,
        sections=tuple(FormSection(legend, tuple(form[name] for name in names)) for legend, names in shown.groups),
        rows=tuple(FormRows(one.legend, rows[name], one.add_label, one.hint) for name, one in shown.rows.items()),
        problems=problems,
        quiet=changed is not None,
        carried=[] if shown.version is None else [("version", str(shown.version))],
        submit_label=_("Save as draft") if shown.version is None else _("Save"),
        cancel_url=shown.back,
        crumbs=shown.crumbs,
    )


def _rows(shown: RecordForm, posted: QueryDict | None) -> Rows:
    rows = {
        name: one.maker(posted, initial=shown.initial_rows.get(name), prefix=name) for name, one in shown.rows.items()
    }
    for row in (one for formset in rows.values() for one in formset.forms):
        row.empty_permitted = False  # a row that is half filled is told of, whatever the browser counted
    return rows


def action_page(
    request: Request,
    maker: Callable[..., Any],
    act: Callable[[Any], HttpResponseBase | str],
    *,
    title: Text,
    submit_label: Text,
    back: str,
    crumbs: Sequence[Crumb],
    template: str = "form.html",
    conflict_at: str = "",
    **more: Any,
) -> HttpResponseBase:
    """Draw a form that does one thing, or do it; `act` takes the valid form and says where to go on, or answers itself.

    `maker` takes what was posted and the files, or None twice. `conflict_at` is the field that a `Conflict` is about.
    """
    posted = request.method == "POST"
    form = maker(request.POST if posted else None, request.FILES if posted else None)
    problems: tuple[ProblemLine, ...] = ()
    status = 200
    if posted and form.is_valid():
        done, problems, status = _tried(lambda: act(form), form, {}, conflict_at)
        if done is not None:
            return redirect(done) if isinstance(done, str) else done
    elif posted:
        problems, status = problems_of(form), 422
    return page(
        request,
        template,
        status=status,
        title=title,
        form=form,
        problems=problems,
        submit_label=submit_label,
        cancel_url=back,
        crumbs=crumbs,
        **more,
    )


def _tried(
    write: Callable[[], Any], form: Form, rows: Rows, conflict_at: str = ""
) -> tuple[Any, tuple[ProblemLine, ...], int]:
    """What writing gave, or nothing, the problems and the status to answer with."""
    try:
        return write(), (), 200
    except Refused as refused:
        return None, tuple(ProblemLine(one.message, _target(one.field, form, rows)) for one in refused.problems), 422
    except Conflict as conflict:
        return None, (ProblemLine(str(conflict), _target(conflict_at, form, rows)),), 409


def _marked(posted: QueryDict) -> str | None:
    """The name of the first field that names a class of state secrets or holds its mark."""
    return next(
        (name for name, values in posted.lists() if any(has_classification_mark(str(value)) for value in values)), None
    )


def _all_valid(*forms: Any) -> bool:
    """Whether all are valid; each is asked, so that every problem is told at once."""
    return sum(not one.is_valid() for one in forms) == 0


def _target(field: str, form: Form, rows: Rows) -> str:
    """The id of the element a problem stands at; none when the page does not ask for it."""
    return f"rows-{field}" if field in rows else f"id_{field}" if field in form.fields else ""
