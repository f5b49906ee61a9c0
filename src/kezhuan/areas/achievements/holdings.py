"""What the tables of achievements hold of a person: their name among the completers, and what imports wrote over."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.models import Completer
from kezhuan.exchange.models import ImportedRecord
from kezhuan.kernel import holdings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Notice, Person, Record
from kezhuan.kernel.notices import replace_name


def _rename(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """Shares and their order stay, so that they still sum to the whole."""
    names = dict(rows.values_list("achievement", "name"))
    rows.update(name=holdings.NAME)
    for record in Record.objects.filter(pk__in=list(names)).order_by("pk"):
        holdings.note_left(record, person, actor)
    for notice in Notice.objects.filter(about__in=list(names)).select_related("record").order_by("pk"):
        if replace_name(notice, names[notice.about_id], holdings.NAME):
            holdings.note_left(notice.record, person, actor)


def erase_former(rows: QuerySet[Any], _person: Person, _actor: Actor) -> None:
    """The import that wrote them over cannot be taken back any more."""
    rows.filter(is_new=False).update(former={})


HOLDINGS = (
    holdings.Holding(
        _("values that an import replaced"),
        ImportedRecord,
        "record__achievement__completers__person",
        ("record__code", "of__file_name"),
        erase_former,
    ),
    # After what is found by it.
    holdings.Holding(
        _("completers"), Completer, "person", ("achievement__record__code", "order", "name", "share_bp"), _rename
    ),
)
