"""What contracts add to the page of what they come from, an achievement or an agreement, for those who read them, and
what these add to theirs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.contracts.paid import told_of
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.queries import contracts_visible_to
from kezhuan.areas.contracts.taking_actions import case_of, problem_of, takes_up
from kezhuan.areas.contracts.wording import entry
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.approvals import is_inside
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

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


def paid_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What was paid under a contract as its agreement and distributions tell it, with the rows: for its unit with the
    sum, for others only the rows that they read."""
    told = told_of([row]).get(row.pk)
    if told is None:
        return None
    seen, own = told.seen_by(actor), is_inside.test(actor, row.record)
    if not seen and not own:
        return None
    lines = [(one.on, one.fen, f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)) for one in seen]
    unseen = len(told.rows) - len(seen)
    shown = {"fen": None if unseen and not own else told.fen, "lines": lines, "unseen": unseen}
    return registry.Panel("contracts/paid.html", shown)


def filed_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The case that was opened of a filing that came from its unit's own instance, and for registrars the way to it."""
    if row.origin is None or row.about_kind != PROGRAMME:
        return None
    case = case_of(row)
    may = takes_up(actor, row) and problem_of(row, case) is None
    seen = case if case is not None and can_view(actor, case.record) else None
    if seen is None and not may:
        return None
    shown = {
        "lines": (_line(seen),) if seen is not None else (),
        "url": reverse("contract-filed", args=[row.record.code]) if may else "",
    }
    return registry.Panel("contracts/filed.html", shown)


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
