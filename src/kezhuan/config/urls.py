"""All addresses of the site: the API's, the shell's, then each area's."""

import sys

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from kezhuan.api import problems
from kezhuan.web import errors

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("kezhuan.api.urls")),  # first: no page begins so, and programs wait for no look at all pages
    path("", include("kezhuan.web.urls")),
    path("", include("kezhuan.areas.people.urls")),
    path("", include("kezhuan.areas.accounts.urls")),
    path("", include("kezhuan.areas.notices.urls")),
    path("", include("kezhuan.areas.approvals.urls")),
    path("", include("kezhuan.areas.inspections.urls")),
    path("", include("kezhuan.areas.filings.urls")),
    path("", include("kezhuan.areas.evidence.urls")),
    path("", include("kezhuan.areas.dossiers.urls")),
    path("", include("kezhuan.areas.evaluations.urls")),
    path("", include("kezhuan.areas.reviews.urls")),
    path("", include("kezhuan.areas.calls.urls")),
    path("", include("kezhuan.areas.projects.urls")),
    path("", include("kezhuan.areas.chains.urls")),
    path("", include("kezhuan.areas.agreements.urls")),
    path("", include("kezhuan.areas.contracts.urls")),
    path("", include("kezhuan.areas.achievements.urls")),
    path("", include("kezhuan.areas.needs.urls")),
    path("", include("kezhuan.areas.teams.urls")),
    path("", include("kezhuan.areas.matches.urls")),
    path("", include("kezhuan.areas.brokers.urls")),
    path("", include("kezhuan.areas.rights.urls")),
    path("", include("kezhuan.areas.prices.urls")),
    path("", include("kezhuan.areas.ledger.urls")),
    path("", include("kezhuan.areas.exemptions.urls")),
]


def _for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read, outside all views, told in the form that was asked for."""
    return problems.bad_request() if _for_programs(request) else errors.bad_request(request, exception)


handler403 = "kezhuan.web.errors.forbidden"


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same for an address at which nothing can be."""
    return problems.not_found() if _for_programs(request) else errors.missing(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """The same for a fault, such as a session that cannot be read."""
    return problems.broken(request, sys.exception()) if _for_programs(request) else errors.broken(request)
