"""Pages of calls: the hall, one call, making and changing one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.calls.actions import edit_call
from kezhuan.areas.calls.adding import adds_questions
from kezhuan.areas.calls.answering import condition_in_words
from kezhuan.areas.calls.changes import changes_since
from kezhuan.areas.calls.checks import own_challenge
from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.forms import (
    GROUPS,
    CallForm,
    Conditions,
    Stages,
    check_typed,
    facts_of,
    initial_by,
    initial_like,
    initial_of,
)
from kezhuan.areas.calls.forms_questions import Questions
from kezhuan.areas.calls.inviting import invites
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.narrowing import ListNarrowed
from kezhuan.areas.calls.pages_facts import facts_of_call, inside_facts
from kezhuan.areas.calls.pages_received import (
    funnel_chart,
    funnel_facts,
    funnel_in_words,
    funnel_of,
    proposed_in_words,
    received,
    with_funnel,
)
from kezhuan.areas.calls.permissions import (
    answers_questions,
    asks_questions,
    is_addressed,
    makes_calls,
    may_apply,
    opens_applications,
    posts_again,
    prepares_code,
    proposes,
    recommends_to,
)
from kezhuan.areas.calls.place_actions import Place, begin_call
from kezhuan.areas.calls.queries import (
    APPLICATION_TOLD,
    CALL_TOLD,
    applications_to,
    asked_about,
    calls_visible_to,
    closing_soon,
    reads_list,
)
from kezhuan.areas.calls.staging import has_final
from kezhuan.areas.calls.wording import moment_in_words, pattern_of, question_in_words
from kezhuan.areas.reviews.forms import Criteria
from kezhuan.kernel.access import Actor, can_view, get_visible, is_officer, visible_among
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, ResultLine, Tag
from kezhuan.web.lists import list_page, pager_at, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import wan

FACETS = ("stage", "call_kind", "field", "region")
LABELS = {"call_kind": lambda value: str(CallKind(value).label) if value in CallKind.values else value}
EARLIER = 10
ITEMS = 20
"""Items of a call's list on a page."""


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Call]:
    rows = Call.objects.select_related(*CALL_TOLD).annotate(count=Count("items"))
    return with_funnel(visible_among(actor, rows.filter(pk__in=ids)))


def _line(actor: Actor, row: Call, words: str) -> ResultLine:
    seen = can_view(actor, row.record, "public")
    meta = [name_of(row.office.record)]
    if seen:
        steps = [_("%(number)s on the list") % {"number": row.count}, *funnel_in_words(row)]  # type: ignore[attr-defined]  # annotated
        meta += [" → ".join(steps)]
    meta += [_("until %(moment)s") % {"moment": moment_in_words(row.deadline)}] if row.deadline else []
    return faces.plain_line(
        row.record,
        kind_label=_("call"),
        tags=(faces.stage_tag(row.record), Tag(row.get_call_kind_display())),
        meta=tuple(meta),
        snippet_html=snippet(words, row.record.summary) if seen else None,
        on=row.record.opened_on,
    )


def _elsewhere(actor: Actor, row: Call) -> dict[str, str]:
    pages = {"items": "call-item-new", "readings": "call-readings"} if _edit_url(actor, row) else {}
    return {name: reverse(one, args=[row.record.code]) for name, one in pages.items()}


def register_face() -> None:
    """How calls stand in lists."""
    faces.register("call", faces.Face(_rows, _line, edit=_edit_url, new=_new_button, elsewhere=_elsewhere))


def _edit_url(actor: Actor, row: Call) -> str:
    may = row.record.stage == "draft" and is_officer.test(actor, row)
    return reverse("call-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Make a call"), reverse("call-new"), primary=True) if makes_calls(actor) else None


@takes_a_list
def call_list(request: Request) -> HttpResponse:
    """The public hall: calls that are open, closed and decided, those that close soon on top."""
    new, actor = _new_button(request.actor), request.actor
    mine = [ButtonLink(capfirst(_("applications")), reverse("applications"))] if actor.is_signed_in else []
    kept = [ButtonLink(_("Project library (项目库)"), reverse("library"))] if new is not None else []
    soon = [] if request.GET else list(closing_soon(actor)[:EARLIER])
    return list_page(
        request,
        title=capfirst(_("calls")),
        kinds=("call",),
        facets=FACETS,
        template="calls/hall.html",
        buttons=[*([new] if new is not None else []), *kept, *mine],
        lead=_("Firms pose the problem, whoever can solve it puts themselves forward."),
        labels=LABELS,
        soon=[(name_of(one.record), faces.url_of(one.record), moment_in_words(one.deadline)) for one in soon],
    )


