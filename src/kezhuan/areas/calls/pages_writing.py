"""Pages on which an application is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.adding import added_since
from kezhuan.areas.calls.application_actions import (
    WRITTEN_IN,
    begin_application,
    edit_application,
    edits,
    facts_of,
)
from kezhuan.areas.calls.application_forms import (
    ApplicationForm,
    Stands,
    initial_of,
    initial_tables,
    tables_of,
    taken_files,
)
from kezhuan.areas.calls.attached import asks_files, files_of
from kezhuan.areas.calls.attaching_actions import begin_by_files, keep_answer_files
from kezhuan.areas.calls.checks import own_challenge, own_challenge_problem
from kezhuan.areas.calls.inviting import not_invited
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.opened_actions import note_opened, note_saved
from kezhuan.areas.calls.pages_applications import WHOLE
from kezhuan.areas.calls.permissions import is_addressed, may_apply
from kezhuan.areas.calls.queries import item_of, reads_list
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.calls.wording import moment_in_words
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.text import SHANGHAI, bracketed, listed
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.autosaving import is_autosave
from kezhuan.web.forms import ADD_ROW, REMOVE_ROW
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, expected_version, form_page
from kezhuan.web.shell import trail


def _item(request: Request, code: str, number: int) -> CallItem:
    """The item of a list that the reader may read; raises `Missing` otherwise."""
    call = get_visible(request.actor, Call, code)
    item = item_of(call, number) if reads_list(request.actor, call) else None
    if item is None:
        raise Missing(code)
    item.call = call
    return item


@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: Request, code: str, number: int) -> HttpResponse:
    """Begin an application for an item of a call, for the organisation one acts for; a visitor signs in first."""
    item, actor = _item(request, code, number), request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    if actor.organisation is None or not may_apply(actor):
        raise NotAllowed(_("Sign in and choose the organisation you apply for; officers decide and do not apply."))
    if not is_addressed.test(actor, item.call):
        raise NotAllowed(not_invited())
    if own_challenge(item, actor.organisation.pk):
        raise NotAllowed(own_challenge_problem().message)

    def keep(form: ApplicationForm, rows: Rows) -> Application:
        made = begin_application(actor=actor, item=item, facts=form.facts(rows))
        if is_autosave(request):  # who still writes has it open
            note_opened(actor, made)
        return made

    back, told = faces.url_of(item.call.record), []
    if uploads := _uploads(request, item, range(len(item.call.questions))):
        try:
            made, kept, problems = begin_by_files(actor=actor, item=item, uploads=uploads)
        except Refused as refused:
            told = list(refused.problems)
        else:
            return _change(request, made, Kept(kept, problems, begun=True))
    return _form(request, _("Write an application"), item, keep, {"title": item.title}, back=back, told=told)


@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: Request, code: str) -> HttpResponse:
    """Change an application that is a draft, or to which a supplement was asked for."""
    row = get_visible(request.actor, Application, code, related=WHOLE)
    must_allow(edits, request.actor, row)
    if uploads := _uploads(request, row.item, _shown(row)):
        kept, problems = keep_answer_files(actor=request.actor, application=row, uploads=uploads)
        return _change(request, row, Kept(kept, problems))
    return _change(request, row, Kept())


def _shown(row: Application) -> Sequence[int]:
    """The places of the questions that a form asks: of an application that was handed in, those added since."""
    return added_since(row) if row.record.stage not in WRITTEN_IN else range(len(row.item.call.questions))


def _uploads(request: Request, item: CallItem, places: Sequence[int]) -> dict[int, Upload]:
    """The files that came with the button; the script sends none."""
    return {} if request.method != "POST" or is_autosave(request) else taken_files(request, item.call, places)


@dataclass(frozen=True)
class Kept:
    """What became of files that came with a form: the answers that name those that were kept, by place, and what is
    wrong with others. With `begun` the draft was begun for them."""

    answers: Mapping[int, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    begun: bool = False

    def posted(self, request: Request, row: Application) -> QueryDict | None:
        """What counts as posted: with the files that were kept, whatever becomes of the rest."""
        if not self.answers:
            return None
        found = request.POST.copy()
        for place, answer in self.answers.items():
            found[f"answer_{place}"] = answer
        if self.begun:
            found["version"] = str(row.record.version)
        return found


def _change(request: Request, row: Application, kept: Kept) -> HttpResponse:
    version = row.record.version
    if request.method == "GET" and (others := _open_too(request, row)):
        messages.warning(request, others)

    def keep(form: ApplicationForm, rows: Rows) -> Application:
        expected, facts = expected_version(request, version), form.facts(rows)
        made = edit_application(actor=request.actor, application=row, facts=facts, expected_version=expected)
        if not is_autosave(request):  # who still writes still has it open
            note_saved(request.actor, row)
        return made

    back, title = faces.url_of(row.record), _("Change the application")
    return _form(request, title, row.item, keep, initial_of(revealed(row)), back=back, row=row, kept=kept)


def _begun(kept: Kept | None) -> str:
    """Said where the rest was refused: that there is a draft all the same."""
    words = _("A draft was begun, which keeps the files that you chose.")
    return f" · {words}" if kept is not None and kept.begun else ""


def _open_too(request: Request, row: Application) -> str:
    """Notes that the actor writes an application, and says who else does."""
    others = note_opened(request.actor, row)
    names = listed(bracketed(name_of(one.person.record), f"{one.at.astimezone(SHANGHAI):%H:%M}") for one in others)
    message = _("Open here too: %(names)s. Whoever saves later is told what the other has changed, and looks again.")
    return message % {"names": names} if others else ""


def _form(
    request: Request,
    title: str,
    item: CallItem,
    keep: Callable[[ApplicationForm, Rows], Application],
    start: dict[str, Any],
    *,
    back: str,
    row: Application | None = None,
    kept: Kept | None = None,
    told: Sequence[Problem] = (),
) -> HttpResponse:
    applications = (capfirst(_("applications")), reverse("applications"))
    handed_in = row is not None and row.record.stage not in WRITTEN_IN
    stands = Stands(facts_of(revealed(row)), tuple(_shown(row))) if row is not None and handed_in else None
    wrong = [*told, *(kept.problems if kept is not None else ())]
    if {ADD_ROW, REMOVE_ROW} & set(request.POST):  # nobody asked for a verdict, but a file that is not taken is gone
        for one in wrong:
            messages.warning(request, one.message)
    files = tuple(files_of(row).values()) if asks_files(item.call) else ()
    until = _("Taken until %(moment)s, by this server's clock.") % {"moment": moment_in_words(item.call.deadline)}
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: ApplicationForm(posted, item=item, initial=start, files=files, stands=stands),
            groups=ApplicationForm(item=item, stands=stands).groups,
            rows=tables_of(item.call, stands.places if stands is not None else None),
            initial_rows=initial_tables(item.call, start),
            save=keep,
            crumbs=trail((_("Home"), "/"), applications, title),
            back=back,
            version=row.record.version if row is not None else None,
            row=row,
            beside=lambda: _open_too(request, row) if row is not None else "",
            check=lambda form, rows: [*wrong, *form.problems(rows)],
            intro=f"{item.call.record.code} · {item.number} {item.title} · {until}{_begun(kept)}",
            posted=kept.posted(request, row) if kept is not None and row is not None else None,
            action=faces.edit_url(request.actor, row) if kept is not None and kept.begun and row is not None else "",
        ),
    )
