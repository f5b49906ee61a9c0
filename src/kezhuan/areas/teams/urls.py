"""Addresses of research teams."""

from django.urls import path

from kezhuan.areas.teams import pages

urlpatterns = [
    path("teams/", pages.team_list, name="teams"),
    path("teams/new/", pages.team_new, name="team-new"),
    path("teams/<str:code>/", pages.team_page, name="team"),
    path("teams/<str:code>/edit/", pages.team_edit, name="team-edit"),
]
