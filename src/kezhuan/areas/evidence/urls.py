"""Addresses of evidence files."""

from django.urls import path

from kezhuan.areas.evidence import pages

urlpatterns = [
    path("evidence/<int:number>/", pages.evidence_page, name="evidence"),
]
