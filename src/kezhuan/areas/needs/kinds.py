"""Registers needs with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import need_documents
from kezhuan.areas.needs.tables import ROWS
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import registry


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="need",
            label=_("need"),
            plural=_("needs"),
            model=Need,
            lifecycle=NEED,
            page="need",
            list_page="needs",
            documents=need_documents,
        )
    )
    importables.register(ROWS)
