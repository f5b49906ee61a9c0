"""Registers pairs in brokers' queues with the kernel, and the follower that closes them."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.brokers import letters
from kezhuan.areas.brokers.actions import follow_members, follow_pairs
from kezhuan.areas.brokers.holdings import HOLDINGS
from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.queries import handed_back_unfit, pair_documents, waiting_for
from kezhuan.areas.brokers.sheets import SHEET
from kezhuan.areas.matches.decisions import decided_by
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.room import promised_by
from kezhuan.areas.matches.supply import introduced_kinds
from kezhuan.exchange import sheets
from kezhuan.kernel import holdings, registry, roles
from kezhuan.kernel.models.parties import Role


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="pair",
            label=_("pair in a broker's queue"),
            plural=_("pairs in brokers' queues"),
            model=BrokeredPair,
            lifecycle=PAIR,
            page="pair",
            list_page="pairs",
            documents=pair_documents,
            concerned=lambda row: (row.broker.person_id,),
        )
    )
    promised_by(waiting_for)
    decided_by(handed_back_unfit)
    sheets.register(SHEET)
    letters.register()
    holdings.hold(*HOLDINGS)
    words = _("make members technology brokers and fill their queues")
    roles.tell(roles.Right("brokers", words, frozenset({Role.ADMINISTRATOR})))
    kinds = ["need", INTRODUCTION.kind, *(kind.slug for kind in introduced_kinds())]
    registry.follow("pairs", kinds, follow_pairs)
    registry.follow("brokers", ["organisation"], follow_members)
