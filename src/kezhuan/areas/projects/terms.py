"""约定: how a consortium divides property in results and benefit from them, and on which terms a member leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import Division
from kezhuan.areas.projects.queries import members_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean

WHOLE_BP = 10_000
DIVIDED = ("property", "benefit")


@dataclass(frozen=True)
class Terms:
    """What the task book of a consortium says of property, benefit and exit; see `Project`."""

    property_by: str = ""
    property_text: str = ""
    benefit_by: str = ""
    benefit_text: str = ""
    exit_text: str = ""


def columns_of(terms: Terms) -> dict[str, str]:
    """The own columns of a project."""
    return {name: clean(value) for name, value in asdict(terms).items()}


def terms_of(row: Any) -> Terms:
    """What a project's task book says."""
    return Terms(**{name: getattr(row, name) for name in Terms.__dataclass_fields__})


def term_problems(terms: Terms, shares: Sequence[tuple[int, int]]) -> Iterator[Problem]:
    """What is wrong with terms even while they are written; `shares` are each member's of property and of benefit."""
    for place, name in enumerate(DIVIDED):
        if getattr(terms, f"{name}_by") not in {"", *Division.values}:
            yield Problem("choice-unknown", _("Choose from the list."), f"{name}_by")
        if any(not 0 <= one[place] <= WHOLE_BP for one in shares):
            yield Problem("terms-shares", _("A share is from 0 to 100 percent."), "shares")


def check_terms(row: Any) -> Iterator[Problem]:
    """A consortium of several members says how property and benefit are divided, in words, by task or in shares that
    are a hundred percent together, and on which terms a member leaves."""
    members = list(members_of(row))
    if len(members) < 2:
        return
    for name, label in (("property", _("property in the results")), ("benefit", _("benefit from them"))):
        by = getattr(row, f"{name}_by")
        words = {"what": label}
        if not by:
            message = _("Say how %(what)s is divided among the members: in words, by task or in shares.")
            yield Problem("terms-missing", message % words, f"{name}_by")
        elif by == Division.TEXT and not getattr(row, f"{name}_text"):
            yield Problem("terms-missing", _("Write down how %(what)s is divided.") % words, f"{name}_text")
        elif by == Division.SHARES and (together := sum(getattr(one, f"{name}_bp") for one in members)) != WHOLE_BP:
            message = _("The shares of %(what)s are %(sum)s %% together, and not 100 %%.")
            yield Problem("terms-shares", message % {**words, "sum": f"{together / 100:g}"}, "shares")
    if not row.exit_text:
        message = _("Say on which terms a member leaves: what becomes of its results, its money and its duties.")
        yield Problem("terms-missing", message, "exit_text")


def division_in_words(row: Any, name: str) -> str:
    """How property or benefit is divided, and what is written about it."""
    by = getattr(row, f"get_{name}_by_display")() if getattr(row, f"{name}_by") else ""
    return "\n".join(filter(None, (str(by), getattr(row, f"{name}_text"))))


def share_in_words(basis_points: int) -> str:
    """A share in percent; nothing where there is none."""
    return f"{basis_points / 100:g}%" if basis_points else ""
