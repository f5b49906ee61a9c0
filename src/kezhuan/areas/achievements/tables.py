"""How rows of a file become achievements."""

from collections.abc import Hashable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.actions import COLUMNS, LISTS, AchievementFacts, check_facts
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.sheets import SHEET
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS, AchievementClass, Field, Mode, RightsState


class AchievementRows(Importable[AchievementFacts]):
    """Imported achievements are listed at once; bylines, authors and institutions of a paper stay among `extra`."""

    lifecycle = ACHIEVEMENT
    model = Achievement
    stage = "listed"
    column_of = {"modes": "mode", "rights_states": "rights"}
    needs_one_of = ("title", "text")
    sheet = SHEET

    def facts(self, content: Content) -> AchievementFacts:
        """See the base; English words join the Chinese ones, so that both are found."""
        values = content.values
        text = "\n\n".join(part for part in (values["text"], values["text_en"]) if part)
        return AchievementFacts(
            title=titled(values["title"] or values["title_en"] or "", text, content.extra),
            title_en=content.fitted("title_en", 400),
            summary=text,
            secrecy=values["secrecy"] or AchievementClass.PUBLIC,
            confidential=values["confidential"] or "",
            advantage=values["advantage"] or "",
            keywords=tuple(dict.fromkeys((*values["keywords"], *values["keywords_en"]))),
            field=content.code("field", Field.values),
            chain=content.fitted("chain", 60),
            discipline=content.fitted("discipline", 80),
            trl=values["trl"],
            trl_scale=values["trl_scale"] or "trl9",
            modes=content.codes("mode", Mode.values),
            rights_states=content.codes("rights", RightsState.values),
            price_fen=values["price"],
            region=content.code("region", REGIONS),
            completed_on=values["completed_on"],
            source=content.source,
            extra=content.extra,
        )

    def check(self, facts: AchievementFacts, content: Content) -> list[Problem]:
        """The checks of registration, and an owner for what is not public."""
        problems = check_facts(facts)
        if not problems and facts.secrecy != AchievementClass.PUBLIC and content.owner is None:
            message = _("An internal or trade-secret achievement belongs to a unit; name it with --owner.")
            return [Problem("owner-missing", message, "secrecy")]
        return problems

    def words(self, facts: AchievementFacts) -> Words:
        """The public description."""
        return Words(clean(facts.title), clean(facts.title_en), clean(facts.summary))

    def own(self, facts: AchievementFacts) -> dict[str, Any]:
        """All own columns."""
        return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")}

    def alike(self, row: Any) -> Hashable | None:
        """Class, district and owner decide who sees a new achievement (see its lifecycle's audience)."""
        return (row.secrecy, row.region, row.record.owner_id)


ROWS = AchievementRows()
