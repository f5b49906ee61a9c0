"""What is asked of contracts: rows as an actor may see them, documents for search, and what handing one in tells."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import Bond
from kezhuan.areas.contracts.models import REGISTERED, Contract, handed_in_of
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import column_label, entry
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.places import place_name
from kezhuan.kernel import filings, search
from kezhuan.kernel.access import Actor, about_actor, can_view, region_of, visible_to
from kezhuan.kernel.documents import words_found_in
from kezhuan.kernel.filings import Content, Figure, Telling
from kezhuan.kernel.models import Filing, Record
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.text import language, listed, today, wan_from_fen
from kezhuan.kernel.vocabulary import REGIONS

CHINA = "156"
"""ISO 3166-1, as the registry writes countries."""
TOLD = (
    "record__owner__record",
    "achievement__title_to",
    "need__title_to",
    "introduction__title_to",
    "agreement__title_to",
    "filing__record__title_to",
)
TIES = ("achievement", "need", "introduction", "agreement")
"""Kinds of record that a contract may come from."""


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    """Contracts that the actor may see, with what a list shows."""
    return visible_to(actor, Contract.objects.select_related(*TOLD))


def bonds_by_contracts(achievement: Record) -> Iterator[Bond]:
    """The registered contracts by which a unit has transferred its achievement."""
    rows = Contract.objects.filter(achievement=achievement.pk, record__owner=achievement.owner_id, kind="transfer")
    for row in rows.filter(record__stage__in=REGISTERED).select_related("record", "agreement").order_by("pk"):
        words = {"code": row.record.code, "day": row.signed_on.isoformat() if row.signed_on is not None else "–"}
        codes = (row.record.code, *([row.agreement.code] if row.agreement is not None else ()))
        yield Bond(codes, True, _say("registered contract %(code)s of transfer, signed on %(day)s") % words)


def as_read_by(actor: Actor, row: Contract) -> Contract:
    """A contract as the actor reads it: a change that its unit is writing is the unit's alone."""
    own = actor.organisation is not None and actor.organisation.pk == row.record.owner_id
    return row if own else handed_in_of(row)


def filed_of(row: Contract) -> Filing | None:
    """What its unit has filed of a contract, as it stands."""
    return filings.standing(row.record, region_of(row), PROGRAMME)


def filing_of(actor: Actor, row: Contract) -> Record | None:
    """The filing that came from the unit's own instance and of which this was opened, for whoever reads that."""
    return row.filing.record if row.filing is not None and can_view(actor, row.filing.record) else None


def papers_say(actor: Actor, row: Contract) -> str:
    """The words of the contract's files that the actor may open: the text where the form holds none."""
    return "\n".join(text for _code, _name, text in words_found_in(actor, [row.record.code]) if text)


def district_of(row: Contract) -> str:
    """The district of the seller when it is one of this city's; empty otherwise."""
    return row.seller_region if row.seller_region in REGIONS else ""


def contract_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Contracts as search reads them, for the few who read them."""
    for row in map(handed_in_of, Contract.objects.filter(pk__in=ids).select_related("record")):
        words = (row.seller_name, row.seller_code, row.buyer_name, row.buyer_code, row.reg_no, row.text)
        yield from search.by_group(
            row.record,
            public_text="\n".join(filter(None, words)),
            facets={"field": row.field, "contract_kind": row.kind, "region": district_of(row)},
        )


def in_words(row: Contract, name: str, say_day: Callable[[date], str] = date.isoformat) -> str:
    """What the form says in a column, in the reader's words; money in 万元, days as YYYY-MM-DD or as they are said."""
    match name:
        case "name":
            return row.record.title
        case "goal_code":
            return entry("goals", row.goal)
        case "rights":
            return listed(entry("rights", one) for one in row.rights)
        case "instalments":
            return listed(wan_from_fen(one) for one in row.instalments)
        case "undetermined" | "related" | "disputed":
            return str(_("yes")) if getattr(row, name) else ""
        case "registrar" | "reviewer":
            return ""
    if name in engine.CODED:
        return entry(engine.CODED[name], getattr(row, name))
    if name.endswith("_region"):
        return place_name(getattr(row, name), language())
    if name.endswith("_country") and getattr(row, name) == CHINA:
        return str(_("China"))
    if name in engine.DEDUCTIONS:
        fen = row.deductions.get(name)
        return "" if fen is None else wan_from_fen(fen)
    if name.startswith("content_"):
        return str(row.content.get(name.removeprefix("content_"), ""))
    column = _COLUMNS.get(name, name)
    value = getattr(row, column)
    if column.endswith("_fen"):
        return "" if value is None else wan_from_fen(value)
    if isinstance(value, date):
        return say_day(value)
    return "" if value is None else str(value)


_COLUMNS = {
    "turnover": "turnover_fen", "technology": "technology_fen", "new_investment": "new_investment_fen",
    "new_output": "new_output_fen", "paid": "paid_fen", "equipment_budget": "equipment_fen", "revenue": "revenue_fen",
}  # fmt: skip
NOT_TOLD = frozenset({"text", "registrar", "reviewer", "reg_no", "registered_on"})
"""Columns that stand elsewhere than among the facts of a form."""


def told_in_form(row: Contract, say_day: Callable[[date], str] = date.isoformat) -> list[tuple[str, str]]:
    """The columns that the form fills, with their labels, in the order of the form; money in 万元."""
    found = []
    for column in engine.COLUMNS:
        if column.name in NOT_TOLD or not (value := in_words(row, column.name, say_day)):
            continue
        found.append((form_label(column), value))
    return found


def form_label(column: Column) -> str:
    """How a column of the form is called, with its unit."""
    label = column_label(column.name)
    return f"{label} (万元)" if column.kind == "money_wan" else label


def told_when_filed(row: Contract) -> Content:
    """What handing it in tells: the whole form. Turnover and technology amount are two figures."""
    amounts = (("turnover", row.turnover_fen), ("technology", row.technology_fen))
    return Content(
        subject=row.record.title,
        facts=told_in_form(row),
        text=row.text,
        figures=[Figure(name, fen, row.signed_on or today()) for name, fen in amounts if fen is not None],
    )


TELLING = Telling(
    told_when_filed,
    filed_by=about_actor(lambda actor, _row: bool(actor.roles & PAPERS)),
    figures={"turnover": _("turnover"), "technology": _("technology amount")},
)


def registered_for(agreements: Collection[int]) -> dict[int, str]:
    """By agreement the numbers of the contracts that its unit had registered by it."""
    rows = Contract.objects.filter(agreement__in=agreements, record__stage__in=REGISTERED).order_by("pk")
    found: dict[int, list[str]] = {}
    for pk, number in rows.values_list("agreement", "reg_no"):
        found.setdefault(pk, []).append(number)
    return {pk: listed(filter(None, numbers)) for pk, numbers in found.items()}
