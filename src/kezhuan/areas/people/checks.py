"""Check numbers that registries give: the unified social credit code and registry numbers from elsewhere."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as InvalidNumber

from kezhuan.areas.people.queries import LEADING, leading_in
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document, Identifier, Membership, User
from kezhuan.kernel.models.parties import FIRMS, FirmSize, OrganisationKind

ABROAD = frozenset({OrganisationKind.HK_MACAO, OrganisationKind.FOREIGN})
"""Kinds whose number another jurisdiction gives."""
_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA"
    " CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA"
    " GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP"
    " KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS"
    " MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS"
    " RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW"
    " TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
OWN_REGIONS = frozenset({"HK", "MO", "TW"})
"""Regions of China with codes and registries of their own."""
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2 codes in use, 249 of them."""

_NAMES = (
    ("enterprise", re.compile(r"公司$|集团$|[总分]?厂$")),
    ("hospital", re.compile(r"医院|疾病预防控制中心|卫生院")),
    ("association", re.compile(r"协会$|学会$|联合会$|促进会$|基金会$")),
    ("institute", re.compile(r"研究[院所中心室]|科学院|实验室|社会科学院|设计院|博物|图书馆|档案馆")),
    ("university", re.compile(r"大学|学院|学校|党校")),
    ("government", re.compile(r"[局厅部]$|委员会$|政府")),
)


def kind_from_name(name: str, otherwise: str = OrganisationKind.INSTITUTE) -> str:
    """The kind of organisation that a name's words tell; `otherwise` when they tell nothing."""
    return next((kind for kind, words in _NAMES if words.search(name)), otherwise)


def kind_abroad(country: str) -> str:
    """The kind of a body that is registered there: those of the three regions are no foreign ones. Empty for CN."""
    if country == "CN":
        return ""
    return OrganisationKind.HK_MACAO if country in OWN_REGIONS else OrganisationKind.FOREIGN


def check_origin(kind: str, country: str, scheme: str) -> list[Problem]:
    """A body of Hong Kong, Macao, Taiwan or abroad names its country or region and brings that registry's number; a
    domestic one is of CN."""
    if kind not in ABROAD:
        if country != "CN" or scheme.startswith("registry:"):
            return [
                Problem("country-domestic", _("A domestic organisation is of CN and has a credit code."), "country")
            ]
        return []
    if country not in COUNTRIES or kind != kind_abroad(country):
        return [country_problem()]
    if scheme != f"registry:{country}":
        return [Problem("registry-foreign", _("The number is that of the country's own registry."), "number")]
    return []


def check_size(kind: str, size: str) -> list[Problem]:
    """A size class is one of the list, and one of a firm."""
    if size and size not in FirmSize.values:
        return [Problem("size-unknown", _("Choose the size of the firm from the list."), "size")]
    if size and kind not in FIRMS:
        return [Problem("size-not-a-firm", _("Only firms have a size class; leave it empty."), "size")]
    return []


def country_problem() -> Problem:
    """The sentence on a country that is missing, not known, or not one of the kind's."""
    return Problem(
        "country-missing",
        _(
            "Name the country or region by its two letters: HK, MO or TW for a body of these regions, or for example"
            " DE."
        ),
        "country",
        "ISO 3166-1 alpha-2",
    )


def number_scheme(organisation: Any) -> str:
    """Whose number an organisation of its kind and country has."""
    return f"registry:{organisation.country}" if organisation.kind in ABROAD else "uscc"


def normal_number(number: str) -> str:
    """A number as it is compared: half width, upper case, no blanks or hyphens."""
    return "".join(unicodedata.normalize("NFKC", number).upper().replace("-", "").split())


def check_organisation_number(number: str, scheme: str, *, any_digit: bool = False) -> tuple[str, list[Problem]]:
    """The normal form of an organisation's number and what is wrong with it; no number is no problem. With `any_digit`
    a check digit that does not fit is none.

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
        if any_digit:
            return normal, []
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


def check_number_given(organisation: Any) -> Iterable[Problem]:
    """Who is verified is known by a number: the credit code, or that of the registry it comes from."""
    held = Identifier.objects.filter(record=organisation.record, scheme=number_scheme(organisation), active=True)
    if not held.exists():
        yield Problem(
            "number-missing",
            _("Enter the number of the licence or of the registry first; without it nobody is verified."),
            "number",
        )


def check_document_of_foreign_body(organisation: Any) -> Iterable[Problem]:
    """A body of Hong Kong, Macao or abroad has no check digit: it is verified by a document (registry extract)."""
    if (
        organisation.kind in ABROAD
        and not Document.objects.filter(record=organisation.record, withdrawn_at=None).exists()
    ):
        yield Problem(
            "registry-document-missing",
            _("A body of Hong Kong, Macao, Taiwan or abroad is verified by a document: attach its registry extract."),
            "documents",
        )


def check_left_all_posts(person: Any) -> Iterable[Problem]:
    """Whoever still acts for somebody is not made anonymous: their open work passes to a colleague first."""
    held = Membership.objects.filter(person=person.pk, until=None).select_related("organisation__record")
    for membership in held.order_by("pk"):
        yield Problem(
            "membership-open",
            _("This person still acts for “%(organisation)s”: end the membership first.")
            % {"organisation": membership.organisation.record.title},
            "memberships",
        )


def check_leaves_none_unled(person: Any) -> Iterable[Problem]:
    """Whoever leads an organisation as the last one is not closed: nobody could let anybody else in."""
    # Their own memberships whatever their stage: it is asked once more while they are being closed.
    own = Membership.objects.filter(person=person.pk, role__in=LEADING, until=None)
    others = leading_in(own.values_list("organisation", flat=True)).exclude(person=person.pk)
    alone = own.exclude(organisation__in=others.values("organisation")).select_related("organisation__record")
    for title in dict.fromkeys(one.organisation.record.title for one in alone.order_by("pk")):
        yield Problem(
            "last-administrator",
            _(
                "This person is the last administrator of “%(organisation)s”: another one has to be named there first,"
                " or the post handed over."
            )
            % {"organisation": title},
            "memberships",
        )


def email_problems(address: str) -> list[Problem]:
    """What is wrong with the form of a mail address."""
    try:
        validate_email(address)
    except ValidationError:
        return [Problem("email-invalid", _("Enter a mail address like name@example.com."), "email")]
    return []


def password_problems(password: str, user: User | None = None) -> list[Problem]:
    """What is wrong with a new password, as the settings' validators say."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        return [Problem("password-weak", " ".join(problem.messages), "password")]
    return []
