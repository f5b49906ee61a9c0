"""What of an agreement its unit files: the version in force as both sides signed it, and what was agreed and paid; and
what its evidence tells at its end."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import Agreement, AgreementPayment, AgreementVersion, Binding, Licence
from kezhuan.areas.agreements.terms import terms_of, trial_ends
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import about_actor
from kezhuan.kernel.filings import Content, Figure, Telling
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import PAPERS

AGREED, PAID, ROYALTY = "agreement-agreed", "agreement-paid", "agreement-royalty"
FIGURES = {
    AGREED: _("agreed in contracts"),
    PAID: _("paid of agreements"),
    ROYALTY: _("shares of sales paid"),
}


def filed(row: Agreement) -> Content:
    """What a filing tells of an agreement: the lines of the version in force, or of the one offered, which says so; and
    what was paid."""
    version = row.in_force or row.pending
    paid = list(AgreementPayment.objects.filter(version__agreement=row).exclude(paid_on=None).order_by("paid_on", "pk"))
    facts = [] if version is None else [(label, text) for label, text in version.terms or terms_of(row, version)]
    signed = version.agreed_on.isoformat() if version is not None and version.agreed_on is not None else None
    facts += [(_("Signed on"), signed or _("not signed yet")), (_("Paid so far"), "\n".join(map(_told, paid)))]
    return Content(subject=row.record.title, facts=facts, figures=[*_agreed(row, version), *_paid(paid)])


def _told(one: AgreementPayment) -> str:
    return " · ".join(filter(None, (f"{one.paid_on}", one.what, f"{yuan(one.paid_fen or 0)}元", one.voucher)))


def _agreed(row: Agreement, version: AgreementVersion | None) -> list[Figure]:
    """The amount of the contract as it was changed last, in the year in which it was first signed: an intent owes
    nothing, and what was ended or given back owes nothing more."""
    first = row.versions.exclude(agreed_on=None).filter(binding=Binding.CONTRACT).first()
    if first is None or first.agreed_on is None or version is None or version.amount_fen is None:
        return []
    if row.record.phase not in {Phase.ACTIVE, Phase.SUBMITTED, Phase.DONE}:
        return []
    return [Figure(AGREED, version.amount_fen, first.agreed_on)]


def _paid(rows: list[AgreementPayment]) -> list[Figure]:
    """What was paid, year by year, on the last day of each on which something was; a share of sales is a figure of its
    own, so that no sum counts twice."""
    sums: dict[tuple[str, int], int] = defaultdict(int)
    last: dict[tuple[str, int], date] = {}
    for one in rows:
        if one.paid_on is not None:
            key = (ROYALTY if one.planned_fen is None else PAID, one.paid_on.year)
            sums[key] += one.paid_fen or 0
            last[key] = max(one.paid_on, last.get(key, one.paid_on))
    return [Figure(name, fen, last[name, year]) for (name, year), fen in sorted(sums.items())]


# -- evidence of its end -----------------------------------------------------------------------------------------------

OF_END = ("number", "binding", "amount_fen", "starts_on", "ends_on", "trial_months", "trigger", "due_days",
          "offered_on", "agreed_on", "on_paper", "wording")  # fmt: skip
PAYMENT = ("number", "what", "due_on", "planned_fen", "invoice", "invoiced_on", "paid_on", "paid_fen", "voucher",
           "freed_on")  # fmt: skip
MILESTONE = ("number", "text", "due_on", "reached_on", "evidence")


def told_as_evidence(row: Agreement) -> dict[str, Any]:
    """What an agreement came to when it ended: each version that was signed, by the hash of its wording, with what was
    planned and paid, freed and reached under it, and when its trial was over."""
    versions = row.versions.exclude(agreed_on=None).order_by("number")
    return {
        "sort": row.sort,
        "party_name": row.party_name,
        "party_code": row.party_code,
        "triggered_on": _plain(row.triggered_on),
        "versions": [
            _columns(one, OF_END)
            | ({"scope": one.scope} if one.scope else {})
            | {"trial_ends_on": _plain(trial_ends(one))}
            | {"payments": [_columns(paid, PAYMENT) for paid in one.payments.order_by("number")]}
            | {"milestones": [_columns(aim, MILESTONE) for aim in one.milestones.order_by("number")]}
            for one in versions
        ],
    }


OF_LICENCE = (
    "fee_fen", "royalty_bp", "months", "use_field", "territory", "trial_months", "trigger", "due_days",
)  # fmt: skip


def licence_as_evidence(row: Licence) -> dict[str, Any]:
    """At which price and for which term a standard licence is offered to everybody: whoever takes it binds the unit."""
    return _columns(row, OF_LICENCE)


def _columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    """Days as JSON has them."""
    return value.isoformat() if isinstance(value, date) else value


TELLING = Telling(filed, filed_by=about_actor(lambda actor, _row: bool(actor.roles & PAPERS)), figures=FIGURES)
