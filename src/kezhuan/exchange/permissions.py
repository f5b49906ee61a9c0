"""Who may import what, see an import and change it: predicates, with the queryset beside them."""

from typing import Any

from django.db.models import Q, QuerySet

from kezhuan.exchange.kinds import Importable, importable, importables
from kezhuan.exchange.models import Import
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows


def brings_for_all(actor: Actor, kind: Importable[Any]) -> bool:
    """Is an officer in charge of the kind in some district: the rows may be anybody's and enter at once. What a unit
    keeps inside no officer brings."""
    return not kind.lifecycle.inner and bool(actor.regions_of(kind.lifecycle.kind))


def may_import(actor: Actor, kind: Importable[Any]) -> bool:
    """Officers import the kinds they are in charge of; members what they enter for their organisation."""
    return brings_for_all(actor, kind) or kind.brought_by(actor)


def kinds_importable_by(actor: Actor) -> list[str]:
    """The kinds that the actor may import, in their order."""
    return [slug for slug, kind in importables().items() if may_import(actor, kind)]


@predicate
def _made_it(actor: Actor, kept: Import) -> bool:
    """Made it as an officer; what members made stays with their organisation when they leave it."""
    return actor.person is not None and kept.by_id == actor.person.pk and not kept.is_inner


_made_it.beside(lambda actor, rows: rows.where(by=actor.person.pk, is_inner=False) if actor.person else rows.none)


@predicate
def _of_its_side(actor: Actor, kept: Import) -> bool:
    """Acts for the organisation that the import was made for, and made it or reads all of its kind there."""
    if actor.organisation is None or kept.acting_for_id != actor.organisation.pk:
        return False
    kind = importable(kept.kind)
    made = actor.person is not None and kept.by_id == actor.person.pk
    return kind.read_by(actor) or (made and kind.brought_by(actor))


@_of_its_side.beside
def _of_their_side(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None:
        return rows.none
    kinds = importables()
    found = rows.where(kind__in=[slug for slug, kind in kinds.items() if kind.read_by(actor)])
    if actor.person is not None:
        brought = [slug for slug, kind in kinds.items() if kind.brought_by(actor)]
        found |= rows.where(kind__in=brought, by=actor.person.pk)
    return rows.where(acting_for=actor.organisation.pk) & found


@predicate
def oversees_import(actor: Actor, kept: Import) -> bool:
    """Is in charge of the kind in the whole city, for what officers and the program brought in; what an organisation
    brought is its own, and so is what it keeps inside, whoever brought that."""
    return "" in actor.regions_of(kept.kind) and not kept.is_inner and not importable(kept.kind).lifecycle.inner


@oversees_import.beside
def _overseen(actor: Actor, rows: Rows) -> Q:
    kinds = importables().items()
    overseen = [slug for slug, kind in kinds if "" in actor.regions_of(slug) and not kind.lifecycle.inner]
    return rows.where(kind__in=overseen, is_inner=False)


may_see_import = _made_it | _of_its_side | oversees_import
"""Made it as an officer, acts in charge for whom it was made, or oversees it."""


@predicate
def _may_import_its_kind(actor: Actor, kept: Import) -> bool:
    return may_import(actor, importable(kept.kind))


_may_import_its_kind.beside(lambda actor, rows: rows.where(kind__in=kinds_importable_by(actor)))
may_change_import = _of_its_side & _may_import_its_kind
"""Checks, commits or discards it: who acts in charge for whom it was made."""
may_undo_import = may_change_import | oversees_import
"""Takes it back: the same, and whoever oversees it."""


def imports_visible_to(actor: Actor) -> QuerySet[Import]:
    """The imports that the actor may see."""
    return may_see_import.among(actor, Import.objects.all())
