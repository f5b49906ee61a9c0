"""What units are written about calls: that one invites them, that a form asks more than when they handed in."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.adding import answers_added
from kezhuan.areas.calls.adding_actions import GROWN, TOPIC
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import is_addressed, is_over
from kezhuan.areas.calls.telling_actions import INVITED
from kezhuan.areas.calls.wording import moment_in_words
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor, can_view
from kezhuan.web import faces
from kezhuan.web.names import name_of


def grown(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """Questions were added to a form after the receiver's unit had handed it in, and can still be answered."""
    rows = Application.objects.select_related("record", "item__call__record").filter(pk=content["application"])
    row = rows.first()
    if row is None or not answers_added(actor, row):
        return None
    call = row.item.call
    text = _(
        "The form of “%(title)s” asks more than when your unit handed in %(code)s. You may answer what was added until"
        " %(moment)s; what was handed in counts as it stands."
    )
    words = {"title": name_of(call.record), "code": row.record.code, "moment": moment_in_words(call.deadline)}
    return outbox.Letter(_("A call asks more"), text % words, faces.url_of(row.record))


def invited(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The receiver's organisation is invited to a call that takes applications still."""
    row = Call.objects.select_related("record__public_to").filter(pk=content["call"]).first()
    stands = row is not None and row.record.stage == "published" and not is_over.test(actor, row)
    if row is None or not stands or not can_view(actor, row.record, "public") or not is_addressed.test(actor, row):
        return None
    text = _(
        "Your organisation is invited to apply to “%(title)s” (%(code)s), from %(opens)s until %(moment)s. The call is"
        " for the organisations that it invites, and nobody else is told of it."
    )
    words = {"title": name_of(row.record), "code": row.record.code, "opens": moment_in_words(row.opens_at)}
    words["moment"] = moment_in_words(row.deadline)
    return outbox.Letter(_("You are invited to apply"), text % words, faces.url_of(row.record))


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(GROWN, grown, label=gettext_lazy("questions added to a call"), asks=True)
    outbox.register_letter(INVITED, invited, label=gettext_lazy("invitation to a call"), asks=True)
    outbox.register_topic(TOPIC, lambda _topic: gettext_lazy("calls to which your unit applied"))
