"""Pages of forms: one on which any kind of record is entered or changed, one for a form that does one thing. Every
problem is told, and nothing that was typed is lost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet, BooleanField, Form
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kezhuan.kernel import approvals, registry
from kezhuan.kernel.checks import run_checks
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.web import faces
from kezhuan.web.autosaving import autosave_answer, is_autosave
from kezhuan.web.components import Crumb, FormRows, FormSection, ProblemLine, Text
from kezhuan.web.forms import changed_rows, problems_of, target_of, without_blank_rows
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page

Rows = Mapping[str, "BaseFormSet[Any]"]
BEFORE = "before"
"""Query key of a record's form: the move before which its checks are told."""


@dataclass(frozen=True)
class RowSet:
    """Rows of one sort in a form: how they are made, what they are called."""

    maker: Callable[..., Any]
    legend: Text
    add_label: Text
    hint: Text = ""
    only_if: str = ""
    """Name and value of a field: with scripts the rows stand there only while it has that value."""


@dataclass(frozen=True)
class RecordForm:
    """What an area says of its form: fields and their groups, rows, how it starts, and where it goes back to.

    `check` finds what is wrong with what was typed, also while a field cannot be read, so that everything is told at
    once. `row` is what is being changed: its form can be asked for with what keeps it from a move (see `edit_for`).
    """

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
    check: Callable[[Any, Rows], Iterable[Problem]] = lambda _form, _rows: ()
    row: Any = None
    first: Text = ""
    """What the button says while there is no record yet; empty where it begins as a draft."""
    beside: Callable[[], Text] | None = None
    """Where given, the form is saved as it is written, and this is said beside (see `web.autosaving`)."""
    posted: QueryDict | None = None
    """What counts as posted where that is not what the browser sent: files that were kept are named in it."""
    action: str = ""
    """Where the form is sent to; empty where to its own address."""


def expected_version(request: Request, present: int) -> int:
    """The version that the editor had in front of them."""
    return whole_number(request.POST.get("version", ""), present)


def _ticked(shown: RecordForm, name: str) -> list[str]:
    """The boxes that are ticked in a new row: a row that nobody touched is as it was begun, and left out."""
    fields = shown.rows[name].maker(None, prefix=name).form.base_fields if name in shown.rows else {}
    return [name for name, field in fields.items() if isinstance(field, BooleanField) and field.initial]


def form_page(request: Request, shown: RecordForm) -> HttpResponse:
    """Draw the form, add or remove a row, or save and go to the record; every problem is told, nothing is lost."""
    sent = shown.posted if shown.posted is not None else request.POST
    changed = changed_rows(sent, lambda name: _ticked(shown, name))
    posted = changed if changed is not None else (sent if request.method == "POST" else None)
    rows = _rows(shown, posted)
    if posted is not None and changed is None:
        posted = without_blank_rows(posted, rows)
        rows = _rows(shown, posted)
    form = shown.maker(posted)
    problems: tuple[ProblemLine, ...] = ()
    status = 200
    if posted is not None and changed is None:
        saved, problems, status = _saved(shown, posted, form, rows)
        if shown.beside is not None and is_autosave(request):
            return autosave_answer(request, saved, problems, status, shown.beside)
        if saved is not None:
            messages.success(request, _draft_told(saved) if _is_draft(shown, saved) else _("Saved."))
            return redirect(saved if isinstance(saved, str) else faces.url_of(saved.record))
    elif shown.row is not None:
        apart = faces.elsewhere_urls(request.actor, shown.row)
        problems = _told(_kept_from(shown.row, request.GET.get(BEFORE, "")), form, rows, apart)
    return page(
        request,
        shown.template,
        status=status,
        title=shown.title,
        intro=shown.intro,
        form=form,
        sections=tuple(FormSection(legend, tuple(form[name] for name in names)) for legend, names in shown.groups),
        rows=tuple(
            FormRows(one.legend, rows[name], one.add_label, one.hint, one.only_if) for name, one in shown.rows.items()
        ),
        problems=problems,
        quiet=changed is not None,
        autosaves=shown.beside is not None and status != HTTPStatus.CONFLICT,
        action_url=shown.action,
        ends_approval=shown.row is not None and approvals.ended_by_change(shown.row.record),
        carried=[] if shown.version is None else [("version", str(shown.version))],
        submit_label=_("Save") if shown.version is not None else shown.first or _("Save as draft"),
        cancel_url=shown.back,
        crumbs=shown.crumbs,
    )


def _is_draft(shown: RecordForm, saved: Any) -> bool:
    """Whether what was saved still has to be submitted: it begins as a draft, or was begun as one before, also by files
    that came with a form that was refused."""
    begun = shown.version is not None
    return not (shown.first or (begun and (isinstance(saved, str) or saved.record.stage != "draft")))


def _draft_told(saved: Any) -> str:
    """That a draft was kept, and by which step it goes on when it is complete."""
    moves = () if isinstance(saved, str) else registry.kind_of(saved.record).lifecycle.moves.values()
    onward = next((one for one in moves if "draft" in one.source and not one.danger), None)
    if onward is None or onward.name == "submit":
        return _("Saved as a draft. Submit it when it is complete.")
    return _("Saved as a draft. The next step when it is complete: “%(move)s”.") % {"move": onward.label}


