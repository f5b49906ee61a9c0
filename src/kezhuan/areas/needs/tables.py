"""How rows of a file become needs."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.needs.actions import (
    COLUMNS,
    LISTS,
    Figure,
    NeedFacts,
    check_entered,
    check_facts,
    write_indicators,
)
from kezhuan.areas.needs.cells import amount_fen, day_or_term, figures, share_bp, term_in
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import CONTACT, Indicator, Need, NeedSource
from kezhuan.areas.needs.sheets import RIGHTS, SHEET
from kezhuan.engines.tables.due import is_period, last_day
from kezhuan.engines.tables.fixes import day_in
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS, Confidentiality, Field, Mode


class NeedRows(Importable[NeedFacts]):
    """Imported needs are published at once; one that its file calls internal or a trade secret is closed-door."""

    lifecycle = NEED
    model = Need
    stage = "published"
    parts = ((Indicator, "need"),)
    column_of = {"min_trl": "trl", "modes": "mode", "owner": "unit"}
    needs_one_of = ("title", "text")
    sheet = SHEET

    def facts(self, content: Content) -> NeedFacts:
        """See the base."""
        values = content.values
        text = values["text"] or ""
        if content.owner is None or content.owner.record.title != clean(values["unit"] or ""):
            content.keep("unit", values["unit"])
            content.keep("unit_code", values["unit_code"])
        ip_terms, ip_note = _rights(values)
        if contact := {name: clean(values[name]) for name in ("contact", "phone", "email") if values[name]}:
            content.extra[CONTACT] = contact
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
            ip_terms=ip_terms,
            ip_note=ip_note,
            budget_fen=values["budget"],
            benefit_fen=_benefit(content),
            background=values["background"] or "",
            self_solvable=content.code("self_solvable", ("yes", "no")) == "yes",
            rd_ratio_bp=_ratio(content),
            indicators=_indicators(content),
            min_trl=values["trl"],
            trl_scale=values["trl_scale"] or "trl9",
            modes=content.codes("mode", Mode.values),
            region=content.code("region", REGIONS),
            deadline=_deadline(content),
            source=content.code("source", NeedSource.values) or NeedSource.IMPORTED,
            extra=content.extra,
        )

    def check(self, facts: NeedFacts, content: Content) -> list[Problem]:
        """The checks of a need as entered, and a term that can be read."""
        problems = check_facts(facts)
        try:
            _day(content)
        except ValueError:
            message = _("“%(words)s” is no day and no term: write 2027-06-30, 2027年6月, or 18个月 from today.")
            problems.append(Problem("deadline-unclear", message % {"words": content.values["deadline"]}, "deadline"))
        return problems

    def check_entered(self, owner: Organisation | None, stage: str, facts: NeedFacts) -> list[Problem]:
        """Published at once or typed in: the poster is registered."""
        return check_entered(owner, stage)

    def fix(self, problem: Problem, facts: NeedFacts, content: Content) -> str | None:
        """A term or a day that stands among other words."""
        words = content.values["deadline"]
        if problem.code != "deadline-unclear" or is_period(words):
            return None
        return term_in(words) or last_day(words) or day_in(words, month_end=True)

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The unit's credit code and name."""
        return tuple(clean(values[name]) for name in ("unit_code", "unit") if values[name])

    def write_parts(self, rows: Sequence[tuple[Any, NeedFacts]]) -> None:
        """The indicators."""
        write_indicators(rows)

    def words(self, facts: NeedFacts) -> Words:
        """Name and problem."""
        return Words(clean(facts.title), clean(facts.title_en), clean(facts.problem))

    def own(self, facts: NeedFacts) -> dict[str, Any]:
        """All own columns."""
        return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")}

    def alike(self, row: Any) -> Hashable | None:
        """Openness, district and owner decide who sees a new need (see its lifecycle's audience)."""
        return (row.confidentiality, row.region, row.record.owner_id)


def _openness(values: Mapping[str, Any]) -> str:
    """Who may see the need: the closest of what the two columns say; internal and trade secrets are closed-door."""
    order = Confidentiality.values
    said = [values["confidentiality"] or Confidentiality.PUBLIC, values["secrecy"] or Confidentiality.PUBLIC]
    return max((one if one in order else Confidentiality.CLOSED_DOOR.value for one in said), key=order.index)


def _rights(values: Mapping[str, Any]) -> tuple[str, str]:
    """Who owns the results, as a code, and what is said of it beside; other words than the known ones are a note."""
    words, note = clean(values["ip_terms"] or ""), values["ip_note"] or ""
    code = RIGHTS.get(words.casefold(), "")
    return code, note if code else "\n".join(part for part in (words, note) if part)


def _day(content: Content) -> Any:
    words = content.values["deadline"]
    return day_or_term(words, content.headers.get("deadline", ""), content.on) if words else None


def _deadline(content: Content) -> Any:
    """The day; what says no day (长期) and what is not understood, which the check refuses, is kept in `extra`."""
    try:
        day = _day(content)
    except ValueError:
        day = None
    # A term depends on the day of the import, so its words are kept beside the day that came out.
    if day is None or "月" in content.values["deadline"] or "month" in content.values["deadline"]:
        content.keep("deadline", content.values["deadline"])
    return day


def _benefit(content: Content) -> int | None:
    words = content.values["expected_benefit"] or ""
    fen: int | None = content.values["benefit"] or amount_fen(words, content.headers.get("expected_benefit", ""))
    return fen


def _ratio(content: Content) -> int | None:
    words = content.values["rd_ratio"] or ""
    points = share_bp(words, content.headers.get("rd_ratio", "")) if words else None
    if points is None:
        content.keep("rd_ratio", words)
    return points


def _indicators(content: Content) -> tuple[Figure, ...]:
    """The indicators that can be told apart; other lines are kept in `extra`."""
    found, left = figures(content.values["indicators"] or "")
    content.keep("indicators", "\n".join(left))
    return found


ROWS = NeedRows()
