"""An agreement is written by its unit, offered, signed by the other side, tried where that was agreed, paid, changed by
new versions, and ended; it keeps one id for life."""

from datetime import timedelta

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import (
    OF_VERSION,
    Agreement,
    AgreementMilestone,
    AgreementPayment,
    Binding,
    Trigger,
)
from kezhuan.areas.agreements.papers import told_as_evidence
from kezhuan.areas.agreements.permissions import (
    answers,
    either_side,
    has_party_here,
    keeps,
    owes_nothing_yet,
    signs_alone,
)
from kezhuan.areas.agreements.terms import check_bound, check_offer, check_paper, check_settled, frozen, trial_ends
from kezhuan.areas.evidence.actions import Freeze
from kezhuan.kernel import clocks
from kezhuan.kernel.access import Actor, Audiences, is_system
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding, hold_records
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import MONEY, PAPERS, role_tokens
from kezhuan.kernel.text import today

KIND = "agreement"
PAYMENT, MILESTONE, TRIAL, END = "payment", "milestone", "trial", "end"
"""Names of the days that an agreement is reminded of."""
STANDING = frozenset({"intent", "trial", "active", "amending", "offered"})
"""Stages in which a version may be in force."""


def agreement_audience(row: Agreement) -> Audiences:
    """A draft is its unit's; what is offered or signed, the other side's too: of both the members who keep contracts
    and money, and nobody else, no officer."""
    owner, stage = row.record.owner_id, row.record.stage
    if stage == DISCARDED or owner is None:
        return Audiences.nested()
    roles = PAPERS | MONEY
    own = role_tokens(owner, roles)
    if stage == "draft":
        return Audiences.nested(inner=own)
    other = role_tokens(row.party_id, roles) if row.party_id is not None else frozenset()
    return Audiences.nested(full=own | other, inner=own)


# -- what follows a move -----------------------------------------------------------------------------------------------


def where_it_stands(row: Agreement, _actor: Actor) -> str:
    """The stage that follows from the version in force; without one it is a draft."""
    version = row.in_force
    if version is None:
        return "draft"
    if version.binding == Binding.INTENT:
        return "intent"
    return "trial" if version.trial_months and row.triggered_on is None else "active"


def where_signing_leads(row: Agreement, _actor: Actor) -> str:
    """The stage that the version brings which is signed now."""
    version = row.pending
    if version is None or version.binding == Binding.INTENT:
        return "intent"
    return "trial" if version.trial_months and row.triggered_on is None else "active"


def offer(row: Agreement, actor: Actor) -> None:
    """What both sides sign is frozen by its hash."""
    version = row.pending
    assert version is not None  # the check before
    version.terms, version.wording = frozen(row, version)
    version.offered_on, version.offered_by = today(), actor.person
    version.save(update_fields=["terms", "wording", "offered_on", "offered_by"])


def take_back(row: Agreement, _actor: Actor) -> None:
    """It can be written on; what was in force stays so."""
    row.versions.filter(agreed_on=None).update(terms=[], wording="", offered_on=None, offered_by=None)


def begin_version(row: Agreement, _actor: Actor) -> None:
    """The next version begins as the one in force stands: what is paid and reached stays with that."""
    before = row.in_force
    assert before is not None  # of the stage
    made = row.versions.create(number=before.number + 1, **{name: getattr(before, name) for name in OF_VERSION})
    for one in before.payments.filter(paid_on=None):
        made.payments.create(number=one.number, what=one.what, due_on=one.due_on, planned_fen=one.planned_fen)
    for aim in before.milestones.filter(reached_on=None):
        made.milestones.create(number=aim.number, text=aim.text, due_on=aim.due_on)


def drop(row: Agreement, _actor: Actor) -> None:
    """The change is given up: what was in force stays so."""
    version = row.pending
    if version is not None and row.in_force is not None:
        version.payments.all().delete()
        version.milestones.all().delete()
        version.delete()


def sign(row: Agreement, actor: Actor) -> None:
    """The version is in force from today; what the one before still planned is freed."""
    version, before = row.pending, row.in_force
    assert version is not None  # of the stage
    if row.achievement_id is not None:  # what is signed of it at the same moment comes before or after
        hold_records(Record.objects.filter(pk=row.achievement_id))
    if any(check_bound(row)):  # by what the signer need not read
        message = _say("What it is about was given away or licensed to one taker alone meanwhile: ask the unit.")
        raise Refused(Problem("agreement-achievement", message, "achievement"))
    version.agreed_on, version.signed_by, version.on_paper = today(), actor.person, row.party_id is None
    version.save(update_fields=["agreed_on", "signed_by", "on_paper"])
    if before is not None:
        before.payments.filter(paid_on=None, freed_on=None).update(freed_on=today())
    if version.binding == Binding.CONTRACT and (row.triggered_on is not None or version.trigger == Trigger.SIGNED):
        trigger(row, actor)


def trigger(row: Agreement, _actor: Actor) -> None:
    """From today money is owed: each payment without a day of its own is due so many days later."""
    version = row.in_force
    assert version is not None  # of the stage
    row.triggered_on = row.triggered_on or today()
    row.save(update_fields=["triggered_on"])
    version.payments.filter(due_on=None, paid_on=None).update(due_on=today() + timedelta(days=version.due_days))


def free(row: Agreement, _actor: Actor) -> None:
    """Nothing more is owed."""
    AgreementPayment.objects.filter(version__agreement=row, paid_on=None, freed_on=None).update(freed_on=today())


