"""Addresses of the API: every area's `api.py` is loaded and what it mounted is served; all else is missing."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import autodiscover_modules
from django.views.decorators.csrf import csrf_exempt

from kezhuan.api import audit, everything, exported, papers, rules
from kezhuan.api.answering import answered
from kezhuan.api.problems import not_found
from kezhuan.api.site import api


@csrf_exempt
def _nothing(request: HttpRequest, **_place: str) -> HttpResponse:
    return not_found()


def _mounted() -> list[URLPattern | URLResolver]:
    autodiscover_modules("api")
    api.add_router("", everything.router)
    api.add_router("", rules.router)
    api.add_router("", papers.router)
    api.add_router("", audit.router)
    api.add_router("", exported.router)
    api.require_guards()
    patterns, _app, namespace = api.urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        pattern.callback = _nothing if pattern.name == "api-root" else answered(pattern.callback)
    return [path("v1/", include((patterns, "ninja"), namespace)), path("", _nothing), path("<path:rest>", _nothing)]


urlpatterns = _mounted()
