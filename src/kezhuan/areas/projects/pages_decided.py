"""Every decision about a project or a race, for its officers and whoever inspects it."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kezhuan.areas.calls.decided import Decided
from kezhuan.areas.projects.decided import HATS, decided_about, decided_in_race
from kezhuan.areas.projects.models import Project, Race
from kezhuan.areas.projects.pages import WHOLE, crumbs_of
from kezhuan.areas.projects.pages_races import race_crumbs
from kezhuan.areas.projects.permissions import reads_decisions
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.text import bracketed, listed
from kezhuan.web import exports
from kezhuan.web.components import Column, Crumb, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import moment


@takes_a_list
def project_decisions(request: Request, code: str) -> HttpResponse:
    """Everything that was decided about a project, by whom, and who was barred from it."""
    row = get_visible(request.actor, Project, code, related=WHOLE)
    _require_reader(request, row)
    title = _("Who decided, and who was barred")
    return _shown(request, title, crumbs_of(row, title), _table(decided_about(request.actor, row), each=False))


@takes_a_list
def race_decisions(request: Request, code: str) -> HttpResponse:
    """What a race decided about each of its teams, by whom, and who was barred from it."""
    row = get_visible(request.actor, Race, code)
    _require_reader(request, row)
    title = _("Who decided, and who was barred")
    return _shown(request, title, race_crumbs(title, row), _table(decided_in_race(row), each=True))


def _require_reader(request: Request, row: Project | Race) -> None:
    if not reads_decisions.test(request.actor, row):
        raise NotAllowed
    note_views(request.actor, [row.pk], "export" if exports.asks_for_file(request) else "page")


def _shown(request: Request, title: str, crumbs: Sequence[Crumb], table: TableView) -> HttpResponse:
    if exports.asks_for_file(request):
        return exports.shown_file(request, table, name="decisions", title=title)
    return page(
        request, "projects/decisions.html", title=title, crumbs=crumbs, table=table, endings=tuple(exports.MEDIA)
    )


def _table(rows: Sequence[Decided], *, each: bool) -> TableView:
    """The decisions; of several projects `each` says about which it is."""
    columns = [Column(_("Time")), Column(_("Matter")), Column(_("Who decided")), Column(_("Who was barred"))]
    lines = [
        [
            moment(one.at),
            one.what,
            name_of(one.by.record) if one.by is not None else "",
            listed(bracketed(name_of(unit.record), HATS[part]) for unit, part in one.barred),
        ]
        for one in rows
    ]
    if each:
        columns.insert(2, Column(_("Team")))
        for line, one in zip(lines, rows, strict=True):
            line.insert(2, one.about)
    return TableView(columns=tuple(columns), rows=tuple(map(tuple, lines)))
