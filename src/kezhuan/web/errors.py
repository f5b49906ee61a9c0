"""Error pages: each says in one sentence what happened and offers a way on."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import registry, trace
from kezhuan.kernel.access import VISITOR, get_visible
from kezhuan.kernel.errors import Conflict, Ended, KezhuanError, Missing, NotAllowed, NotNow, Refused
from kezhuan.kernel.models import Record
from kezhuan.kernel.outages import will_pass
from kezhuan.web import faces
from kezhuan.web.addresses import with_next
from kezhuan.web.components import Crumb, OpenMove, ProblemLine, Text
from kezhuan.web.context import came_from_here, still
from kezhuan.web.shell import page


@dataclass(frozen=True, slots=True)
class Told:
    """What an error page says; ``again`` offers the page the reader came from first."""

    title: Text
    sentence: Text
    again: bool = False


TOLD: dict[int, Told] = {
    400: Told(
        _("This request could not be read"),
        _("The address or the form was not complete. Go back and send it once more."),
        again=True,
    ),
    403: Told(
        _("This is not open to you"),
        _(
            "You may not do this with the account, or for the organisation, you are acting for now. Sign in, "
            "or act for another organisation."
        ),
        again=True,
    ),
    404: Told(
        _("Nothing is here"),
        _(
            "The page does not exist, is no longer public, or is not open to you. Search for it, or start "
            "from the home page."
        ),
    ),
    405: Told(
        _("Nothing is shown at this address"),
        _("It only takes what a form sends. Go back to the page with the form, or start from the home page."),
        again=True,
    ),
    409: Told(
        _("Someone was faster"),
        _(
            "The record was changed while you had it open, so nothing was done. Look at it as it stands now "
            "and decide again."
        ),
        again=True,
    ),
    422: Told(
        _("This could not be done"),
        _("Nothing was changed. Put the following right and send it again."),
        again=True,
    ),
    429: Told(
        _("Too many requests"),
        _("Please wait a minute and try again."),
        again=True,
    ),
    500: Told(
        _("Something went wrong here"),
        _("The fault is ours and has been recorded; nothing was half done. Try again in a while."),
    ),
    503: Told(
        _("The system is busy"),
        _("The database is busy or away for a moment. Try again shortly."),
    ),
}


def error_page(
    request: HttpRequest,
    status: int,
    problems: Sequence[ProblemLine] = (),
    sentence: Text = "",
    ways: Sequence[Crumb] = (),
    title: Text = "",
    **more: Any,
) -> HttpResponse:
    """The page for a status, with the problems that led to it, a sentence in place of the usual one, and ways on that
    come before the usual ones; `more` is what its template takes beside."""
    told = TOLD[status]
    return page(
        request,
        "error.html",
        status=status,
        title=title or told.title,
        sentence=sentence or told.sentence,
        problems=tuple(problems),
        ways=[
            *ways,
            *(_ways_in(request) if status == 403 else ()),
            *_ways(request, told.again),
            *(_sign_in(request) if status == 404 else ()),
        ],
        **more,
    )


def refused_step(
    request: HttpRequest, problems: Sequence[ProblemLine], step: OpenMove, ways: Sequence[Crumb] = ()
) -> HttpResponse:
    """The page for a step that was refused, which can be sent again from here with the words that were typed."""
    written = (request.POST.get("reason", ""), request.POST.get("note", ""), request.POST.getlist("lacks"))
    return error_page(request, 422, problems, ways=ways, move=replace(step, typed=written) if any(written) else None)


def _ways_in(request: HttpRequest) -> list[Crumb]:
    """What opens more to a visitor, and to somebody who acts for no organisation yet."""
    actor = getattr(request, "actor", VISITOR)
    if not actor.is_signed_in:
        return _sign_in(request)
    return [Crumb(_("Your organisation"), reverse("claim-by-code"))] if actor.organisation is None else []


def _sign_in(request: HttpRequest) -> list[Crumb]:
    """A visitor's way to what may be theirs: whether it exists is not told before."""
    if getattr(request, "actor", VISITOR).is_signed_in:
        return []
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else came_from_here(request)
    return [Crumb(_("Sign in"), with_next("sign-in", back))]


