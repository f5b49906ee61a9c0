"""Addresses of the API: every area's `api.py` is loaded and what it mounted is served; all else is missing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import autodiscover_modules

from kezhuan.api import everything
from kezhuan.api.identity import identify
from kezhuan.api.problems import not_a_method, not_found
from kezhuan.api.site import api


def _answered(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """The view with what the framework leaves open: a token is looked at first, an unknown method is told like every
    other problem, and no cache keeps for one person what another asked."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            identify(request)
        except Exception as problem:  # noqa: BLE001  told like whatever a view raises
            response = api.on_exception(request, problem)
        else:
            response = view(request, *args, **kwargs)
        if response.status_code == 405:
            response = not_a_method(response.headers.get("Allow", ""))
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response

    return answer


def _nothing(request: HttpRequest, **_place: str) -> HttpResponse:
    return not_found()


def _mounted() -> list[URLPattern | URLResolver]:
    autodiscover_modules("api")
    api.add_router("", everything.router)
    api.require_guards()
    patterns, _app, namespace = api.urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        pattern.callback = _nothing if pattern.name == "api-root" else _answered(pattern.callback)
    return [path("v1/", include((patterns, "ninja"), namespace)), path("", _nothing), path("<path:rest>", _nothing)]


urlpatterns = _mounted()
