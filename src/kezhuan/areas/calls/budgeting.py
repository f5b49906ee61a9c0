"""What is left of the budget line of a call: what it proposes itself, and what other calls of the same line have."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.models import Application, Call, Proposal
from kezhuan.kernel.text import wan_from_fen


@dataclass(frozen=True)
class Room:
    """The budget line of a call in 分: what of it is proposed to be awarded, and what other calls that name the same
    year, subject and document have awarded or propose."""

    line: int
    proposed: int
    elsewhere: int
    kept: int
    """Applications about which something is proposed."""

    @property
    def left(self) -> int:
        """What this call can still propose."""
        return self.line - self.proposed

    @property
    def words(self) -> str:
        """The same in a sentence."""
        message = _("Of the budget line of %(line)s 万元 %(proposed)s are proposed, %(left)s are left.")
        amounts = (("line", self.line), ("proposed", self.proposed), ("left", self.left))
        said = message % {name: wan_from_fen(fen) for name, fen in amounts}
        if self.elsewhere:
            other = _("Other calls of the same year, subject and document have awarded or propose %(fen)s 万元.")
            said += " " + other % {"fen": wan_from_fen(self.elsewhere)}
        return said


def room_of(call: Call) -> Room:
    """What is left of a call's budget line; at most three queries."""
    own = Proposal.objects.filter(application__item__call=call.pk, application__record__stage__in=DECIDABLE)
    told = own.aggregate(fen=Sum("award_fen"), kept=Count("pk"))
    elsewhere = _elsewhere(call) if call.budget_subject else 0
    return Room(call.budget_fen or 0, told["fen"] or 0, elsewhere, told["kept"])


def _elsewhere(call: Call) -> int:
    same = Call.objects.exclude(pk=call.pk).filter(
        budget_year=call.budget_year, budget_subject=call.budget_subject, budget_document=call.budget_document,
        region=call.region,
    )  # fmt: skip
    rows = Application.objects.filter(item__call__in=same)
    proposed = Q(record__stage__in=DECIDABLE, item__call__record__stage="closed")
    sums = rows.aggregate(
        awarded=Sum("award_fen", filter=Q(record__stage="awarded")),
        proposed=Sum("proposal__award_fen", filter=proposed),
    )
    return (sums["awarded"] or 0) + (sums["proposed"] or 0)
