"""What contracts add to the page of what they come from, an achievement or an agreement, for those who read them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.contracts.queries import contracts_visible_to
from kezhuan.areas.contracts.wording import entry
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine

SHOWN = 20


def contracts_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The contracts that came from the record, and for its own unit the way to another one."""
    if not actor.is_signed_in:
        return None
    lines = tuple(_line(one) for one in contracts_of(actor, row))
    url = begin_contract(actor, row)
    if not lines and not url:
        return None
    return registry.Panel("contracts/panel.html", {"lines": lines, "url": url})


def contracts_of(actor: Actor, row: Any) -> Iterable[Contract]:
    """The contracts that came from a record, as the actor may see them, newest first."""
    kind, record = row.record.kind, row.record
    if not is_named(Contract, kind, record.pk):
        return ()
    return contracts_visible_to(actor).filter(Q(**{kind: record})).order_by("-pk")[:SHOWN]


def begin_contract(actor: Actor, row: Any) -> str:
    """Where a record's own unit, or a side of an introduction, enters a contract that came from it."""
    kind, record = row.record.kind, row.record
    own = keeps_papers(actor) and (kind == "introduction" or record.owner == actor.organisation)
    return f"{reverse('contract-new')}?{kind}={record.code}" if own else ""


CONTRACTED = LifeStep(
    50,
    _("contract registered"),
    contracts_of,
    REGISTERED,
    lambda row: row.registered_on,
    begin_contract,
)


def _line(row: Contract) -> LinkLine:
    return faces.link_line(row.record, entry("kinds", row.kind))
