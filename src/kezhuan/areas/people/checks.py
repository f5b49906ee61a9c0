"""Check numbers that registries give: the unified social credit code and registry numbers from elsewhere."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as InvalidNumber

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document
from kezhuan.kernel.models.parties import OrganisationKind

ABROAD = frozenset({OrganisationKind.HK_MACAO, OrganisationKind.FOREIGN})
"""Kinds whose number another jurisdiction gives."""


def check_origin(kind: str, country: str, scheme: str) -> list[Problem]:
    """A body of Hong Kong, Macao or abroad names its country or region and brings the number of that registry; a
    domestic one is of CN."""
    if kind not in ABROAD:
        if country != "CN" or scheme.startswith("registry:"):
            return [
                Problem("country-domestic", _("A domestic organisation is of CN and has a credit code."), "country")
            ]
        return []
    allowed = {"HK", "MO"} if kind == OrganisationKind.HK_MACAO else None
    known = len(country) == 2 and country.isascii() and country.isalpha() and country.isupper() and country != "CN"
    if not known or (allowed is not None and country not in allowed):
        return [
            Problem(
                "country-missing",
                _("Name the country or region by its two letters: HK or MO, or for example DE."),
                "country",
                "ISO 3166-1 alpha-2",
            )
        ]
    if scheme != f"registry:{country}":
        return [Problem("registry-foreign", _("The number is that of the country's own registry."), "number")]
    return []


def normal_number(number: str) -> str:
    """A number as it is compared: half width, upper case, no blanks or hyphens."""
    return "".join(unicodedata.normalize("NFKC", number).upper().replace("-", "").split())


def check_organisation_number(number: str, scheme: str) -> tuple[str, list[Problem]]:
    """The normal form of an organisation's number and what is wrong with it; no number is no problem.

    Source of the check digit: GB 32100-2015, computed by python-stdnum.
    """
    normal = normal_number(number)
    if not normal:
        return "", []
    if scheme != "uscc":
        if len(normal) > 40:
            return normal, [Problem("registry-number", _("A registry number has at most 40 characters."), "number")]
        return normal, []
    try:
        return uscc.validate(normal), []
    except InvalidChecksum:
        expected = _expected(normal)
        message = _("%(number)s: the check digit does not fit%(hint)s. Compare it with the licence.") % {
            "number": normal,
            "hint": _(" (the first 17 characters give %(digit)s)") % {"digit": expected} if expected else "",
        }
        return normal, [Problem("uscc-check-digit", message, "number", "GB 32100-2015")]
    except InvalidNumber:
        message = _(
            "%(number)s is not a unified social credit code: it has 18 characters, digits and capital letters without"
            " I, O, S, V and Z."
        ) % {"number": normal}
        return normal, [Problem("uscc-format", message, "number", "GB 32100-2015")]


def _expected(normal: str) -> str:
    try:
        return str(uscc.calc_check_digit(normal[:17]))
    except (InvalidNumber, ValueError, IndexError):
        return ""


def check_document_of_foreign_body(organisation: Any) -> Iterable[Problem]:
    """A body of Hong Kong, Macao or abroad has no check digit: it is verified by a document (registry extract)."""
    if organisation.kind in ABROAD and not Document.objects.filter(record=organisation.record).exists():
        yield Problem(
            "registry-document-missing",
            _("A body of Hong Kong, Macao or abroad is verified by a document: attach its registry extract first."),
            "documents",
        )
