"""Who may import what, see an import and change it: predicates, with the queryset beside them."""

from typing import Any

from django.db.models import Q, QuerySet

from kezhuan.exchange.kinds import Importable, importable, importables
from kezhuan.exchange.models import Import
from kezhuan.kernel.access import Actor, predicate, represents_owner


def brings_for_all(actor: Actor, kind: Importable[Any]) -> bool:
    """Is an officer in charge of the kind in some district: the rows may be anybody's and enter at once."""
    return bool(actor.regions_of(kind.lifecycle.kind))


def may_import(actor: Actor, kind: Importable[Any]) -> bool:
    """Officers import the kinds they are in charge of; members with writing rights what their organisation enters."""
    if brings_for_all(actor, kind):
        return True
    own = actor.organisation
    return kind.for_members and own is not None and bool(represents_owner.test(actor, own))


def kinds_importable_by(actor: Actor) -> list[str]:
    """The kinds that the actor may import, in their order."""
    return [slug for slug, kind in importables().items() if may_import(actor, kind)]


def _writes_for(actor: Actor) -> int | None:
    """The organisation that the actor acts for with writing rights."""
    own = actor.organisation
    return own.pk if own is not None and represents_owner.test(actor, own) else None


@predicate
def _made_it(actor: Actor, kept: Import) -> bool:
    """Made it as an officer; what members made stays with their organisation when they leave it."""
    return actor.person is not None and kept.by_id == actor.person.pk and not kept.is_inner


@predicate
def _writes_for_its_side(actor: Actor, kept: Import) -> bool:
    """Acts with writing rights for the organisation that the import was made for."""
    return kept.acting_for_id is not None and kept.acting_for_id == _writes_for(actor)


@predicate
def oversees_import(actor: Actor, kept: Import) -> bool:
    """Is in charge of the kind in the whole city, for what officers and the program brought in; what an organisation
    brought is its own."""
    return "" in actor.regions_of(kept.kind) and not kept.is_inner


may_see_import = _made_it | _writes_for_its_side | oversees_import
"""Made it as an officer, acts with writing rights for whom it was made, or oversees it."""


@predicate
def _may_import_its_kind(actor: Actor, kept: Import) -> bool:
    return may_import(actor, importable(kept.kind))


may_change_import = _writes_for_its_side & _may_import_its_kind
"""Checks, commits or discards it: who acts with writing rights for whom it was made."""
may_undo_import = may_change_import | oversees_import
"""Takes it back: the same, and whoever oversees it."""


def imports_visible_to(actor: Actor) -> QuerySet[Import]:
    """The imports that the actor may see; agrees with `may_see_import`."""
    if actor.person is None:
        return Import.objects.none()
    overseen = [slug for slug in importables() if "" in actor.regions_of(slug)]
    mine = (Q(by=actor.person) | Q(kind__in=overseen)) & Q(is_inner=False)
    if (own := _writes_for(actor)) is not None:
        mine |= Q(acting_for=own)
    return Import.objects.filter(mine)
