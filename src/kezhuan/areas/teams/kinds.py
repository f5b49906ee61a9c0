"""Registers research teams with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.teams.holdings import HOLDINGS
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import SUPPLY_STAGES, Team
from kezhuan.areas.teams.pages import public_facts
from kezhuan.areas.teams.queries import concerned_in_team, matching_facts, team_documents, team_text
from kezhuan.areas.teams.tables import ROWS
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import holdings, registry
from kezhuan.kernel.profiles import Profile


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=TEAM.kind,
            is_programme=True,
            label=_("research team"),
            plural=_("research teams"),
            model=Team,
            lifecycle=TEAM,
            page="team",
            list_page="teams",
            documents=team_documents,
            public_facts=public_facts,
            concerned=concerned_in_team,
            # Everybody reads a published one, so none is suggested to some alone.
            profile=Profile(
                SUPPLY_STAGES,
                _("Research teams"),
                matching_facts,
                team_text,
                kept_inside=0,
                capacity=lambda team: team.capacity,
            ),
        )
    )
    importables.register(ROWS)
    holdings.hold(*HOLDINGS)
