"""Pages on which a panel is made and changed."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.forms import Criteria, PanelForm, check_panel, initial_new, initial_of_panel, panel_facts
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.pages_panels import ANY, panel_crumbs, panel_edit_url
from kezhuan.areas.reviews.panel_actions import edit_panel, foreseen_for, prepare_panel
from kezhuan.areas.reviews.permissions import may_judge
from kezhuan.areas.reviews.queries import PANEL_TOLD
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page


@require_http_methods(ANY)
def panel_new(request: Request, code: str) -> HttpResponse:
    """Make a panel about a record."""
    actor = request.actor
    about = get_visible(actor, Record, code)
    if not may_judge(actor, about.kind):
        raise NotAllowed(_("Panels are made by the officers in charge of what is judged."))
    title = _("Make a review panel")
    fields, rows = initial_new(_("Review: %(title)s") % {"title": name_of(about)}, foreseen_for(about))
    parts = judging.judging_of(about.kind).parts(about)

    def save(form: PanelForm, typed: Rows) -> Panel:
        chosen = form.cleaned_data.get("parts", ())
        return prepare_panel(actor=actor, about=about, facts=panel_facts(form, typed), parts=chosen)

    return form_page(request, _form(title, save, fields, rows, back=faces.url_of(about), parts=parts))


@require_http_methods(ANY)
def panel_edit(request: Request, code: str) -> HttpResponse:
    """Change a panel before its experts score."""
    row = get_visible(request.actor, Panel, code, related=PANEL_TOLD[1:3])
    must_allow(panel_edit_url, request.actor, row, _("A panel is changed before its experts score."))
    fields, rows = initial_of_panel(row)
    version = row.record.version

    def save(form: PanelForm, typed: Rows) -> Panel:
        expected = expected_version(request, version)
        return edit_panel(actor=request.actor, panel=row, facts=panel_facts(form, typed), expected_version=expected)

    return form_page(request, _form(_("Change the panel"), save, fields, rows, back=faces.url_of(row.record), row=row))


def _form(
    title: str,
    save: Callable[[Any, Rows], Panel],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    *,
    back: str,
    row: Panel | None = None,
    parts: Sequence[judging.Part] = (),
) -> RecordForm:
    return RecordForm(
        title=title,
        maker=lambda posted: PanelForm(posted, initial=fields, parts=parts),
        groups=PanelForm(parts=parts).groups,
        rows={
            "criteria": RowSet(
                Criteria,
                _("Criteria"),
                _("Add a criterion"),
                _("Weights add up to 100 percent; marks go from 0 to 100."),
            )
        },
        initial_rows=rows,
        save=save,
        crumbs=panel_crumbs(title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=check_panel,
        first=title,
        intro="" if row is not None else _("It judges all that is ready to be judged now."),
    )
