"""Who asks: today the session of a signed-in person; tokens made by the user will be a second way in beside it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from kezhuan.api.problems import ForgedRequest
from kezhuan.kernel.access import VISITOR, Actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware put on the request; a visitor when nobody is signed in."""
    actor: Actor = getattr(request, "actor", VISITOR)
    return actor


class Session(APIKeyCookie):
    """A signed-in session; its writes carry the CSRF token, because a browser sends the cookie by itself."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The actor, or nothing for a visitor; raises `ForgedRequest` for a write without the token."""
        actor = actor_of(request)
        if not actor.is_signed_in:
            return None
        if check_csrf(request) is not None:
            raise ForgedRequest
        return actor

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The actor again; `__call__` has looked at the session already."""
        return actor_of(request)


signed_in = Session()
"""Guard of every route that writes."""
