"""What an office takes along about a call, as tables: its list by item, needs that came in, what was handed in, the
ranking with its experts, what is proposed, what recommending units recommended, and spot checks. Nothing of it is
stored beside its rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import reads_tables
from kezhuan.areas.calls.queries import applications_to, reads_list
from kezhuan.areas.calls.spot_checking import finding_in_words
from kezhuan.areas.calls.wording import indicator_in_words, moment_in_words
from kezhuan.areas.needs.models import Need
from kezhuan.areas.reviews.models import PanelItem, Scheme, Sheet
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.errors import Text
from kezhuan.kernel.text import SHANGHAI, listed, wan_from_fen
from kezhuan.kernel.vocabulary import Field
from kezhuan.web import faces
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.names import name_of

Row = tuple[str | Cell, ...]


@dataclass(frozen=True)
class CallTable:
    """A table about a call: its name, who reads it, its columns, those of figures, its rows, and what is said without
    any."""

    title: Text
    may_read: Callable[[Actor, Call], bool]
    columns: tuple[Text, ...]
    figures: frozenset[int]
    rows: Callable[[Actor, Call], list[Row]]
    empty: Text


def _wan(fen: int | None) -> str:
    return wan_from_fen(fen) if fen is not None else ""


def _linked(actor: Actor, record: Any, words: str) -> str | Cell:
    return Cell(words, faces.url_of(record)) if can_view(actor, record) else words


def _field(code: str) -> str:
    return str(Field(code).label) if code in Field.values else ""


def _list(actor: Actor, call: Call) -> list[Row]:
    """The published list by item (榜单): as everybody who reads it sees it; whom to ask is the office."""
    rows = call.items.select_related("need__title_to", "poster__record")
    return [
        (
            str(one.number),
            _linked(actor, one.need, one.title) if one.need is not None else one.title,
            _field(one.field),
            name_of(one.poster.record) if one.poster is not None else "",
            listed(indicator_in_words(row) for row in one.indicators),
            _wan(one.fiscal_fen), str(one.months or ""), str(one.winners), moment_in_words(call.deadline),
            name_of(call.office.record),
        )
        for one in rows
    ]  # fmt: skip


def _needs(actor: Actor, call: Call) -> list[Row]:
    """The needs that came in for it, each with its place on the list (需求清单), as far as the reader sees them."""
    places = dict(call.items.filter(need__isnull=False).values_list("need", "number"))
    rows = visible_to(actor, Need.objects.filter(record__in=call.collected.values("pk")), "public")
    found = rows.select_related("record__owner__record").prefetch_related("indicators").order_by("pk")
    return [
        (
            Cell(one.record.code, faces.url_of(one.record)),
            name_of(one.record),
            name_of(one.record.owner.record) if one.record.owner is not None else "",
            _field(one.field),
            listed(str(figure.name) for figure in one.indicators.all()),
            _wan(one.budget_fen) if can_view(actor, one.record, "full") else "",
            str(places.get(one.pk, "")),
        )
        for one in found
    ]  # fmt: skip


def _experts(items: Sequence[PanelItem]) -> dict[int, str]:
    """By item of a panel who scored it: by number where the panel hid applicants and experts from each other."""
    rows = Sheet.objects.filter(item__in=[one.pk for one in items], submitted_at__isnull=False, recused="")
    double = {one.pk for one in items if one.panel.scheme == Scheme.DOUBLE}
    found: dict[int, list[tuple[int, str]]] = {}
    for sheet in rows.select_related("review__expert__person__record"):
        number = sheet.review.number
        told = _("Expert %(number)s") % {"number": number}
        if sheet.item_id not in double:
            told = name_of(sheet.review.expert.person.record)
        found.setdefault(sheet.item_id, []).append((number, told))
    return {pk: listed(name for _number, name in sorted(names)) for pk, names in found.items()}


def _ranking(actor: Actor, call: Call) -> list[Row]:
    """The applications that a panel judged, item by item and the best first, each with its experts."""
    rows = {one.pk: one for one in applications_to(actor, call).select_related("applicant__record", "item")}
    advice = advice_on(list(rows))
    experts = _experts(list(advice.values()))
    order = sorted(advice, key=lambda pk: (rows[pk].item.number, advice[pk].place or 0, pk))
    return [
        (
            f"{rows[pk].item.number} {rows[pk].item.title}",
            *(str(advice[pk].result.get(name, "")) for name in ("rank", "score", "corrected")),
            Cell(f"{rows[pk].record.code} {name_of(rows[pk].record)}", faces.url_of(rows[pk].record)),
            name_of(rows[pk].applicant.record),
            _("to choose it") if advice[pk].advised else _("not to choose it"),
            Cell(advice[pk].panel.record.code, faces.url_of(advice[pk].panel.record)),
            experts.get(advice[pk].pk, ""),
        )
        for pk in order
    ]


def _proposed(actor: Actor, call: Call) -> list[Row]:
    """What is proposed to be chosen, as the notice tells it (拟立项公示); once it is decided, what was chosen."""
    rows = applications_to(actor, call).select_related("applicant__record", "item__poster__record", "proposal")
    decided = call.record.stage == "decided"
    chosen = rows.filter(record__stage="awarded") if decided else rows.filter(
        record__stage__in=DECIDABLE, proposal__awarded=True
    )  # fmt: skip
    return [
        (
            str(number),
            Cell(f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)),
            f"{one.item.number} {one.item.title}",
            name_of(one.item.poster.record) if one.item.poster is not None else "",
            name_of(one.applicant.record),
            _wan(one.award_fen if decided else one.proposal.award_fen),
        )
        for number, one in enumerate(chosen, 1)
    ]


def _recommended(actor: Actor, call: Call) -> list[Row]:
    """What recommending units recommended, unit by unit (推荐汇总表)."""
    rows = applications_to(actor, call).exclude(letter_no="").filter(recommender__isnull=False)
    found = rows.select_related("applicant__record", "item", "recommender__record").order_by("recommender", "pk")
    return [
        (
            name_of(one.recommender.record) if one.recommender is not None else "",
            one.letter_no, f"{one.letter_on:%Y-%m-%d}" if one.letter_on is not None else "",
            *_of_application(one), one.leader, _wan(one.asked_fen), str(one.months or ""),
        )
        for one in found
    ]  # fmt: skip


def _solutions(actor: Actor, call: Call) -> list[Row]:
    """Everything that was handed in, item by item, and what became of it (方案台账); of what is sealed, or still with
    its recommending unit, no more than that it stands there."""
    rows = applications_to(actor, call).filter(submitted_at__isnull=False, commissioned_by=None)
    found = list(rows.select_related("applicant__record", "item"))
    read = set(visible_to(actor, Application.objects.filter(item__call=call.pk), "inner").values_list("pk", flat=True))
    advice = advice_on([one.pk for one in found])
    lines: list[Row] = []
    for one in found:
        at = f"{one.submitted_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if one.submitted_at is not None else ""
        score = str(advice[one.pk].result.get("score", "")) if one.pk in advice else ""
        said = (one.leader, _wan(one.asked_fen), str(one.months or ""), score, _wan(one.award_fen), one.verdict)
        lines.append((*_of_application(one), at, *(said if one.pk in read else [""] * len(said))))
    return lines


def _of_application(one: Application) -> tuple[str | Cell, ...]:
    return (
        Cell(f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)),
        f"{one.item.number} {one.item.title}",
        name_of(one.applicant.record),
        str(APPLICATION.stages[one.record.stage].label),
    )


def _spot_checks(actor: Actor, call: Call) -> list[Row]:
    """Every spot check of an application to it."""
    rows = applications_to(actor, call).exclude(spot_checks=[]).select_related("applicant__record", "item")
    return [
        (*_of_application(one), said["on"], said["who"], said["looked_at"], finding_in_words(said), said["words"])
        for one in rows
        for said in one.spot_checks
    ]


_OF_APPLICATION = (gettext_lazy("Application"), gettext_lazy("Item"), gettext_lazy("Applicant"), gettext_lazy("Stage"))
TABLES: dict[str, CallTable] = {
    "list": CallTable(
        gettext_lazy("List by item (榜单)"),
        reads_list.test,
        (
            gettext_lazy("No."), gettext_lazy("Title"), gettext_lazy("Technical field"), gettext_lazy("Posed by"),
            gettext_lazy("Indicators"), gettext_lazy("Fiscal money at most (万元)"), gettext_lazy("Months at most"),
            gettext_lazy("Chosen at most"), gettext_lazy("Taken until"), gettext_lazy("Whom to ask"),
        ),
        frozenset({0, 5, 6, 7}),
        _list,
        gettext_lazy("Nothing stands on the list yet."),
    ),
    "needs": CallTable(
        gettext_lazy("Needs that came in"),
        reads_tables.test,
        (
            gettext_lazy("Number"), gettext_lazy("Need"), gettext_lazy("Posed by"), gettext_lazy("Technical field"),
            gettext_lazy("Indicators"), gettext_lazy("Budget (万元)"), gettext_lazy("No. on the list"),
        ),
        frozenset({5, 6}),
        _needs,
        gettext_lazy("No need came in for this call."),
    ),
    "solutions": CallTable(
        gettext_lazy("What was handed in, and what became of it (方案台账)"),
        reads_tables.test,
        (
            *_OF_APPLICATION, gettext_lazy("Handed in"), gettext_lazy("Who leads the work"),
            gettext_lazy("Fiscal money asked for (万元)"), gettext_lazy("Months"), gettext_lazy("Score"),
            gettext_lazy("Fiscal money awarded (万元)"), gettext_lazy("Reason of the decision"),
        ),
        frozenset({6, 7, 8, 9}),
        _solutions,
        gettext_lazy("Nothing was handed in."),
    ),
    "recommended": CallTable(
        gettext_lazy("Recommended applications"),
        reads_tables.test,
        (
            gettext_lazy("Recommending unit"), gettext_lazy("Letter of recommendation"),
            gettext_lazy("Day of the letter"), *_OF_APPLICATION, gettext_lazy("Who leads the work"),
            gettext_lazy("Fiscal money asked for (万元)"), gettext_lazy("Months"),
        ),
        frozenset({8, 9}),
        _recommended,
        gettext_lazy("No unit has recommended an application by a letter."),
    ),
    "ranking": CallTable(
        gettext_lazy("Ranking with its experts"),
        reads_tables.test,
        (
            gettext_lazy("Item"), gettext_lazy("Rank"), gettext_lazy("Score"), gettext_lazy("Corrected"),
            gettext_lazy("Application"), gettext_lazy("Applicant"), gettext_lazy("The panel advises"),
            gettext_lazy("Panel"), gettext_lazy("Experts"),
        ),
        frozenset({1, 2, 3}),
        _ranking,
        gettext_lazy("No panel has concluded yet; its ranking stands here once one has."),
    ),
    "proposed": CallTable(
        gettext_lazy("Proposed to be chosen (拟立项)"),
        reads_tables.test,
        (
            gettext_lazy("No."), gettext_lazy("Project"), gettext_lazy("Item"), gettext_lazy("Posed by"),
            gettext_lazy("Applicant"), gettext_lazy("Fiscal money (万元)"),
        ),
        frozenset({0, 5}),
        _proposed,
        gettext_lazy("Nothing is proposed yet."),
    ),
    "spot-checks": CallTable(
        gettext_lazy("Spot checks (抽查)"),
        reads_tables.test,
        (
            *_OF_APPLICATION, gettext_lazy("Day"), gettext_lazy("Who looked"), gettext_lazy("What they looked at"),
            gettext_lazy("What was found"), gettext_lazy("Note"),
        ),
        frozenset(),
        _spot_checks,
        gettext_lazy("No spot check was recorded; it is recorded on the page of an application."),
    ),
}  # fmt: skip
"""By the name in their address."""


def add_tables(tables: Mapping[str, CallTable]) -> None:
    """What a higher area adds to them."""
    TABLES.update(tables)


def table_of(actor: Actor, call: Call, name: str, most: int) -> TableView:
    """The first rows of a table; raises `KeyError` for a name that is none."""
    asked = TABLES[name]
    columns = tuple(Column(one, numeric=at in asked.figures) for at, one in enumerate(asked.columns))
    return TableView(columns, tuple(asked.rows(actor, call)[:most]))


def tables_for(actor: Actor, call: Call) -> Iterable[tuple[str, CallTable]]:
    """The tables that a reader of the call may read, by their names."""
    return [(name, one) for name, one in TABLES.items() if one.may_read(actor, call)]
