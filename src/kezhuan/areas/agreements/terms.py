"""What a version of an agreement says: the lines that both sides sign, and what must hold of them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.agreements.models import (
    CONVERTING,
    Agreement,
    AgreementSort,
    AgreementVersion,
    Binding,
    Licence,
    Trigger,
    UseScope,
)
from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.engines.days import months_after
from kezhuan.engines.money import percent, yuan
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.text import listed

Lines = list[tuple[str, str]]


def terms_of(row: Agreement, version: AgreementVersion) -> Lines:
    """The lines of a version in the reader's language."""
    record = row.record
    owner = record.owner.record.title if record.owner is not None else ""
    contract = version.binding == Binding.CONTRACT
    lines = [
        (_("Agreement"), record.title),
        (_("Sort"), str(AgreementSort(row.sort).label)),
        (_("Version"), f"{version.number} · {Binding(version.binding).label}"),
        (_("How far it shuts others out"), str(UseScope(version.scope).label) if version.scope else ""),
        (_("Provided by"), owner),
        (_("Other side"), " ".join(filter(None, (row.party_name, row.party_code)))),
        (_("Third parties"), "；".join(row.others.splitlines())),
        (_("What it is about"), record.summary),
        (_("Amount"), _money(version.amount_fen) if version.amount_fen is not None else _("to be agreed")),
        (_("First day"), version.starts_on.isoformat() if version.starts_on else ""),
        (_("Last day"), version.ends_on.isoformat() if version.ends_on else ""),
        (_("Trial"), _("%(months)s months") % {"months": version.trial_months} if version.trial_months else ""),
        (_("Money is owed"), str(Trigger(version.trigger).label) if contract else ""),
        (_("Days to pay"), str(version.due_days) if contract else ""),
        *((_("Payment %(number)s") % {"number": one.number}, _payment(one)) for one in version.payments.all()),
        *(
            (_("Milestone %(number)s") % {"number": one.number}, f"{one.text} · {one.due_on.isoformat()}")
            for one in version.milestones.all()
        ),
        (_("What is agreed"), version.words),
    ]
    return [(label, text) for label, text in lines if text]


def _money(fen: int) -> str:
    return _("%(yuan)s yuan") % {"yuan": yuan(fen)}


def _payment(one: Any) -> str:
    amount = _money(one.planned_fen) if one.planned_fen is not None else _("by sales")
    return " · ".join(filter(None, (one.what, amount, one.due_on.isoformat() if one.due_on else "")))


def frozen(row: Agreement, version: AgreementVersion) -> tuple[list[list[str]], str]:
    """What a version says, in Chinese, and its SHA-256: what both sides sign."""
    with translation.override(LANGUAGE):
        lines = [[str(label), text] for label, text in terms_of(row, version)]
    said = json.dumps([str(row.record.uid), lines], ensure_ascii=False, separators=(",", ":"))
    return lines, hashlib.sha256(said.encode()).hexdigest()


def paid_fen(row: Agreement) -> int:
    """What was paid of an agreement, over all its versions, in 分."""
    return sum(one.paid_fen or 0 for version in row.versions.all() for one in version.payments.all())


def trial_ends(version: AgreementVersion) -> Any:
    """The last day of the trial of a version in force; None without one."""
    return months_after(version.agreed_on, version.trial_months) if version.agreed_on and version.trial_months else None


def check_offer(row: Any) -> Iterable[Problem]:
    """The version that is offered is complete, and its payments come to its amount."""
    version: AgreementVersion | None = row.pending
    if version is None:
        yield Problem("agreement-version", _("Nothing is written that could be offered: edit the agreement."), "")
        return
    if version.starts_on is None:
        yield Problem("agreement-days", _("Enter the first day."), "starts_on")
    if version.binding == Binding.INTENT:
        if row.in_force is not None and row.in_force.binding == Binding.CONTRACT:
            yield Problem("agreement-binding", _("A contract does not become an intent again."), "binding")
        return
    yield from _check_money(row, version)
    if not version.words and not _has_papers(row):
        message = _("Say what is agreed, or add the text of the contract as a document.")
        yield Problem("agreement-words", message, "words")


