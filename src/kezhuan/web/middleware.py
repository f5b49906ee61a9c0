"""Who is asking, and what is answered when the business code says no."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from kezhuan.kernel.access import VISITOR, Actor, actor_for
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.errors import KezhuanError
from kezhuan.kernel.outages import will_pass
from kezhuan.web import errors

ACTING_FOR = "acting_for"
"""Session key of the organisation that the signed-in person acts for."""
STANDING_IN = "standing_in"
"""Session key of the deputyship by which the signed-in person acts in somebody's place."""

Answer = Callable[[HttpRequest], HttpResponse]


class Request(HttpRequest):
    """A request as the pages get it: with the actor who asks."""

    actor: Actor


class ActorMiddleware:
    """Puts the actor on the request: the signed-in person, acting for the organisation chosen in the session. What they
    are answered no browser keeps, unless the answer says otherwise itself."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with ``request.actor`` set."""
        user: Any = getattr(request, "user", None)
        actor = VISITOR
        if user is not None and user.is_authenticated:
            actor = actor_for(user.person, request.session.get(ACTING_FOR))
            if STANDING_IN in request.session and actor.is_signed_in:
                actor = standing_in(actor, request.session[STANDING_IN])
        request.actor = actor  # type: ignore[attr-defined]  # see Request
        response = self.get_response(request)
        if actor.is_signed_in:  # whoever uses the browser next must not find it behind its Back button
            response.setdefault("Cache-Control", "private, no-store")
        return response


class ErrorMiddleware:
    """Turns what the business code raises into pages; anything else is a bug and stays one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual; nothing can stand at an address with a NUL, which PostgreSQL would not even look for."""
        if "\x00" in request.path_info:
            raise Http404
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            told = errors.error_page(request, 405)
            told["Allow"] = response["Allow"]
            return told
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """The page for a refusal or a busy database, or None."""
        if isinstance(problem, KezhuanError):
            return errors.refusal(request, problem)
        return errors.busy(request) if will_pass(problem) else None
