"""What the registration form of a contract begins with: its unit as the seller, and what the agreement says that it
comes from. Nothing is typed twice."""

from typing import Any

from kezhuan.areas.agreements.models import Agreement, AgreementSort
from kezhuan.areas.agreements.queries import TIES
from kezhuan.areas.contracts.queries import CHINA
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.text import wan_from_fen

SELLERS: dict[str, str] = {
    OrganisationKind.UNIVERSITY: "022",
    OrganisationKind.INSTITUTE: "021",
    OrganisationKind.HOSPITAL: "023",
}
"""Kinds of party in the form's table, by that of an organisation; of others the registrant chooses."""

KINDS = {
    AgreementSort.LICENCE: "licence",
    AgreementSort.TRANSFER: "transfer",
    AgreementSort.DEVELOPMENT: "development",
    AgreementSort.CONSULTING: "consulting",
    AgreementSort.SERVICE: "service",
}
"""Kinds of technology contract, by the sort of an agreement; of others the registrant chooses."""


def seller_of(actor: Actor, owner: Organisation) -> dict[str, Any]:
    """The fields of the seller that are known of the unit whose contract it is, for which the actor acts."""
    return {
        "seller_name": owner.record.title,
        "seller_code": actor.credit_codes.get(owner.pk, ""),
        "seller_kind": SELLERS.get(owner.kind, ""),
        "seller_country": CHINA,
        "seller_region": owner.region,
    }


def form_from(row: Agreement) -> dict[str, Any]:
    """The fields of the form that the version in force says already."""
    ties = {name: tie.code for name in TIES if (tie := getattr(row, name)) is not None}
    known: dict[str, Any] = {"title": row.record.title, "buyer_name": row.party_name, "buyer_code": row.party_code}
    if row.party is not None:
        known["buyer_region"] = row.party.region
    version = row.in_force
    if version is None:
        return known | ties
    payments = list(version.payments.filter(freed_on=None))
    planned = [one.planned_fen for one in payments]
    open_total = version.amount_fen is None or None in planned
    known |= {
        "kind": KINDS.get(AgreementSort(row.sort), ""),
        "signed_on": version.agreed_on,
        "valid_from": version.starts_on,
        "valid_to": version.ends_on,
        "turnover": version.amount_fen,
        "undetermined": open_total,
        "payment": "royalty" if open_total else "instalments" if len(payments) > 1 else "once",
        "text": version.words,
    }
    if len(payments) > 1 and None not in planned:
        known["instalments"] = "; ".join(f"{wan_from_fen(one)}万元" for one in planned if one is not None)
    return known | ties
