"""What experts are paid for a panel, and where to: the only writer of fees and accounts."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL
from kezhuan.areas.reviews.models import Expert, Panel, Review
from kezhuan.areas.reviews.permissions import is_themselves, runs
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import clean, listed

FEE = "review.fee.item"
"""Code of the rule value: what an expert is paid for an item that they judged, in 分; none ships."""
PAID_AT = frozenset({"scored", "concluded"})
"""Stages of panels at which it is known what each expert did."""
_ACCOUNT = re.compile(r"\d{8,34}")


def set_fees(*, actor: Actor, panel: Panel, fees: Mapping[int, int | None]) -> Panel:
    """Write what experts are paid, by their number on the panel, in 分; None for nothing said. Those who are not named
    keep theirs. Raises `NotAllowed`, `Refused`, or `Conflict` before the scores are closed."""
    if not runs.test(actor, panel):
        raise NotAllowed(_("A panel is run by the officers in charge or its agency, who neither judge nor are judged."))
    with journal.writing():
        row: Panel = held(panel)
        if row.record.stage not in PAID_AT:
            raise Conflict(_("Fees are written once the scores are closed."))
        reviews = list(row.reviews.filter(number__in=list(fees)).order_by("number"))
        if strangers := sorted(set(fees) - {one.number for one in reviews}):
            message = _("The panel has no experts %(numbers)s.")
            raise Refused(Problem("fee-expert-unknown", message % {"numbers": listed(strangers[:10])}, "fees"))
        if any(fen is not None and fen < 0 for fen in fees.values()):
            raise Refused(Problem("amount-negative", _("An amount is not below zero."), "fees"))
        for one in reviews:
            one.fee_fen = fees[one.number]
        Review.objects.bulk_update(reviews, ["fee_fen"], batch_size=200)
        touch(PANEL, row, actor=actor, fields=["fees"])
    return row


def set_account(*, actor: Actor, expert: Expert, bank: str, account: str) -> Expert:
    """Write where one's fees go; both empty takes it away. The journal tells that it changed, never what it was. Raises
    `NotAllowed` or `Refused`."""
    if not is_themselves.test(actor, expert):
        raise NotAllowed(_("Only the expert writes where their fees go."))
    number = re.sub(r"[\s-]", "", account)
    problems = []
    if number and not _ACCOUNT.fullmatch(number):
        problems.append(Problem("account-digits", _("An account has 8 to 34 digits."), "account"))
    if bool(number) != bool(clean(bank)):
        message = _("Give bank and account, or neither.")
        problems.append(Problem("account-incomplete", message, "bank" if number else "account"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        row: Expert = held(expert)
        changed = set_columns(row, {"bank": clean(bank), "account": number})
        require_fits(row)
        row.save(update_fields=["bank", "account"])
        touch(EXPERT, row, actor=actor, fields=changed)
    return row
