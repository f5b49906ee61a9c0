"""How rows of a file become needs."""

from collections.abc import Hashable
from typing import Any

from kezhuan.areas.needs.actions import COLUMNS, LISTS, NeedFacts, check_facts
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need, NeedSource
from kezhuan.engines.tables import Column
from kezhuan.exchange import Content, Importable, Words, columns
from kezhuan.exchange.cells import titled
from kezhuan.kernel.documents import is_secret_class
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS, STATE_SECRET_CLASSES, Confidentiality, Field, Mode

_OPENNESS = {
    "公开": "public", "public": "public", "完全公开": "public", "仅公开名称": "title_only", "仅名称": "title_only",
    "title_only": "title_only", "title only": "title_only", "闭门": "closed_door", "不公开": "closed_door",
    "保密": "closed_door", "closed_door": "closed_door", "closed door": "closed_door",
}  # fmt: skip


class NeedRows(Importable[NeedFacts]):
    """Imported needs are published at once; one that its file calls internal or a trade secret is closed-door."""

    lifecycle = NEED
    model = Need
    stage = "published"
    needs_one_of = ("title", "text")
    columns = (
        columns.ID,
        columns.TITLE,
        columns.TEXT,
        columns.TITLE_EN,
        columns.KEYWORDS,
        columns.FIELD,
        columns.CHAIN,
        Column("scenario", ("scenario", "应用场景", "使用场景")),
        Column("expected_benefit", ("expected_benefit", "预期效益", "经济效益")),
        Column("claimant_requirements", ("claimant_requirements", "揭榜方要求", "对揭榜方要求", "合作方要求")),
        Column("ip_note", ("ip_note", "知识产权要求", "产权归属说明")),
        columns.TRL,
        columns.TRL_SCALE,
        columns.MODE,
        columns.BUDGET,
        columns.REGION,
        columns.DEADLINE,
        columns.SECRECY,
        Column(
            "confidentiality",
            ("confidentiality", "公开范围", "公开程度", "是否公开", "公开方式"),
            kind="choice",
            choices={**_OPENNESS, **dict.fromkeys(STATE_SECRET_CLASSES, "秘密")},
        ),
    )

    def facts(self, content: Content) -> NeedFacts:
        """See the base."""
        values = content.values
        text = values["text"] or ""
        return NeedFacts(
            title=titled(values["title"] or values["title_en"] or "", text, content.extra),
            title_en=content.fitted("title_en", 400),
            problem=text,
            confidentiality=_openness(values),
            field=content.code("field", Field.values),
            chain=content.fitted("chain", 60),
            keywords=values["keywords"],
            scenario=values["scenario"] or "",
            expected_benefit=values["expected_benefit"] or "",
            claimant_requirements=values["claimant_requirements"] or "",
            ip_note=values["ip_note"] or "",
            budget_fen=values["budget"],
            min_trl=values["trl"],
            trl_scale=values["trl_scale"] or "trl9",
            modes=content.codes("mode", Mode.values),
            region=content.code("region", REGIONS),
            deadline=values["deadline"],
            source=NeedSource.IMPORTED,
            extra=content.extra,
        )

    def check(self, facts: NeedFacts, content: Content) -> list[Problem]:
        """The checks of a need as entered."""
        return check_facts(facts)

    def words(self, facts: NeedFacts) -> Words:
        """Name and problem."""
        return Words(clean(facts.title), clean(facts.title_en), clean(facts.problem))

    def own(self, facts: NeedFacts) -> dict[str, Any]:
        """All own columns."""
        return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")}

    def alike(self, row: Any) -> Hashable | None:
        """Openness, district and owner decide who sees a new need (see its lifecycle's audience)."""
        return (row.confidentiality, row.region, row.record.owner_id)


def _openness(values: Any) -> str:
    secrecy = values["secrecy"] or "public"
    if is_secret_class(secrecy):
        return str(secrecy)
    if secrecy != "public":
        return Confidentiality.CLOSED_DOOR
    return values["confidentiality"] or Confidentiality.PUBLIC


ROWS = NeedRows()
