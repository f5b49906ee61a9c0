"""The way in: what was proven so far, the second factor when the account has one, and the session at the end."""

import time
from typing import Any

from django.contrib.auth import login
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from kezhuan.areas.accounts.actions import note_sign_in
from kezhuan.areas.accounts.queries import open_accounts, second_factors_of
from kezhuan.areas.accounts.session_actions import PLACE, TICKET
from kezhuan.kernel.models import User
from kezhuan.kernel.text import now
from kezhuan.web.addresses import client_address, own_address, sign_in_first, with_next
from kezhuan.web.middleware import Request

ENTERING = "entering"
"""Session key of a sign-in that has not come to its end: whose, how far, since when, where to."""
PROVED = "proved_at"
"""Session key of the moment at which the holder last proved who they are."""
PATIENCE = 600
"""Seconds in which a sign-in comes to its end."""
FRESH = 15 * 60
"""Seconds for which a proof counts before what one signs in with is changed."""


def wanted(request: Request) -> str:
    """Where the reader wanted to go, as it was asked for."""
    return request.POST.get("next") or request.GET.get("next", "")


def enter(request: Request, user: User, method: str, target: str) -> str:
    """Go on with somebody who has proven one thing: to the second factor when the account has one, else in.

    Returns the address to go to. A passkey was unlocked on its own device and stands for both.
    """
    if method != "passkey" and second_factors_of(user):
        request.session[ENTERING] = {"user": user.pk, "method": method, "at": time.time(), "next": target}
        return reverse("sign-in-second")
    return let_in(request, user, [method], target)


def entering(request: Request) -> tuple[User, dict[str, Any]] | None:
    """Who is on the way in and what is known of it; nothing when nobody is, or it took too long."""
    held = request.session.get(ENTERING)
    if held is None or time.time() - held["at"] > PATIENCE:
        return None
    user = open_accounts().filter(pk=held["user"]).first()
    return (user, held) if user is not None else None


def let_in(request: Request, user: User, methods: list[str], target: str) -> str:
    """Sign somebody in and note it; returns the address to go to."""
    request.session.pop(ENTERING, None)
    ticket = request.session.get(TICKET)
    login(request, user)
    if ticket is not None:  # whoever was signed in before took what the session held along
        request.session[TICKET] = ticket
    address = client_address(request)
    request.session[PLACE] = {
        "since": now().isoformat(),
        "address": address,
        "agent": request.headers.get("User-Agent", ""),
    }
    request.session[PROVED] = time.time()
    note_sign_in(user=user, methods=methods, address=address)
    return own_address(request, target)


def proven(request: Request, target: str) -> str:
    """Remember that the holder proved who they are just now; returns the address to go to."""
    request.session[PROVED] = time.time()
    return own_address(request, target)


def must_prove(request: Request) -> HttpResponseBase | None:
    """A redirect to the page that asks for a proof, when the last one is too old; else nothing."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    if time.time() - request.session.get(PROVED, 0) > FRESH:
        return redirect(with_next("prove", request.path))
    return None
