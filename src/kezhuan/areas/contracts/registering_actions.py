"""What follows the steps of a contract's registration: what is filed and noted with each, and its term."""

from collections.abc import Sequence

from django.db.models import Q

from kezhuan.areas.contracts.checks import is_filed_so, rules_for, rules_value
from kezhuan.areas.contracts.models import Contract, form_of, kept_form
from kezhuan.areas.contracts.paid import told_of
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.queries import filed_of
from kezhuan.areas.filings.actions import SAME, file_record
from kezhuan.engines import contracts as engine
from kezhuan.kernel import clocks, outbox
from kezhuan.kernel.access import GROUPS, Actor, region_of
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Clock, Identifier, Membership
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.rulebook import stamp
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import add_days

REVOKED = "contract.revoked"
"""Name of the letter that tells of a registration that was revoked."""
TERM = frozenset({"accepted", "reviewing", "experts"})
"""Stages in which the term of registration runs."""


def hand_in(row: Contract, actor: Actor) -> None:
    """The unit files the form as it stands, with its papers, to the registrars: that is what they judge."""
    taken = row.filing is not None and is_filed_so(row, row.filing)
    if not taken:  # else its unit has handed it in at its own instance, and nothing is filed here for it
        _keep_paid(row)
        row.applied_on = today()
    row.registrar, row.reviewer = None, None
    row.rule_set, row.accepted_on = "", None
    row.save(update_fields=["applied_on", "registrar", "reviewer", "rule_set", "accepted_on", "supplemented_on"])
    if not row.text:  # what its files say is compared with the texts of others
        words = "\n".join(documents_of(row.record, GROUPS).order_by("pk").values_list("stored__text", flat=True))
        row.text_key = engine.text_key(form_of(row, words))
        row.save(update_fields=["text_key"])
    if taken:
        return
    try:
        _file(row, actor)
    except Refused as refused:
        # Opened again and handed in as it was: what is judged stands filed.
        if row.supplemented_on is not None or {one.code for one in refused.problems} != {SAME}:
            raise


def _keep_paid(row: Contract) -> None:
    """What was paid is what its agreement and its distributions tell on the day of filing, not what was typed."""
    told = told_of([row]).get(row.pk)
    if told is not None and row.paid_fen != told.fen:
        row.paid_fen = told.fen
        row.save(update_fields=["paid_fen"])


def _file(row: Contract, actor: Actor) -> None:
    """The form with its papers as they are now; refused where this stands filed word for word."""
    keys = list(documents_of(row.record, GROUPS).values_list("pk", flat=True))
    file_record(actor=actor, row=row, region=region_of(row), programme=PROGRAMME, files=keys)


def hand_in_change(row: Contract, actor: Actor) -> None:
    """The changed form is filed and looked at twice like the first one, while the registration stands."""
    _keep_paid(row)
    take_change(row, actor)
    _file(row, actor)


def take_change(row: Contract, _actor: Actor) -> None:
    """The changed form, which its unit has filed from its own instance, is looked at twice like the first one."""
    row.registrar, row.reviewer, row.experts_heard = None, None, False
    row.save(update_fields=["registrar", "reviewer", "experts_heard"])


def begin(row: Contract, _actor: Actor) -> None:
    """Nothing was supplemented yet."""
    row.supplemented_on = None


def supplement(row: Contract, _actor: Actor) -> None:
    """The day on which the supplement was completed: by some rule sets that of acceptance."""
    row.supplemented_on = today()


def accept(row: Contract, actor: Actor) -> None:
    """The rule set of the day judges it from now on, and the term begins: after a supplement anew, from the day of its
    completion where the rule set says so."""
    rules, chosen = rules_for(row), rules_value(row.applied_on or today())
    if chosen is not None:
        stamp([(row.record, chosen[1])])
    supplements = [row.supplemented_on] if row.supplemented_on is not None else []
    row.accepted_on, row.rule_set = engine.acceptance_day(today(), supplements, rules), rules.name
    row.registrar, row.reviewer, row.experts_heard = actor.person, None, False
    row.save(update_fields=["accepted_on", "rule_set", "registrar", "reviewer", "experts_heard"])


