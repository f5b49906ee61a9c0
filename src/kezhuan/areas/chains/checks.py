"""What an offer needs to be open: its organisation is of the standing consortium, and days are left."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.chains.permissions import projects_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import today


def check_member(row: Any) -> Iterator[Problem]:
    """Its organisation takes part in the consortium, whose task book is signed and which has not ended."""
    if not projects_of(row.record.owner_id).filter(pk=row.project_id).exists():
        message = _("Your organisation is of no consortium of this project that stands by a signed task book.")
        yield Problem("offer-member", message, "project")


def check_days_left(row: Any) -> Iterator[Problem]:
    """It does not end before today."""
    if row.ends_on < today():
        message = _("The last day of the offer is over: change it first.")
        yield Problem("offer-over", message, "ends_on")
