"""Addresses of the shell."""

from django.urls import path
from django.views.i18n import set_language

from kezhuan.web import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", pages.search, name="search"),
    path("inbox/", pages.inbox_page, name="inbox"),
    path("sign-in/", pages.sign_in, name="sign-in"),
    path("sign-out/", pages.sign_out, name="sign-out"),
    path("act-for/", pages.act_for, name="act-for"),
    path("language/", set_language, name="set_language"),
    path("styleguide/", pages.styleguide, name="styleguide"),
    path("styleguide/<slug:name>/", pages.styleguide_page, name="styleguide-page"),
]
