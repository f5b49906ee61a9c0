"""What the API answers when it says no: problem documents (RFC 9457) from whatever was raised."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kezhuan.kernel import trace
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, NotNow, Problem, Refused
from kezhuan.kernel.outages import will_pass

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class UnsupportedMedia(Exception):
    """The body is of a type that this address does not take (415)."""


class BadToken(Exception):
    """The token shown is none of ours, has ended or expired (401)."""


class BadKey(Exception):
    """The Idempotency-Key is none (400)."""


class StaleTag(Exception):
    """What `If-Match` names is not what is there now (412)."""


class VersionMissing(Exception):
    """A change came without saying what it changes (428)."""


class ForgedRequest(Exception):
    """A write in a session came without the session's CSRF token (403)."""


def problem_response(
    status: int, detail: str, problems: Iterable[Problem] = (), *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A problem document: `title` is the status in words, `detail` one sentence, `problems` what to mend and where."""
    rows = [
        {"code": one.code, "message": str(one.message), "field": one.field, "clause": one.clause} for one in problems
    ]
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "problems": rows,
    }
    answer = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer


def one_problem(status: int, code: str, sentence: str, **more: Any) -> HttpResponse:
    """A problem document about one thing, which is its detail too."""
    return problem_response(status, sentence, [Problem(code, sentence)], **more)


def not_found() -> HttpResponse:
    """The answer for what is not there or may not be seen: the two look alike."""
    return one_problem(404, "not-found", _("There is nothing at this address, or it is not open to you."))


def bad_request() -> HttpResponse:
    """The answer for what cannot be read at all: a broken form, far too many fields, a connection that ended early."""
    sentence = _("The request could not be read. Check its form and how many fields it holds, and send it again.")
    return one_problem(400, "request-unreadable", sentence)


def not_a_method(allowed: str) -> HttpResponse:
    """The answer for a method that the address does not know."""
    sentence = _("This address takes %(methods)s only.") % {"methods": allowed}
    return one_problem(405, "method-unknown", sentence, headers={"Allow": allowed})


def _unreadable(_request: HttpRequest, _raised: Exception) -> HttpResponse:
    return bad_request()


def _to_mend(request: HttpRequest, problems: Iterable[Problem]) -> HttpResponse:
    """The answer that lists what to put right; of a question nobody expects that it changes anything."""
    if request.method in {"GET", "HEAD"}:
        return problem_response(422, _("This cannot be answered as it was asked. Put the following right."), problems)
    return problem_response(422, _("Nothing was changed. Put the following right and send it again."), problems)


def _refused(request: HttpRequest, raised: Refused) -> HttpResponse:
    return _to_mend(request, raised.problems)


def _not_allowed(_request: HttpRequest, raised: NotAllowed) -> HttpResponse:
    return one_problem(403, "not-allowed", str(raised) or _("You may not do this."))


def _not_now(_request: HttpRequest, raised: NotNow) -> HttpResponse:
    return one_problem(409, "not-now", str(raised))


def _missing(_request: HttpRequest, _raised: Exception) -> HttpResponse:
    return not_found()


def _conflict(_request: HttpRequest, raised: Conflict) -> HttpResponse:
    return one_problem(409, "conflict", str(raised) or _("Someone was faster. Nothing was changed by you."))


def _forged(_request: HttpRequest, _raised: ForgedRequest) -> HttpResponse:
    return one_problem(
        403, "csrf", _("A write in a session carries the header X-CSRFToken with the value of the cookie csrftoken.")
    )


def _bad_key(_request: HttpRequest, _raised: BadKey) -> HttpResponse:
    sentence = _("An Idempotency-Key is one word of at most 200 letters, digits and signs, such as a UUID.")
    return one_problem(400, "key-unusable", sentence)


def _stale(_request: HttpRequest, _raised: StaleTag) -> HttpResponse:
    sentence = _("This is not any more what you had before you. Get it again, compare, and send the change anew.")
    return one_problem(412, "tag-stale", sentence)


def _version_missing(_request: HttpRequest, _raised: VersionMissing) -> HttpResponse:
    sentence = _("Say what you change: the version you had before you, or its ETag in the header If-Match.")
    return one_problem(428, "version-missing", sentence)


def _bad_token(_request: HttpRequest, _raised: BadToken) -> HttpResponse:
    sentence = _(
        "This token is not valid: it has ended or expired, or was mistyped. Make a new one on your account page."
    )
    return one_problem(401, "token-invalid", sentence, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _http(_request: HttpRequest, raised: HttpError) -> HttpResponse:
    cause = raised.__cause__
    if isinstance(cause, UnsupportedMedia):
        return one_problem(415, "media-unsupported", _("Send the body as application/json."))
    if raised.status_code == HTTPStatus.BAD_REQUEST:
        return one_problem(400, "not-json", _("The body is not JSON."))
    if raised.status_code == HTTPStatus.UNAUTHORIZED:
        sentence = _("Sign in first, or send a token.")
        return one_problem(401, "not-signed-in", sentence, headers={"WWW-Authenticate": "Bearer, Session"})
    return one_problem(raised.status_code, "refused", str(raised))


def _too_large(_request: HttpRequest, _raised: RequestDataTooBig) -> HttpResponse:
    return one_problem(413, "body-too-large", _("The body is larger than this address takes."))


def broken(request: HttpRequest, raised: BaseException | None) -> HttpResponse:
    """The answer for a fault of the program, or for a database that is busy or away (503)."""
    if will_pass(raised):
        sentence = _("The database is busy or away for a moment; nothing was changed. Try again shortly.")
        return one_problem(503, "busy", sentence, headers={"Retry-After": "5"})
    # The path alone: query and body may be confidential.
    log.error("%s %s failed", request.method, request.path, exc_info=raised)
    sentence = _(
        "The fault is ours and has been recorded under the number %(number)s; nothing was half done. Try again in a"
        " while."
    )
    return one_problem(500, "broken", sentence % {"number": trace.mark()})


def _message(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """A stable code and a sentence for one kind of finding of pydantic's; the value itself is never repeated."""
    match kind:
        case "missing":
            return "field-missing", _("This field is required.")
        case "extra_forbidden":
            return "field-unknown", _("There is no such field.")
        case "int_type" | "int_parsing" | "int_from_float":
            return "value-type", _("Give a whole number.")
        case "string_type":
            return "value-type", _("Give a text.")
        case "bool_type" | "bool_parsing":
            return "value-type", _("Give true or false.")
        case "list_type" | "tuple_type":
            return "value-type", _("Give a JSON array, such as [1, 2].")
        case "model_type" | "model_attributes_type" | "dict_type":
            return "value-type", _('Give a JSON object, such as {"name": "value"}.')
        case "iso_day":
            return "value-type", _("Give a day as YYYY-MM-DD.")
        case "enum" | "literal_error":
            values = str(context.get("expected", "")).replace(" or ", ", ")
            return "value-unknown", _("Give one of: %(values)s.") % {"values": values}
        case "string_too_long":
            return "value-long", _("At most %(most)s characters.") % {"most": context["max_length"]}
        case "too_long":
            return "value-long", _("At most %(limit)s.") % {"limit": context.get("max_length", "")}
        case "greater_than_equal":
            return "value-range", _("At least %(limit)s.") % {"limit": context["ge"]}
        case "less_than_equal":
            return "value-range", _("At most %(limit)s.") % {"limit": context["le"]}
    return "value-unusable", _("This value cannot be used here.")


def _invalid(request: HttpRequest, raised: ValidationError) -> HttpResponse:
    problems = []
    for finding in raised.errors:
        # The place begins with the part of the request and the name of our parameter, which a single value lacks.
        place = list(finding["loc"])
        place = place[2 if place[0] == "body" or len(place) > 2 else 1 :]
        code, sentence = _message(finding["type"], finding.get("ctx", {}))
        problems.append(Problem(code, sentence, ".".join(map(str, place))))
    return _to_mend(request, problems)


def answer_problems(api: NinjaAPI) -> None:
    """Make the API answer everything that is raised with a problem document."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: _refused,
        NotAllowed: _not_allowed,
        NotNow: _not_now,
        Missing: _missing,
        Http404: _missing,
        Conflict: _conflict,
        BadToken: _bad_token,
        BadKey: _bad_key,
        StaleTag: _stale,
        VersionMissing: _version_missing,
        ForgedRequest: _forged,
        RequestDataTooBig: _too_large,
        SuspiciousOperation: _unreadable,
        MultiPartParserError: _unreadable,
        UnreadablePostError: _unreadable,
        HttpError: _http,
        ValidationError: _invalid,
        Exception: broken,
    }
    for raised, answer in answers.items():
        api.add_exception_handler(raised, answer)
