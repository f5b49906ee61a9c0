"""A write that is sent twice with the same Idempotency-Key is done once and answered the same way twice."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from kezhuan.api.conditions import key_of
from kezhuan.api.identity import actor_of, token_of
from kezhuan.api.problems import BadKey, one_problem
from kezhuan.kernel.answers import AnotherQuestion, Answer, hashed, once

REPEATED = "Idempotent-Replayed"
"""Header of an answer that was given before."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def answered_once(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, or the one it gave when the same was asked with the same key before."""
    try:
        key = key_of(request)
    except BadKey:
        return view()  # which refuses it when there is something to write
    actor, token = actor_of(request), token_of(request)
    if key is None or request.method not in WRITES or actor.person is None:
        return view()
    if token is None and check_csrf(request) is not None:
        return view()  # which refuses it: what a browser was tricked into sending is not even answered again
    asker = hashed("token", str(token.pk)) if token else hashed("person", str(actor.person.pk))
    answer: HttpResponse | None = None

    def act() -> Answer:
        nonlocal answer
        answer = view()
        kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        kept["Content-Language"] = get_language() or ""
        return Answer(answer.status_code, kept, answer.content.decode())

    try:
        told = once(asker, hashed(key), _question(request), act)
    except AnotherQuestion:
        sentence = _("This Idempotency-Key was used for another request. Take a new key for each request.")
        return one_problem(422, "key-reused", sentence)
    if answer is not None:
        return answer
    again = HttpResponse(told.body, status=told.status)
    for name, value in {**told.headers, REPEATED: "true"}.items():
        again.headers[name] = value
    return again


def _question(request: HttpRequest) -> str:
    """The hash of all that is asked. Of a form it is what its fields and files hold: the line between them is another
    each time it is sent."""
    organisation = actor_of(request).organisation
    parts: list[str | bytes] = [
        str(request.method),
        request.get_full_path(),
        str(organisation.pk if organisation else ""),
    ]
    if request.content_type != "multipart/form-data":
        return hashed(*parts, str(request.content_type), request.body)
    for name, values in sorted(request.POST.lists()):
        parts += [name, *map(str, values)]
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            parts += [name, file.name or "", hashlib.sha256(file.read()).digest()]
            file.seek(0)
    return hashed(*parts)
