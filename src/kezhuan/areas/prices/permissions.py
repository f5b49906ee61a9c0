"""Who keeps the prices of a unit, and whose own matter one is."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.achievements.models import Completer
from kezhuan.areas.prices.models import PriceWay
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows


@predicate
def made_it(actor: Actor, row: Any) -> bool:
    """Is a completer of the achievement, or stands in for one: its price is their own matter."""
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return bool(people) and Completer.objects.filter(achievement=row.achievement_id, person__in=people).exists()


@made_it.beside
def _made(actor: Actor, rows: Rows) -> Q:
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return rows.where(achievement__in=Completer.objects.filter(person__in=people).values("achievement"))


@predicate
def is_agreed(_actor: Actor, row: Any) -> bool:
    """The price is agreed on, and not found by a listing or an auction."""
    return bool(row.way == PriceWay.AGREEMENT)


is_agreed.beside(lambda _actor, rows: rows.where(way=PriceWay.AGREEMENT))
settles_price = keeps_money & ~made_it
"""Has a price decided, holds its notice and enters the deal: nobody does so in their own matter."""