@require_safe
def call_page(request: Request, code: str) -> HttpResponse:
    """One call: its list with indicators, who may apply, and for officers the desk with its applications."""
    actor = request.actor
    row = get_visible(actor, Call, code, related=("office__record",))
    seen, inside = reads_list(actor, row), can_view(actor, row.record, "inner")
    told = row.items.select_related("need__public_to", "need__title_to", "poster__record")
    narrowed = ListNarrowed.asked(request.GET, row) if seen else None
    told = narrowed.among(told) if narrowed is not None else told
    total = told.count() if seen else 0
    at = max(1, min(whole_number(request.GET.get("list", ""), 1), -(-total // ITEMS)))
    items = list(told[(at - 1) * ITEMS : at * ITEMS]) if seen else []
    shown, funnel = actor.is_signed_in or row.record.stage == "decided", funnel_of(row) if seen else {}
    earlier = row.earlier if row.earlier is not None and can_view(actor, row.earlier.record) else None
    applications = applications_to(actor, row) if shown else Application.objects.none()
    return record_page(
        request,
        row,
        "calls/call.html",
        tags=(Tag(row.get_call_kind_display()),),
        meta=[_("until %(moment)s") % {"moment": moment_in_words(row.deadline)}] if row.deadline else [],
        buttons=_desk_buttons(actor, row),
        facts=[*facts_of_call(row), *funnel_facts(funnel), *(inside_facts(row) if inside else ())],
        chart=funnel_chart(funnel),
        proposed=proposed_in_words(row) if row.record.stage == "closed" and proposes.test(actor, row) else "",
        seen=seen,
        items=_items(actor, row, items),
        items_pager=pager_at(request.GET, at, ITEMS, total, "list"),
        narrowed=narrowed if narrowed is not None and narrowed.is_offered(ITEMS) else None,
        **received(request, row, applications),
        questions=[
            {
                "words": question_in_words(one),
                "required": one["required"],
                "only": condition_in_words(one, row.questions),
            }
            for one in row.questions
        ],
        readings=list(row.readings.all()) if inside else [],
        asked=asked_about(actor, row),
        ask_url=reverse("call-ask", args=[code]) if seen and asks_questions.test(actor, row) else "",
        answers=answers_questions.test(actor, row),
        earlier=earlier,
        later=_later(actor, row),
        changes=changes_since(earlier, row) if seen and earlier is not None else [],
        inside=inside,
        editable=bool(_edit_url(actor, row)),
    )


def _desk_buttons(actor: Actor, row: Call) -> list[ButtonLink]:
    code = row.record.code
    code_button = ButtonLink(_("Make the opening code"), reverse("call-opening-code", args=[code]))
    if _edit_url(actor, row):
        return [
            *([code_button] if prepares_code.test(actor, row) else []),
            ButtonLink(_("Needs that came in"), reverse("call-collected", args=[code])),
            ButtonLink(_("Put a need on the list"), reverse("call-item-new", args=[code])),
            ButtonLink(_("Put a direction or field on it"), reverse("call-place-new", args=[code])),
            ButtonLink(_("Record the wording test"), reverse("call-readings", args=[code])),
        ]
    if posts_again.test(actor, row) and not hasattr(row, "posted_again"):
        return [ButtonLink(_("Post again what nobody claimed"), reverse("call-post-again", args=[code]), primary=True)]
    if adds_questions.test(actor, row):
        by_name = ButtonLink(_("Invited organisations"), reverse("call-invited", args=[code]))
        asks_more = ButtonLink(_("Add questions to the form"), reverse("call-form", args=[code]))
        return [*([by_name] if invites.test(actor, row) else []), asks_more]
    if row.record.stage in {"published", "closed"} and recommends_to.test(actor, row):
        return [ButtonLink(_("Recommend applications"), reverse("call-recommend", args=[code]), primary=True)]
    if opens_applications.test(actor, row):
        return [ButtonLink(_("Open the sealed applications"), reverse("call-open", args=[code]), primary=True)]
    if row.record.stage != "closed" or not proposes.test(actor, row):
        return []
    listing = [ButtonLink(_("Make the shortlist"), reverse("call-shortlist", args=[code]))] if has_final(row) else []
    return [*listing, ButtonLink(_("Propose a decision"), reverse("call-proposal", args=[code]))]


def _later(actor: Actor, row: Call) -> Call | None:
    """The call that posts this one again, for whoever may know of it."""
    if row.record.stage not in {"unclaimed", "decided"}:
        return None
    later: Call | None = getattr(row, "posted_again", None)
    return later if later is not None and can_view(actor, later.record) else None


def _items(actor: Actor, row: Call, items: Sequence[CallItem]) -> list[dict[str, Any]]:
    """The items as the page shows them, each with the application of the reader's unit."""
    own = actor.organisation.pk if actor.organisation is not None else None
    by_item = {}
    if items and own is not None and not actor.is_officer:
        rows = Application.objects.filter(item__in=[one.pk for one in items], applicant=own, alive=True)
        mine = visible_among(actor, rows.select_related(*APPLICATION_TOLD))
        by_item = {one.item_id: one for one in mine}
    applies = not actor.is_signed_in or (may_apply(actor) and is_addressed.test(actor, row))
    return [_item(actor, row, one, by_item.get(one.pk), applies=applies) for one in items]


def _item(actor: Actor, row: Call, item: CallItem, mine: Application | None, *, applies: bool) -> dict[str, Any]:
    """An item as the page shows it: with the way to apply, or to the application that is there already."""
    moment = now()
    takes = row.record.stage == "published" and row.opens_at is not None and row.opens_at <= moment
    takes = takes and row.deadline is not None and moment <= row.deadline
    own = own_challenge(item, actor.organisation.pk if actor.organisation is not None else None)
    may, need = takes and mine is None and applies and not own, item.need
    return {
        "item": item,
        "poster": name_of(item.poster.record) if item.poster is not None else "",
        "poster_url": faces.url_of(item.poster.record) if item.poster is not None else "",
        "need_url": faces.url_of(need) if need is not None and can_view(actor, need) else "",
        "apply_url": reverse("application-new", args=[row.record.code, item.number]) if may else "",
        "mine_url": faces.url_of(mine.record) if mine is not None else "",
        "own": own,
        "fiscal": wan(item.fiscal_fen),
    }


# -- making and changing -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def call_new(request: Request) -> HttpResponse:
    """Make a call from a template, or like an earlier one."""
    actor = request.actor
    if not makes_calls(actor):
        raise NotAllowed(_("Calls are made by the officers in charge of them."))
    template, like = request.GET.get("template", ""), request.GET.get("like", "")
    places: list[Place] = []
    if like:
        fields, rows = initial_like(get_visible(actor, Call, like))
    elif template in CallKind.values or request.method == "POST":
        kind = template if template in CallKind.values else CallKind.CHALLENGE
        fields, rows = initial_by(kind)
        places = [Place(title) for title in pattern_of(kind)["places"]]
    else:
        return _templates(request)

    def save(form: CallForm, typed: Rows) -> Call:
        return begin_call(actor=actor, facts=facts_of(form, typed), places=places)

    return form_page(request, _form(_("Make a call"), save, fields, rows, back=reverse("calls")))


def _templates(request: Request) -> HttpResponse:
    """What a call can begin with: a template of its kind, or an earlier call of the same officers."""
    earlier = calls_visible_to(request.actor).exclude(record__phase__in=(Phase.DRAFT, Phase.VOID)).order_by("-pk")
    title = _("Make a call")
    return page(
        request,
        "calls/templates.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("calls")), reverse("calls")), title),
        templates=[
            (kind.label, f"?template={kind.value}", initial_by(kind.value)[1], pattern_of(kind)["places"])
            for kind in CallKind
        ],
        earlier=[(one.record.code, name_of(one.record), f"?like={one.record.code}") for one in earlier[:EARLIER]],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def call_edit(request: Request, code: str) -> HttpResponse:
    """Change a call before it is published."""
    row = get_visible(request.actor, Call, code)
    must_allow(_edit_url, request.actor, row)
    fields, rows = initial_of(row)
    version = row.record.version

    def save(form: CallForm, typed: Rows) -> Call:
        expected = expected_version(request, version)
        return edit_call(actor=request.actor, call=row, facts=facts_of(form, typed), expected_version=expected)

    back = faces.url_of(row.record)
    return form_page(request, _form(_("Change the call"), save, fields, rows, back=back, row=row))


def _form(
    title: str,
    save: Callable[[Any, Rows], Call],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    *,
    back: str,
    row: Call | None = None,
) -> RecordForm:
    return RecordForm(
        title=title,
        maker=lambda posted: CallForm(posted, initial=fields),
        groups=GROUPS,
        rows={
            "conditions": RowSet(
                Conditions,
                _("Who may apply"),
                _("Add a condition"),
                _("No condition names a single supplier; what the work does not need keeps nobody out."),
            ),
            "questions": RowSet(
                Questions,
                _("What an application says"),
                _("Add a question"),
                _("Beside its indicators, which each applicant answers one by one."),
            ),
            "stages": RowSet(
                Stages,
                _("Stages of the review"),
                _("Add a stage"),
                _("After applications have closed. Where there is a final review, a shortlist is judged in it."),
            ),
            "criteria": RowSet(
                Criteria,
                _("Criteria"),
                _("Add a criterion"),
                _("Applicants read them; panels begin with them. Weights add up to 100 percent."),
            ),
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("calls")), reverse("calls")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=check_typed,
        intro=_("A draft needs a title only. Needs are put on its list, and its wording is tested, on its own page."),
    )
