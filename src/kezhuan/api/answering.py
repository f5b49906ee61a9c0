"""What happens to every request of the API before and after its route: who asks, how fast, whether a second time, and
whether the asker has the answer already."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from kezhuan.api import conditions, repeats
from kezhuan.api.identity import actor_of, address_of, identify, token_of
from kezhuan.api.problems import BadToken, not_a_method, one_problem
from kezhuan.api.site import api
from kezhuan.kernel.answers import hashed
from kezhuan.kernel.limits import Verdict, limiter

View = Callable[..., HttpResponse]


def answered(view: View) -> View:
    """The view with all of this around it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"  # what is sent has no body (see the middleware that observes)
        response = _limited(request, lambda: view(request, *args, **kwargs))
        response.headers["Cache-Control"] = "private, no-cache"  # no cache keeps for one what another asked
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response

    return answer


def _limited(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        refusal = _identified(request)
        verdict = limiter.take(*_bucket(request))
        if not verdict.allowed:
            response = _too_fast(verdict)
        elif refusal is not None:
            response = refusal
        else:
            response = repeats.answered_once(request, lambda: conditions.written(request, view()))
    except Exception as problem:  # noqa: BLE001  told like whatever a view raises
        return api.on_exception(request, problem)
    if response.status_code == 405:
        response = not_a_method(response.headers.get("Allow", ""))
    response = conditions.tagged(request, response)
    response.headers["RateLimit-Limit"] = str(verdict.limit)
    response.headers["RateLimit-Remaining"] = str(verdict.remaining)
    response.headers["RateLimit-Reset"] = str(verdict.reset)
    return response


def _identified(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a token that is not valid; it counts for the address, so that guessing is slow."""
    try:
        identify(request)
    except BadToken as problem:
        return api.on_exception(request, problem)
    return None


def _bucket(request: HttpRequest) -> tuple[str, int]:
    """Whose bucket a request is taken from, by hash, and how much it holds."""
    token, person = token_of(request), actor_of(request).person
    if token is not None:
        return hashed("token", str(token.pk)), settings.API_RATE
    if person is not None and "Authorization" not in request.headers:
        return hashed("person", str(person.pk)), settings.API_RATE
    # Hashed with the site's key: the few addresses there are could be tried otherwise.
    return hashed("address", settings.SECRET_KEY, address_of(request)), settings.API_RATE_VISITORS


def _too_fast(verdict: Verdict) -> HttpResponse:
    sentence = _("At most %(limit)s requests a minute. Try again in %(seconds)s seconds.")
    told = sentence % {"limit": verdict.limit, "seconds": verdict.wait}
    return one_problem(429, "too-fast", told, headers={"Retry-After": str(verdict.wait)})
