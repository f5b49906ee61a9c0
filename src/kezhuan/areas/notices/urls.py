"""Addresses of notices and objections."""

from django.urls import path

from kezhuan.areas.notices import pages, pages_objections
from kezhuan.areas.notices.pages_feed import NoticeFeed

urlpatterns = [
    path("notices/", pages.notice_list, name="notices"),
    path("notices/feed/", NoticeFeed(), name="notice-feed"),
    path("notices/<str:code>/", pages.notice_page, name="notice"),
    path("notices/<str:code>/edit/", pages.notice_edit, name="notice-edit"),
    path("notices/<str:code>/text/", pages.notice_text, name="notice-text"),
    path("notices/<str:code>/text.docx", pages.notice_word, name="notice-word"),
    path("notices/<str:code>/channels/<int:number>/<slug:end>/", pages.notice_channel, name="notice-channel"),
    path("notices/<str:code>/objections/new/", pages_objections.objection_new, name="objection-new"),
    path("objections/", pages_objections.objection_list, name="objections"),
    path("objections/<str:code>/", pages_objections.objection_page, name="objection"),
    path("records/<str:code>/notices/<slug:move>/new/", pages.notice_new, name="notice-new"),
]
