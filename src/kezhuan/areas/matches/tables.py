"""How rows of an office's own list become introductions: what came of needs and results that met before.

They enter at the stage that the row says, from the meeting on. Nobody's consent comes from a list: such an introduction
shows neither side more of the other than is open to it anyway, and no contact.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.matches.actions import TITLE, TITLE_EN, own_pair, tie_sides
from kezhuan.areas.matches.apart import is_own
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.permissions import oversees, watches
from kezhuan.areas.matches.queries import PAIR
from kezhuan.areas.matches.sheets import SHEET
from kezhuan.areas.needs.models import Need
from kezhuan.exchange.coded import BROUGHT
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, cleaned, today


@dataclass(frozen=True)
class IntroductionFacts:
    """What a row says: the two sides as far as they are known, how far they have come, and when."""

    need: Record | None
    supply: Record | None
    stage: str
    introduced_on: date | None = None
    met_on: date | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class IntroductionRows(Importable[IntroductionFacts]):
    """Officers in charge of one of the two sides bring what came of them before."""

    lifecycle = INTRODUCTION
    model = Introduction
    stage = "met"
    stages = ("met", "intent", "contract", "dropped")
    needs_one_of = ("need",)
    for_members = False
    sheet = SHEET

    def facts(self, content: Content) -> IntroductionFacts:
        """See the base; two queries, two more for sides that are named by another list's numbers."""
        values = content.values
        content.keep("secrecy", values["secrecy"])
        return IntroductionFacts(
            need=_named("need", values["need"]),
            supply=_named("achievement", values["supply"]),
            stage=values["stage"] or "",
            introduced_on=values["introduced_on"],
            met_on=values["met_on"],
            extra=content.extra,
        )

    def check(self, facts: IntroductionFacts, content: Content) -> list[Problem]:
        """Both sides are known, of two organisations and not brought together here; the days are past and in order."""
        problems = []
        for name, side in (("need", facts.need), ("supply", facts.supply)):
            if side is None:
                words = {"code": clean(content.values[name] or "")[:30], "column": self.header_of(name)}
                message = _(
                    "No record, or more than one, has the number “%(code)s” (%(column)s); give its platform code."
                )
                problems.append(Problem("side-unknown", message % words, name))
        if facts.need is not None and facts.supply is not None and is_own(facts.need, facts.supply):
            problems.append(Problem("introduction-own", own_pair(), "supply"))
        if (held := _begun_here(facts)) is not None:
            message = _("These two were introduced here: %(code)s. Leave the row out; its steps are taken there.")
            problems.append(Problem("introduction-held", message % {"code": held}, "need"))
        for name, day in (("introduced_on", facts.introduced_on), ("met_on", facts.met_on)):
            if day is not None and day > today():
                problems.append(Problem("day-to-come", _("This day is still to come."), name))
        if facts.introduced_on is not None and facts.met_on is not None and facts.met_on < facts.introduced_on:
            message = _("They met before they were introduced: correct one of the two days.")
            problems.append(Problem("days-order", message, "met_on"))
        return problems

    def words(self, facts: IntroductionFacts) -> Words:
        """The same for all: who meets is read from the two sides, by whoever may see them."""
        return Words(TITLE, TITLE_EN)

    def identity(self, facts: IntroductionFacts) -> str:
        """The two sides."""
        return _pair(facts)

    def own(self, facts: IntroductionFacts) -> dict[str, Any]:
        """All own columns but what is agreed and planned here."""
        return {
            "need_id": facts.need.pk if facts.need is not None else None,
            "supply": facts.supply,
            "introduced_on": facts.introduced_on,
            "met_on": facts.met_on,
            "extra": cleaned(dict(facts.extra)),
        }

    def numbers(self, facts: IntroductionFacts) -> tuple[Number, ...]:
        """The two sides, so that the row is known again whatever its own id."""
        return (Number(PAIR, _pair(facts)),)

    def stage_of(self, facts: IntroductionFacts) -> str | None:
        """The row's own."""
        return facts.stage or None

    def why_not(self, row: Any, facts: IntroductionFacts) -> str:
        """Other sides are another introduction."""
        sides = tuple(side.pk if side is not None else 0 for side in (facts.need, facts.supply))
        if (row.need_id, row.supply_id) == sides:
            return ""
        return _("%(code)s is of two other sides; give this row another id.") % {"code": row.record.code}

    def opening(self, facts: IntroductionFacts) -> Hashable:
        """The two sides decide who watches over them."""
        return _pair(facts)

    def not_opened(self) -> str:
        """Neither side is in the actor's charge, or one is not theirs to read."""
        return _("Neither side is in your charge, or you may not read both; leave the row to those who may.")

    def may_open(self, actor: Actor, owner: Organisation | None, facts: IntroductionFacts, stage: str | None) -> bool:
        """Officers in charge of one of two sides whose public parts they read."""
        need = Need.objects.select_related("record").filter(pk=facts.need.pk).first() if facts.need else None
        if need is None or facts.supply is None or not watches(actor, need, facts.supply):
            return False
        return can_view(actor, need.record, "public") and can_view(actor, facts.supply, "public")

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """The same, what a file brought."""
        return from_file and bool(oversees.test(actor, row))

    def write_parts(self, rows: Sequence[tuple[Any, IntroductionFacts]]) -> None:
        """The links to both sides."""
        tie_sides([row for row, _facts in rows])


def _named(kind: str, said: Any) -> Record | None:
    """The one record of a kind that a platform code or another list's number means."""
    code = clean(str(said or ""))
    if not code:
        return None
    rows = Record.objects.filter(kind=kind).exclude(phase=Phase.VOID).select_related("public_to", "achievement")
    by_code = rows.filter(code=code.upper()).first()
    if by_code is not None:
        return by_code
    numbers = Identifier.objects.filter(value=code, active=True, record__kind=kind)
    found = list(rows.filter(pk__in=numbers.values("record"))[:2])
    return found[0] if len(found) == 1 else None


def _pair(facts: IntroductionFacts) -> str:
    return ":".join(side.code if side is not None else "" for side in (facts.need, facts.supply))


def _begun_here(facts: IntroductionFacts) -> str | None:
    """The code of an introduction of the two that no file brought."""
    if facts.need is None or facts.supply is None:
        return None
    held = Introduction.objects.filter(need=facts.need.pk, supply=facts.supply.pk, void_of=0)
    brought = Identifier.objects.filter(active=True, note__startswith=BROUGHT).values("record")
    return held.exclude(pk__in=brought).values_list("record__code", flat=True).first()


ROWS = IntroductionRows()
