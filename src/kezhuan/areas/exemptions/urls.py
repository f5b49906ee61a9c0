"""Addresses of cases of exemption."""

from django.urls import path

from kezhuan.areas.exemptions import pages, pages_entering

urlpatterns = [
    path("exemptions/", pages.exemption_list, name="exemptions"),
    path("exemptions/new/", pages.exemption_new, name="exemption-new"),
    path("exemptions/<str:code>/", pages.exemption_page, name="exemption"),
    path("exemptions/<str:code>/edit/", pages.exemption_edit, name="exemption-edit"),
    path("exemptions/<str:code>/decisions/", pages_entering.exemption_decision, name="exemption-decision"),
    path(
        "exemptions/<str:code>/conditions/<slug:duty>/",
        pages_entering.exemption_condition,
        name="exemption-condition",
    ),
    path("exemptions/<str:code>/finding/", pages_entering.exemption_finding, name="exemption-finding"),
    path(
        "exemptions/<str:code>/statements/<int:number>/",
        pages_entering.exemption_statement,
        name="exemption-statement",
    ),
]
