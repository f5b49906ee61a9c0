"""Addresses of the separate ledger."""

from django.urls import path

from kezhuan.areas.ledger import pages, pages_keeping, pages_overview

urlpatterns = [
    path("ledger/", pages.ledger_list, name="ledger"),
    path("ledger/new/", pages.ledger_new, name="ledger-new"),
    path("ledger/overview/", pages_overview.ledger_overview, name="ledger-overview"),
    path("ledger/fill/", pages_keeping.ledger_fill, name="ledger-fill"),
    path("ledger/stock-take/", pages_keeping.ledger_stock_take, name="ledger-stock-take"),
    path("ledger/company/", pages_keeping.ledger_company, name="ledger-company"),
    path("ledger/<str:code>/", pages.ledger_entry, name="ledger-entry"),
    path("ledger/<str:code>/edit/", pages.ledger_edit, name="ledger-edit"),
    path("ledger/<str:code>/fee/", pages_keeping.ledger_fee, name="ledger-fee"),
    path("ledger/<str:code>/fees/<int:number>/pay/", pages_keeping.ledger_pay, name="ledger-pay"),
    path("ledger/<str:code>/fees/<int:number>/drop/", pages_keeping.ledger_drop, name="ledger-drop"),
    path("ledger/<str:code>/equity/", pages_keeping.ledger_equity, name="ledger-equity"),
    path("ledger/<str:code>/equity/<int:number>/exit/", pages_keeping.ledger_exit, name="ledger-exit"),
    path("ledger/<str:code>/offer/", pages_keeping.ledger_offer, name="ledger-offer"),
]
