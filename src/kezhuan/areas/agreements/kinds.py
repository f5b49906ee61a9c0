"""Registers agreements with the kernel."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import tell_bonds_by
from kezhuan.areas.achievements.panels import add_life_step
from kezhuan.areas.agreements.holdings import HOLDINGS
from kezhuan.areas.agreements.licence_lifecycle import KIND as LICENCES
from kezhuan.areas.agreements.licence_lifecycle import LICENCE
from kezhuan.areas.agreements.lifecycle import AGREEMENT, END, KIND, MILESTONE, PAYMENT, TRIAL
from kezhuan.areas.agreements.models import Agreement, AgreementSort, Binding, Licence, Trigger, UseScope
from kezhuan.areas.agreements.panels import AGREED, agreements_panel, licences_panel
from kezhuan.areas.agreements.papers import TELLING
from kezhuan.areas.agreements.queries import agreement_documents, bonds_by_agreements, licence_documents
from kezhuan.areas.agreements.sheets import LICENCE_SHEET, SHEET
from kezhuan.areas.agreements.tables_of_call import TABLES
from kezhuan.areas.agreements.trial_actions import END_TRIALS, end_trials
from kezhuan.areas.calls.tables_of_call import add_tables
from kezhuan.areas.evidence.panels import evidence_panel
from kezhuan.areas.evidence.reading import name_codes
from kezhuan.exchange import sheets
from kezhuan.kernel import holdings, jobs, registry


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("agreement"),
            plural=_("agreements"),
            model=Agreement,
            lifecycle=AGREEMENT,
            page="agreement",
            list_page="agreements",
            documents=agreement_documents,
            concerned=lambda row: [row.party_id] if row.party_id is not None else [],
            dated={
                PAYMENT: _("payment of an agreement"),
                MILESTONE: _("milestone of an agreement"),
                TRIAL: _("end of a trial"),
                END: _("last day of an agreement"),
            },
            filing=TELLING,
        )
    )
    registry.register(
        registry.Kind(
            slug=LICENCES,
            label=_("standard licence"),
            plural=_("standard licences"),
            model=Licence,
            lifecycle=LICENCE,
            page="licence",
            list_page="licences",
            documents=licence_documents,
        )
    )
    registry.add_panel("achievement", licences_panel, (Licence, "achievement"))
    sheets.register(LICENCE_SHEET)
    for kind in ("achievement", "introduction"):
        registry.add_panel(kind, agreements_panel, (Agreement, kind))
    add_life_step(AGREED)
    tell_bonds_by(bonds_by_agreements)
    for kind in (KIND, LICENCES):
        registry.add_panel(kind, evidence_panel)
    name_codes(KIND, sort=AgreementSort, binding=Binding, trigger=Trigger, scope=UseScope)
    name_codes(LICENCES, trigger=Trigger)
    sheets.register(SHEET)
    add_tables(TABLES)
    holdings.hold(*HOLDINGS)
    jobs.register(END_TRIALS, end_trials, label=_("begin the days to pay after trials"))
    jobs.every(END_TRIALS, time(1, 15))
