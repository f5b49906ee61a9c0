"""What the owners of inspected records are written."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.inspections.lifecycle import TOLD
from kezhuan.areas.inspections.models import Inspection
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor, can_view


def _told(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    rows = Inspection.objects.select_related("record__title_to", "record__full_to")
    row = rows.filter(pk=content["inspection"]).first()
    if row is None or not can_view(actor, row.record, "full"):
        return None
    words = {"body": row.body, "letter": row.letter_no, "since": row.since, "until": row.until}
    text = _(
        "%(body)s inspects records of your organisation by its letter %(letter)s, from %(since)s until %(until)s. Which"
        " ones, and what was looked at, stands on the page of the inspection."
    )
    return outbox.Letter(_("An inspection has begun"), text % words, f"/inspections/{row.record.code}/")


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(TOLD, _told, label=gettext_lazy("word of an inspection"))
