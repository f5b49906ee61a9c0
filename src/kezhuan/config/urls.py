"""All addresses of the site: the shell's, then each area's, then the API."""

import sys

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from kezhuan.api import problems
from kezhuan.web import errors

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kezhuan.web.urls")),
    path("", include("kezhuan.areas.people.urls")),
    path("", include("kezhuan.areas.accounts.urls")),
    path("", include("kezhuan.areas.notices.urls")),
    path("", include("kezhuan.areas.achievements.urls")),
    path("", include("kezhuan.areas.needs.urls")),
    path("", include("kezhuan.areas.matches.urls")),
    path("api/", include("kezhuan.api.urls")),
]

handler400 = "kezhuan.web.errors.bad_request"
handler403 = "kezhuan.web.errors.forbidden"
handler404 = "kezhuan.web.errors.missing"


def handler500(request: HttpRequest) -> HttpResponse:
    """A fault outside all views, such as a session that cannot be read, told in the form that was asked for."""
    if request.path.startswith("/api/"):
        return problems.broken(request, sys.exception())
    return errors.broken(request)