def count_days(row: Agreement, _actor: Actor | None = None) -> None:
    """Let both sides be reminded of the next payment, the next milestone, the end of a trial and the last day."""
    stage = row.record.stage
    version = row.in_force if stage in STANDING else None
    owed = AgreementPayment.objects.filter(version=version, paid_on=None, freed_on=None).exclude(due_on=None)
    aims = AgreementMilestone.objects.filter(version=version, reached_on=None)
    payment, aim = owed.order_by("due_on").first(), aims.order_by("due_on").first()
    tried = version is not None and row.triggered_on is None and stage == "trial"
    clocks.let_run(row.record, PAYMENT, payment.due_on if payment is not None else None, row.party)
    clocks.let_run(row.record, END, version.ends_on if version is not None else None)
    clocks.let_run(row.record, MILESTONE, aim.due_on if aim is not None else None)
    clocks.let_run(row.record, TRIAL, trial_ends(version) if version is not None and tried else None, row.party)


TERMINATED = (
    ("agreed", _("both sides agreed on it")),
    ("breach", _("breach of the agreement")),
    ("purpose", _("its purpose cannot be reached any more")),
    ("other", _("another reason, named in the note")),
)
"""Why an agreement is ended before its time."""

AGREEMENT = Lifecycle(
    KIND,
    "H",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("offered", Phase.SUBMITTED, _("offered to the other side")),
        Stage("intent", Phase.ACTIVE, _("intent signed"), aside=True),
        Stage("trial", Phase.ACTIVE, _("being tried, not owed yet"), aside=True),
        Stage("active", Phase.ACTIVE, _("contract in force")),
        Stage("amending", Phase.ACTIVE, _("being changed"), aside=True),
        Stage("done", Phase.DONE, _("performed")),
        Stage("terminated", Phase.FAILED, _("ended before its time")),
        Stage("returned", Phase.WITHDRAWN, _("given back after the trial")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "offer",
            _("Offer to the other side"),
            source=frozenset({"draft", "amending"}),
            target="offered",
            allowed=keeps,
            checks=(check_offer, check_bound),
            then=(offer,),
            hint=_("Both sides sign this wording; it is frozen with its hash."),
            primary=True,
        ),
        discarding(keeps),
        Move(
            "offer-licence",
            _("Offered to everybody as a standard licence"),
            source=frozenset({"draft"}),
            target="offered",
            allowed=is_system,
            checks=(check_offer,),
            then=(offer,),
        ),
        Move(
            "sign",
            _("Sign the agreement"),
            source=frozenset({"offered"}),
            target=where_signing_leads,
            targets=("intent", "trial", "active"),
            allowed=answers,
            checks=(check_offer,),
            then=(sign, Freeze("sign", told_as_evidence)),
            hint=_("Your side agrees to this wording, and it is in force from today."),
            primary=True,
        ),
        Move(
            "sign-paper",
            _("Signed on paper"),
            source=frozenset({"offered"}),
            target=where_signing_leads,
            targets=("intent", "trial", "active"),
            allowed=signs_alone,
            checks=(check_offer, check_paper),
            then=(sign, Freeze("sign-paper", told_as_evidence)),
            hint=_("Both sides have signed the printed text; its scan is among the documents."),
            primary=True,
        ),
        Move(
            "decline",
            _("Decline"),
            source=frozenset({"offered"}),
            target=where_it_stands,
            targets=("draft", "intent", "trial", "active"),
            allowed=answers & has_party_here,
            then=(take_back, drop),
            note="required",
        ),
        Move(
            "take-back",
            _("Take the offer back"),
            source=frozenset({"offered"}),
            target=lambda row, _actor: "draft" if row.in_force is None else "amending",
            targets=("draft", "amending"),
            allowed=keeps,
            then=(take_back,),
        ),
        Move(
            "amend",
            _("Write the next version"),
            source=frozenset({"intent", "trial", "active"}),
            target="amending",
            allowed=keeps,
            then=(begin_version,),
            note="required",
            hint=_("What is in force stays so until both sides have signed the next version."),
        ),
        Move(
            "keep-version",
            _("Leave it as it is"),
            source=frozenset({"amending"}),
            target=where_it_stands,
            targets=("draft", "intent", "trial", "active"),
            allowed=keeps,
            then=(drop,),
        ),
        Move(
            "trigger",
            _("Money is owed from now on"),
            source=frozenset({"trial", "active"}),
            target="active",
            allowed=either_side & owes_nothing_yet,
            then=(trigger,),
            note="required",
            hint=_("The trial is over, or what was agreed has come to pass: say what. The days to pay begin today."),
            primary=True,
        ),
        Move(
            "end-trial",
            _("The trial is over"),
            source=frozenset({"trial"}),
            target="active",
            allowed=is_system,
            then=(trigger,),
        ),
        Move(
            "give-back",
            _("Give it back after the trial"),
            source=frozenset({"trial"}),
            target="returned",
            allowed=answers | signs_alone,
            then=(free, Freeze("give-back", told_as_evidence)),
            note="required",
            hint=_("It is not used any more, and nothing is owed."),
            danger=True,
        ),
        Move(
            "complete",
            _("Everything was performed"),
            source=frozenset({"intent", "active"}),
            target="done",
            allowed=keeps,
            checks=(check_settled,),
            then=(Freeze("complete", told_as_evidence),),
            note="optional",
        ),
        Move(
            "terminate",
            _("End before its time"),
            source=frozenset({"intent", "trial", "active", "amending"}),
            target="terminated",
            allowed=either_side,
            then=(drop, free, Freeze("terminate", told_as_evidence)),
            reasons=TERMINATED,
            note="required",
            danger=True,
        ),
    ),
    audience=agreement_audience,
    then=(count_days,),
)
