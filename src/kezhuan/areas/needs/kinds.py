"""Registers needs with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.needs.checks import LONGEST_MONTHS
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.pages import public_facts
from kezhuan.areas.needs.queries import confidential_part, need_documents
from kezhuan.areas.needs.tables import ROWS
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import registry, rulebook
from kezhuan.kernel.models.rules import Unit


def register() -> None:
    """Called once when Django has loaded the models."""
    rulebook.declare(rulebook.Rule(LONGEST_MONTHS, _("Longest term of a need"), (Unit.MONTHS,)))
    registry.register(
        registry.Kind(
            slug="need",
            is_programme=True,
            label=_("need"),
            plural=_("needs"),
            model=Need,
            lifecycle=NEED,
            page="need",
            list_page="needs",
            documents=need_documents,
            public_facts=public_facts,
            confidential=confidential_part,
        )
    )
    importables.register(ROWS)
