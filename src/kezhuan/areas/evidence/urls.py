"""Addresses of evidence files."""

from django.urls import path

from kezhuan.areas.evidence import pages, pages_packages

urlpatterns = [
    path("evidence/<int:number>/", pages.evidence_page, name="evidence"),
    path("evidence/<int:number>/package/", pages_packages.evidence_package, name="evidence-package"),
    path("evidence-keys/", pages_packages.evidence_keys, name="evidence-keys"),
]
