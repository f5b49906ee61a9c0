"""Pages of achievements: the list, the record, entering and changing one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.achievements.actions import edit_achievement, register_achievement
from kezhuan.areas.achievements.forms import (
    AchievementForm,
    Completers,
    Owners,
    Rights,
    check_typed,
    facts_of,
    initial_of,
)
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.queries import achievements_listed
from kezhuan.areas.people.actions import require_member
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner, visible_among
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import REGIONS, AchievementClass, Field, Mode, RightsState
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag, Text
from kezhuan.web.fields import colleagues_of
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import chain_name, name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("field", "region", "trl", "rights", "chain", "stage", "source")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Achievement]:
    return visible_among(actor, achievements_listed().filter(pk__in=ids))


def _line(actor: Actor, row: Achievement, words: str) -> ResultLine:
    record = row.record
    if not can_view(actor, record, "public"):
        return faces.plain_line(record, kind_label=_("achievement"), on=record.opened_on)
    meta = [name_of(record.owner.record)] if record.owner else []
    meta += [str(REGIONS[row.region])] if row.region in REGIONS else []
    meta += [_("price idea %(amount)s") % {"amount": wan(row.price_fen)}] if row.price_fen is not None else []
    tags = [faces.stage_tag(record)]
    if row.secrecy != AchievementClass.PUBLIC:
        tags.append(Tag(AchievementClass(row.secrecy).label, "wait"))
    if row.trl:
        tags.append(Tag(maturity(row.trl, row.trl_scale)))
    return faces.plain_line(
        record,
        kind_label=_("achievement"),
        tags=tuple(tags),
        meta=tuple(meta),
        snippet_html=snippet(words, record.summary),
        on=record.opened_on,
    )


def register_face() -> None:
    """How achievements stand in lists."""
    faces.register("achievement", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Achievement) -> str:
    """An achievement is changed by its unit, also when it stands in the public list."""
    may = row.record.stage in {"draft", "returned", "listed", "registered"} and represents_owner.test(actor, row)
    return reverse("achievement-edit", args=[row.record.code]) if may else ""


def maturity(level: int, scale: str) -> str:
    """A maturity level with its scale always named."""
    return f"{ {'trl9': 'TRL', 'grl13': 'GRL', 'new_materials9': 'MRL-N'}[scale] } {level}"


def _new_button(actor: Actor) -> ButtonLink | None:
    return faces.entering(actor, _("Register an achievement"), "achievement-new")


@takes_a_list
def achievement_list(request: Request) -> HttpResponse:
    """All achievements the reader may see, narrowed by words and facets."""
    new = _new_button(request.actor)
    buttons = [new] if new is not None else []
    return list_page(request, title=capfirst(_("achievements")), kinds=("achievement",), facets=FACETS, buttons=buttons)


@require_safe
def achievement_page(request: Request, code: str) -> HttpResponse:
    """One achievement."""
    row = get_visible(request.actor, Achievement, code)
    return _record(request, row)


def _record(request: Request, row: Achievement) -> HttpResponse:
    actor, record = request.actor, row.record
    seen = can_view(actor, record, "public")
    meta = [name_of(record.owner.record)] if seen and record.owner else []
    return record_page(
        request,
        row,
        "achievements/achievement.html",
        tags=_tags(row) if seen else (),
        meta=meta,
        facts=_facts(row) if seen else (),
        seen=seen,
        confidential=row.confidential if can_view(actor, record, "full") else "",
        inside=can_view(actor, record, "full"),
        completers=list(row.completers.all()) if seen else [],
        rights=list(row.rights.order_by("pk")) if seen else [],
        owners=list(row.owners.select_related("organisation__record").order_by("pk")) if seen else [],
        extra=row.extra.items() if can_view(actor, record, "full") else (),
    )


def _tags(row: Achievement) -> list[Tag]:
    tags = [Tag(maturity(row.trl, row.trl_scale))] if row.trl else []
    if row.secrecy != AchievementClass.PUBLIC:
        tags.append(Tag(AchievementClass(row.secrecy).label, "wait"))
    return tags


def _facts(row: Achievement) -> list[Fact]:
    owner = row.record.owner
    return [
        Fact(_("Owner"), name_of(owner.record) if owner else "", faces.url_of(owner.record) if owner else ""),
        Fact(_("Technical field"), Field(row.field).label if row.field else ""),
        Fact(_("Industry chain"), chain_name(row.chain)),
        Fact(_("Discipline"), row.discipline),
        Fact(_("Maturity, by its unit (自评)"), maturity(row.trl, row.trl_scale) if row.trl else ""),
        Fact(_("Wanted modes of cooperation"), listed(Mode(mode).label for mode in row.modes)),
        Fact(_("Standing of rights"), listed(RightsState(one).label for one in row.rights_states)),
        Fact(_("Price idea"), wan(row.price_fen)),
        Fact(_("District"), str(REGIONS.get(row.region, row.region))),
        Fact(_("Completed on"), day(row.completed_on)),
        Fact(_("Keywords"), listed(row.keywords)),
    ]


def public_facts(row: Achievement) -> list[tuple[Text, Text]]:
    """The public part as followers are told the changes of it."""
    return [(fact.label, fact.value) for fact in _facts(row)]


@require_http_methods(["GET", "HEAD", "POST"])
def achievement_new(request: Request) -> HttpResponse:
    """Enter an achievement for the organisation one acts for."""
    owner, author = require_member(request.actor), request.actor.person
    start = {"contact": author and author.pk, "region": owner.region}
    start |= {"trl_scale": "trl9", "secrecy": AchievementClass.PUBLIC}

    def save(form: AchievementForm, rows: Rows) -> Achievement:
        return register_achievement(actor=request.actor, owner=owner, facts=facts_of(form, rows))

    return form_page(
        request,
        _form(request, _("Register an achievement"), save=save, fields=start, rows={}, back=reverse("achievements")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def achievement_edit(request: Request, code: str) -> HttpResponse:
    """Change an achievement of the organisation one acts for."""
    row = get_visible(request.actor, Achievement, code)
    must_allow(_edit_url, request.actor, row)
    fields, rows = initial_of(row)
    version = row.record.version

    def save(form: AchievementForm, typed: Rows) -> Achievement:
        facts, expected = facts_of(form, typed), expected_version(request, version)
        return edit_achievement(actor=request.actor, achievement=row, facts=facts, expected_version=expected)

    back = faces.url_of(row.record)
    return form_page(
        request,
        _form(
            request,
            _("Edit the achievement"),
            save=save,
            fields=fields,
            rows=rows,
            back=back,
            version=version,
            row=row,
        ),
    )


def _form(
    request: Request,
    title: str,
    *,
    save: Callable[[Any, Rows], Achievement],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    back: str,
    version: int | None = None,
    row: Achievement | None = None,
) -> RecordForm:
    named = colleagues_of(request.actor, (one["person"] for one in rows.get("completers", ())))
    return RecordForm(
        title=title,
        maker=lambda posted: AchievementForm(posted, initial=fields, actor=request.actor),
        groups=(
            (
                _("What it is"),
                ("secrecy", "title", "title_en", "summary", "advantage", "confidential", "keywords"),
            ),
            (_("Where it belongs"), ("field", "chain", "discipline", "trl_scale", "trl", "completed_on")),
            (_("What you want"), ("modes", "rights_states", "price", "region", "contact")),
        ),
        rows={
            "rights": RowSet(Rights, _("Intellectual property"), _("Add a right")),
            "completers": RowSet(
                partial(Completers, form_kwargs={"people": named}),
                _("Completers"),
                _("Add a completer"),
                _("In order of contribution; the shares must sum to 100 % before registration."),
            ),
            "owners": RowSet(Owners, _("Further owners"), _("Add an owner")),
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("achievements")), reverse("achievements")), title),
        back=back,
        version=version,
        row=row,
        check=check_typed,
        intro=_("A draft needs a title only. Before you submit it, describe it and choose the technical field."),
    )
