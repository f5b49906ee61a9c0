"""Pages of experts: the pool, one expert, asking one to join, declaring ties."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.reviews.actions import declare_ties, edit_expert, enter_expert
from kezhuan.areas.reviews.forms import DeclareForm, ExpertChangeForm, ExpertForm, Ties, initial_of_expert, ties_in
from kezhuan.areas.reviews.models import Expert, ExpertSort
from kezhuan.areas.reviews.permissions import POOL, is_themselves, keeps_pool
from kezhuan.areas.reviews.queries import EXPERT_TOLD, taken_this_year
from kezhuan.kernel.access import Actor, get_visible, is_officer, visible_among
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import Field
from kezhuan.web import faces, inbox
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Crumb, Fact, ResultLine, Tag
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, action_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
SHOWN = 3
"""Technical fields of an expert in a list."""


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Expert]:
    return visible_among(actor, Expert.objects.select_related(*EXPERT_TOLD).filter(pk__in=ids))


def _line(_actor: Actor, row: Expert, _words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("expert"),
        tags=(faces.stage_tag(row.record), Tag(row.get_sort_display())),
        meta=(
            *((name_of(row.employer.record),) if row.employer is not None else ()),
            _fields(row),
        ),
        on=row.record.opened_on,
    )


def _fields(row: Expert) -> str:
    """The first fields of an expert, and how many more there are."""
    shown = listed(Field(one).label for one in row.fields[:SHOWN])
    more = len(row.fields) - SHOWN
    return f"{shown} {_('and %(more)s more') % {'more': more}}" if more > 0 else shown


def register_face() -> None:
    """How experts stand in lists."""
    faces.register("expert", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))
    inbox.add_source(inbox.source_of(_asked, standing={"expert": ("asked",)}))


def _asked(actor: Actor) -> QuerySet[Record]:
    """The actor's own answer to the pool, which waits in person and has no term."""
    if actor.person is None or actor.represented is not None:
        return Record.objects.none()
    return inbox.without_term(actor, Q(kind=POOL, stage="asked", expert__person=actor.person))


def _edit_url(actor: Actor, row: Expert) -> str:
    may = is_officer.test(actor, row) and not is_themselves.test(actor, row)
    return reverse("expert-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Ask an expert"), reverse("expert-new"), primary=True) if keeps_pool(actor) else None


def expert_crumbs(*more: Any) -> tuple[Crumb, ...]:
    """The way to a page of an expert."""
    return tuple(trail((_("Home"), "/"), (capfirst(_("review experts")), reverse("experts")), *more))


@takes_a_list
def expert_list(request: Request) -> HttpResponseBase:
    """The pool, for the officers in charge; an expert finds themselves."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("review experts")),
        kinds=("expert",),
        facets=("stage", "sort", "field"),
        buttons=[new] if new is not None else [],
        labels={"sort": lambda value: str(ExpertSort(value).label) if value in ExpertSort.values else value},
        empty=_("You know of no expert."),
    )


@require_safe
def expert_page(request: Request, code: str) -> HttpResponse:
    """One expert: what they know, how much they judge this year, which ties they declared."""
    row = get_visible(request.actor, Expert, code, related=EXPERT_TOLD[:2])
    own = is_themselves.test(request.actor, row)
    facts = [
        Fact(_("Asked as"), row.get_sort_display()),
        Fact(_("Technical fields"), listed(Field(one).label for one in row.fields)),
        Fact(_("Topics"), listed(row.topics)),
        Fact(_("Employer"), name_of(row.employer.record) if row.employer is not None else ""),
        Fact(
            _("Items this year"),
            _("%(taken)s of at most %(most)s")
            % {"taken": taken_this_year([row.pk]).get(row.pk, 0), "most": row.capacity},
        ),
        Fact(_("Ties declared on"), day(row.declared_on) if row.declared_on else _("not yet")),
    ]
    ties = ButtonLink(_("Declare ties"), reverse("expert-ties", args=[code]), primary=row.declared_on is None)
    return record_page(
        request,
        row,
        "reviews/expert.html",
        facts=[one for one in facts if one.value],
        buttons=[ties, ButtonLink(_("Where my fees go"), reverse("expert-account", args=[code]))] if own else (),
        ties=row.ties.select_related("organisation__record"),
        declared=row.declared_on is not None,
    )


@require_http_methods(ANY)
def expert_new(request: Request) -> HttpResponseBase:
    """Ask the holder of an account to join the pool."""
    if not keeps_pool(request.actor):
        raise NotAllowed(_("Experts are entered by the officers in charge of the pool."))
    title = _("Ask an expert")

    def act(form: ExpertForm) -> str:
        row = enter_expert(actor=request.actor, email=form.cleaned_data["email"], facts=form.facts)
        return faces.url_of(row.record)

    return action_page(
        request,
        lambda posted, _files: ExpertForm(posted),
        act,
        title=title,
        intro=_("They declare their ties and join the pool themselves."),
        submit_label=title,
        back=reverse("experts"),
        crumbs=expert_crumbs(title),
        done=_("They are asked to join."),
    )


@require_http_methods(ANY)
def expert_edit(request: Request, code: str) -> HttpResponseBase:
    """Change what is said of an expert."""
    row = get_visible(request.actor, Expert, code, related=EXPERT_TOLD[:2])
    must_allow(_edit_url, request.actor, row, _("Experts are entered by the officers in charge of the pool."))
    back, title, version = faces.url_of(row.record), _("Change the expert"), row.record.version

    def act(form: ExpertChangeForm) -> str:
        expected = expected_version(request, version)
        edit_expert(actor=request.actor, expert=row, facts=form.facts, expected_version=expected)
        return back

    return action_page(
        request,
        lambda posted, _files: ExpertChangeForm(posted, initial=initial_of_expert(row)),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=_("Save"),
        back=back,
        crumbs=expert_crumbs((code, back), title),
        carried=[("version", str(version))],
        done=_("Saved."),
    )


@require_http_methods(ANY)
def expert_ties(request: Request, code: str) -> HttpResponse:
    """Declare the ties one has, or that there is none."""
    row = get_visible(request.actor, Expert, code, related=EXPERT_TOLD[:2])
    if not is_themselves.test(request.actor, row):
        raise NotAllowed(_("Only the expert declares their own ties."))
    back = faces.url_of(row.record)
    return ties_page(
        request, request.actor, row, back=back, crumbs=expert_crumbs((code, back), _("Declare ties"))
    )  # fmt: skip


def ties_page(request: Request, actor: Actor, row: Expert, *, back: str, crumbs: Sequence[Crumb]) -> HttpResponse:
    """The page on which an expert declares their own ties."""
    title = _("Declare ties")
    held = [
        {"kind": one.kind, "organisation": one.organisation.record.code, "until": one.until}
        for one in row.ties.select_related("organisation__record")
    ]

    def save(_form: DeclareForm, rows: Rows) -> str:
        declare_ties(actor=actor, expert=row, ties=ties_in(rows))
        return back

    return form_page(
        request,
        RecordForm(
            title=title,
            maker=DeclareForm,
            groups=((_("Declaration"), ("complete",)),),
            rows={
                "ties": RowSet(
                    Ties,
                    _("Organisations you are tied to"),
                    _("Add a tie"),
                    _("Employers, joint projects and contracts, shares, funds, advice, family. None: leave it empty."),
                )
            },
            initial_rows={"ties": held},
            save=save,
            crumbs=crumbs,
            back=back,
            version=row.record.version,
            intro=_("You are not asked to judge what you are tied to; what you declare is read by the officers alone."),
        ),
    )
