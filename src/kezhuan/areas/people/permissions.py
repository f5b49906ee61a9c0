"""Who may admit members to an organisation, and end a membership."""

from kezhuan.kernel.access import Actor, is_officer, predicate
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role


@predicate
def may_admit(actor: Actor, organisation: Organisation) -> bool:
    """Is an administrator of the organisation, or an officer in charge of its district."""
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    return (own and Role.ADMINISTRATOR in actor.roles) or bool(is_officer.test(actor, organisation))
