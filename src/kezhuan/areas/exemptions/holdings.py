"""What cases of exemption hold of a person: their name among those who took part, and what they said."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import FROZEN
from kezhuan.areas.exemptions.models import ExemptionPerson
from kezhuan.kernel import holdings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person


def forget_part(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """Let cases not name somebody any more, nor tell what they said; its hash stays in the evidence of the finding."""
    for part in rows.select_related("case__record").order_by("pk"):
        rows.filter(pk=part.pk).update(name=holdings.NAME, statement=holdings.NAME if part.statement else "")
        holdings.note_left(part.case.record, person, actor)


def words_frozen(person: Person) -> Q:
    """What the journal keeps of who was heard; its hash stays."""
    return Q(kind=FROZEN, record__exemption_case__people__person=person)


HOLDINGS = (
    holdings.Holding(
        _("part in a decision that is examined for exemption"),
        ExemptionPerson,
        "person",
        ("case__record__code", "name", "part", "statement", "stated_on"),
        forget_part,
    ),
)
