"""What grants and receipts add to the page of an achievement, for those who read them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.rights.measures import of_what
from kezhuan.areas.rights.models import Distribution, RightsGrant, Way
from kezhuan.areas.rights.permissions import keeps_grants, keeps_income
from kezhuan.areas.rights.queries import distributions_visible_to, grants_visible_to, payment_name, payments_of
from kezhuan.engines.money import yuan
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.approvals import is_inside
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine

SHOWN = 20


def grants_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The grants of the achievement, and for its unit and its completers the way to another one."""
    if actor.person is None or row.record.stage not in SUPPLY_STAGES:
        return None
    lines = tuple(_line(one) for one in grants_of(actor, row))
    url = begin_grant(actor, row)
    if not lines and not url:
        return None
    return registry.Panel("rights/panel.html", {"lines": lines, "url": url})


def income_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What the achievement brought in, for those who read it, and for who keeps the unit's income the way to more."""
    if actor.person is None or row.record.stage not in SUPPLY_STAGES:
        return None
    lines = tuple(faces.link_line(one.record, of_what(one)) for one in receipts_of(actor, row))
    url = begin_receipt(actor, row)
    if not lines and not url:
        return None
    return registry.Panel("rights/income_panel.html", {"lines": lines, "url": url, "ways": _other_ways(url)})


def _other_ways(url: str) -> tuple[tuple[str, Any], ...]:
    """Where shares of a company and a year's profit are entered, for whoever may enter a receipt."""
    ways = ((Way.EQUITY, _("Put into a company")), (Way.PROFIT, _("Profit of a year")))
    return tuple((f"{url}&way={way}", label) for way, label in ways) if url else ()


def agreement_income_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What came in under an agreement and was distributed, and for who keeps the unit's income the way to what was not
    yet, the oldest payment first."""
    if actor.person is None or not can_view(actor, row.record, "full"):
        return None
    rows = distributions_visible_to(actor).filter(payment__version__agreement=row.pk)
    lines = tuple(
        faces.link_line(one.record, yuan(one.received_fen)) for one in rows.order_by("-received_on", "-pk")[:SHOWN]
    )
    waiting = None
    if keeps_income(actor) and is_inside.test(actor, row.record):
        left = payments_of(actor).filter(version__agreement=row.pk, distribution=None)
        waiting = left.order_by("paid_on", "pk").first()
    url = f"{reverse('distribution-new')}?payment={payment_name(waiting)}" if waiting is not None else ""
    if not lines and not url:
        return None
    return registry.Panel("rights/income_panel.html", {"lines": lines, "url": url})


def grants_of(actor: Actor, row: Any) -> Iterable[RightsGrant]:
    """The grants of an achievement that the actor may see, newest first; of most there is none."""
    if not is_named(RightsGrant, "achievement", row.record.pk):
        return ()
    return grants_visible_to(actor).filter(achievement=row.record).order_by("-pk")[:SHOWN]


def receipts_of(actor: Actor, row: Any) -> Iterable[Distribution]:
    """What an achievement brought in, as far as the actor may see it, newest first; most brought in nothing yet."""
    if not is_named(Distribution, "achievement", row.record.pk):
        return ()
    return distributions_visible_to(actor).filter(achievement=row.record).order_by("-received_on", "-pk")[:SHOWN]


def begin_grant(actor: Actor, row: Any) -> str:
    """Where the actor begins a grant of the achievement: who keeps its unit's papers, and its completers."""
    may = is_inside.test(actor, row.record) and (
        keeps_grants(actor) or row.completers.filter(person=actor.person).exists()
    )
    return f"{reverse('grant-new')}?achievement={row.record.code}" if may else ""


def begin_receipt(actor: Actor, row: Any) -> str:
    """Where the actor enters what the achievement brought in: who keeps its unit's money."""
    may = is_inside.test(actor, row.record) and keeps_income(actor)
    return f"{reverse('distribution-new')}?achievement={row.record.code}" if may else ""


def _proposed(actor: Actor, row: Any) -> Iterable[Distribution]:
    """Receipts whose distribution has begun: a draft is a receipt alone."""
    return [one for one in receipts_of(actor, row) if one.record.stage != "draft"]


GRANTED = LifeStep(
    30,
    _("rights granted"),
    grants_of,
    frozenset({"active", "titled", "converted", "warned", "expired"}),
    lambda row: row.agreed_on,
    begin_grant,
    optional=True,
)
PAID = LifeStep(
    60,
    _("money received"),
    receipts_of,
    frozenset({"proposed", "settled", "closed"}),
    lambda row: row.received_on,
    begin_receipt,
)
DISTRIBUTED = LifeStep(70, _("distributed"), _proposed, frozenset({"closed"}), lambda row: row.record.closed_on)


def _line(row: RightsGrant) -> LinkLine:
    return faces.link_line(row.record, row.get_kind_display())
