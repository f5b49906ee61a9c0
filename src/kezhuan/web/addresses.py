"""Where a request comes from and where it may be sent on to."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from kezhuan.kernel.limits import came_from


def own_address(request: HttpRequest, wanted: str) -> str:
    """The wanted address when it lies on this site, else home."""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else resolve_url(settings.LOGIN_REDIRECT_URL)


def with_next(name: str, target: str, *arguments: str) -> str:
    """The address of a page that goes on to the target afterwards."""
    address = reverse(name, args=arguments)
    return f"{address}?{urlencode({'next': target})}" if target else address


def sign_in_first(request: HttpRequest) -> HttpResponseRedirect:
    """A visitor's way to the sign-in, which leads back to the page with what they asked of it; of a form that was sent
    to the page alone."""
    asked = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    return redirect(with_next("sign-in", asked))


def client_address(request: HttpRequest) -> str:
    """The network address a request comes from, also behind `KEZHUAN_PROXIES` reverse proxies."""
    forwarded, remote = request.headers.get("X-Forwarded-For", ""), request.META.get("REMOTE_ADDR", "")
    return came_from(forwarded, remote, settings.PROXIES)


def origin(request: HttpRequest) -> str:
    """The site as the browser knows it: scheme and host with port."""
    return f"{request.scheme}://{request.get_host()}"
