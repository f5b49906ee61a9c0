"""What agreements add to the page of an achievement or an introduction, for those who read them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.agreements.models import Agreement, Licence
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.areas.agreements.queries import agreements_visible_to, licences_visible_to
from kezhuan.areas.agreements.terms import price_of
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine

SHOWN = 20


def agreements_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The agreements that came from the record, and for its own unit the way to another one."""
    if not actor.is_signed_in:
        return None
    kind, record = row.record.kind, row.record
    lines: tuple[LinkLine, ...] = ()
    if is_named(Agreement, kind, record.pk):
        rows = agreements_visible_to(actor).filter(**{kind: record}).order_by("-pk")[:SHOWN]
        lines = tuple(_line(one) for one in rows)
    own = keeps_papers(actor) and (kind == "introduction" or record.owner_id == _unit(actor))
    if not lines and not own:
        return None
    url = f"{reverse('agreement-new')}?{kind}={record.code}" if own else ""
    return registry.Panel("agreements/panel.html", {"lines": lines, "url": url})


def _of_achievement(actor: Actor, row: Any) -> Iterable[Agreement]:
    if not is_named(Agreement, "achievement", row.record.pk):
        return ()
    return agreements_visible_to(actor).filter(achievement=row.record).order_by("-pk")[:SHOWN]


def _begin(actor: Actor, row: Any) -> str:
    own = keeps_papers(actor) and row.record.owner_id == _unit(actor)
    return f"{reverse('agreement-new')}?achievement={row.record.code}" if own else ""


AGREED = LifeStep(
    45,
    _("agreement signed"),
    _of_achievement,
    frozenset({"trial", "active", "amending", "done"}),
    lambda row: row.in_force.agreed_on if row.in_force is not None else None,
    _begin,
    optional=True,
    other_side=lambda row: row.party_name if row.record.stage == "offered" else "",
)
"""An intent is on its way: it owes nothing."""


def licences_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The standard licences of an achievement that stands, and for its own unit the way to another one."""
    if row.record.stage not in SUPPLY_STAGES:
        return None
    lines: tuple[LinkLine, ...] = ()
    if is_named(Licence, "achievement", row.record.pk):
        rows = licences_visible_to(actor).filter(achievement=row.record).order_by("-pk")[:SHOWN]
        lines = tuple(_licence_line(one) for one in rows)
    own = keeps_papers(actor) and row.record.owner_id == _unit(actor)
    if not lines and not own:
        return None
    url = f"{reverse('licence-new')}?achievement={row.record.code}" if own else ""
    return registry.Panel("agreements/licences_panel.html", {"lines": lines, "url": url})


def _licence_line(row: Licence) -> LinkLine:
    return faces.link_line(row.record, price_of(row))


def _unit(actor: Actor) -> int | None:
    return actor.organisation.pk if actor.organisation is not None else None


def _line(row: Agreement) -> LinkLine:
    return faces.link_line(row.record, row.get_sort_display())
