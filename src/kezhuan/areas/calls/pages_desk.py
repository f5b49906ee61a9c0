"""What officers do with a call on pages of their own: its list, its wording test, what they propose."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.actions import record_readings
from kezhuan.areas.calls.awarding import rule_in_words, suggested
from kezhuan.areas.calls.budgeting import room_of
from kezhuan.areas.calls.checks import applications_of
from kezhuan.areas.calls.forms import AnswerForm, AskForm, Readings, TestForm, heard_in
from kezhuan.areas.calls.forms_proposal import ProposalForm
from kezhuan.areas.calls.limiting import used_by
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.pages_list import ANY, call_crumbs, prepared
from kezhuan.areas.calls.permissions import answers_questions, asks_questions, posts_again, proposes
from kezhuan.areas.calls.posting_again_actions import post_again, why_not_again
from kezhuan.areas.calls.proposal_actions import propose
from kezhuan.areas.calls.queries import in_proposing_order, reads_list
from kezhuan.areas.calls.question_actions import answer_about_call, ask_about_call
from kezhuan.areas.calls.related import ties_of
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.text import listed, wan_from_fen
from kezhuan.web import faces
from kezhuan.web.components import Column, TableView
from kezhuan.web.lists import pager_at
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, action_page, confirm_page, expected_version, form_page

PART = 10
"""Applications on a page of a proposal: each page is kept by itself."""


@require_http_methods(ANY)
def call_readings(request: Request, code: str) -> HttpResponse:
    """Record what experts answered, or the minutes of a demonstration."""
    row = prepared(request, code)
    back, title = faces.url_of(row.record), _("Record the wording test")
    start = {"minutes_no": row.minutes_no, "minutes_on": row.minutes_on}
    held: list[dict[str, Any]] = [dict(one) for one in row.readings.values("who", "unit", "on", "understood", "words")]

    def save(form: TestForm, rows: Rows) -> str:
        typed = form.cleaned_data
        record_readings(
            actor=request.actor, call=row, heard=heard_in(rows), minutes_no=typed["minutes_no"],
            minutes_on=typed["minutes_on"],
        )  # fmt: skip
        return back

    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: TestForm(posted, initial=start),
            groups=((_("Demonstration"), ("minutes_no", "minutes_on")),),
            rows={
                "readings": RowSet(
                    Readings,
                    _("Do you understand what counts as solved?"),
                    _("Add an expert"),
                    _("%(number)s experts are to understand it, or minutes of a demonstration stand for them.")
                    % {"number": row.readers_asked},
                )
            },
            initial_rows={"readings": held or [{}]},
            save=save,
            crumbs=call_crumbs(row, title),
            back=back,
            version=row.record.version,
            intro=_("The answers are about the list as it stands: when it changes, it is tested again."),
        ),
    )


def _used(row: Call, applications: Sequence[Application]) -> TableView | None:
    """What each applicant has used of the limits of the call's kind and year, with the other reading beside it."""
    used = used_by(row, applications)
    if not used:
        return None
    beside = any(one.uncounted for one in used)
    return TableView(
        columns=(
            Column(_("Applicant")),
            Column(_("Undertaken")),
            Column(_("Received (万元)"), numeric=True),
            Column(_("Left (万元)"), numeric=True),
            Column(_("Left if the limit were for each project (万元)"), numeric=True),
            Column(_("Difference (万元)"), numeric=True),
            *(
                (Column(_("For its tasks by calls of other kinds: not counted, the other reading would")),)
                if beside
                else ()
            ),
        ),
        rows=tuple(
            (
                one.unit,
                listed(one.use.undertaken) or "–",
                *(
                    wan_from_fen(fen) if fen is not None else "–"
                    for fen in (
                        one.use.received_fen,
                        one.use.left_fen,
                        one.use.left_by_other_reading_fen,
                        one.use.difference_fen,
                    )
                ),
                *((one.uncounted or "–",) if beside else ()),
            )
            for one in used
        ),
        caption=_("What is used of the limits of %(year)s") % {"year": row.year},
    )


def _advised(applications: Sequence[Application], advice: Mapping[int, PanelItem]) -> TableView | None:
    """What the last panel that concluded says of the applications, the best score first."""
    judged = [(one, advice[one.pk]) for one in applications if one.pk in advice]
    if not judged:
        return None
    judged.sort(key=lambda pair: (pair[1].rank, pair[0].pk))
    labels = (_("Score"), _("Rank"), _("Corrected"), _("Spread"))
    return TableView(
        columns=(
            Column(_("Application")),
            Column(_("Applicant")),
            *(Column(label, numeric=True) for label in labels),
            Column(_("The panel advises")),
        ),
        rows=tuple(
            (
                f"{one.record.code} {name_of(one.record)}",
                name_of(one.applicant.record),
                *(str(said.result[name]) for name in ("score", "rank", "corrected", "spread")),
                _("to choose it") if said.advised else _("not to choose it"),
            )
            for one, said in judged
        ),
        caption=_("What the panel advises"),
    )


