"""Of which rows each permission of the program is asked, or why of none: the tables that the test of agreement goes by.
A new predicate gets its line here."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.agreements.models import Agreement, Licence
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.chains.models import Offer, Task
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.exemptions.models import ExemptionCase
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.models import Need
from kezhuan.areas.prices.models import Price
from kezhuan.areas.projects.models import Project, Race
from kezhuan.areas.reviews.models import Expert, Panel, Review
from kezhuan.areas.rights.models import Distribution, RightsGrant
from kezhuan.exchange.models import Import
from kezhuan.kernel import registry
from kezhuan.kernel.access import GROUPS, Actor, can_view, visible_to
from kezhuan.kernel.documents import ATTACHMENT, may_attach, may_withdraw
from kezhuan.kernel.models import (
    Approval,
    ApprovalStep,
    Document,
    Job,
    Message,
    Notice,
    Objection,
    Organisation,
    Record,
    Route,
)

EVERY = "every kind"
PART = "a part of others, which are asked"


def of(area: str, names: str, *models: type) -> dict[str, tuple[type, ...]]:
    """The permissions of an area by their names, set apart by blanks, with the models of which they are asked."""
    return dict.fromkeys((f"areas.{area}.permissions.{name}" for name in names.split()), models)


OF = {
    **dict.fromkeys(
        ("kernel.access.assists_owner", "kernel.access.represents_owner", "kernel.access.is_own_matter",
         "kernel.access.is_officer", "kernel.access.is_nobodys", "kernel.documents.may_attach",
         "kernel.registry.may_file", "kernel.notices.may_hold_in_public", "kernel.notices.may_hold_inside",
         "exchange.papers.printing.may_print", "exchange.papers.archiving.may_archive"), EVERY
    ),
    **dict.fromkeys(
        ("kernel.documents._takes_files", "kernel.registry._is_filed_by", "exchange.papers.archiving._is_over",
         "exchange.papers.signing.may_sign"), PART
    ),
    **dict.fromkeys(("kernel.inspecting.inspects", "kernel.approvals.is_inside"), (Record,)),
    **dict.fromkeys(("kernel.overseeing._asked_for", "kernel.overseeing.may_see"), (Job,)),
    **dict.fromkeys(
        ("kernel.outbox.messages._has_its_webhook", "kernel.outbox.messages.may_send_again"), (Message,)
    ),
    **dict.fromkeys(
        (f"exchange.permissions.{name}" for name in
         ("_made_it", "_of_its_side", "oversees_import", "may_see_import", "_may_import_its_kind",
          "may_change_import", "may_undo_import")), (Import,)
    ),
    **dict.fromkeys(
        (f"areas.people.permissions.{name}" for name in
         ("administers", "directs", "may_admit", "is_kept", "may_edit", "_is_new", "may_rename", "_is_returned",
          "may_renumber", "gives_roles", "may_claim")), (Organisation,)
    ),
    **dict.fromkeys(
        (f"areas.approvals.permissions.{name}" for name in
         ("signs_now", "looks_after", "is_running", "may_add_signer")), (Approval,)
    ),
    **dict.fromkeys(
        ("areas.approvals.permissions.may_sign", "areas.approvals.step_actions.may_record"), (ApprovalStep,)
    ),
    "areas.approvals.permissions.fills_posts": (Organisation,),
    "areas.approvals.permissions.changes_route": (Route,),
    **dict.fromkeys(
        (f"areas.matches.permissions.{name}" for name in
         ("represents_need_side", "represents_supply_side", "represents_a_side", "oversees", "plans", "may_agree",
          "has_agreed", "may_renew")), (Introduction,)
    ),
    "areas.matches.permissions.consents": (Need, Achievement),
    "areas.matches.queries.shows_contacts": (Introduction,),
    "areas.matches.missing.hears_what_was_missed": (Need, Achievement),
    **dict.fromkeys(
        (f"areas.reviews.permissions.{name}" for name in
         ("is_of_agency", "judges_or_is_judged", "_is_in_charge", "runs")), (Panel, Review)
    ),
    "areas.reviews.permissions.is_themselves": (Expert, Review),
    "areas.inspections.permissions.admits": (Inspection,),
    **dict.fromkeys(("areas.agreements.permissions.keeps",), (Agreement, Licence, Contract)),
    **dict.fromkeys(
        (f"areas.agreements.permissions.{name}" for name in
         ("answers", "has_party_here", "owes_nothing_yet", "counts_money", "signs_alone", "either_side")), (Agreement,)
    ),
    **dict.fromkeys(
        (f"areas.contracts.permissions.{name}" for name in
         ("looked_first", "is_classified", "is_disputed", "is_ordered", "is_heard", "looks_second",
          "is_numbered", "files_there", "is_party", "registers", "reads_answers", "came_in")), (Contract,)
    ),
    **dict.fromkeys(
        (
            f"areas.evaluations.permissions.{name}"
            for name in ("is_completer", "is_commissioned", "is_of_agency", "evaluates", "reports", "is_numbered")
        ),
        (Evaluation,),
    ),
    **dict.fromkeys((f"areas.dossiers.permissions.{name}" for name in ("keeps", "is_of_role")), (Dossier,)),
    **dict.fromkeys(
        (f"areas.notices.permissions.{name}" for name in ("runs", "_is_in_its_time", "may_object")), (Notice,)
    ),
    "areas.notices.permissions.decides": (Objection,),
    "areas.notices.permissions.takes_paper": (Notice,),
    **dict.fromkeys(("kernel.notices.is_kept", "kernel.notices.keeps_notices"), (RightsGrant, Need)),
    **dict.fromkeys(
        (f"areas.rights.permissions.{name}" for name in
         ("is_completer", "is_of_team", "keeps_papers", "keeps", "writes")), (RightsGrant,)
    ),
    **dict.fromkeys(
        (f"areas.rights.permissions.{name}" for name in ("shares_in", "settles")), (Distribution,)
    ),
    **of("brokers", "works keeps_queue hands_back", BrokeredPair),
    **of("brokers", "keeps", Organisation),
    **of("brokers", "is_held_back lets_read", Need),
    **of("matches", "mediates", Introduction),
    **of("calls", "is_over is_concerned proposes asks_questions answers_questions posts_again prepares_code", Call),
    **of("calls", "recommends_to opens_applications is_by_invitation is_addressed", Call),
    "areas.calls.adding.adds_questions": (Call,),
    "areas.calls.inviting.invites": (Call,),
    "areas.calls.queries.reads_list": (Call,),
    "areas.calls.permissions.reads_decided": (Call,),
    "areas.calls.permissions.reads_tables": (Call,),
    **of("projects", "is_concerned decides is_invited is_asked_to_agree is_changing is_reported signs_book", Project),
    **of("projects", "has_to_sign asks_change reports_milestone evaluates_self pays_own is_posed_inside", Project),
    **of("projects", "uses_first reads_decisions", Project),
    **of("projects", "is_awarded opens", Application),
    **of("calls", "is_sealed is_past is_recommender is_funded is_kept_back writes_application", Application),
    **of("calls", "poses_item takes_part checks_form leads_owner is_checked_now judges_criteria"
        " is_looked_at_again spot_checks reads_outside", Application),
    "areas.rights.permissions.keeps_money": (Distribution, LedgerEntry, Price),
    **dict.fromkeys(
        (f"areas.prices.permissions.{name}" for name in ("made_it", "is_agreed", "settles_price")), (Price,)
    ),
    **dict.fromkeys(
        (f"areas.exemptions.permissions.{name}" for name in ("took_part", "examines")), (ExemptionCase,)
    ),
    "areas.projects.permissions.decides_race": (Race,),
    "areas.projects.permissions.tests_gate": (Race,),
    "areas.chains.selecting.is_unbegun": (Task,), "areas.chains.selecting.is_to_be_awarded": (Task,),
    "areas.chains.permissions.is_asked_for": (Offer,), "areas.chains.permissions.answers_bookings": (Offer,),
}  # fmt: skip
"""Of which rows each predicate is asked."""

BY_HAND: dict[str, tuple[type[Model], Callable[[Actor, Any], bool], Callable[[Actor], QuerySet[Any]]]] = {
    **{
        f"kernel.access.can_view of {group}": (
            Record,
            lambda actor, record, group=group: can_view(actor, record, group),
            lambda actor, group=group: visible_to(actor, Record.objects.all(), group),
        )
        for group in GROUPS
    },
    "kernel.documents.may_withdraw": (
        Document,
        lambda actor, file: may_withdraw(actor, registry.row_of(file.record), file),
        lambda actor: Document.objects.filter(kind=ATTACHMENT, withdrawn_at=None).filter(
            record__in=[
                row.pk for slug in set(Document.objects.values_list("record__kind", flat=True))
                for row in may_attach.among(actor, registry.kind_of(slug).model.objects.all())
            ]
        ),
    ),
}  # fmt: skip
"""What takes more than an actor and a row, with the rows of which it holds."""

NO_ROWS = {
    "kernel.access._own": "what represents_owner and assists_owner share",
    "kernel.access.is_of": "about an audience; of a record can_view asks it",
    "kernel.notices.may_hold": "may_hold_in_public or may_hold_inside, by the audience",
    "kernel.opening.may_open": "about a record that is not there yet",
    "kernel.opening._writes_for": "about a record that is not there yet",
    "kernel.rulebook.may_change_rules": "about the actor",
    "exchange.permissions.brings_for_all": "about the actor and a kind",
    "exchange.permissions.may_import": "about the actor and a kind",
    "exchange.papers.actions.may_manage": "about the actor; templates_for is what they see",
    "areas.approvals.permissions.may_change_routes": "about a place; of a route changes_route asks it",
    "areas.approvals.permissions.sets_routes": "about the actor",
    "areas.approvals.permissions.sees_routes": "about the actor; routes_seen_by is what they see",
    "areas.approvals.pages._may_take_over": "looks_after of the approval, and the predicate of its move of its record",
    "areas.reviews.permissions.keeps_pool": "about the actor",
    "areas.reviews.permissions.may_judge": "about a programme; of a panel runs asks it",
    "areas.reviews.asking.is_asked": "about what is judged; open_questions are the rows",
    "areas.reviews.permissions.is_own_item": "about what is judged; of a panel judges_or_is_judged asks it",
    "areas.reviews.desk.reads_items": "is_themselves of the review, at a stage of it and of its panel",
    "areas.reviews.scoring_actions.scores_now": "is_themselves of the review, at a stage of it and of its panel",
    "areas.calls.adding.answers_added": "of one application, whose form says when each question was added",
    "areas.calls.application_actions.edits": "of one application, as above",
    "areas.calls.permissions.makes_calls": "about the actor",
    "areas.calls.permissions.may_apply": "about the actor",
    "areas.chains.actions.cancels": "about a booking, by either side of it",
    "areas.chains.permissions.may_offer": "about the actor; own_projects are the rows",
    "areas.chains.permissions.may_book": "about a unit: what is open to everybody is booked by any",
    "areas.chains.commissioning_actions.commissions": "before one step of one task: is_officer of it and of a call",
    "areas.chains.task_actions.poses": "asked before one step of one task: represents_owner, at its stage and mode",
    "areas.projects.permissions.opens_races": "about a place; of a race decides_race asks it",
    "areas.agreements.permissions.keeps_for": "about a unit whose contract is not there yet; of one keeps asks it",
    "areas.agreements.permissions.keeps_papers": "about the actor",
    "areas.agreements.counting.is_asked": "of one agreement, by either side; waiting_for are the rows",
    "areas.agreements.counting.says_call": "asked before one step of one agreement: either_side, once it was signed",
    "areas.agreements.permissions.may_take": "about a unit: licences that are open are everybody's",
    "areas.contracts.permissions.answers_come": "about the actor",
    "areas.contracts.looking_actions.may_note": "of one hint, about every contract that it names",
    "areas.contracts.permissions.reads_back": "of one contract that is read back: registers, or reads_answers",
    "areas.contracts.taking_actions.takes_up": "asked before one case is opened of one filing, which the actor sees",
    "areas.filings.permissions.hands_over": "about the actor",
    "areas.filings.permissions.takes_in": "about the actor",
    "areas.dossiers.permissions.keeps_sort": "about a dossier that is not there yet; of one keeps asks it",
    "areas.exemptions.permissions.is_self": "about somebody of a case; of the case took_part asks it",
    "areas.rights.permissions.keeps_for": "about a unit whose grant is not there yet; of one keeps asks it",
    "areas.rights.permissions.keeps_grants": "about the actor",
    "areas.rights.permissions.keeps_money_for": "about a unit whose receipt is not there yet; of one keeps_money asks",
    "areas.rights.permissions.keeps_income": "about the actor",
    "areas.rights.actions._begins_own": "about a grant that is not there yet; of one is_completer asks it",
    "areas.rights.pages_grants.may_begin": "about the actor; achievements_for is of what",
    "areas.evaluations.permissions.may_prepare": "about a unit whose case is not there yet",
    "areas.evaluations.pages.grades_now": "represents_owner or evaluates of the case, at a stage of it",
    "areas.inspections.permissions.may_admit_for": "about a unit; of an inspection admits asks it",
    "areas.inspections.permissions.may_prepare": "about the actor",
    "areas.brokers.queries.reads_both": "can_view of both sides of a pair",
    "areas.matches.permissions.watches": "about a pair without an introduction yet; of one oversees asks it",
    "areas.matches.permissions.decides": "about a pair without an introduction yet; of one plans asks it",
}
"""What has no queryset, and why."""
