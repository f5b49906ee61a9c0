"""Addresses of filings."""

from django.urls import path

from kezhuan.areas.filings import pages

urlpatterns = [
    path("filings/", pages.filing_list, name="filings"),
    path("filings/<str:code>/", pages.filing_page, name="filing"),
    path("records/<str:code>/file/", pages.filing_new, name="filing-new"),
]
