"""Who may see figures of the running site: programs on this machine, and those that know the token."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
"""Headers by which a reverse proxy tells that it asks for somebody else."""


def may_see_figures(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself, not through a proxy on it, or carries the token."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
