"""Pages of applications: the list, and one application. See `pages_writing` for where one is written."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.calls.answering import asked_among, counted, file_of, in_words
from kezhuan.areas.calls.application_actions import edits
from kezhuan.areas.calls.attached import asks_files, files_of
from kezhuan.areas.calls.checks import check_complete
from kezhuan.areas.calls.choices import AnswerKind, ColumnKind, Outcome, StageKind
from kezhuan.areas.calls.eligibility import Criterion, criteria_for, falls_short, mark_concerned
from kezhuan.areas.calls.models import Application, LibraryEntry
from kezhuan.areas.calls.pages import LABELS
from kezhuan.areas.calls.permissions import judges_criteria, spot_checks
from kezhuan.areas.calls.queries import APPLICATION_TOLD, conditions_of, targets_of
from kezhuan.areas.calls.related import check_related, ties_of
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.calls.spot_checking import finding_in_words
from kezhuan.areas.calls.wording import indicator_in_words, letter_in_words, moment_in_words, period
from kezhuan.exchange.origins import brought_from
from kezhuan.kernel.access import Actor, can_view, get_visible, visible_among
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.sealing import note_look, note_refused
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.components.words import Tone
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.records import record_page
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("stage", "call_kind")
WHOLE = ("item__call__record__title_to", "item__call__record__public_to", "item__poster__record")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Application]:
    return visible_among(actor, Application.objects.select_related(*APPLICATION_TOLD).filter(pk__in=ids))


def _line(actor: Actor, row: Application, words: str) -> ResultLine:
    seen = can_view(actor, row.record, "public")
    meta = [name_of(row.record.owner.record)] if row.record.owner and seen else []
    meta += [f"{row.item.call.record.code} {name_of(row.item.call.record)}", f"{row.item.number} {row.item.title}"]
    return faces.plain_line(
        row.record,
        kind_label=_("application"),
        tags=(faces.stage_tag(row.record), *_sealed_tag(row)),
        meta=tuple(meta) if seen else (),
        snippet_html=snippet(words, row.record.summary) if seen else None,
        on=row.record.opened_on,
    )


def _sealed_tag(row: Application) -> tuple[Tag, ...]:
    return (Tag(_("sealed, not opened yet")),) if row.sealed else ()


def _elsewhere(actor: Actor, row: Application) -> dict[str, str]:
    judges = judges_criteria.test(actor, row)
    return {"checks": reverse("application-criteria", args=[row.record.code])} if judges else {}


def register_face() -> None:
    """How applications stand in lists."""
    faces.register("application", faces.Face(_rows, _line, edit=_edit_url, elsewhere=_elsewhere))


def _edit_url(actor: Actor, row: Application) -> str:
    return reverse("application-edit", args=[row.record.code]) if edits(actor, row) else ""


@takes_a_list
def application_list(request: Request) -> HttpResponse:
    """The applications of the reader's unit, those to the calls of the reader's office, and those that were chosen."""
    return list_page(
        request,
        title=capfirst(_("applications")),
        kinds=("application",),
        facets=FACETS,
        lead=_("Yours, and those that were chosen. To apply, open a call and choose an item of its list."),
        labels=LABELS,
    )


@require_safe
def application_page(request: Request, code: str) -> HttpResponse:
    """One application: what is committed to for each indicator, what it answers, and what was decided with which
    reason."""
    row, actor = _looked_at(request, code), request.actor
    mark_concerned(actor, [row])
    seen, inside = can_view(actor, row.record, "public"), can_view(actor, row.record, "full")
    row = revealed(row) if inside else row
    answers = _answers(row) if inside else []
    return record_page(
        request,
        row,
        "calls/application.html",
        tags=_sealed_tag(row),
        buttons=[*_check_button(actor, row), *_spot_button(actor, row)],
        spotted=_spot_table(row) if can_view(actor, row.record, "inner") else None,
        criteria=_criteria_table(criteria_for(actor, row)) if can_view(actor, row.record, "inner") else None,
        handed_in=moment_in_words(row.submitted_at),
        lacking=_lacking(row) if inside and row.record.stage == "draft" else (),
        meta=[name_of(row.record.owner.record)] if seen and row.record.owner else [],
        facts=_facts(row, inside=inside) if seen else (),
        extra=row.extra.items() if inside else (),
        seen=seen,
        inside=inside,
        indicators=[
            (indicator_in_words(one), one["test_method"], said, falls_short(one, said))
            for one, said in zip(targets_of(row), _padded(row.commitments, targets_of(row)), strict=False)
        ],
        conditions=[
            (one["words"], said)
            for one, said in zip(conditions_of(row), _padded(row.evidence, conditions_of(row)), strict=False)
        ],
        answers=answers,
        unanswered=listed(one["words"] for one in answers if not one["said"] and not one["rows"]),
    )  # fmt: skip


def _check_button(actor: Actor, row: Application) -> list[ButtonLink]:
    if not row.item.call.conditions or not judges_criteria.test(actor, row):
        return []
    return [ButtonLink(_("Check the conditions"), reverse("application-criteria", args=[row.record.code]))]


def _spot_button(actor: Actor, row: Application) -> list[ButtonLink]:
    if not spot_checks.test(actor, row):
        return []
    return [ButtonLink(_("Record a spot check"), reverse("application-spot-check", args=[row.record.code]))]


def _spot_table(row: Application) -> TableView | None:
    """What was found when it was looked at again."""
    if not row.spot_checks:
        return None
    labels = (_("Day"), _("Who looked"), _("What they looked at"), _("What was found"), _("Note"))
    return TableView(
        tuple(Column(one) for one in labels),
        tuple(
            (said["on"], said["who"], said["looked_at"], finding_in_words(said), said["words"])
            for said in row.spot_checks
        ),
    )


TONES: dict[Outcome, Tone] = {Outcome.MET: "ok", Outcome.UNMET: "no", Outcome.NOTED: "wait"}


def _criteria_table(found: Sequence[Criterion]) -> TableView | None:
    """What the formality check says of each criterion; nothing while nothing is said."""
    if not any(one.outcome for one in found):
        return None
    return TableView(
        (Column(_("Condition")), Column(_("Whether it is met")), Column(_("Which rests on")), Column(_("Note"))),
        tuple(
            (
                one.words,
                Cell("", tag=Tag(one.label, TONES[Outcome(one.outcome)])) if one.outcome else "–",
                one.basis,
                one.note,
            )
            for one in found
        ),
    )


def _lacking(row: Application) -> list[str]:
    """What a draft lacks before it can be submitted."""
    return [one.message for one in (*check_related(row), *check_complete(row))]


def _looked_at(request: Request, code: str) -> Application:
    """The application of a code; whoever wants to read a sealed one that is not their unit's is noted."""
    try:
        row = get_visible(request.actor, Application, code, related=WHOLE)
    except Missing:
        note_refused(request.actor, code, "page")
        raise
    if row.sealed:
        note_look(request.actor, row.record, "page")
    return row


