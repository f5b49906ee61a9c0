"""What cannot be of a distribution because of what is distributed: money, shares of a company, or a year's profit."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.rights.models import Way
from kezhuan.engines.income import MOST_YEARS, refused_equity, year_ends
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, language, today

OF_EQUITY, OF_PROFIT = ("company", "post_money_fen", "total_shares"), ("started_on", "year_no", "years")
OF_MONEY = ("costs", "payment")
OWN = {Way.RECEIPT: OF_MONEY, Way.EQUITY: OF_EQUITY, Way.PROFIT: OF_PROFIT}
"""What is entered of each way alone."""
FIELDS = {"contribution": "post_money_fen", "shares": "total_shares"}
"""What the engine calls these."""


def way_problems(facts: Any) -> Iterator[Problem]:
    """Everything that cannot be kept, whatever else is wrong."""
    if facts.way not in Way.values:
        yield Problem("income-way", _("Say what is distributed: money, shares or a year's profit."), "way")
        return
    others = [name for way, names in OWN.items() if way != facts.way for name in names]
    if strange := next((name for name in others if getattr(facts, name)), ""):
        yield Problem("income-way", _("This is not entered of what is distributed here: leave it empty."), strange)
    if facts.way == Way.EQUITY:
        yield from _equity_problems(facts)
    elif facts.way == Way.PROFIT:
        yield from _profit_problems(facts)
    number, day = clean(facts.minutes), facts.decided_on
    if bool(number) != (day is not None) or len(number) > 80 or (day is not None and day > today()):
        message = _("Give number and day of the minutes of the decision, at most 80 characters, today or before.")
        yield Problem("income-decision", message, "minutes")


def _equity_problems(facts: Any) -> Iterator[Problem]:
    if not 2 <= len(clean(facts.company)) <= 200:
        yield Problem("income-company", _("Give the company's name, 2 to 200 characters."), "company")
    found = refused_equity(facts.received_fen or 0, facts.post_money_fen or 0, facts.total_shares or 0)
    for one in found:
        yield Problem(f"income-{one.code}", one.words.say(language()), FIELDS[one.field])


def _profit_problems(facts: Any) -> Iterator[Problem]:
    began, number, day = facts.started_on, facts.year_no, facts.received_on
    if began is None or began > today():
        yield Problem("income-started", _("Give the day on which production began, today or before."), "started_on")
    if number is None or not 1 <= number <= MOST_YEARS:
        yield Problem("income-year", _("Give the year of production, from 1."), "year_no")
    elif began is not None and day is not None and day < (last := year_ends(began, number) - timedelta(days=1)):
        message = _("That year lasts until %(day)s: its profit is established afterwards.") % {"day": last.isoformat()}
        yield Problem("income-year-runs", message, "received_on")
    if facts.years is not None and not 1 <= facts.years <= MOST_YEARS:
        message = _("Give the years that were agreed, from 1 to %(most)s.") % {"most": MOST_YEARS}
        yield Problem("income-years", message, "years")
