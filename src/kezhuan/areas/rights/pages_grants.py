"""Pages of grants of rights: the list, one grant, drafting and changing it, signing the split."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.rights.actions import check_facts, draft_grant, edit_grant
from kezhuan.areas.rights.forms_grants import GrantForm, Members, Milestones, facts_of, initial_of
from kezhuan.areas.rights.lifecycle import KIND, names_to_sign
from kezhuan.areas.rights.models import OWNERSHIP, GrantKind, RightsGrant
from kezhuan.areas.rights.papers import frozen_terms, percent
from kezhuan.areas.rights.permissions import is_completer, keeps, keeps_grants, writes
from kezhuan.areas.rights.queries import TOLD, achievements_for, grants_visible_to
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.fields import colleagues_of
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[RightsGrant]:
    return list(grants_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: RightsGrant, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("grant of rights"),
        tags=(faces.stage_tag(row.record), Tag(row.get_kind_display())),
        meta=tuple(filter(None, (row.achievement.code, percent(row.share_bp)))),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Agreed on"), row.agreed_on),
    )


def register_face() -> None:
    """How grants stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: RightsGrant) -> str:
    may = row.record.stage == "draft" and writes.test(actor, row)
    return reverse("grant-edit", args=[row.record.code]) if may else ""


def may_begin(actor: Actor) -> bool:
    """Whether the actor begins the case of a grant: who keeps the unit's papers of rights, and its completers."""
    return keeps_grants(actor) or (actor.organisation is not None and achievements_for(actor).exists())


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Begin a grant of rights"), reverse("grant-new"), primary=True) if may_begin(actor) else None


@takes_a_list
def grant_list(request: Request) -> HttpResponse:
    """The grants of the reader's unit, for who keeps its papers of rights, and those to the reader."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("grants of rights")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[new] if new is not None else [],
        lead=_("Read by your unit's administrators and legal, and by the completers to whom it is granted. The bureau"
               " reads what you file, and nothing else."),
        empty=_("No grant is yours to read.") if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
        labels={"sort": lambda value: str(GrantKind(value).label)},
    )  # fmt: skip


@require_safe
def grant_page(request: Request, code: str) -> HttpResponse:
    """One grant: the text as it is signed and decided on, its team and milestones, and what is next."""
    actor = request.actor
    row = get_visible(actor, RightsGrant, code, related=TOLD)
    milestones = row.milestones.all()
    return record_page(
        request,
        row,
        "rights/grant.html",
        tags=(Tag(row.get_kind_display()),),
        buttons=_buttons(actor, row),
        facts=_facts(actor, row),
        terms=frozen_terms(row),
        team=_team(row),
        aims=_aims(actor, row) if milestones else None,
        to_sign=names_to_sign(row),
        differs=row.kind in OWNERSHIP and row.share_bp != row.income_bp,
        outlives=row.right_ends_on is not None and (row.ends_on is None or row.ends_on > row.right_ends_on),
    )


def _facts(actor: Actor, row: RightsGrant) -> list[Fact]:
    return [
        faces.linked_fact(actor, _("Achievement"), row.achievement),
        Fact(_("Share of ownership"), percent(row.share_bp)),
        Fact(_("Team's share of income"), percent(row.income_bp)),
        Fact(_("First day"), day(row.starts_on)),
        Fact(_("Last day"), day(row.ends_on)),
        Fact(_("The first of the rights behind it ends on"), day(row.right_ends_on)),
        Fact(_("Agreed on"), day(row.agreed_on)),
        Fact(_("Number of the title change"), row.title_change_no),
        Fact(_("Title changed on"), day(row.title_changed_on)),
        faces.linked_fact(actor, _("Contract"), row.contract),
        Fact(_("SHA-256 of the text"), row.wording),
    ]


def _buttons(actor: Actor, row: RightsGrant) -> list[ButtonLink]:
    """What the actor enters at this stage beside the moves."""
    code, stage, found = [row.record.code], row.record.stage, []
    if stage == "signing":
        member = row.members.filter(person=actor.person).first() if is_completer(actor, row) else None
        if member is not None and member.signed != row.wording:
            found.append(ButtonLink(_("Sign the split and the terms"), reverse("grant-sign", args=code), primary=True))
        if keeps.test(actor, row) and row.members.filter(person=None).exclude(signed=row.wording).exists():
            found.append(ButtonLink(_("Signed on paper"), reverse("grant-paper", args=code)))
    if keeps.test(actor, row):
        if stage == "active" and row.kind in OWNERSHIP:
            found.append(ButtonLink(_("Enter the title change"), reverse("grant-title", args=code)))
        if stage in {"active", "titled"}:
            found.append(ButtonLink(_("Enter the contract"), reverse("grant-contract", args=code)))
    return found


def _team(row: RightsGrant) -> TableView:
    def state(one: Any) -> Cell:
        if row.wording and one.signed == row.wording:
            return Cell("", tag=Tag(_("signed on paper") if one.on_paper else _("signed"), "ok"))
        return Cell("", tag=Tag(_("signed an earlier wording") if one.signed else _("not signed"), "wait"))

    rows = tuple(
        (one.name, percent(one.part_bp), state(one), day(one.signed_on) if one.signed_on else "")
        for one in row.members.all()
    )
    columns = (
        Column(_("Completer")),
        Column(_("Part of the team's"), numeric=True),
        Column(_("Signature")),
        Column(_("On")),
    )
    return TableView(columns, rows, _("Completers and their parts"))


def _aims(actor: Actor, row: RightsGrant) -> TableView:
    may = row.agreed_on is not None and row.record.closed_on is None and writes.test(actor, row)

    def state(one: Any) -> Cell:
        if one.reached_on is not None:
            return Cell(one.evidence, tag=Tag(f"{_('reached')} {day(one.reached_on)}", "ok"))
        late = one.due_on < today() and row.agreed_on is not None
        url = reverse("grant-milestone", args=[row.record.code, one.number]) if may else ""
        return Cell(_("Enter that it was reached") if may else "", url, tag=Tag(_("overdue"), "no") if late else None)

    rows = tuple((str(one.number), one.text, day(one.due_on), state(one)) for one in row.milestones.all())
    columns = (
        Column(_("No."), numeric=True),
        Column(_("What is to be reached")),
        Column(_("To be reached by")),
        Column(_("State")),
    )
    return TableView(columns, rows, _("Milestones of conversion"))


# -- drafting ----------------------------------------------------------------------------------------------------------


def _prefilled(actor: Actor, code: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A new grant of an achievement begins with its completers and their contributions."""
    about = achievements_for(actor).filter(code=code).first()
    fields: dict[str, Any] = {"starts_on": today(), "cure_days": 30, "achievement": code}
    if about is None:
        return fields, {}
    completers = about.achievement.completers.all()
    return fields | {"title": about.title}, {
        "members": [{"name": one.name, "part": one.share_bp, "person": one.person_id} for one in completers]
    }


