"""What must hold of a dossier."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Filing


def check_never_filed(row: Any) -> Iterable[Problem]:
    """What the bureau has read of it is not thrown away here."""
    if Filing.objects.filter(about=row.record).exists():
        yield Problem("dossier-filed", _("It was filed to the bureau: close it instead."), "")
