"""Pages of evaluations: the list, one case, and preparing and changing it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.evaluations.actions import check_facts, edit_evaluation, prepare_evaluation
from kezhuan.areas.evaluations.forms import NOVELTY, EvaluationForm, Items, Metrics, facts_of, initial_of
from kezhuan.areas.evaluations.models import Evaluation, ResultType
from kezhuan.areas.evaluations.papers import (
    advancement_words,
    code_on_report,
    figure,
    level_words,
    mark_lines,
    novelty_of,
    report_number,
    scale_words,
)
from kezhuan.areas.evaluations.permissions import KIND, evaluates, may_prepare, reports
from kezhuan.areas.evaluations.queries import (
    TOLD,
    agency_report,
    evaluations_visible_to,
    leaves_of,
    whole_of,
)
from kezhuan.kernel.access import Actor, get_visible, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import bracketed, language, listed
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Evaluation]:
    return list(evaluations_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Evaluation, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("evaluation"),
        tags=(faces.stage_tag(row.record), Tag(row.get_result_type_display())),
        meta=tuple(filter(None, (row.achievement.code, row.get_purpose_display(), level_words(row, row.level)))),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Delivered on"), row.delivered_on),
    )


def register_face() -> None:
    """How evaluations stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Evaluation) -> str:
    may = row.record.stage == "draft" and represents_owner.test(actor, row)
    return reverse("evaluation-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    may = may_prepare(actor, actor.organisation)
    return ButtonLink(_("Prepare an evaluation"), reverse("evaluation-new"), primary=True) if may else None


@takes_a_list
def evaluation_list(request: Request) -> HttpResponse:
    """The evaluations of the reader's unit, or those handed in to the reader's office."""
    new = _new_button(request.actor)
    check = ButtonLink(_("Check a report"), reverse("evaluation-reports"))
    return list_page(
        request,
        title=capfirst(_("evaluations")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[*([new] if new is not None else []), check],
        lead=_("Prepared inside the unit, where nobody else reads it; handed in, it is judged by those in charge, and"
               " ends in a report that is locked by its hash."),
        empty=_("There is no evaluation here that you may read.") if request.actor.is_signed_in
        else _("Sign in to see the evaluations of your organisation."),
        labels={"sort": lambda value: str(ResultType(value).label)},
    )  # fmt: skip


@require_safe
def evaluation_page(request: Request, code: str) -> HttpResponse:
    """One case: its tree with evidence, its metrics, what was found, and the report once it is delivered."""
    actor = request.actor
    row = get_visible(actor, Evaluation, code, related=TOLD)
    whole, findings = whole_of(row)
    weakest = listed(whole.weakest) if whole is not None else ""
    return record_page(
        request,
        row,
        "evaluations/evaluation.html",
        tags=(Tag(row.get_result_type_display()), Tag(row.get_method_display())),
        buttons=_buttons(actor, row),
        facts=_facts(actor, row),
        tree=_tree(actor, row) if row.items.all() else None,
        scale=scale_words(row),
        whole=level_words(row, whole.level) if whole is not None else "",
        weakest=weakest,
        rule=whole.rule.say(language()) if whole is not None else "",
        open_ones=[one.words.say(language()) for one in findings],
        metrics=_metrics(row) if row.metrics.all() else None,
        marks=mark_lines(row) if row.marks else [],
        report=row.report,
        wording=row.wording,
        number=report_number(row) if row.report else "",
        report_code=code_on_report(row),
    )


def _facts(actor: Actor, row: Evaluation) -> list[Fact]:
    facts = [
        faces.linked_fact(actor, _("Achievement"), row.achievement),
        Fact(_("Type of result"), row.get_result_type_display()),
        Fact(_("Purpose"), row.get_purpose_display()),
        Fact(_("Method"), row.get_method_display()),
        *_agency_facts(row),
        *([Fact(_("Report of novelty (查新报告)"), listed(filter(None, novelty_of(row))))] if row.novelty_on else []),
    ]
    found = [
        Fact(_("Grade of innovation"), row.get_innovation_display() or ""),
        Fact(_("Grade of advancement"), advancement_words(row.advancement)),
        Fact(_("Standing of the result"), row.get_standing_display() or ""),
        Fact(_("Chair of the experts"), row.chair),
        Fact(_("Holds until"), day(row.valid_to)),
        Fact(_("Delivered on"), day(row.delivered_on)),
        Fact(_("Number of the registration (批准登记号)"), row.reg_no),
        Fact(_("Registered on"), day(row.registered_on)),
    ]
    return [*facts, *(one for one in found if one.value)]


def _agency_facts(row: Evaluation) -> list[Fact]:
    if row.agency is None:
        return []
    file = agency_report(row)
    return [
        Fact(_("Agency of the unit's choice (第三方评价机构)"), name_of(row.agency.record)),
        Fact(_("Number of the contract with it"), row.agency_contract),
        Fact(_("SHA-256 of its report"), file.sha256 if file is not None else ""),
    ]


def _buttons(actor: Actor, row: Evaluation) -> list[ButtonLink]:
    """What is entered at this stage beside the moves."""
    if row.record.stage == "evaluating" and evaluates.test(actor, row):
        url = reverse("evaluation-findings", args=[row.record.code])
        own = reverse("evaluation-agency-report", args=[row.record.code])
        added = [ButtonLink(_("Add the agency's report"), own)] if reports.test(actor, row) else []
        return [ButtonLink(_("Enter the findings"), url), *added]
    if row.record.stage in {"delivered", "registered"}:
        url = reverse("evaluation-registration", args=[row.record.code])
        return [ButtonLink(_("Form of registration (成果登记表)"), url)]
    return []


def grades_now(actor: Actor, row: Evaluation) -> bool:
    """Whether the actor links evidence and moves levels at this stage."""
    inside = row.record.stage == "draft" and represents_owner.test(actor, row)
    return bool(inside or (row.record.stage == "evaluating" and evaluates.test(actor, row)))


def _tree(actor: Actor, row: Evaluation) -> TableView:
    may, leaves = grades_now(actor, row), leaves_of(row)

    core = Cell("", tag=Tag(_("core"), "ok"))

    def shown_by(one: Any) -> Cell:
        pieces = [f"{piece.get_kind_display()} {piece.reference} → {piece.level}" for piece in one.evidence.all()]
        if not may or one.code not in leaves:
            return Cell(listed(pieces))
        url = reverse("evaluation-item", args=[row.record.code, one.code])
        return Cell(listed(pieces) or _("Link evidence"), url)

    def level(one: Any) -> str:
        if one.level is None:
            return "" if one.code in leaves else _("by those below")
        return str(one.level)

    rows = tuple(
        (
            one.code,
            one.name,
            level(one),
            shown_by(one),
            core if one.core else "",
            one.above,
        )
        for one in row.items.prefetch_related("evidence")
    )
    columns = (
        Column(_("Item code")), Column(_("Work item")), Column(_("Level"), numeric=True),
        Column(_("Linked evidence")), Column(_("Core")), Column(_("Below")),
    )  # fmt: skip
    return TableView(columns, rows, _("Work items and their maturity"))


def _metrics(row: Evaluation) -> TableView:
    def beside(one: Any) -> Cell:
        if one.own == one.best:
            return Cell("", tag=Tag(_("alike")))
        return Cell("", tag=Tag(_("better"), "ok") if one.is_better else Tag(_("not better"), "no"))

    rows = tuple(
        (
            bracketed(one.name, one.unit) if one.unit else one.name,
            figure(one.own),
            figure(one.best),
            beside(one),
            one.rival,
            one.test_method,
            one.source,
        )
        for one in row.metrics.all()
    )
    columns = (
        Column(_("Metric")), Column(_("Own"), numeric=True), Column(_("Best competitor"), numeric=True),
        Column(_("Compared")), Column(_("Competitor")), Column(_("Test method")), Column(_("Source")),
    )  # fmt: skip
    return TableView(columns, rows, _("Metrics beside the best competitor"))


# -- preparing ---------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def evaluation_new(request: Request) -> HttpResponse:
    """Prepare an evaluation of an achievement of the unit that one acts for."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not may_prepare(actor, owner):
        raise NotAllowed(_("Only members of the unit that write for it prepare its evaluation."))
    about = unit_achievements(actor).filter(code=request.GET.get("achievement", "")).first()
    fields: dict[str, Any] = {"scale": "trl9"}
    if about is not None:
        fields |= {"achievement": about.code, "title": about.title, "scale": about.achievement.trl_scale}

    def save(form: EvaluationForm, typed: Rows) -> Evaluation:
        return prepare_evaluation(actor=actor, owner=owner, facts=facts_of(form, typed))

    shown = _form(request, _("Prepare an evaluation"), owner, save, fields, {}, back=reverse("evaluations"))
    return form_page(request, shown)


@require_http_methods(ANY)
def evaluation_edit(request: Request, code: str) -> HttpResponse:
    """Change a draft."""
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    fields, rows = initial_of(row)

    def save(form: EvaluationForm, typed: Rows) -> Evaluation:
        expected = expected_version(request, row.record.version)
        return edit_evaluation(
            actor=request.actor, evaluation=row, facts=facts_of(form, typed), expected_version=expected
        )

    back, owner = faces.url_of(row.record), row.record.owner
    return form_page(request, _form(request, _("Change the evaluation"), owner, save, fields, rows, back=back, row=row))


def _form(
    request: Request,
    title: str,
    owner: Organisation | None,
    save: Callable[[Any, Rows], Evaluation],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    *,
    back: str,
    row: Evaluation | None = None,
) -> RecordForm:
    return RecordForm(
        title=title,
        maker=lambda posted: EvaluationForm(posted, initial=fields, actor=request.actor, row=row),
        groups=(
            (_("What is evaluated"), ("achievement", "title", "summary", *NOVELTY)),
            (_("How it is evaluated"), ("result_type", "purpose", "method", "scale", "agency", "agency_contract")),
        ),
        rows={
            "items": RowSet(
                Items,
                _("Work items"),
                _("Add a work item"),
                _("The whole is as mature as its weakest core item. Levels are moved by evidence once this is saved."),
            ),
            "metrics": RowSet(
                Metrics,
                _("Metrics beside the best competitor"),
                _("Add a metric"),
                _("The grade of advancement rests on them."),
            ),
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("evaluations")), reverse("evaluations")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, typed: check_facts(facts_of(form, typed), owner),
        intro=_("Nobody outside your unit reads it until you hand it in."),
    )
