"""Addresses of offers and tasks of chains."""

from django.urls import path

from kezhuan.areas.chains import pages, pages_bookings, pages_tasks

urlpatterns = [
    path("offers/", pages.offer_list, name="offers"),
    path("offers/new/", pages.offer_new, name="offer-new"),
    path("offers/uses/", pages_bookings.offer_uses, name="offer-uses"),
    path("offers/<str:code>/", pages.offer_page, name="offer"),
    path("offers/<str:code>/edit/", pages.offer_edit, name="offer-edit"),
    path("offers/<str:code>/book/", pages_bookings.offer_book, name="offer-book"),
    path("offers/<str:code>/bookings/<int:number>/", pages_bookings.booking_answer, name="booking-answer"),
    path("offers/<str:code>/bookings/<int:number>/cancel/", pages_bookings.booking_cancel, name="booking-cancel"),
    path("offers/<str:code>/bookings/<int:number>/use/", pages_bookings.booking_use, name="booking-use"),
    path("tasks/", pages_tasks.task_list, name="tasks"),
    path("tasks/new/", pages_tasks.task_new, name="task-new"),
    path("tasks/<str:code>/", pages_tasks.task_page, name="task"),
    path("tasks/<str:code>/commission/", pages_tasks.task_commission, name="task-commission"),
    path("tasks/<str:code>/edit/", pages_tasks.task_edit, name="task-edit"),
    path("tasks/<str:code>/need/", pages_tasks.task_need, name="task-need"),
    path("tasks/<str:code>/selection/", pages_tasks.task_selection, name="task-selection"),
]
