"""Addresses of organisations, people and accounts."""

from django.urls import path

from kezhuan.areas.people import pages

urlpatterns = [
    path("sign-up/", pages.sign_up_page, name="sign-up"),
    path("organisations/", pages.organisation_list, name="organisations"),
    path("organisations/new/", pages.organisation_new, name="organisation-new"),
    path("organisations/<str:code>/", pages.organisation_page, name="organisation"),
    path("organisations/<str:code>/members/new/", pages.member_new, name="member-new"),
    path("organisations/<str:code>/members/<int:number>/end/", pages.member_end, name="member-end"),
    path("people/<str:code>/", pages.person_page, name="person"),
]
