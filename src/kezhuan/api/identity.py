"""Who asks, and what every route asks of them first: a person's session, a token made by them, or a visitor."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from kezhuan.api.conditions import key_of
from kezhuan.api.problems import BadToken, ForgedRequest
from kezhuan.kernel import limits, tokens
from kezhuan.kernel.access import VISITOR, Actor
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Token

BEARER = "Bearer "


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware or `identify` put on the request; a visitor when nobody is signed in."""
    actor: Actor = getattr(request, "actor", VISITOR)
    return actor


def token_of(request: HttpRequest) -> Token | None:
    """The token by which the request came, if it did."""
    token: Token | None = getattr(request, "token", None)
    return token


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, for counting: one address, or the network of 64 bits that one asker of IPv6 has."""
    forwarded, remote = request.headers.get("X-Forwarded-For", ""), request.META.get("REMOTE_ADDR", "")
    return limits.network_of(limits.came_from(forwarded, remote, settings.PROXIES))


def identify(request: HttpRequest) -> None:
    """Let a request that shows a token act by it, and by nothing else; raises `BadToken` for one that is not valid."""
    shown = request.headers.get("Authorization", "")
    if not shown:
        return
    token = tokens.find(shown.removeprefix(BEARER).strip()) if shown.startswith(BEARER) else None
    actor = tokens.actor_of(token) if token is not None else None
    if token is None or actor is None:
        raise BadToken
    tokens.note_use(token)
    request.actor, request.token = actor, token  # type: ignore[attr-defined]  # see Request


def out_of_scope() -> NotAllowed:
    """The refusal for a token that may not do this, whoever made it."""
    return NotAllowed(_("This token does not reach so far. Make one with a wider scope."))


@dataclass(frozen=True)
class Guard:
    """What a route asks before anything else; each route names its own (`auth=`).

    `names` are the kinds (or other scopes) it tells of or changes: a token must reach all of them. A write needs
    somebody signed in and, in a session, the CSRF token, because a browser sends the cookie by itself.
    """

    names: tuple[str, ...]
    writes: bool = False
    visitors: bool = True

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The actor; nothing (401) when the route is not for visitors. Raises `NotAllowed`, `ForgedRequest`
        or `BadKey`."""
        actor = actor_of(request)
        if not actor.is_signed_in and not self.visitors:
            return None
        if token_of(request) is None:
            if self.writes and check_csrf(request) is not None:
                raise ForgedRequest
        elif not self.lets(actor):
            raise out_of_scope()
        if self.writes:
            key_of(request)
        return actor

    def lets(self, actor: Actor) -> bool:
        """Whether the actor's scope reaches what the route is about."""
        reach: Any = actor.scope.lets_write if self.writes else actor.scope.lets_read
        return all(reach(name) for name in self.names)


def reads(*names: str) -> Guard:
    """Guard of a route that tells of these kinds; everybody gets what they may see."""
    return Guard(names)


def writes(*names: str) -> Guard:
    """Guard of a route that changes records of these kinds."""
    return Guard(names, writes=True, visitors=False)


OPEN = Guard(())
"""Guard of a route that tells everybody the same, or narrows by itself to what a token reaches."""
