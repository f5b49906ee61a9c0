"""The way of a contract through registration as its pages show it: days, who looked, where it is registered."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.contracts.certificates import is_agency
from kezhuan.areas.contracts.checks import object_until, object_within
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.contracts.permissions import is_party
from kezhuan.areas.contracts.wording import column_label
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.web.components import Fact
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day, wan

NUMBERED_FROM = frozenset({"passed", "changed"})
"""Stages in which the registrar reads back what the registry gave."""
SETTLED = frozenset({"registered", "cancelled", "revoked"})
"""Stages in which nothing is checked any more."""


def barred_from(actor: Actor, row: Contract) -> list[Fact]:
    """That a registrar has a part in the contract, which others register."""
    if not is_officer.test(actor, row) or not is_party.test(actor, row):
        return []
    message = _("You act for a party to this contract beside the bureau: other registrars look at it.")
    return [Fact(_("Not yours to register"), message)]


def way_of(row: Contract) -> list[Fact]:
    """The way through registration, and where it is registered."""
    facts = [
        Fact(_("Handed in on"), day(row.applied_on)),
        Fact(_("Supplement completed on"), day(row.supplemented_on)),
        Fact(_("Accepted on"), day(row.accepted_on)),
        Fact(_("Ordered by the province on"), day(row.ordered_on)),
        Fact(_("First look"), name_of(row.registrar.record) if row.registrar else ""),
        Fact(_("Second look"), name_of(row.reviewer.record) if row.reviewer else ""),
        *_objecting(row),
        *_where(row),
    ]
    if row.reg_no:
        facts += [
            Fact(column_label("reg_no"), row.reg_no),
            Fact(column_label("registered_on"), day(row.registered_on)),
            Fact(_("Turnover registered"), wan(row.registered_turnover_fen) or _left_open(row)),
            Fact(_("Technology amount registered"), wan(row.registered_technology_fen) or _left_open(row)),
        ]
    file = reverse("contract-certificate", args=[row.record.code])
    certificates = [
        Fact(_("Certificate of registration"), one.number, f"{file}?version={one.version}")
        for one in row.certificates.select_related("contract").order_by("version")
    ]
    return [*(one for one in facts if one.value), *certificates]


def _left_open(row: Contract) -> str:
    return _("open: a change registers it before taxes are relieved or rewards paid") if row.undetermined else ""


def _where(row: Contract) -> list[Fact]:
    """Where it is, or is to be, registered: this city's agency, the registry of the settings, the bureau's instance to
    which this one files, or what the form names; and that it is not said, once it waits for it."""
    stage = row.record.stage
    if stage not in NUMBERED_FROM | SETTLED | REGISTERED:
        return []
    label = _("To be registered at") if stage == "passed" else _("Registered at")
    if is_agency():
        return [Fact(label, settings.REGISTRATION_AGENCY)]
    registry = settings.REGISTRY_URL or settings.FILES_TO  # at a unit's own instance the bureau's registers
    name = row.agency or settings.REGISTRY_NAME or registry
    address = registry if row.agency in ("", settings.REGISTRY_NAME) else ""
    return [Fact(label, name or _("a registry outside that nobody has named here yet"), address)]


def _objecting(row: Contract) -> list[Fact]:
    """Until when the unit objects to a refusal: by a rule value of the place, or that none says so."""
    if row.record.stage != "refused":
        return []
    said = day(object_until(row)) if object_within(row) is not None else _("no rule value says until when")
    return [Fact(_("Object to the province until"), said)]
