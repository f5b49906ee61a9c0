"""Addresses of needs."""

from django.urls import path

from kezhuan.areas.needs import pages

urlpatterns = [
    path("needs/", pages.need_list, name="needs"),
    path("needs/new/", pages.need_new, name="need-new"),
    path("needs/<str:code>/", pages.need_page, name="need"),
    path("needs/<str:code>/edit/", pages.need_edit, name="need-edit"),
]
