"""To whom a filing was made, in words."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.models import Filing
from kezhuan.kernel.vocabulary import REGIONS


def place_in_words(region: str) -> str:
    """A bureau by its district, or the city's."""
    if not region:
        return _("the city's bureau")
    return _("the bureau of %(district)s") % {"district": REGIONS.get(region, region)}


def programme_in_words(programme: str) -> str:
    """A programme, or all of them."""
    known = registry.programmes()
    return str(capfirst(str(known[programme]))) if programme in known else programme or _("every programme")


def bureau_in_words(row: Filing) -> str:
    """The bureau and the programme that a filing was made to."""
    return f"{place_in_words(row.region)} · {programme_in_words(row.programme)}"
