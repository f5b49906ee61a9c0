"""Addresses of contracts."""

from django.urls import path

from kezhuan.areas.contracts import (
    pages,
    pages_certificates,
    pages_figures,
    pages_filed,
    pages_flags,
    pages_ocds,
    pages_reading,
    pages_sending,
)

urlpatterns = [
    path("contracts/", pages.contract_list, name="contracts"),
    path("contracts/new/", pages.contract_new, name="contract-new"),
    path("contracts/figures/", pages_figures.contract_figures, name="contract-figures"),
    path("contracts/flags/", pages_flags.contract_flags, name="contract-flags"),
    path("contracts/flags/<int:number>/looked/", pages_flags.contract_flag_looked, name="contract-flag-looked"),
    path("contracts/ocds/", pages_ocds.contracts_ocds, name="contracts-ocds"),
    path("contracts/read-back/", pages_reading.contracts_read_back, name="contracts-read-back"),
    path("contracts/answers/", pages_filed.contract_answers, name="contract-answers"),
    path("contracts/filed/<str:code>/", pages_filed.contract_filed, name="contract-filed"),
    path("certificates/", pages_certificates.certificates, name="certificates"),
    path("contracts/<str:code>/certify/", pages_certificates.contract_certify, name="contract-certify"),
    path("contracts/<str:code>/certificate/", pages_certificates.certificate_file, name="contract-certificate"),
    path("contracts/<str:code>/withdrawal/", pages_sending.contract_withdrawal, name="contract-withdrawal"),
    path("contracts/<str:code>/", pages.contract_page, name="contract"),
    path("contracts/<str:code>/edit/", pages.contract_edit, name="contract-edit"),
    path("contracts/<str:code>/desk/", pages.contract_desk, name="contract-desk"),
    path("contracts/<str:code>/registration/", pages.contract_registration, name="contract-registration"),
]
