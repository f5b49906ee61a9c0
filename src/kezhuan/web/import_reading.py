"""How a file is to be read: the sheet, what each header stands for, what happens to records that are there already."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.engines.tables import Unusable
from kezhuan.engines.tables.looking import Look, look_at
from kezhuan.exchange import actions
from kezhuan.exchange.kinds import importable
from kezhuan.exchange.models import Import, ImportMapping
from kezhuan.exchange.owners import Owners
from kezhuan.exchange.sheets import CODE
from kezhuan.exchange.uploads import source_of, unusable_problem
from kezhuan.kernel import registry
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.text import clean, language
from kezhuan.web.components import ProblemLine
from kezhuan.web.forms import problems_of
from kezhuan.web.import_forms import ReadingForm
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail


def crumbs(*last: Any) -> Any:
    """The way to the pages of one import."""
    return trail((_("Home"), "/"), (_("Imports"), reverse("imports")), *last)


def _look(kept: Import, sheet: str | None) -> Look:
    """The file at first sight, read as this organisation chose for its last one; raises `Refused`."""
    mapping = {**_remembered(kept), **kept.options.get("mapping", {})}
    try:
        return look_at(source_of(kept), importable(kept.kind).columns, sheet=sheet, mapping=mapping)
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None


def _remembered(kept: Import) -> dict[str, str]:
    """What the organisation chose the headers of its files of this kind to stand for."""
    known = ImportMapping.objects.filter(organisation=kept.acting_for_id, kind=kept.kind).first()
    return known.headers if known is not None else {}


def check(request: Request, kept: Import) -> HttpResponse:
    """Take the answers and have all rows looked at, or say what is wrong with them."""
    kind = importable(kept.kind)
    look = _look(kept, request.POST.get("sheet") or None)
    form = ReadingForm(request.POST, kind=kind, is_inner=kept.is_inner, look=look)
    if not form.is_valid():
        return reading_page(request, kept, form=form, look=look)
    owner = None
    if named := form.cleaned_data.get("owner", "").strip():
        owner = Owners().named((named,))
        if owner is None:
            message = _("There is no registered organisation of this name or code; register or import it first.")
            form.add_error("owner", message)
            return reading_page(request, kept, form=form, look=look)
    needed = (*kind.needs_one_of, CODE.name)
    if not any(name in needed for name in form.mapping.values()):
        header_of = {one.name: one.header for one in kind.sheet.columns}
        headers = "、".join(header_of[name] for name in needed)
        form.add_error(None, _("Choose at least one of these columns: %(headers)s.") % {"headers": headers})
        return reading_page(request, kept, form=form, look=look)
    options = {
        "sheet": look.sheet,
        "mapping": form.mapping,
        "on_match": form.cleaned_data["on_match"],
        "match_key": form.cleaned_data["match_key"],
        "owner": owner.pk if owner else None,
        "language": language(),
        "reason": clean(form.cleaned_data.get("reason", "")),
    }
    try:
        actions.check_import(actor=request.actor, kept=kept, options=options)
    except Refused as refused:
        for one in refused.problems:
            form.add_error(one.field if one.field in form.fields else None, one.message)
        return reading_page(request, kept, form=form, look=look)
    return redirect("import", number=kept.pk)


def reading_page(
    request: Request, kept: Import, *, form: ReadingForm | None = None, look: Look | None = None
) -> HttpResponse:
    """What each header is taken for, with its first values, and what happens to records that are there already."""
    kind = importable(kept.kind)
    if look is None:
        look = _look(kept, request.GET.get("sheet") or kept.options.get("sheet"))
    if form is None:
        form = ReadingForm(kind=kind, is_inner=kept.is_inner, look=look, initial=_chosen(kept))
    problems = problems_of(form) if form.is_bound else ()
    error = kept.job.error if kept.job is not None and kept.has_failed else ""
    return page(
        request,
        "import_reading.html",
        status=422 if problems else 200,
        title=_("How the file is read"),
        intro=f"{kept.file_name} · {capfirst(str(registry.kind_of(kept.kind).plural))}",
        crumbs=crumbs(str(kept.pk)),
        form=form,
        problems=(*problems, *((ProblemLine(error),) if error else ())),
        sheets=look.sheets if len(look.sheets) > 1 else (),
        sheet=look.sheet or "",
        remembered="mapping" not in kept.options and not _remembered(kept).keys().isdisjoint(look.headers),
        rows=[form[name] for name in ("owner", "reason", "on_match", "match_key") if name in form.fields],
    )


def _chosen(kept: Import) -> dict[str, Any]:
    return {name: kept.options[name] for name in ("on_match", "match_key", "reason") if name in kept.options}
