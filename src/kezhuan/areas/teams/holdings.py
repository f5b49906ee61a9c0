"""What the table of teams holds of a person: their name as the leader of one, and what imports wrote over."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.holdings import erase_former
from kezhuan.areas.teams.models import Team
from kezhuan.exchange.models import ImportedRecord
from kezhuan.kernel import holdings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person, Record


def _rename(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """The team stands on, led by somebody who is not named any more."""
    led = list(rows.values_list("record", flat=True))
    rows.update(leader=holdings.NAME)
    for record in Record.objects.filter(pk__in=led).order_by("pk"):
        holdings.note_left(record, person, actor)


HOLDINGS = (
    holdings.Holding(
        _("values that an import replaced"),
        ImportedRecord,
        "record__team__leader_person",
        ("record__code", "of__file_name"),
        erase_former,
    ),
    holdings.Holding(_("teams led"), Team, "leader_person", ("record__code", "leader"), _rename),
)
