"""Addresses of evaluations."""

from django.urls import path

from kezhuan.areas.evaluations import pages, pages_grading
from kezhuan.areas.evaluations.papers import CHECKED_AT

urlpatterns = [
    path(CHECKED_AT, pages_grading.evaluation_reports, name="evaluation-reports"),
    path("evaluations/", pages.evaluation_list, name="evaluations"),
    path("evaluations/new/", pages.evaluation_new, name="evaluation-new"),
    path("evaluations/<str:code>/", pages.evaluation_page, name="evaluation"),
    path("evaluations/<str:code>/edit/", pages.evaluation_edit, name="evaluation-edit"),
    path("evaluations/<str:code>/findings/", pages_grading.evaluation_findings, name="evaluation-findings"),
    path(
        "evaluations/<str:code>/agency-report/", pages_grading.evaluation_agency_report, name="evaluation-agency-report"
    ),
    path("evaluations/<str:code>/registration/", pages_grading.evaluation_registration, name="evaluation-registration"),
    path(
        "evaluations/<str:code>/registration/form/",
        pages_grading.evaluation_registration_form,
        name="evaluation-registration-form",
    ),
    path("evaluations/<str:code>/items/<str:item>/", pages_grading.evaluation_item, name="evaluation-item"),
    path("evaluations/<str:code>/items/<str:item>/level/", pages_grading.evaluation_level, name="evaluation-level"),
]
