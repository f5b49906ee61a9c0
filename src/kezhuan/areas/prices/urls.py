"""Addresses of prices."""

from django.urls import path

from kezhuan.areas.prices import pages

urlpatterns = [
    path("prices/", pages.price_list, name="prices"),
    path("prices/new/", pages.price_new, name="price-new"),
    path("prices/<str:code>/", pages.price_page, name="price"),
    path("prices/<str:code>/edit/", pages.price_edit, name="price-edit"),
    path("prices/<str:code>/quotes/", pages.price_quote, name="price-quote"),
    path("prices/<str:code>/quotes/<int:number>/", pages.price_open, name="price-open"),
    path("prices/<str:code>/deal/", pages.price_deal, name="price-deal"),
    path("prices/<str:code>/confirmation/", pages.price_confirmation, name="price-confirmation"),
    path("prices/<str:code>/contract/", pages.price_contract, name="price-contract"),
]
