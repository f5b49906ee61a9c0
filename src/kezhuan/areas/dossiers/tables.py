"""How rows of a file become dossiers of the unit that brings it."""

from collections.abc import Hashable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.dossiers.actions import DossierFacts, check_facts
from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.dossiers.models import Dossier, DossierSort
from kezhuan.areas.dossiers.permissions import keeps, keeps_sort, sorts_kept_by
from kezhuan.areas.dossiers.sheets import SHEET
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, MatchKey, Words
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, cleaned


class DossierRows(Importable[DossierFacts]):
    """Imported dossiers are kept inside the unit whose members bring them, each sort by those who keep it."""

    lifecycle = DOSSIER
    model = Dossier
    stage = "kept"
    needs_one_of = ("title",)
    sheet = SHEET
    match_keys = {
        "number": MatchKey(
            lambda facts: clean(facts.number),
            lambda values: (
                Dossier.objects.filter(number__in=values)
                .exclude(record__phase=Phase.VOID)
                .values_list("number", "record__owner", "pk")
            ),
        )
    }

    def facts(self, content: Content) -> DossierFacts:
        """See the base; one query where the row names an achievement."""
        values = content.values
        content.keep("secrecy", values["secrecy"])
        code, about = clean(values["about"] or ""), None
        if code and content.owner is not None:
            about = Record.objects.filter(kind="achievement", code=code, owner=content.owner).first()
        return DossierFacts(
            title=titled(values["title"] or "", "", content.extra),
            sort=values["sort"] or "",
            on=values["on"],
            summary=values["text"] or "",
            number=content.fitted("number", 80),
            amount_fen=values["amount"],
            about=about,
            extra=content.extra,
        )

    def check(self, facts: DossierFacts, content: Content) -> list[Problem]:
        """The checks of keeping one by hand; whose it is, and which achievement it names, must be known."""
        if content.owner is None:
            return [Problem("owner-missing", _("A dossier belongs to a unit; name it with --owner."), "title")]
        problems, code = check_facts(facts, content.owner), clean(content.values["about"] or "")
        if code and facts.about is None:
            message = _("“%(code)s” is no achievement of this unit; give its platform code, or leave the cell empty.")
            problems.append(Problem("dossier-about", message % {"code": code[:30]}, "about"))
        return problems

    def words(self, facts: DossierFacts) -> Words:
        """Title, and what it says."""
        return Words(clean(facts.title), "", clean(facts.summary))

    def own(self, facts: DossierFacts) -> dict[str, Any]:
        """All own columns."""
        return {
            "sort": facts.sort,
            "number": clean(facts.number),
            "on": facts.on,
            "amount_fen": facts.amount_fen,
            "about": facts.about,
            "extra": cleaned(dict(facts.extra)),
        }

    def alike(self, row: Any) -> Hashable | None:
        """Its sort and its unit decide who reads a dossier that is kept."""
        return (row.sort, row.record.owner_id)

    def brought_by(self, actor: Actor) -> bool:
        """Members who keep some sort of them."""
        return bool(sorts_kept_by(actor))

    def read_by(self, actor: Actor) -> bool:
        """Who keeps every sort reads what others bring: a file may hold them all."""
        return len(sorts_kept_by(actor)) == len(DossierSort)

    def opening(self, facts: DossierFacts) -> Hashable:
        """The sort decides who keeps it."""
        return facts.sort

    def not_opened(self) -> str:
        """Its sort is another role's."""
        return _("Your role does not keep dossiers of this sort; leave the row to those who do.")

    def may_open(self, actor: Actor, owner: Organisation | None, facts: DossierFacts, stage: str | None) -> bool:
        """Members of the unit in charge of this sort, and nobody else."""
        return owner is not None and keeps_sort(actor, owner.pk, facts.sort)

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """The same, while it is kept."""
        return row.record.stage == self.stage and bool(keeps.test(actor, row))


ROWS = DossierRows()
