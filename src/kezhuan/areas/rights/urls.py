"""Addresses of rights and income."""

from django.urls import path

from kezhuan.areas.rights import pages

urlpatterns = [path("income/", pages.income, name="income")]
