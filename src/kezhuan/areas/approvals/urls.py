"""Addresses of approvals."""

from django.urls import path

from kezhuan.areas.approvals import pages

urlpatterns = [
    path("approvals/", pages.approval_list, name="approvals"),
    path("approvals/<str:code>/", pages.approval_page, name="approval"),
    path("approvals/<str:code>/steps/<int:number>/sign/", pages.approval_sign, name="approval-sign"),
    path("approvals/<str:code>/return/", pages.approval_return, name="approval-return"),
    path("records/<str:code>/approvals/<slug:move>/new/", pages.approval_new, name="approval-new"),
]
