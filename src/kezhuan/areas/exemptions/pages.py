"""Pages of cases of exemption: the list, one case, beginning and changing it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.evidence.actions import PARTS
from kezhuan.areas.exemptions.actions import begin_case, check_facts, edit_case, not_allowed
from kezhuan.areas.exemptions.forms import CaseForm
from kezhuan.areas.exemptions.lifecycle import KIND, heard_now
from kezhuan.areas.exemptions.models import DutyState, ExemptionBar, ExemptionCase, ExemptionEvent, ExemptionFinding
from kezhuan.areas.exemptions.permissions import examines, is_self
from kezhuan.areas.exemptions.queries import TOLD, cases_visible_to, evidence_for, ground_of
from kezhuan.areas.rights.permissions import keeps_grants
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.registry import kind_of
from kezhuan.kernel.text import bracketed, listed
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag, Tone
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, place_name, source_words
from kezhuan.web.record_forms import RecordForm, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
GOOD: dict[str, Tone] = {
    ExemptionFinding.EXEMPT: "ok",
    ExemptionFinding.PARTIAL: "wait",
    ExemptionFinding.REFUSED: "no",
}
SHOWN: dict[str, Tone] = {DutyState.FOUND: "ok", DutyState.MISSING: "no", DutyState.NOT_ASKED: "neutral"}


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[ExemptionCase]:
    return list(cases_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: ExemptionCase, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("case of exemption"),
        tags=(faces.stage_tag(row.record), *_found(row)),
        meta=(row.get_event_display(), row.source),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Day of the event"), row.event_on),
    )


def _found(row: ExemptionCase) -> tuple[Tag, ...]:
    return (Tag(row.get_finding_display(), GOOD[ExemptionFinding(row.finding)]),) if row.finding else ()


def register_face() -> None:
    """How cases stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: ExemptionCase) -> str:
    may = row.record.stage in {"draft", "collecting"} and examines.test(actor, row)
    return reverse("exemption-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    if not keeps_grants(actor):
        return None
    return ButtonLink(_("Begin a case"), reverse("exemption-new"), primary=True)


@takes_a_list
def exemption_list(request: Request) -> HttpResponse:
    """The cases of the reader's unit, and those in which the reader is heard."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("cases of exemption")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[new] if new is not None else [],
        lead=_("Read by your unit's administrators and legal, and by those who took part in the decision once they are"
               " heard. The bureau reads what you file, and nothing else."),
        empty=_("No case is yours to read.") if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
        labels={"sort": lambda value: str(ExemptionEvent(value).label)},
    )  # fmt: skip


@require_safe
def exemption_page(request: Request, code: str) -> HttpResponse:
    """One case: the event, the decisions with their frozen evidence, conditions, who took part, the finding."""
    actor = request.actor
    row = get_visible(actor, ExemptionCase, code, related=TOLD)
    return record_page(
        request,
        row,
        "exemptions/case.html",
        tags=_found(row),
        buttons=_buttons(actor, row),
        facts=_facts(row),
        decisions=_decisions(actor, row),
        conditions=_conditions(actor, row),
        people=_people(actor, row),
        barred=bool(actor.person) and not examines.test(actor, row),
    )


def _facts(row: ExemptionCase) -> list[Fact]:
    ground = ground_of(row.clause)
    return [
        Fact(_("Event"), row.get_event_display()),
        Fact(_("Day of the event"), day(row.event_on)),
        Fact(_("Who found or told it, and by which paper"), row.source),
        Fact(_("Loss, in yuan"), yuan(row.loss_fen) if row.loss_fen is not None else ""),
        Fact(_("Finding"), row.get_finding_display() if row.finding else ""),
        Fact(_("Ground"), str(ground.label) if ground is not None else ""),
        Fact(_("Clause"), _clause(row)),
        Fact(_("What is never exempted, and was found"), listed([str(ExemptionBar(one).label) for one in row.bars])),
    ]


def _clause(row: ExemptionCase) -> str:
    if row.clause is None:
        return ""
    since = _("in force since %(day)s") % {"day": day(row.clause.effective_from)}
    return bracketed(source_words(row.clause.source), f"{place_name(row.clause.jurisdiction)} · {since}")


def _buttons(actor: Actor, row: ExemptionCase) -> list[ButtonLink]:
    code, stage = [row.record.code], row.record.stage
    found = []
    if examines.test(actor, row):
        if stage in {"draft", "collecting"} and evidence_for(actor):
            found.append(ButtonLink(_("Attach a decision"), reverse("exemption-decision", args=code)))
        if stage == "reviewing":
            found.append(ButtonLink(_("Enter the finding"), reverse("exemption-finding", args=code)))
    return found


def _decisions(actor: Actor, row: ExemptionCase) -> TableView:
    rows = []
    for one in row.decisions.select_related("about__title_to", "about__inner_to", "document"):
        url = faces.url_of(one.about) if can_view(actor, one.about) else ""
        title = name_of(one.about) if url else one.about.code
        move = kind_of(one.about).lifecycle.moves.get(one.move)
        file = Cell(one.document.name, reverse("document", args=[one.document.pk]))
        decided = f"{title} · {move.label}" if move is not None else title
        rows.append((Cell(one.about.code, url), decided, day(one.decided_on), file, one.document.sha256[:16] + "…"))
    columns = (
        Column(_("Platform code")),
        Column(_("What was decided on")),
        Column(_("Decided on")),
        Column(_("Evidence file, as it was frozen")),
        Column("SHA-256"),
    )
    return TableView(columns, tuple(rows), _("Decisions it is about"))


def _conditions(actor: Actor, row: ExemptionCase) -> TableView:
    may = row.record.stage in {"draft", "collecting"} and examines.test(actor, row)

    def state(one: Any) -> Cell:
        url = reverse("exemption-condition", args=[row.record.code, one.duty]) if may else ""
        if not one.holds:
            return Cell(_("Fill") if may else "", url, tag=Tag(_("to be said"), "wait"))
        return Cell(_("Change") if may else "", url, tag=Tag(one.get_holds_display(), SHOWN[DutyState(one.holds)]))

    def shown(one: Any) -> Cell:
        if one.document is None:
            return Cell(one.note)
        part = f" · {PARTS[one.part]}" if one.part else ""
        note = f" · {one.note}" if one.note else ""
        return Cell(f"{one.document.name}{part}{note}", reverse("document", args=[one.document.pk]))

    rows = tuple((one.get_duty_display(), state(one), shown(one)) for one in row.conditions.select_related("document"))
    columns = (Column(_("Condition")), Column(_("State")), Column(_("Evidence, or why not")))
    return TableView(columns, rows, _("Conditions of the exemption"))


def _people(actor: Actor, row: ExemptionCase) -> TableView:
    takes = heard_now(row)
    examining = examines.test(actor, row)

    def said(one: Any) -> Cell:
        may = takes and (is_self(actor, one) or (examining and not one.said_it_themselves))
        url = reverse("exemption-statement", args=[row.record.code, one.number]) if may else ""
        if one.statement:
            tag = Tag(_("taken down on paper") if one.on_paper else _("in their own name"), "ok")
            return Cell(f"{day(one.stated_on)} {one.statement}", url, tag=tag)
        return Cell(_("Enter the statement") if may else "", url, tag=Tag(_("not heard"), "wait"))

    rows = tuple((one.name, one.get_part_display(), said(one)) for one in row.people.all())
    columns = (Column(_("Person")), Column(_("Part in the decision")), Column(_("Statement")))
    return TableView(columns, rows, _("Who took part, and examines nothing here"))


# -- beginning and changing --------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def exemption_new(request: Request) -> HttpResponseBase:
    """Begin a case."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_grants(actor):
        raise not_allowed()

    def save(form: CaseForm) -> ExemptionCase:
        return begin_case(actor=actor, owner=owner, facts=form.facts)

    about = request.GET.get("about", "")
    chosen = [one.sha256 for one in evidence_for(actor, about)] if about else []
    return _form(request, _("Begin a case of exemption"), save, {"decisions": chosen}, reverse("exemptions"))


@require_http_methods(ANY)
def exemption_edit(request: Request, code: str) -> HttpResponseBase:
    """Change what was entered of the event."""
    row = get_visible(request.actor, ExemptionCase, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    start = {name: getattr(row, name) for name in ("event", "event_on", "source")}
    start |= {"loss": row.loss_fen, "title": row.record.title, "summary": row.record.summary}

    def save(form: CaseForm) -> ExemptionCase:
        expected = expected_version(request, row.record.version)
        return edit_case(actor=request.actor, row=row, facts=form.facts, expected_version=expected)

    return _form(request, _("Edit the case"), save, start, faces.url_of(row.record), row)


def _form(
    request: Request,
    title: str,
    enter: Callable[[CaseForm], ExemptionCase],
    start: dict[str, Any],
    back: str,
    row: ExemptionCase | None = None,
) -> HttpResponse:
    about = ("decisions",) if row is None else ()
    files = evidence_for(request.actor, request.GET.get("about", "")) if row is None else []
    shown = RecordForm(
        title=title,
        maker=lambda posted: CaseForm(posted, initial=start, files=files, row=row),
        groups=((_("The event"), ("title", "event", "event_on", "source", "loss", "summary", *about)),),
        rows={},
        initial_rows={},
        save=lambda form, _rows: enter(form),
        crumbs=trail((_("Home"), "/"), (capfirst(_("cases of exemption")), reverse("exemptions")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, _rows: check_facts(form.facts),
    )
    return form_page(request, shown)