def _answers(row: Application) -> list[dict[str, Any]]:
    """What the call asks of whoever answers so: a table with its rows, a file with the way to it."""
    questions = row.item.call.questions
    files = files_of(row) if asks_files(row.item.call) else {}
    asked, said = asked_among(questions, row.answers), counted(questions, row.answers)
    return [
        {
            "words": one["words"],
            "said": in_words(one, said[place]),
            "columns": one.get("columns", ()),
            "rows": [_cells(one, line) for line in said[place] or ()] if one["kind"] == AnswerKind.TABLE else (),
            "file": file_of(said[place]) if file_of(said[place]) in files and one["kind"] == AnswerKind.FILE else None,
        }
        for place, one in enumerate(questions)
        if asked[place]
    ]


def _cells(question: Mapping[str, Any], line: Sequence[str]) -> list[tuple[bool, str]]:
    """A row of a table, each cell with whether its column holds numbers."""
    kinds = [column["kind"] == ColumnKind.NUMBER for column in question["columns"]]
    return list(zip(kinds, line, strict=False))


def _padded(said: Sequence[str], asked: Sequence[Any]) -> list[str]:
    return [*said, *[""] * (len(asked) - len(said))]


def _facts(row: Application, *, inside: bool) -> list[Fact]:
    call = row.item.call
    facts = [
        Fact(_("Call"), f"{call.record.code} {name_of(call.record)}", faces.url_of(call.record)),
        Fact(_("Item"), f"{row.item.number} {row.item.title}"),
        Fact(_("Challenge posed by"), name_of(row.item.poster.record) if row.item.poster is not None else ""),
        Fact(_("Fiscal money awarded"), wan(row.award_fen)),
    ]
    if inside:
        facts += [
            Fact(_("Who leads the work"), row.leader),
            Fact(_("Fiscal money asked for"), wan(row.asked_fen)),
            Fact(_("Months"), str(row.months or "")),
            Fact(_("Revenue of the year before"), wan(row.revenue_fen)),
            Fact(_("R&D spending of the year before"), wan(row.rnd_fen)),
            Fact(_("Submitted at"), moment_in_words(row.submitted_at)),
            Fact(_("What makes it related to the poster"), listed(ties_of([row]).get(row.pk, ()))),
            *_recommended(row),
            Fact(_("Brought from another system"), brought_from(row.record)),
            *_final(row),
            *_library_facts(row),
            Fact(_("Taken until"), moment_in_words(call.deadline)),
        ]
    return [one for one in facts if one.value]


def _library_facts(row: Application) -> list[Fact]:
    """Where a chosen application stands between its decision and its project."""
    entry: LibraryEntry | None = getattr(row, "entry", None) if row.record.stage == "awarded" else None
    if entry is None:
        return []
    words = _("waits since %(day)s") % {"day": day(entry.since)}
    if entry.left_on is not None:
        words = _("has left on %(day)s") % {"day": day(entry.left_on)}
    if entry.document is not None:
        words = f"{words} · {_('budget document')} {entry.document.number} · {wan(entry.funded_fen)}"
    return [Fact(_("Project library (项目库)"), words)]


def _final(row: Application) -> list[Fact]:
    """When an application on the shortlist is judged again."""
    if row.record.stage != "shortlisted":
        return []
    stages = row.item.call.stages.filter(kind=StageKind.FINAL)
    return [Fact(one.get_kind_display(), period(one.begins_on, one.ends_on)) for one in stages]


def _recommended(row: Application) -> list[Fact]:
    if row.recommender is None:
        return []
    return [
        Fact(_("Recommending unit"), name_of(row.recommender.record), faces.url_of(row.recommender.record)),
        Fact(_("Letter of recommendation"), letter_in_words(row)),
        Fact(_("Opinion of the recommending unit"), row.opinion),
    ]
