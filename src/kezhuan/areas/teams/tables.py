"""How rows of a file become research teams."""

from collections.abc import Hashable, Mapping
from typing import Any

from kezhuan.areas.teams.actions import COLUMNS, LISTS, TeamFacts, check_entered, check_facts
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import OFFERED, Team
from kezhuan.areas.teams.sheets import SHEET
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS, Field


class TeamRows(Importable[TeamFacts]):
    """Imported teams are published at once. A list of teams says nothing of accounts here, and its achievements are
    tied by their unit."""

    lifecycle = TEAM
    model = Team
    stage = "published"
    column_of = {"modes": "mode", "owner": "unit", "summary": "text"}
    needs_one_of = ("title",)
    sheet = SHEET

    def facts(self, content: Content) -> TeamFacts:
        """See the base."""
        values = content.values
        text = values["text"] or ""
        if content.owner is None or content.owner.record.title != clean(values["unit"] or ""):
            content.keep("unit", values["unit"])
            content.keep("unit_code", values["unit_code"])
        return TeamFacts(
            title=titled(values["title"] or values["title_en"] or "", text, content.extra),
            title_en=content.fitted("title_en", 400),
            summary=text,
            leader=content.fitted("leader", 80),
            keywords=values["keywords"],
            field=content.code("field", Field.values),
            chain=content.fitted("chain", 60),
            trl_from=values["trl_from"],
            trl_to=values["trl_to"],
            trl_scale=values["trl_scale"] or "trl9",
            size=values["size"],
            capacity=values["capacity"],
            modes=content.codes("mode", OFFERED),
            region=content.code("region", REGIONS),
            website=content.fitted("website", 200),
            source=content.source,
            extra=content.extra,
        )

    def check(self, facts: TeamFacts, content: Content) -> list[Problem]:
        """The checks of a team as entered."""
        return check_facts(facts)

    def check_entered(self, owner: Organisation | None, stage: str, facts: TeamFacts) -> list[Problem]:
        """Published at once: a known unit stands behind it."""
        return check_entered(owner, stage)

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The unit's credit code and name."""
        return tuple(clean(values[name]) for name in ("unit_code", "unit") if values[name])

    def words(self, facts: TeamFacts) -> Words:
        """Name and what it works on."""
        return Words(clean(facts.title), clean(facts.title_en), clean(facts.summary))

    def own(self, facts: TeamFacts) -> dict[str, Any]:
        """All own columns."""
        return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")}

    def renew(self, row: Any, facts: TeamFacts) -> None:
        """Somebody else leads it now: whose account the former leader's is says nothing of them."""
        if clean(facts.leader) != row.leader:
            row.leader_person = None
        super().renew(row, facts)

    def alike(self, row: Any) -> Hashable | None:
        """District and owner decide who sees a new team (see its lifecycle's audience)."""
        return (row.region, row.record.owner_id)


ROWS = TeamRows()
