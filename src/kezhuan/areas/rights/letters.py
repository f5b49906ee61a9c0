"""What completers are written about grants: that the split and the terms wait for their signature."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.rights.lifecycle import TO_SIGN
from kezhuan.areas.rights.models import GrantMember
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.names import name_of


def to_sign(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A text waits for the receiver's signature, as long as it does."""
    person = actor.person.pk if actor.person is not None else None
    rows = GrantMember.objects.filter(grant=content["grant"], person=person, grant__record__stage="signing")
    member = rows.select_related("grant__record").first()
    if member is None or member.signed == member.grant.wording:
        return None
    text = _("Rights in “%(title)s” are to be granted. Read the split of the team and the terms, then sign.")
    record = member.grant.record
    return outbox.Letter(_("A split waits for your signature"), text % {"title": name_of(record)}, faces.url_of(record))


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(TO_SIGN, to_sign, label=gettext_lazy("a grant of rights to sign"), asks=True)
