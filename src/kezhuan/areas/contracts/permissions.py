"""Who registers contracts; they are prepared by whoever keeps the agreements of their unit."""

from typing import Any

from django.conf import settings
from django.db.models import Q

from kezhuan.areas.agreements.permissions import keeps, keeps_papers
from kezhuan.kernel.access import Actor, about_actor, is_officer, predicate
from kezhuan.kernel.predicates import Rows

PROGRAMME = "contract"


@predicate
def is_party(actor: Actor, row: Any) -> bool:
    """The seller or the buyer is another organisation that the person acts for beside the one they act for now, by its
    credit code where both tell one, else by its name: nobody registers the contract of an organisation of their own, on
    whichever side it stands."""
    codes, names, codeless = _beside(actor)
    sides = ((row.seller_code, row.seller_name), (row.buyer_code, row.buyer_name))
    return any(code in codes or name in (codeless if code else names) for code, name in sides)


@is_party.beside
def _parties(actor: Actor, rows: Rows) -> Q:
    codes, names, codeless = _beside(actor)
    found = rows.none
    for side in ("seller", "buyer") if names else ():
        found |= rows.where(**{f"{side}_code__in": codes}) | rows.where(**{f"{side}_name__in": codeless})
        found |= rows.where(**{f"{side}_code": "", f"{side}_name__in": names})
    return found


def _beside(actor: Actor) -> tuple[set[str], set[str], set[str]]:
    """Credit codes and names of the other organisations that the person may act for, and the names of those among them
    whose code is not known; nobody who acts for one alone has any looked up."""
    here = actor.organisation.pk if actor.organisation is not None else None
    others = [one for one in actor.choices if one.pk != here]
    known = actor.credit_codes if others else {}
    codes = {known[one.pk] for one in others if one.pk in known}
    return codes, {one.record.title for one in others}, {one.record.title for one in others if one.pk not in known}


registers = is_officer & ~is_party
"""A registrar in charge who has no part in the contract."""


@predicate
def looked_first(actor: Actor, row: Any) -> bool:
    """Is the registrar who accepted and classified the contract."""
    return actor.person is not None and row.registrar_id == actor.person.pk


looked_first.beside(lambda actor, rows: rows.where(registrar=actor.person.pk) if actor.person else rows.none)


@predicate
def is_classified(_actor: Actor, row: Any) -> bool:
    """A registrar has looked at the contract."""
    return row.registrar_id is not None


is_classified.beside(lambda _actor, rows: rows.where(registrar__isnull=False))


@predicate
def is_disputed(_actor: Actor, row: Any) -> bool:
    """Somebody disputes it, which its form or a registrar says."""
    return bool(row.disputed)


is_disputed.beside(lambda _actor, rows: rows.where(disputed=True))


@predicate
def is_ordered(_actor: Actor, row: Any) -> bool:
    """The province has it registered: what it decided of a refusal is not refused again."""
    return row.ordered_on is not None


is_ordered.beside(lambda _actor, rows: rows.where(ordered_on__isnull=False))


@predicate
def is_heard(_actor: Actor, row: Any) -> bool:
    """Experts were heard."""
    return bool(row.experts_heard)


is_heard.beside(lambda _actor, rows: rows.where(experts_heard=True))


looks_second = registers & ~keeps & is_classified & ~looked_first
"""An officer in charge, and never whoever looked first."""


@predicate
def is_numbered(_actor: Actor, row: Any) -> bool:
    """Number, day and amounts of the registry were read for the form as it stands: what registers a contract is that
    reading, so the step is offered nowhere else."""
    return bool(row.numbered)


@about_actor
def files_there(_actor: Actor, _row: Any) -> bool:
    """This is a unit's own instance, whose contracts the bureau registers at its own: see `KEZHUAN_FILES_TO`."""
    return bool(settings.FILES_TO)


is_numbered.beside(lambda _actor, rows: rows.where(numbered=True))


@predicate
def came_in(_actor: Actor, row: Any) -> bool:
    """It was taken up from what its unit filed at an instance of its own, where the unit alone withdraws it."""
    return row.filing_id is not None


came_in.beside(lambda _actor, rows: rows.where(filing__isnull=False))


reads_answers = keeps & files_there
"""Keeps the contract at its unit's own instance, where the bureau's answers to it are read."""


def answers_come(actor: Actor) -> bool:
    """Whether the actor reads back what the registry gave: a registrar in charge, and at a unit's own instance whoever
    keeps its contracts."""
    return bool(actor.regions_of(PROGRAMME)) or (bool(settings.FILES_TO) and keeps_papers(actor))


def reads_back(actor: Actor, row: Any) -> bool:
    """Whether the actor reads back what the registry gave this contract."""
    return registers.test(actor, row) or reads_answers.test(actor, row)