def _ways(request: HttpRequest, again: bool) -> list[Crumb]:
    ways = [Crumb(_("Home"), reverse("home")), Crumb(_("Search"), reverse("search"))]
    came_from = came_from_here(request)
    if again and came_from:
        ways.insert(0, Crumb(_("Back to the page"), came_from))
    return ways


def refusal(request: HttpRequest, problem: KezhuanError) -> HttpResponse:
    """The page for what the business code raised."""
    match problem:
        case Refused():
            return error_page(request, 422, [ProblemLine(one.message) for one in problem.problems])
        case Ended():
            return error_page(request, 404, sentence=str(problem))
        case Missing():
            return error_page(request, 404)
        case NotNow():
            ways, title = _to_record(problem.record), _("Not at this stage")
            return error_page(request, 403, sentence=str(problem), ways=ways, title=title)
        case NotAllowed():
            return _not_open(request, str(problem))
        case Conflict():
            return error_page(request, 409, sentence=str(problem), ways=_to_record(_record_of(request)))
        case _:
            raise problem


def _record_of(request: HttpRequest) -> Record | None:
    """The record of the address, where it is not its own page and the reader may know of it."""
    match = request.resolver_match
    try:
        record = get_visible(getattr(request, "actor", VISITOR), Record, match.kwargs["code"] if match else "")
    except (KeyError, Missing):
        return None
    return None if faces.url_of(record) == request.path else record


def _not_open(request: HttpRequest, sentence: str) -> HttpResponse:
    """The page for what is not the reader's, or not now: of a record that they may see it says where that stands, since
    whoever goes back after a step was done finds its page gone."""
    record = _record_of(request)
    if record is None or not getattr(request, "actor", VISITOR).is_signed_in:
        return error_page(request, 403, sentence=sentence)
    stage = registry.kind_of(record).lifecycle.stages[record.stage].label
    told = _(
        "%(code)s is at the stage “%(stage)s” now. This page is not open at that stage, or not to the account and"
        " organisation you act for."
    ) % {"code": record.code, "stage": stage}
    title = _("This is not open to you now")
    return error_page(request, 403, sentence=sentence or told, ways=_to_record(record), title=title)


def _to_record(record: Record | None) -> list[Crumb]:
    return [Crumb(_("To the record"), faces.url_of(record))] if record is not None else []


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of 400; it may be the host name that is wrong, so that nothing is asked of the request."""
    return _still_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of 403."""
    return error_page(request, 403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of 404."""
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Handler of 500, and of 503 when what failed is a database that is busy or away."""
    if will_pass(sys.exception()):
        return _still_page(request, 503)
    sentence = _(
        "The fault is ours and has been recorded under the number %(number)s; nothing was half done. Try again in a"
        " while."
    )
    return _still_page(request, 500, sentence=sentence % {"number": trace.mark()})


def busy(request: HttpRequest) -> HttpResponse:
    """The answer of a page whose work the database could not take: a form is kept and can be sent again from here.

    Only for requests whose token was checked: no other may be handed on with a fresh one.
    """
    if request.method != "POST":
        return _still_page(request, 503)
    # A file or a password does not go into a hidden field; the browser still has the form itself.
    if request.FILES or any("password" in name for name in request.POST):
        return _still_page(
            request,
            503,
            sentence=_("The database is busy. Nothing was changed: go back and send it again in a moment."),
        )
    return _still_page(
        request,
        503,
        sentence=_("The database is busy. Nothing was changed, and what you typed is kept: send it again in a moment."),
        again_at=request.get_full_path(),
        kept=[
            (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
        ],
        csrf_token=get_token(request),
    )


def _still_page(request: HttpRequest, status: int, **more: Any) -> HttpResponse:
    """An error page drawn without the database, which may be what failed."""
    told = TOLD[status]
    context = {
        **still(request.path),
        "title": told.title,
        "sentence": told.sentence,
        "ways": [Crumb(_("Home"), reverse("home"))],
        **more,
    }
    answer = HttpResponse(render_to_string("error.html", context), status=status)
    if status == 503:
        answer.headers["Retry-After"] = "5"  # seconds
    return answer


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token does not fit (cookies refused, or signed in elsewhere meanwhile)."""
    return error_page(
        request,
        403,
        sentence=_("The form was too old or cookies are switched off. Load the page again and send it again."),
    )
