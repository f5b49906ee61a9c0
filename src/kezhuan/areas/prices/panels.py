"""The step of the price on an achievement's life line."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.panels import LifeStep
from kezhuan.areas.prices.models import Price
from kezhuan.areas.prices.queries import prices_visible_to
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.kernel.access import Actor
from kezhuan.kernel.present import is_named


def _prices(actor: Actor, row: Any) -> Iterable[Price]:
    if not is_named(Price, "achievement", row.record.pk):
        return ()
    return prices_visible_to(actor).filter(achievement=row.record).order_by("-pk")


def _begin(actor: Actor, row: Any) -> str:
    own = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    return f"{reverse('price-new')}?achievement={row.record.code}" if own and keeps_income(actor) else ""


PRICED = LifeStep(
    40,
    _("price found"),
    _prices,
    frozenset({"fixed", "concluded"}),
    lambda row: row.deal_on or row.record.closed_on,
    _begin,
)
