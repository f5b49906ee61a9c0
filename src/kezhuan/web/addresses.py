"""Where a request comes from and where it may be sent on to."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from kezhuan.kernel.limits import came_from


def own_address(request: HttpRequest, wanted: str) -> str:
    """The wanted address when it lies on this site, else home."""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else resolve_url(settings.LOGIN_REDIRECT_URL)


def client_address(request: HttpRequest) -> str:
    """The network address a request comes from, also behind `KEZHUAN_PROXIES` reverse proxies."""
    forwarded, remote = request.headers.get("X-Forwarded-For", ""), request.META.get("REMOTE_ADDR", "")
    return came_from(forwarded, remote, settings.PROXIES)


def origin(request: HttpRequest) -> str:
    """The site as the browser knows it: scheme and host with port."""
    return f"{request.scheme}://{request.get_host()}"
