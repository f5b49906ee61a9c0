"""Registers notices and objections with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.notices.changed_actions import note_changed
from kezhuan.areas.notices.lifecycle import CHANGED, NOTICE, OBJECTION, follow_readers
from kezhuan.areas.notices.papers import NOTICE_PAPER, OBJECTION_PAPER
from kezhuan.areas.notices.queries import (
    concerned_in_notice,
    concerned_in_objection,
    notice_documents,
    objection_documents,
)
from kezhuan.areas.notices.sheets import NOTICES, OBJECTIONS
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import followers, readers, registry
from kezhuan.kernel.access import can_view
from kezhuan.kernel.models import Notice, Objection
from kezhuan.kernel.notices import PLACES


def register() -> None:
    """Called once when Django has loaded the models."""
    readers.follow(follow_readers)
    followers.register("notices", None, note_changed, readers=False)
    registry.register(
        registry.Kind(
            slug="notice",
            label=_("notice"),
            plural=_("notices"),
            model=Notice,
            lifecycle=NOTICE,
            page="notice",
            list_page="notices",
            documents=notice_documents,
            dated={PLACES: _("last day in a place: record it with a screenshot")},
            waits={CHANGED: _("the record has changed: prepare the notice again")},
            concerned=concerned_in_notice,
        )
    )
    registry.register(
        registry.Kind(
            slug="objection",
            label=_("objection"),
            plural=_("objections"),
            model=Objection,
            lifecycle=OBJECTION,
            page="objection",
            list_page="objections",
            documents=objection_documents,
            concerned=concerned_in_objection,
            confidential=lambda actor, row: "contact" if can_view(actor, row.record, "full") else "",
        )
    )
    for sheet in (NOTICES, OBJECTIONS):
        sheets.register(sheet)
    put_on_paper("notice", NOTICE_PAPER)
    put_on_paper("objection", OBJECTION_PAPER)
