"""Registers contracts with the kernel."""

from dataclasses import replace
from datetime import time

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import tell_bonds_by
from kezhuan.areas.achievements.panels import add_life_step
from kezhuan.areas.agreements import counting
from kezhuan.areas.contracts.checks import OBJECT_WITHIN, rules_code
from kezhuan.areas.contracts.counting_actions import FOLLOWER, count_contracts
from kezhuan.areas.contracts.evidence import contract_told
from kezhuan.areas.contracts.figures import UNFOUND
from kezhuan.areas.contracts.filed import FORM
from kezhuan.areas.contracts.flagging_actions import FOLLOWER as LOOKS
from kezhuan.areas.contracts.flagging_actions import LOOK_AT_ALL, follow_contracts, look_at_all
from kezhuan.areas.contracts.holdings import HOLDINGS
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.panels import CONTRACTED, contracts_panel, filed_panel, paid_panel
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.queries import TELLING, TIES, bonds_by_contracts, contract_documents, registered_for
from kezhuan.areas.contracts.reading_actions import REGISTER
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.areas.contracts.ties import contracted
from kezhuan.areas.evidence.actions import tell_contracts_by
from kezhuan.areas.reviews import judging
from kezhuan.engines import contracts as engine
from kezhuan.exchange import kinds as exchange
from kezhuan.exchange import reading_actions
from kezhuan.kernel import filings, holdings, jobs, registry, rulebook
from kezhuan.kernel.models.rules import Unit


def register() -> None:
    """Called once when Django has loaded the models."""
    label = _("Days after a refusal within which the unit of a contract objects to the province")
    rulebook.declare(rulebook.Rule(OBJECT_WITHIN, label, (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)))
    for name, rules in engine.rule_sets().items():
        if not rules.in_force:
            label = format_lazy(_("Technology contracts are judged by rule set {name}: 1 yes, 0 no"), name=name)
            rulebook.declare(rulebook.Rule(rules_code(name), label, (Unit.COUNT,)))
    label = _("Figures of technology contracts of the year were looked for and not found: 1 yes, 0 no")
    rulebook.declare(rulebook.Rule(UNFOUND, label, (Unit.COUNT,)))
    registry.register(
        registry.Kind(
            slug=PROGRAMME,
            is_programme=True,
            label=_("technology contract"),
            plural=_("technology contracts"),
            model=Contract,
            lifecycle=CONTRACT,
            page="contract",
            list_page="contracts",
            documents=contract_documents,
            filing=replace(TELLING, form=FORM),
        )
    )
    for tie in TIES:
        registry.add_panel(tie, contracts_panel, (Contract, tie))
    registry.add_panel(PROGRAMME, paid_panel)
    registry.add_panel(filings.KIND, filed_panel)
    add_life_step(CONTRACTED)
    tell_bonds_by(bonds_by_contracts)
    registry.follow(FOLLOWER, [PROGRAMME], count_contracts)
    counting.registered.append(registered_for)
    registry.follow(LOOKS, [PROGRAMME, "agreement"], follow_contracts)
    jobs.register(LOOK_AT_ALL, look_at_all, label=_("look at the whole register of contracts"), long=True)
    jobs.every(LOOK_AT_ALL, time(1, 40))
    exchange.register(ROWS)
    reading_actions.register(REGISTER)
    holdings.hold(*HOLDINGS)
    judging.tell_ties(contracted)
    tell_contracts_by(contract_told)