def classify(row: Contract, actor: Actor) -> None:
    """Who confirmed kind and amounts has looked first."""
    row.registrar = actor.person
    row.save(update_fields=["registrar"])


def dispute(row: Contract, _actor: Actor) -> None:
    """Experts are heard before it passes."""
    row.disputed, row.experts_heard = True, False
    row.save(update_fields=["disputed", "experts_heard"])


def hear(row: Contract, _actor: Actor) -> None:
    """Experts were heard on the form as it stands."""
    row.experts_heard = True
    row.save(update_fields=["experts_heard"])


def review(row: Contract, actor: Actor) -> None:
    """Who passed or rejected it has looked second."""
    row.reviewer = actor.person
    row.save(update_fields=["reviewer"])


def take_up(row: Contract, _actor: Actor) -> None:
    """Nobody has looked a second time at what the province ordered, and the term begins anew."""
    row.reviewer, row.ordered_on = None, today()
    row.accepted_on = today() if row.accepted_on is not None else None
    row.save(update_fields=["reviewer", "ordered_on", "accepted_on"])


def begin_anew(row: Contract, _actor: Actor) -> None:
    """What the province ordered was the form as it stood."""
    row.ordered_on = None
    row.save(update_fields=["ordered_on"])


def keep_number(row: Contract, actor: Actor) -> None:
    """What the registry gave is of this very form; it takes the place of a change that was handed in and came back."""
    row.numbered, row.registered_form = True, {}
    row.save(update_fields=["numbered", "registered_form"])
    if not is_filed_so(row, filed_of(row)):
        _file(row, actor)


def unnumber(row: Contract, _actor: Actor) -> None:
    """What the registry gave is of the form as it stood, which stays what everybody else reads until a change takes its
    place."""
    row.numbered, row.registered_form = False, kept_form(row)
    row.save(update_fields=["numbered", "registered_form"])


def tell_revoked(row: Contract, _actor: Actor) -> None:
    """Whoever keeps the contracts of a party that is known here is written to."""
    codes = {code for code in (row.seller_code, row.buyer_code) if code}
    units = Identifier.objects.filter(scheme="uscc", value__in=codes, active=True).values_list("record", flat=True)
    members = Membership.objects.filter(
        Q(organisation__in=list(units)) | Q(organisation=row.record.owner), role__in=PAPERS, until=None
    )
    for one in members.select_related("person", "organisation").order_by("pk"):
        key = f"{REVOKED}:{row.pk}:{one.organisation_id}:{one.person_id}"
        outbox.tell(one.person, REVOKED, key=key, acting_for=one.organisation, content={"contract": row.pk})


class Term(clocks.Restart):
    """The clock of each stage, by rule value where one is set; else the term of registration of the rule set, which
    runs from acceptance, is longer where experts are asked, and ends with an answer."""

    def after_moving(self, rows: Sequence[Contract], actor: Actor) -> None:
        """See the base."""
        super().after_moving(rows, actor)
        for row in rows:
            self._begin_term(row)

    def _begin_term(self, row: Contract) -> None:
        waits = row.record.stage in TERM and row.accepted_on is not None
        if not waits or Clock.objects.filter(record=row.record, ended_on=None).exists():
            return
        assert row.accepted_on is not None
        term = engine.term_of(form_of(row), rules_for(row), disputed=row.disputed)
        due_on = add_days(row.accepted_on, term.days, term.day_kind)
        clocks.term(row.record, row.record.stage, due_on, term.day_kind, started_on=row.accepted_on).save()


def where_it_was_refused(row: Contract, _actor: Actor) -> str:
    """The stage that a refusal ended: what the province orders goes on there, and is looked at twice like any other."""
    if row.reviewer_id is not None:
        return "reviewing"
    return "accepted" if row.accepted_on is not None else "submitted"
