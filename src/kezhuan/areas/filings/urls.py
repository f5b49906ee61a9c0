"""Addresses of filings."""

from django.urls import path

from kezhuan.areas.filings import pages, pages_packages

urlpatterns = [
    path("filings/", pages.filing_list, name="filings"),
    path("filings/package/", pages_packages.filings_package, name="filings-package"),
    path("filings/take/", pages_packages.filings_take, name="filings-take"),
    path("filings/confirm/", pages_packages.filings_confirm, name="filings-confirm"),
    path("filings/receipts/<str:code>/", pages_packages.filing_receipt, name="filing-receipt"),
    path("filings/<str:code>/", pages.filing_page, name="filing"),
    path("records/<str:code>/file/", pages.filing_new, name="filing-new"),
]
