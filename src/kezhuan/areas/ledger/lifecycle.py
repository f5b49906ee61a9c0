"""An entry is kept from the day its achievement is there until the title is another's, or it is given up."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.ledger.checks import check_idle, check_offered, check_over, check_untouched
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.ledger.papers import told_as_evidence
from kezhuan.areas.ledger.queries import alert_rule
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.kernel import audiences, clocks
from kezhuan.kernel.access import Actor, Audiences, region_of
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import MONEY
from kezhuan.kernel.text import today

KIND = "ledger"
ANNUITY = "annuity"
"""Name of the term until which a fee is to be paid."""


def ledger_audience(row: LedgerEntry) -> Audiences:
    """The members of the unit who keep its figures of money. No officer; of a discarded one nobody."""
    return audiences.inside(row.record, MONEY)


def annuity_due(row: LedgerEntry) -> date | None:
    """The day of the first unpaid fee, once it is near enough to be told of, as the rule value says; None before."""
    first = row.upkeep.filter(paid_on=None).order_by("due_on").values_list("due_on", flat=True).first()
    rule = alert_rule(region_of(row)) if first is not None and row.record.stage == "kept" else None
    near = first is not None and rule is not None and first <= today() + timedelta(days=int(rule.value))
    return first if near else None


def count_annuity(row: LedgerEntry, _actor: Actor | None = None) -> None:
    """Let the unit be reminded of the next fee."""
    clocks.let_run(row.record, ANNUITY, annuity_due(row))


def give_up_place(row: LedgerEntry, _actor: Actor) -> None:
    """The achievement can be entered again."""
    row.live = False
    row.save(update_fields=["live"])


LEDGER = Lifecycle(
    KIND,
    "L",
    stages=(
        Stage("kept", Phase.ACTIVE, _("kept in the ledger")),
        Stage("closed", Phase.DONE, _("out of the ledger")),
        Stage("abandoned", Phase.WITHDRAWN, _("abandoned")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "close",
            _("Take it out of the ledger"),
            source=frozenset({"kept"}),
            target="closed",
            allowed=keeps_money,
            checks=(check_over,),
            note="optional",
        ),
        Move(
            "reopen",
            _("Keep it again"),
            source=frozenset({"closed"}),
            target="kept",
            allowed=keeps_money,
            note="required",
        ),
        Move(
            "abandon",
            _("Give the achievement up"),
            source=frozenset({"kept"}),
            target="abandoned",
            allowed=keeps_money,
            checks=(check_offered, check_idle),
            then=(Freeze("abandon", told_as_evidence),),
            note="required",
            collective=True,
            danger=True,
        ),
        Move(
            "discard",
            _("Discard an entry made by mistake"),
            source=frozenset({"kept"}),
            target=DISCARDED,
            allowed=keeps_money,
            checks=(check_untouched,),
            then=(give_up_place,),
            hint=_("Nobody finds it afterwards, and it does not come back."),
            danger=True,
        ),
    ),
    audience=ledger_audience,
    then=(count_annuity,),
    inner=True,
)
