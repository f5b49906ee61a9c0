"""What is written to people about contracts: the parties learn that a registration was revoked."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.contracts.lifecycle import REVOKED as REASONS
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.registering_actions import REVOKED
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Entry
from kezhuan.web import faces


def register() -> None:
    """Register the area's letters; called once from `apps.py`."""
    outbox.register_letter(REVOKED, revoked, label=gettext_lazy("the registration of a contract was revoked"))


def revoked(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """Which registration, and why by the case of the rules; the registrars' words are for whoever reads the contract.
    None once it is no longer revoked."""
    rows = Contract.objects.filter(pk=content["contract"], record__stage="revoked")
    row = rows.select_related("record__full_to").first()
    if row is None:
        return None
    subject = _("Registration %(number)s was revoked") % {"number": row.reg_no}
    text = _(
        "The registration %(number)s of a technology contract between %(seller)s and %(buyer)s was revoked: %(why)s."
        " Its certificate is no longer valid."
    ) % {"number": row.reg_no, "seller": row.seller_name, "buyer": row.buyer_name, "why": _why(row)}
    return outbox.Letter(subject, text, faces.url_of(row.record) if can_view(actor, row.record, "full") else "")


def _why(row: Contract) -> str:
    last = Entry.objects.filter(record=row.record, kind="contract.revoke").order_by("-seq").first()
    code = last.data.get("reason", "") if last is not None else ""
    return str(dict(REASONS).get(code, dict(REASONS)["other"]))
