"""Registers achievements with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.holdings import HOLDINGS
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import SUPPLY_STAGES, Achievement
from kezhuan.areas.achievements.pages import public_facts
from kezhuan.areas.achievements.panels import add_life_step, life_line_panel, registration
from kezhuan.areas.achievements.queries import (
    RELATED,
    achievement_documents,
    achievement_text,
    concerned_in_achievement,
    confidential_part,
    matching_facts,
)
from kezhuan.areas.achievements.tables import ROWS
from kezhuan.areas.achievements.ties import completed_together, named_beside
from kezhuan.areas.reviews import judging
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import holdings, registry
from kezhuan.kernel.profiles import Profile


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="achievement",
            is_programme=True,
            label=_("achievement"),
            plural=_("achievements"),
            model=Achievement,
            lifecycle=ACHIEVEMENT,
            page="achievement",
            list_page="achievements",
            documents=achievement_documents,
            public_facts=public_facts,
            concerned=concerned_in_achievement,
            confidential=confidential_part,
            profile=Profile(SUPPLY_STAGES, _("Best results"), matching_facts, achievement_text, related=RELATED),
        )
    )
    add_life_step(registration())
    registry.add_panel("achievement", life_line_panel)
    importables.register(ROWS)
    holdings.hold(*HOLDINGS)
    judging.tell_ties(completed_together)
    judging.tell_bylines(named_beside)