def _saved(shown: RecordForm, posted: QueryDict, form: Form, rows: Rows) -> tuple[Any, tuple[ProblemLine, ...], int]:
    """What saving gave, or nothing, every problem and the status to answer with."""
    if (marked := _marked(posted)) is not None:
        # Told before anything else that is wrong, and alone.
        return None, (ProblemLine(secrets_problem().message, f"id_{marked}"),), 422
    _all_valid(form, *rows.values())
    unread = problems_of(form, *rows.values(), legends=[one.legend for one in shown.rows.values()])
    broken = _told((one for one in shown.check(form, rows) if not _is_told(one.field, form, rows)), form, rows)
    if unread or broken:
        return None, (*unread, *broken), 422
    return _tried(lambda: shown.save(form, rows), form, rows)


def edit_for(edit: str, move: str) -> str:
    """The address of a record's form (see `faces.edit_url`) that tells what keeps the record from a move."""
    return f"{edit}?{BEFORE}={move}"


def _kept_from(row: Any, name: str) -> Sequence[Problem]:
    """What keeps a record from a move that could be taken now."""
    move = registry.kind_of(row.record).lifecycle.moves.get(name)
    return run_checks(row, move.checks) if move is not None and row.record.stage in move.source else ()


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
    done: Text = "",
    **more: Any,
) -> HttpResponseBase:
    """Draw a form that does one thing, or do it; `act` takes the valid form and says where to go on, or answers itself.

    `maker` takes what was posted and the files, or None twice. `conflict_at` is the field that a `Conflict` is about,
    `done` the sentence that is said on the page where one goes on.
    """
    posted = request.method == "POST"
    form = maker(request.POST if posted else None, request.FILES if posted else None)
    problems: tuple[ProblemLine, ...] = ()
    status = 200
    if posted and form.is_valid():
        answer, problems, status = _tried(lambda: act(form), form, {}, conflict_at)
        if isinstance(answer, str) and done:
            messages.success(request, str(done))
        if answer is not None:
            return redirect(answer) if isinstance(answer, str) else answer
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


def entry_page(
    request: Request,
    row: Any,
    maker: Callable[..., Any],
    act: Callable[[Any], object],
    *,
    title: Text,
    submit_label: Text = "",
    done: Text = "",
    **more: Any,
) -> HttpResponseBase:
    """Draw a form that enters one thing about a record, or enter it and go back to the record's page.

    As `action_page`, which takes what else is given; `act` takes the valid form, and what it returns is not looked at.
    """
    back = faces.url_of(row.record)

    def entered(form: Any) -> str:
        act(form)
        return back

    return action_page(
        request,
        maker,
        entered,
        title=title,
        submit_label=submit_label or _("Save"),
        back=back,
        crumbs=record_trail(row.record, title),
        done=done or _("Saved."),
        **more,
    )


def confirm_page(
    request: Request,
    act: Callable[[], HttpResponseBase | None],
    *,
    title: Text,
    sentence: Text,
    submit_label: Text,
    back: str,
    crumbs: Sequence[Crumb],
    done: Text = "",
    carried: Sequence[tuple[str, object]] = (),
    grave: bool = True,
) -> HttpResponseBase:
    """Ask once whether a step is meant, or do it and go back, unless `act` answers itself. A `grave` one ends, removes
    or closes something and is red, as a move of danger is; one that begins or agrees to something is not.
    `carried` are names and values that are posted with the answer."""
    return action_page(
        request,
        Form,
        lambda _form: act() or back,
        title=title,
        sentence=sentence,
        submit_label=submit_label,
        back=back,
        crumbs=crumbs,
        done=done,
        template="confirm.html",
        danger=grave,
        carried=carried,
    )


def _tried(
    write: Callable[[], Any], form: Form, rows: Rows, conflict_at: str = ""
) -> tuple[Any, tuple[ProblemLine, ...], int]:
    """What writing gave, or nothing, the problems and the status to answer with."""
    try:
        return write(), (), 200
    except Refused as refused:
        return None, _told(refused.problems, form, rows), 422
    except Conflict as conflict:
        return None, _told([Problem("conflict", str(conflict), conflict_at)], form, rows), 409


def _told(
    problems: Iterable[Problem], form: Form, rows: Rows, apart: Mapping[str, str] = MappingProxyType({})
) -> tuple[ProblemLine, ...]:
    """Problems as the page lists them; each is said at its field as well, or leads to a page `apart` (address by field)
    on which that is entered."""
    lines = []
    for one in problems:
        if one.field in rows:
            errors, target = rows[one.field].non_form_errors(), f"id_{one.field}"
        elif one.field in form.fields:
            errors, target = form.errors.setdefault(one.field, form.error_class()), target_of(form[one.field])
        else:
            errors, target = None, ""
        if errors is not None:
            errors.append(str(one.message))
        lines.append(ProblemLine(one.message, target, "" if target else apart.get(one.field, "")))
    return tuple(lines)


def _is_told(field: str, form: Form, rows: Rows) -> bool:
    """Whether something is wrong with a field that could not even be read: a check would only say so again."""
    return field in form.errors or (field in rows and rows[field].total_error_count() > 0)


def _marked(posted: QueryDict) -> str | None:
    """The name of the first field that names a class of state secrets or holds its mark."""
    return next(
        (name for name, values in posted.lists() if any(has_classification_mark(str(value)) for value in values)), None
    )


def _all_valid(*forms: Any) -> bool:
    """Whether all are valid; each is asked, so that every problem is told at once."""
    return sum(not one.is_valid() for one in forms) == 0
