"""Registers cases of exemption with the kernel, and the rule values that say which grounds exempt."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.panels import evidence_panel
from kezhuan.areas.exemptions.holdings import HOLDINGS, words_frozen
from kezhuan.areas.exemptions.lifecycle import EXEMPTION, KIND, people_of
from kezhuan.areas.exemptions.models import ExemptionCase, ExemptionDecision, ExemptionGround
from kezhuan.areas.exemptions.panels import DECIDED, cases_panel
from kezhuan.areas.exemptions.papers import filed
from kezhuan.areas.exemptions.permissions import examines
from kezhuan.areas.exemptions.queries import case_documents, ground_rule
from kezhuan.areas.exemptions.sheets import SHEET
from kezhuan.areas.rights.permissions import keeps_papers
from kezhuan.exchange import sheets
from kezhuan.kernel import filings, holdings, notices, registry, roles, rulebook
from kezhuan.kernel.models.rules import Unit


def register() -> None:
    """Called once when Django has loaded the models."""
    for ground in ExemptionGround:
        label = format_lazy(_("Ground of exemption, 1 where it exempts: {ground}"), ground=ground.label)
        rulebook.declare(rulebook.Rule(ground_rule(ground), label, (Unit.COUNT,)))
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("case of exemption"),
            plural=_("cases of exemption"),
            model=ExemptionCase,
            lifecycle=EXEMPTION,
            page="exemption",
            list_page="exemptions",
            documents=case_documents,
            concerned=people_of,
            filing=filings.Telling(filed, filed_by=keeps_papers),
            keepers=notices.Keepers(examines, roles.PAPERS),
        )
    )
    for slug in ("grant", "distribution", "price", "agreement", "achievement"):
        registry.add_panel(slug, cases_panel, *((ExemptionDecision, name) for name in DECIDED))
    registry.add_panel(KIND, evidence_panel)
    holdings.name_words(words_frozen)
    sheets.register(SHEET)
    holdings.hold(*HOLDINGS)
