"""All addresses of the site: the shell's, then each area's, then the API."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kezhuan.web.urls")),
    path("", include("kezhuan.areas.people.urls")),
    path("", include("kezhuan.areas.achievements.urls")),
    path("", include("kezhuan.areas.needs.urls")),
    path("", include("kezhuan.areas.matches.urls")),
    path("api/", include("kezhuan.api.urls")),
]

handler400 = "kezhuan.web.errors.bad_request"
handler403 = "kezhuan.web.errors.forbidden"
handler404 = "kezhuan.web.errors.missing"
handler500 = "kezhuan.web.errors.broken"
