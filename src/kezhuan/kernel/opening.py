"""Who may open a record, for whom and at which stage."""

from django.utils.translation import gettext as _

from kezhuan.kernel.access import WRITERS, Actor, is_own_matter
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Organisation


def may_open(actor: Actor, programme: str, owner: Organisation | None, stage: str | None) -> bool:
    """Members with writing rights open drafts of their organisation; the officers in charge of the programme open for
    anybody but themselves, at any stage; what nobody owns is opened by the city's officers."""
    in_charge = actor.is_in_charge(owner.region if owner is not None else "", programme)
    if in_charge and (owner is None or not is_own_matter.test(actor, owner)):
        return True
    return stage is None and _writes_for(actor, programme, owner)


def _writes_for(actor: Actor, programme: str, owner: Organisation | None) -> bool:
    own = owner is not None and owner == actor.organisation
    return own and bool(actor.roles & WRITERS) and actor.acts_in(programme)


def require_keeps(actor: Actor, owner: Organisation | None, roles: frozenset[str]) -> None:
    """Raise `NotAllowed` unless the actor acts for this organisation in one of these roles: nobody else, and no
    officer, opens what a unit keeps inside."""
    if owner is None or owner != actor.organisation or not actor.roles & roles or actor.programme:
        raise NotAllowed(_("Only members of the unit in charge of this keep its inner records."))


def require_may_open(actor: Actor, programme: str, owner: Organisation | None, stage: str | None) -> None:
    """Raise `NotAllowed` unless the actor may open a record of this owner at this stage; see `may_open`."""
    if may_open(actor, programme, owner, stage):
        return
    if not _writes_for(actor, programme, owner):
        raise NotAllowed(_("Sign in and choose the organisation you act for."))
    raise NotAllowed(_("Only an officer enters a record at a later stage."))
