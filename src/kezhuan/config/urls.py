"""All addresses of the site: the shell's, then each area's, then the API."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kezhuan.web.urls")),
]
