"""Addresses of projects."""

from django.urls import path

from kezhuan.areas.projects import pages, pages_desk

urlpatterns = [
    path("projects/", pages.project_list, name="projects"),
    path("projects/<str:code>/", pages.project_page, name="project"),
    path("projects/<str:code>/edit/", pages_desk.project_edit, name="project-edit"),
    path("projects/<str:code>/answer/", pages_desk.project_answer, name="project-answer"),
    path("projects/<str:code>/sign-book/", pages_desk.project_sign_book, name="project-sign-book"),
    path("projects/<str:code>/join/", pages_desk.project_join, name="project-join"),
    path("projects/<str:code>/changes/new/", pages_desk.project_change_new, name="project-change-new"),
    path("projects/<str:code>/changes/<int:number>/", pages_desk.project_change, name="project-change"),
    path("applications/<str:code>/project/", pages_desk.project_new, name="project-new"),
]
