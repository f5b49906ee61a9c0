"""Addresses of achievements."""

from django.urls import path

from kezhuan.areas.achievements import pages

urlpatterns = [
    path("achievements/", pages.achievement_list, name="achievements"),
    path("achievements/new/", pages.achievement_new, name="achievement-new"),
    path("achievements/<str:code>/", pages.achievement_page, name="achievement"),
    path("achievements/<str:code>/edit/", pages.achievement_edit, name="achievement-edit"),
]