def check_bound(row: Any) -> Iterable[Problem]:
    """A contract of transfer or licence is about what is the unit's to dispose of; how it stands beside an exclusive
    licence is said."""
    version: AgreementVersion | None = row.pending
    if version is None or version.binding != Binding.CONTRACT or row.sort not in CONVERTING or row.achievement is None:
        return
    yield from check_free(row.achievement, besides=[row.record.code], said=f"{version.words}\n{row.record.summary}")


def _has_papers(row: Agreement) -> bool:
    """Whether somebody has added a file; what the program keeps as evidence is none."""
    return bool(row.record.documents.filter(withdrawn_at=None).exclude(kind=EVIDENCE).exists())


def _check_money(row: Agreement, version: AgreementVersion) -> Iterator[Problem]:
    planned = [one.planned_fen for one in version.payments.all()]
    paid = paid_fen(row)
    if version.amount_fen is not None and None not in planned:
        total = paid + sum(one or 0 for one in planned)
        if total != version.amount_fen:
            message = _("What is paid and planned comes to %(sum)s yuan, the amount is %(amount)s: make them equal.")
            told = {"sum": yuan(total), "amount": yuan(version.amount_fen)}
            yield Problem("agreement-payments", message % told, "payments")
    if version.amount_fen is None and None not in planned:
        yield Problem("agreement-amount", _("Enter the amount, or a payment that depends on sales."), "amount")
    if version.trigger == Trigger.TRIAL and not version.trial_months:
        message = _("Enter for how many months it is tried, or let money be owed from signing.")
        yield Problem("agreement-trial", message, "trial_months")


def check_settled(row: Any) -> Iterable[Problem]:
    """Everything that is due was paid."""
    version = row.in_force
    unpaid = version.payments.filter(paid_on=None, freed_on=None) if version is not None else ()
    if numbers := [str(one.number) for one in unpaid]:
        message = _("Not paid yet: payment %(numbers)s. Enter what came in, or change the agreement.")
        yield Problem("agreement-unpaid", message % {"numbers": listed(numbers)}, "")


def check_paper(row: Any) -> Iterable[Problem]:
    """What was signed on paper is there as a scan."""
    if not _has_papers(row):
        yield Problem("agreement-scan", _("Add the scan of the signed text as a document first."), "")


def licence_terms(row: Licence) -> Lines:
    """What whoever takes a standard licence agrees to, in the reader's language."""
    share = percent(row.royalty_bp) if row.royalty_bp else ""
    lines = [
        (_("Achievement"), f"{row.achievement.title}（{row.achievement.code}）"),
        (_("Right"), _("ordinary licence: it shuts nobody out, is not passed on and not licensed on (普通许可)")),
        (_("Field of use"), row.use_field or _("every field")),
        (_("Territory"), row.territory or _("every territory")),
        (_("Term"), _("%(months)s months") % {"months": row.months}),
        (_("Price for the whole term"), _money(row.fee_fen) if row.fee_fen else _("no fee")),
        (_("Share of sales"), share),
        (_("Trial"), _("%(months)s months") % {"months": row.trial_months} if row.trial_months else ""),
        (_("Money is owed"), str(Trigger(row.trigger).label)),
        (_("Days to pay"), str(row.due_days)),
    ]
    return [(label, text) for label, text in lines if text]


def price_of(row: Licence) -> str:
    """Price, term and trial of a standard licence in one line, in the reader's language."""
    parts = (
        _money(row.fee_fen) if row.fee_fen else _("no fee"),
        _("%(share)s of sales") % {"share": percent(row.royalty_bp)} if row.royalty_bp else "",
        _("%(months)s months") % {"months": row.months},
        _("try it for %(months)s months") % {"months": row.trial_months} if row.trial_months else "",
    )
    return " · ".join(filter(None, parts))
