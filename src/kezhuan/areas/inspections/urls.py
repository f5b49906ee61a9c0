"""Addresses of inspections."""

from django.urls import path

from kezhuan.areas.inspections import pages

urlpatterns = [
    path("inspections/", pages.inspection_list, name="inspections"),
    path("inspections/new/", pages.inspection_new, name="inspection-new"),
    path("inspections/<str:code>/", pages.inspection_page, name="inspection"),
    path("inspections/<str:code>/edit/", pages.inspection_edit, name="inspection-edit"),
    path("inspections/<str:code>/letter/", pages.letter_new, name="inspection-letter"),
]
