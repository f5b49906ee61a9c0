"""What must hold before an inspector is admitted."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document
from kezhuan.kernel.text import today

LETTER = "inspection-letter"
"""Kind of the document that is the letter (调阅函)."""


def check_letter(row: Any) -> list[Problem]:
    """The letter is there."""
    if Document.objects.filter(record=row.record, kind=LETTER).exists():
        return []
    return [Problem("inspection-letter", _("Add the letter (调阅函) first."), "file")]


def check_days(row: Any) -> list[Problem]:
    """Its last day is not over."""
    if row.until >= today():
        return []
    return [Problem("inspection-days", _("The last day of this inspection is over: begin another."), "until")]
