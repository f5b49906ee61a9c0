"""The page of a recommending unit: what waits for its letter, and its summary table (推荐汇总表) as a file."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.forms import RecommendForm
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.pages_list import ANY, call_crumbs
from kezhuan.areas.calls.permissions import recommends_to
from kezhuan.areas.calls.queries import recommended_by
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.calls.wording import letter_in_words, moment_in_words
from kezhuan.kernel import registry
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.text import wan_from_fen
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page

PART = 200
"""Applications that one letter is offered at once; after it the next stand there."""


@require_http_methods(ANY)
def call_recommend(request: Request, code: str) -> HttpResponseBase:
    """Recommend what chose the reader's unit, by a letter; everything of it that was handed in stands below."""
    row = get_visible(request.actor, Call, code)
    must_allow(recommends_to, request.actor, row, _("Applications are recommended by the units that the call names."))
    rows = [revealed(one) for one in recommended_by(request.actor, row)]
    title, back = _("Recommend applications"), faces.url_of(row.record)
    if exports.asks_for_file(request, beside_form=True):
        columns = [str(one.label) for one in _table(rows).columns]
        lines = [[str(number), *map(str, _line(one))] for number, one in enumerate(rows, 1)]
        return exports.table_file(
            request, columns, lines, name=f"{code}-推荐汇总表", title=_("Recommended applications")
        )
    waiting = [one for one in rows if one.record.stage == "offered"]

    def act(form: RecommendForm) -> str:
        typed = form.cleaned_data
        file, declared = typed.pop("file"), typed.pop("declared_open")
        letter = Upload(file.name, file.read(), declared) if file is not None else None
        recommend(actor=request.actor, call=row, letter=letter, **typed)
        return request.path

    def maker(posted: Any, files: Any) -> RecommendForm:
        choices = [(one.record.code, _name(one)) for one in waiting[:PART]]
        return RecommendForm(posted, files, waiting=choices, needs_scan=not row.letter_optional)

    return action_page(
        request,
        maker,
        act,
        title=title,
        intro=_("%(call)s · until %(moment)s. Open an application to read it, or to send it back with what is missing.")
        % {"call": name_of(row.record), "moment": moment_in_words(row.recommend_until)},
        submit_label=_("Recommend by this letter"),
        back=back,
        crumbs=call_crumbs(row, title),
        done=_("The officers in charge read what the letter recommends."),
        template="calls/recommend.html",
        waiting=waiting,
        table=_table(rows) if rows else None,
        endings=tuple(exports.MEDIA) if rows else (),
    )


def _name(one: Application) -> str:
    return f"{one.record.code} {one.record.title} · {one.applicant.record.title}"


def _table(rows: list[Application]) -> TableView:
    """The summary table: what was handed in to be recommended, item by item."""
    return TableView(
        (
            Column(_("No."), numeric=True),
            Column(_("Application")),
            Column(_("Item")),
            Column(_("Applicant")),
            Column(_("Who leads the work")),
            Column(_("Fiscal money asked for (万元)"), numeric=True),
            Column(_("Months"), numeric=True),
            Column(_("Stage")),
            Column(_("Letter of recommendation")),
        ),
        tuple((str(number), *_line(one)) for number, one in enumerate(rows, 1)),
        caption=_("Recommended applications"),
    )


def _line(one: Application) -> tuple[Any, ...]:
    stage = registry.kind_of("application").lifecycle.stages[one.record.stage]
    return (
        Cell(f"{one.record.code} {one.record.title}", faces.url_of(one.record)),
        f"{one.item.number} {one.item.title}",
        one.applicant.record.title,
        one.leader,
        wan_from_fen(one.asked_fen) if one.asked_fen is not None else "",
        str(one.months or ""),
        str(stage.label),
        letter_in_words(one),
    )