@require_http_methods(ANY)
def grant_new(request: Request) -> HttpResponse:
    """Begin the case of a grant."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not may_begin(actor):
        raise NotAllowed(_("Only the completers, and members in charge of the unit's papers of rights, begin this."))
    fields, rows = _prefilled(actor, request.GET.get("achievement", ""))

    def save(form: GrantForm, typed: Rows) -> RightsGrant:
        return draft_grant(actor=actor, owner=owner, facts=facts_of(form, typed))

    shown = _form(request, _("Begin a grant of rights"), owner, save, fields, rows, back=reverse("grants"))
    return form_page(request, shown)


@require_http_methods(ANY)
def grant_edit(request: Request, code: str) -> HttpResponse:
    """Change a draft."""
    row = get_visible(request.actor, RightsGrant, code, related=TOLD)
    owner = row.record.owner
    must_allow(_edit_url, request.actor, row)
    assert owner is not None  # drafts are their unit's
    fields, rows = initial_of(row)

    def save(form: GrantForm, typed: Rows) -> RightsGrant:
        expected = expected_version(request, row.record.version)
        return edit_grant(actor=request.actor, grant=row, facts=facts_of(form, typed), expected_version=expected)

    back = faces.url_of(row.record)
    return form_page(request, _form(request, _("Edit the grant"), owner, save, fields, rows, back=back, row=row))


def _form(
    request: Request,
    title: str,
    owner: Organisation,
    save: Callable[[Any, Rows], RightsGrant],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    *,
    back: str,
    row: RightsGrant | None = None,
) -> RecordForm:
    people = colleagues_of(request.actor, (one["person"] for one in rows.get("members", ())))
    return RecordForm(
        title=title,
        maker=lambda posted: GrantForm(posted, initial=fields, actor=request.actor, row=row),
        groups=(
            (
                _("What is granted"),
                ("achievement", "title", "summary", "kind", "starts_on", "ends_on", "right_ends_on"),
            ),
            (_("A share of ownership"), ("share", "owner_rewarded", "reward_clause")),
            (_("A right of use"), ("use_scope", "use_field", "use_territory", "sublicence", "transferable")),
            (_("Money and decisions"), ("income", "costs", "decision_rule", "decision_text")),
            (_("Its end"), ("reclaim_text", "cure_days", "exit_text")),
            (_("What is declared"), ("holds_equity", "interests", "cleared")),
        ),
        rows={
            "members": RowSet(
                partial(Members, form_kwargs={"people": people}),
                _("Completers and their parts"),
                _("Add a completer"),
                _("The achievement's completers, each once; their parts must sum to 100.00 % before you apply."),
            ),
            "milestones": RowSet(Milestones, _("Milestones of conversion"), _("Add a milestone")),
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("grants of rights")), reverse("grants")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, typed: check_facts(facts_of(form, typed), owner),
    )
