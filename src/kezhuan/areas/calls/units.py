"""The units that a call names by the codes of their pages."""

from collections.abc import Iterable

from django.db.models import QuerySet

from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean


def units_of(codes: Iterable[str]) -> list[Organisation]:
    """The units of these codes that stand; what is no code of one is left out."""
    wanted = {clean(one).upper() for one in codes}
    rows = Organisation.objects.filter(record__code__in=wanted).exclude(record__phase__in=(Phase.DRAFT, Phase.VOID))
    return list(rows.select_related("record").order_by("pk"))


def codes_of(named: QuerySet[Organisation]) -> tuple[str, ...]:
    """The codes of the units that a call names."""
    return tuple(named.order_by("pk").values_list("record__code", flat=True))


def unknown_among(codes: Iterable[str]) -> list[str]:
    """Those of these codes that are of no unit, as they were written."""
    said = [clean(one) for one in codes]
    found = {one.record.code for one in units_of(said)}
    return [one[:30] for one in said if one.upper() not in found]
