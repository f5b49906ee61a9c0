"""Addresses of brokers and their queues."""

from django.urls import path

from kezhuan.areas.brokers import pages, pages_plan

urlpatterns = [
    path("brokers/", pages.broker_list, name="brokers"),
    path("brokers/plan/", pages_plan.plan_page, name="brokers-plan"),
    path("brokers/queue/", pages.queue_page, name="my-queue"),
    path("brokers/<int:number>/edit/", pages.broker_edit, name="broker-edit"),
    path("brokers/<int:number>/end/", pages.broker_end, name="broker-end"),
    path("organisations/<str:code>/brokers/new/", pages.broker_new, name="broker-new"),
    path("needs/<str:code>/brokers/", pages.need_brokers, name="need-brokers"),
    path("pairs/", pages.pair_list, name="pairs"),
    path("pairs/<str:code>/", pages.pair_page, name="pair"),
]
