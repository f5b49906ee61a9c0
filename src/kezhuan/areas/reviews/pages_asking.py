"""Pages of questions between an expert and an applicant."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.reviews.asking import asked_of, asks_about, exchanged_in
from kezhuan.areas.reviews.asking_actions import answer_expert, ask_applicant
from kezhuan.areas.reviews.forms_panel import QuestionForm
from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.areas.reviews.pages_reviews import ANY, WHOLE, Way, way_of
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.components import Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_trail
from kezhuan.web.templatetags.kezhuan import day


@require_http_methods(ANY)
def review_ask(request: Request, code: str, number: int) -> HttpResponseBase:
    """Ask the applicant about an item that one judges."""
    row = get_visible(request.actor, Review, code, related=WHOLE)
    return ask_page(request, request.actor, row, number, way_of(row))


def ask_page(request: Request, actor: Actor, row: Review, number: int, way: Way) -> HttpResponseBase:
    """The page on which the expert of a review asks about an item; raises `NotAllowed`."""
    if asks_about(actor, row, number) is None:
        raise NotAllowed(_("The expert who judges an item asks about it, while the panel scores."))
    title = _("Ask the applicant")

    def act(form: Any) -> str:
        ask_applicant(actor=actor, review=row, number=number, words=form.cleaned_data["words"])
        return way.item(number)

    return action_page(
        request,
        lambda posted, _files: QuestionForm(posted),
        act,
        title=title,
        intro=_("The applicant reads your question, and never who asks. Do not name yourself in it."),
        submit_label=_("Ask"),
        back=way.item(number),
        crumbs=way.crumbs(title),
        done=_("Your question is put to the applicant; the answer stands on this page."),
    )


@require_http_methods(ANY)
def question_answer(request: Request, code: str, number: int) -> HttpResponseBase:
    """Answer a question of an expert about what one's organisation handed in."""
    record = get_visible(request.actor, Record, code)
    asked = next((one for one in asked_of(request.actor, record) if one.number == number), None)
    if asked is None:
        raise Missing(code)
    if not asked.is_open:
        raise NotAllowed(_("This question is answered already, or the scores are closed."))
    title, back = _("Answer question %(number)s") % {"number": number}, faces.url_of(record)

    def act(form: Any) -> str:
        answer_expert(actor=request.actor, record=record, number=number, words=form.cleaned_data["words"])
        return back

    return action_page(
        request,
        lambda posted, _files: QuestionForm(posted, label=_("Answer")),
        act,
        title=title,
        intro=asked.words,
        submit_label=_("Answer"),
        back=back,
        crumbs=record_trail(record, title),
        done=_("Your answer is given to the expert, of a blind panel without the names in it."),
    )


def questions_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The questions of experts about a record, for its organisation alone."""
    if not actor.is_signed_in:
        return None
    lines = [
        (one, reverse("question-answer", args=[row.record.code, one.number]) if one.is_open else "")
        for one in asked_of(actor, row.record)
    ]
    return registry.Panel("reviews/questions.html", {"lines": lines}) if lines else None


def table_of_exchanged(panel: Panel) -> TableView | None:
    """All questions and answers of a panel, for whoever runs it."""
    rows = tuple(
        (
            str(one.sheet.item.number),
            f"{one.sheet.item.record.code} {name_of(one.sheet.item.record)}",
            name_of(one.sheet.review.expert.person.record),
            one.words,
            one.answer or _("not answered"),
            day(one.answered_at) if one.answered_at is not None else "",
        )
        for one in exchanged_in(panel)
    )
    columns = (
        Column(_("No."), numeric=True), Column(_("What is judged")), Column(_("Expert")), Column(_("Question")),
        Column(_("Answer")), Column(_("Answered on")),
    )  # fmt: skip
    return TableView(columns, rows, _("Questions of experts and answers")) if rows else None
