"""Who may import what, see an import and change it: predicates, with the queryset beside them."""

from typing import Any

from django.db.models import Q, QuerySet

from kezhuan.exchange.kinds import Importable, importable, importables
from kezhuan.exchange.models import Import
from kezhuan.kernel.access import Actor, predicate, represents_owner


def may_import(actor: Actor, kind: Importable[Any]) -> bool:
    """Officers import every kind that files can bring; members with writing rights what their organisation enters."""
    if actor.is_officer:
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
    return actor.person is not None and kept.by_id == actor.person.pk


@predicate
def _writes_for_its_side(actor: Actor, kept: Import) -> bool:
    """Acts with writing rights for the organisation that the import was made for."""
    return kept.acting_for_id is not None and kept.acting_for_id == _writes_for(actor)


@predicate
def oversees_imports(actor: Actor, _kept: Any) -> bool:
    """Is an officer of the whole city."""
    return actor.is_officer and "" in actor.jurisdictions


may_see_import = _made_it | _writes_for_its_side | oversees_imports
"""Made it, acts with writing rights for whom it was made, or is an officer of the whole city."""


@predicate
def _may_import_its_kind(actor: Actor, kept: Import) -> bool:
    return may_import(actor, importable(kept.kind))


may_change_import = (_writes_for_its_side & _may_import_its_kind) | oversees_imports
"""Checks, commits, discards or takes it back: who acts with writing rights for whom it was made, or oversees all."""


def imports_visible_to(actor: Actor) -> QuerySet[Import]:
    """The imports that the actor may see; agrees with `may_see_import`."""
    if oversees_imports.test(actor, None):
        return Import.objects.all()
    if actor.person is None:
        return Import.objects.none()
    mine = Q(by=actor.person)
    if (own := _writes_for(actor)) is not None:
        mine |= Q(acting_for=own)
    return Import.objects.filter(mine)
