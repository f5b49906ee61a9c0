"""Pages of research teams: the list, the record, entering and changing one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.achievements.pages import maturity
from kezhuan.areas.people.actions import require_member
from kezhuan.areas.teams.actions import edit_team, register_team
from kezhuan.areas.teams.forms import TeamForm, check_typed, facts_of, initial_of
from kezhuan.areas.teams.models import Team
from kezhuan.areas.teams.queries import teams_listed
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner, visible_among
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import REGIONS, Field, Mode
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag, Text
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import chain_name, name_of
from kezhuan.web.record_forms import RecordForm, Rows, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail

FACETS = ("field", "region", "chain", "stage", "source")


def levels(row: Team) -> str:
    """How mature what a team works on is, with the scale named."""
    ends = [maturity(level, row.trl_scale) for level in (row.trl_from, row.trl_to) if level]
    if len(ends) < 2:
        return (_("up to %(level)s") if row.trl_to else _("from %(level)s")) % {"level": ends[0]} if ends else ""
    return ends[0] if row.trl_from == row.trl_to else f"{ends[0]}–{row.trl_to}"


def _at_once(row: Team) -> str:
    if row.capacity is None:
        return ""
    return ngettext("%(count)d need", "%(count)d needs", row.capacity) % {"count": row.capacity}


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Team]:
    return visible_among(actor, teams_listed().filter(pk__in=ids))


def _line(actor: Actor, row: Team, words: str) -> ResultLine:
    record = row.record
    if not can_view(actor, record, "public"):
        return faces.plain_line(record, kind_label=_("research team"), on=record.opened_on)
    meta = [name_of(record.owner.record)] if record.owner else []
    meta += [_("led by %(name)s") % {"name": row.leader}] if row.leader else []
    meta += [str(REGIONS[row.region])] if row.region in REGIONS else []
    tags = [faces.stage_tag(record)]
    tags += [Tag(levels(row))] if levels(row) else []
    return faces.plain_line(
        record,
        kind_label=_("research team"),
        tags=tuple(tags),
        meta=tuple(meta),
        snippet_html=snippet(words, record.summary),
        on=record.opened_on,
    )


def register_face() -> None:
    """How teams stand in lists."""
    faces.register("team", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Team) -> str:
    """A team is changed by its unit, also while everybody sees it."""
    may = row.record.phase in {Phase.DRAFT, Phase.PUBLIC} and represents_owner.test(actor, row)
    return reverse("team-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return faces.entering(actor, _("Enter a team"), "team-new")


@takes_a_list
def team_list(request: Request) -> HttpResponse:
    """All teams the reader may see, narrowed by words and facets."""
    new = _new_button(request.actor)
    buttons = [new] if new is not None else []
    return list_page(request, title=capfirst(_("research teams")), kinds=("team",), facets=FACETS, buttons=buttons)


@require_safe
def team_page(request: Request, code: str) -> HttpResponse:
    """One team; the needs it may meet stand in the panel of matches, its achievements among what it is tied to."""
    row = get_visible(request.actor, Team, code)
    actor, record = request.actor, row.record
    seen, inside = can_view(actor, record, "public"), can_view(actor, record, "full")
    return record_page(
        request,
        row,
        "teams/team.html",
        tags=[Tag(levels(row))] if seen and levels(row) else (),
        meta=[name_of(record.owner.record)] if seen and record.owner else [],
        facts=[*_facts(row), *(_inside_facts(row) if inside else ())] if seen else (),
        extra=row.extra.items() if inside else (),
    )


def _facts(row: Team) -> list[Fact]:
    owner = row.record.owner
    return [
        Fact(_("Unit"), name_of(owner.record) if owner else "", faces.url_of(owner.record) if owner else ""),
        Fact(_("Team leader"), row.leader),
        Fact(_("People in the team"), f"{row.size:,}" if row.size else ""),
        Fact(_("Technical field"), Field(row.field).label if row.field else ""),
        Fact(_("Industry chain"), chain_name(row.chain)),
        Fact(_("Maturity it works at"), levels(row)),
        Fact(_("What the team offers"), listed(Mode(mode).label for mode in row.modes)),
        Fact(_("Needs at once"), _at_once(row)),
        Fact(_("District"), str(REGIONS.get(row.region, row.region))),
        Fact(_("Web page"), row.website, row.website),
        Fact(_("Keywords"), listed(row.keywords)),
    ]


def _inside_facts(row: Team) -> list[Fact]:
    """What only those inside read."""
    contact = row.record.contact
    return [Fact(_("Contact"), name_of(contact.record) if contact else "")]


def public_facts(row: Team) -> list[tuple[Text, Text]]:
    """The public part as followers are told the changes of it."""
    return [(fact.label, fact.value) for fact in _facts(row)]


@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: Request) -> HttpResponse:
    """Enter a team of the organisation one acts for."""
    owner, author = require_member(request.actor), request.actor.person
    start = {"contact": author and author.pk, "region": owner.region, "trl_scale": "trl9"}

    def save(form: TeamForm, _rows: Rows) -> Team:
        return register_team(actor=request.actor, owner=owner, facts=facts_of(form))

    return form_page(request, _form(request, _("Enter a team"), save=save, fields=start, back=reverse("teams")))


@require_http_methods(["GET", "HEAD", "POST"])
def team_edit(request: Request, code: str) -> HttpResponse:
    """Change a team of the organisation one acts for."""
    row = get_visible(request.actor, Team, code)
    if not represents_owner.test(request.actor, row):
        raise NotAllowed
    version = row.record.version

    def save(form: TeamForm, _rows: Rows) -> Team:
        expected = expected_version(request, version)
        return edit_team(actor=request.actor, team=row, facts=facts_of(form), expected_version=expected)

    fields, back = initial_of(request.actor, row), faces.url_of(row.record)
    made = _form(request, _("Edit the team"), save=save, fields=fields, back=back, version=version, row=row)
    return form_page(request, made)


def _form(
    request: Request,
    title: str,
    *,
    save: Callable[[Any, Rows], Team],
    fields: dict[str, Any],
    back: str,
    version: int | None = None,
    row: Team | None = None,
) -> RecordForm:
    return RecordForm(
        title=title,
        maker=lambda posted: TeamForm(posted, initial=fields, actor=request.actor),
        groups=(
            (
                _("Who they are and what they work on"),
                ("title", "title_en", "summary", "keywords", "leader", "leader_person", "size"),
            ),
            (_("Where it belongs"), ("field", "chain", "trl_scale", "trl_from", "trl_to", "achievements", "region")),
            (_("What they do for firms"), ("modes", "capacity", "website", "contact")),
        ),
        rows={},
        initial_rows={},
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("research teams")), reverse("teams")), title),
        back=back,
        version=version,
        row=row,
        check=check_typed,
        intro=_("A draft needs a name only. Before you publish it, say what the team works on and choose its field."),
    )