@require_http_methods(ANY)
def call_proposal(request: Request, code: str) -> HttpResponseBase:
    """Propose who is chosen, with fiscal money and reasons; everybody else learns of it with the decision."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        proposes,
        request.actor,
        row,
        _("Only officers in charge, of no applicant, unit that takes part or poster, propose who is chosen."),
        stages={"closed"},
    )
    back, title, version = faces.url_of(row.record), _("Propose a decision"), row.record.version
    at, order = max(1, whole_number(request.GET.get("page", ""), 1)), in_proposing_order(row)
    part, total = list(order[(at - 1) * PART : at * PART]), order.count()
    pager = pager_at(request.GET, at, PART, total)
    applications = sorted(applications_of(row).filter(pk__in=part), key=lambda one: part.index(one.pk))
    ties = ties_of(applications)
    advice, by_rule = advice_on(part), suggested(row, applications)

    def act(form: ProposalForm) -> str:
        expected = expected_version(request, version)
        propose(
            actor=request.actor, call=row, proposed=form.proposed, others_stay=True, expected_version=expected,
            rule_note=form.cleaned_data.get("rule_note"),
        )  # fmt: skip
        return f"{request.path}{pager.next_url}" if pager.next_url else back

    def maker(posted: Any, _files: Any) -> ProposalForm:
        return ProposalForm(posted, applications=applications, advice=advice, by_rule=by_rule, ties=ties, call=row)

    line, rule = room_of(row), _("Who is chosen: %(rule)s") % {"rule": rule_in_words(row)}
    room = line.words
    if total > PART:
        room += " " + _("Proposed so far: %(kept)s of %(total)s.") % {"kept": line.kept, "total": total}
    return action_page(
        request,
        maker,
        act,
        title=title,
        intro=f"{name_of(row.record)} · {rule} · {room}",
        submit_label=_("Keep and go on") if pager.next_url else _("Keep the proposal"),
        back=back,
        pager=pager,
        done=_("The proposal is kept. It counts when the call is decided."),
        crumbs=call_crumbs(row, title),
        template="calls/proposal.html",
        used=_used(row, applications),
        advised=_advised(applications, advice),
        carried=[("version", str(version))],
    )


@require_http_methods(ANY)
def call_ask(request: Request, code: str) -> HttpResponseBase:
    """Ask something about a call."""
    row = get_visible(request.actor, Call, code)
    if not reads_list(request.actor, row):
        raise Missing(code)
    must_allow(asks_questions, request.actor, row, _("Whoever may apply asks, while the call takes applications."))
    back, title = faces.url_of(row.record), _("Ask a question")

    def act(form: AskForm) -> str:
        ask_about_call(actor=request.actor, call=row, words=form.cleaned_data["words"])
        return back

    return action_page(
        request,
        lambda posted, _files: AskForm(posted),
        act,
        title=title,
        intro=f"{row.record.code} · {name_of(row.record)}",
        submit_label=title,
        back=back,
        done=_("The officers in charge see your question."),
        crumbs=call_crumbs(row, title),
    )


@require_http_methods(ANY)
def call_answer(request: Request, code: str, number: int) -> HttpResponseBase:
    """Answer a question for everybody."""
    row = get_visible(request.actor, Call, code)
    must_allow(answers_questions, request.actor, row, _("The officers in charge answer, until the call is decided."))
    asked = row.asked.filter(number=number, answered_at=None).first()
    if asked is None:
        raise Missing(code)
    back, title = faces.url_of(row.record), _("Answer a question")

    def act(form: AnswerForm) -> str:
        answer_about_call(actor=request.actor, call=row, number=number, words=form.cleaned_data["answer"])
        return back

    return action_page(
        request,
        lambda posted, _files: AnswerForm(posted),
        act,
        title=title,
        intro=asked.words,
        submit_label=_("Answer for everybody"),
        back=back,
        done=_("Everybody who reads the list reads the answer."),
        crumbs=call_crumbs(row, title),
    )


@require_http_methods(ANY)
def call_post_again(request: Request, code: str) -> HttpResponseBase:
    """Post again what nobody claimed, as a new draft."""
    row = get_visible(request.actor, Call, code)
    if not posts_again.test(request.actor, row):
        raise NotAllowed(why_not_again(request.actor, row))
    title = _("Post it again")

    def act() -> HttpResponseBase:
        made = post_again(actor=request.actor, call=row)
        return redirect(reverse("call-edit", args=[made.record.code]))

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_(
            "A new draft begins in the terms of this call and with the items that nobody claimed. What you change is"
            " shown on its page."
        ),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=call_crumbs(row, title),
        grave=False,
    )
