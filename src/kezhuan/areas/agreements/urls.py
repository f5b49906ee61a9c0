"""Addresses of agreements."""

from django.urls import path

from kezhuan.areas.agreements import pages, pages_counting, pages_licences

urlpatterns = [
    path("agreements/", pages.agreement_list, name="agreements"),
    path("agreements/new/", pages.agreement_new, name="agreement-new"),
    path("agreements/<str:code>/", pages.agreement_page, name="agreement"),
    path("agreements/<str:code>/edit/", pages.agreement_edit, name="agreement-edit"),
    path("agreements/<str:code>/counted/", pages_counting.agreement_counted, name="agreement-counted"),
    path("agreements/<str:code>/uncounted/", pages_counting.agreement_uncounted, name="agreement-uncounted"),
    path("agreements/<str:code>/payments/<int:number>/", pages.agreement_paid, name="agreement-paid"),
    path("agreements/<str:code>/payments/<int:number>/invoice/", pages.agreement_invoice, name="agreement-invoice"),
    path("agreements/<str:code>/milestones/<int:number>/", pages.agreement_milestone, name="agreement-milestone"),
    path("licences/", pages_licences.licence_list, name="licences"),
    path("licences/new/", pages_licences.licence_new, name="licence-new"),
    path("licences/<str:code>/", pages_licences.licence_page, name="licence"),
    path("licences/<str:code>/edit/", pages_licences.licence_edit, name="licence-edit"),
    path("licences/<str:code>/take/", pages_licences.licence_take, name="licence-take"),
]
