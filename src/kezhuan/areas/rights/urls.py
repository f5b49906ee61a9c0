"""Addresses of rights and income."""

from django.urls import path

from kezhuan.areas.rights import (
    pages,
    pages_grants,
    pages_income,
    pages_receipts,
    pages_relief,
    pages_standing,
    pages_tax,
    pages_ways,
)

urlpatterns = [
    path("income/", pages.income, name="income"),
    path("income/other-ways/", pages_ways.ways, name="income-ways"),
    path("income/tax-relief/", pages_tax.tax_relief, name="income-tax"),
    path("my-share/", pages_income.my_share, name="my-share"),
    path("distributions/", pages_income.distribution_list, name="distributions"),
    path("distributions/new/", pages_receipts.distribution_new, name="distribution-new"),
    path("distributions/<str:code>/", pages_income.distribution_page, name="distribution"),
    path("distributions/<str:code>/relief/", pages_relief.distribution_relief, name="distribution-relief"),
    path("distributions/<str:code>/papers/", pages_relief.distribution_papers, name="distribution-papers"),
    path("distributions/<str:code>/edit/", pages_receipts.distribution_edit, name="distribution-edit"),
    path("distributions/<str:code>/pay/<int:number>/", pages_receipts.distribution_pay, name="distribution-pay"),
    path("grants/", pages_grants.grant_list, name="grants"),
    path("grants/new/", pages_grants.grant_new, name="grant-new"),
    path("grants/<str:code>/", pages_grants.grant_page, name="grant"),
    path("grants/<str:code>/edit/", pages_grants.grant_edit, name="grant-edit"),
    path("grants/<str:code>/sign/", pages_standing.grant_sign, name="grant-sign"),
    path("grants/<str:code>/paper/", pages_standing.grant_paper, name="grant-paper"),
    path("grants/<str:code>/title/", pages_standing.grant_title, name="grant-title"),
    path("grants/<str:code>/contract/", pages_standing.grant_contract, name="grant-contract"),
    path("grants/<str:code>/milestones/<int:number>/", pages_standing.grant_milestone, name="grant-milestone"),
]
