"""What agreements add to the tables about a call: the sheet of an edition, and its agreements, of which no figure and
no name stands there but by the consent of their sides (see `counting`)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.agreements.counting import counted_in, registered_by
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import AgreementVersion, Binding, CountedIn
from kezhuan.areas.calls.funnel import NOTHING, funnels_of, on_stage
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import reads_tables
from kezhuan.areas.calls.tables_of_call import CallTable, Row
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import wan_from_fen
from kezhuan.web.names import name_of


def _version(one: CountedIn) -> AgreementVersion:
    return [row for row in one.agreement.versions.all() if row.agreed_on is not None][-1]


def _of_nobody(call: Call, rows: Sequence[CountedIn]) -> tuple[int, int]:
    """Of how many units that applied, and of how many of them nothing is counted."""
    applied = Application.objects.filter(item__call=call.pk, submitted_at__isnull=False, commissioned_by=None)
    units = set(applied.values_list("applicant", flat=True))
    told = {unit for one in rows for unit in (one.agreement.record.owner_id, one.agreement.party_id)}
    return len(units), len(units - told)


def _agreements(_actor: Actor, call: Call) -> list[Row]:
    """The agreements, intents and contracts apart, with what was registered later (协议台账)."""
    rows = list(counted_in(call))
    later = registered_by([one.agreement_id for one in rows])
    found: list[Row] = []
    for number, one in enumerate(rows, 1):
        deal, version = one.agreement, _version(one)
        fen = wan_from_fen(version.amount_fen) if version.amount_fen is not None else ""
        intent = version.binding == Binding.INTENT
        found.append((
            str(number),
            name_of(deal.record.owner.record) if deal.record.owner is not None else "",
            name_of(deal.party.record) if deal.party is not None else _("one without an account here"),
            str(deal.get_sort_display()), str(Binding(version.binding).label),
            fen if intent else "", "" if intent else fen,
            version.agreed_on.isoformat() if version.agreed_on is not None else "",
            _("yes") if one.on_site else _("no"),
            str(AGREEMENT.stages[deal.record.stage].label),
            later.get(deal.pk, "") or _("not yet"),
        ))  # fmt: skip
    units, silent = _of_nobody(call, rows)
    message = _("Of %(units)s units that applied, %(silent)s told of no agreement or did not agree to be counted.")
    said = message % {"units": units, "silent": silent}
    return [*found, ("", said, *("" for _rest in range(len(_LEDGER) - 2)))]


def _edition(_actor: Actor, call: Call) -> list[Row]:
    """From the needs that came in to what was signed, a figure a line (赛事汇总表, §3.6 of the domain notes)."""
    teams = funnels_of([call.pk]).get(call.pk, NOTHING)
    rows = list(counted_in(call))
    versions = [(one, _version(one)) for one in rows]
    later = registered_by([one.agreement_id for one in rows])
    collected, published = call.collected.count(), call.items.count()
    lines: list[tuple[object, str]] = [
        (_("Needs collected"), str(collected)),
        (_("Published on the list"), str(published)),
        (_("Published of those collected"), _share(published, collected)),
        (_("Solutions handed in"), str(teams["handed"])),
        (_("Units that handed in"), str(teams["units"])),
        (_("Needs or directions with a solution"), str(teams["items"])),
        (_("Solutions that passed the formality check"), str(teams["passed"])),
        (_("Solutions judged by a panel"), str(teams["judged"])),
        *_on_stage(call),
        (_("Solutions chosen"), str(teams["chosen"])),
    ]
    for binding, number, on_site, amount, at_once in (
        (Binding.INTENT, _("Intents signed"), _("of these on site"), _("Amount of intents (万元)"),
         _("of this on site (万元)")),
        (Binding.CONTRACT, _("Contracts signed"), _("of these on site"), _("Amount of contracts (万元)"),
         _("of this on site (万元)")),
    ):  # fmt: skip
        of = [(one, version) for one, version in versions if version.binding == binding]
        there = [(one, version) for one, version in of if one.on_site]
        lines += [
            (number, str(len(of))), (on_site, str(len(there))), (amount, _sum(of)), (at_once, _sum(there)),
        ]  # fmt: skip
    units, silent = _of_nobody(call, rows)
    lines += [
        (_("Signed of those published"), _share(len(rows), published)),
        (
            _("Agreements registered later as technology contracts"),
            str(len([pk for pk, said in later.items() if said])),
        ),
        (_("Units that applied of which no agreement is counted: none told, or no consent"), f"{silent} / {units}"),
    ]
    return [(str(label), figure) for label, figure in lines]


def _on_stage(call: Call) -> list[tuple[object, str]]:
    """Who came to the final review, where the call has one."""
    told = on_stage(call)
    if told is None:
        return []
    return [
        (_("Solutions in the final review (入围)"), str(told["handed"])),
        (_("Units in the final review"), str(told["units"])),
        (_("Needs or directions in the final review"), str(told["items"])),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else "–"


def _sum(pairs: Sequence[tuple[CountedIn, AgreementVersion]]) -> str:
    return wan_from_fen(sum(version.amount_fen or 0 for _one, version in pairs))


_LEDGER = (
    gettext_lazy("No."), gettext_lazy("Provided by"), gettext_lazy("Other side"), gettext_lazy("Sort"),
    gettext_lazy("Intent or contract"), gettext_lazy("Amount of the intent (万元)"),
    gettext_lazy("Amount of the contract (万元)"), gettext_lazy("Signed on"), gettext_lazy("On site"),
    gettext_lazy("Stage"), gettext_lazy("Later registered as"),
)  # fmt: skip
TABLES = {
    "edition": CallTable(
        gettext_lazy("Sheet of the edition (赛事汇总表)"),
        reads_tables.test,
        (gettext_lazy("What is counted"), gettext_lazy("Value")),
        frozenset({1}),
        _edition,
        gettext_lazy("Nothing is counted yet."),
    ),
    "agreements": CallTable(
        gettext_lazy("Agreements that came of it (协议台账)"),
        reads_tables.test,
        _LEDGER,
        frozenset({0, 5, 6}),
        _agreements,
        gettext_lazy("Nothing is counted yet."),
    ),
}
"""By the name in their address."""
