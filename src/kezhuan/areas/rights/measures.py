"""What is divided in a distribution, money or shares of a company, as pages and papers say it."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.rights.models import Distribution, DistributionMember, Way
from kezhuan.engines.money import yuan


def in_shares(row: Distribution) -> bool:
    """Whether shares of a company are divided."""
    return row.way == Way.EQUITY


def gets(one: DistributionMember) -> int | None:
    """What somebody gets, in 分 or in shares; nothing before it is proposed."""
    return one.fen if one.shares is None else one.shares


def amount(fen: int | None, shares: int | None) -> str:
    """An amount without its unit: yuan, or shares."""
    if shares is not None:
        return f"{shares:,}"
    return yuan(fen) if fen is not None else ""


def figure(one: dict[str, Any]) -> str:
    """A figure of a result as it was kept, without its unit."""
    return amount(one.get("fen"), one.get("shares"))


def worded(fen: int | None, shares: int | None) -> str:
    """An amount with its unit, for readers."""
    if shares is not None:
        return _("%(shares)s shares") % {"shares": f"{shares:,}"}
    return _("%(yuan)s yuan") % {"yuan": yuan(fen)} if fen is not None else ""


def in_chinese(fen: int | None, shares: int | None) -> str:
    """An amount with its unit, for notices and papers."""
    return f"{shares:,}股" if shares is not None else f"{yuan(fen or 0)}元"


def column(row: Distribution) -> str:
    """The heading of the column in which amounts stand."""
    return _("Shares") if in_shares(row) else _("Yuan")


def of_what(row: Distribution) -> str:
    """What came in, or was earned, as lists say it."""
    return amount(row.received_fen, row.held_shares)
