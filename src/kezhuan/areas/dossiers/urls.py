"""Addresses of dossiers."""

from django.urls import path

from kezhuan.areas.dossiers import pages

urlpatterns = [
    path("dossiers/", pages.dossier_list, name="dossiers"),
    path("dossiers/new/", pages.dossier_new, name="dossier-new"),
    path("dossiers/<str:code>/", pages.dossier_page, name="dossier"),
    path("dossiers/<str:code>/edit/", pages.dossier_edit, name="dossier-edit"),
]
