"""A contract is prepared inside its unit, checked by a registrar and by another, registered outside, and read back.

The stages are those of `engines.contracts.stages`; where this city is no registration agency, what the second look
passes is registered outside, and `register` is the reading of what the registry gave.
"""
# long: one life from the draft to the end of a registration, with what follows each of its moves

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.permissions import keeps
from kezhuan.areas.contracts.checks import (
    check_experts,
    check_form,
    check_in_time,
    check_unchanged,
    rules_for,
    rules_value,
)
from kezhuan.areas.contracts.models import REGISTERED, Contract, form_of
from kezhuan.areas.contracts.permissions import (
    PROGRAMME,
    is_classified,
    is_disputed,
    is_heard,
    is_numbered,
    is_ordered,
    looks_second,
)
from kezhuan.areas.filings.actions import SAME, file_record
from kezhuan.engines import contracts as engine
from kezhuan.kernel import audiences, clocks
from kezhuan.kernel.access import GROUPS, Actor, Audiences, is_officer, region_of
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models import Clock
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import PAPERS, role_tokens
from kezhuan.kernel.rulebook import stamp
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import add_days

TERM = frozenset({"accepted", "reviewing", "experts"})
"""Stages in which the term of registration runs."""


def contract_audience(row: Contract) -> Audiences:
    """A draft is its unit's, for the members who keep its contracts; what is handed in, the registrars' too. Nobody
    else reads any of it: of contracts in public there are sums alone."""
    owner = row.record.owner_id
    return audiences.handed_in(row, role_tokens(owner, PAPERS) if owner else frozenset())


# -- what follows a move -----------------------------------------------------------------------------------------------


def _hand_in(row: Contract, actor: Actor) -> None:
    """The unit files the form as it stands, with its papers, to the registrars: that is what they judge."""
    row.applied_on, row.registrar, row.reviewer = today(), None, None
    row.rule_set, row.accepted_on = "", None
    row.save(update_fields=["applied_on", "registrar", "reviewer", "rule_set", "accepted_on", "supplemented_on"])
    if not row.text:  # what its files say is compared with the texts of others
        words = "\n".join(documents_of(row.record, GROUPS).order_by("pk").values_list("stored__text", flat=True))
        row.text_key = engine.text_key(form_of(row, words))
        row.save(update_fields=["text_key"])
    try:
        _file(row, actor)
    except Refused as refused:
        # Opened again and handed in as it was: what is judged stands filed.
        if row.supplemented_on is not None or {one.code for one in refused.problems} != {SAME}:
            raise


def _file(row: Contract, actor: Actor) -> None:
    """The form with its papers as they are now; refused where this stands filed word for word."""
    keys = list(documents_of(row.record, GROUPS).values_list("pk", flat=True))
    file_record(actor=actor, row=row, region=region_of(row), programme=PROGRAMME, files=keys)


def _hand_in_change(row: Contract, actor: Actor) -> None:
    """The changed form is filed and looked at twice like the first one, while the registration stands."""
    row.registrar, row.reviewer, row.experts_heard = None, None, False
    row.save(update_fields=["registrar", "reviewer", "experts_heard"])
    _file(row, actor)


def _begin(row: Contract, _actor: Actor) -> None:
    """Nothing was supplemented yet."""
    row.supplemented_on = None


def _supplement(row: Contract, _actor: Actor) -> None:
    """The day on which the supplement was completed: by some rule sets that of acceptance."""
    row.supplemented_on = today()


def _accept(row: Contract, actor: Actor) -> None:
    """The rule set of the day judges it from now on, and the term begins: after a supplement anew, from the day of its
    completion where the rule set says so."""
    rules, chosen = rules_for(row), rules_value(row.applied_on or today())
    if chosen is not None:
        stamp([(row.record, chosen[1])])
    supplements = [row.supplemented_on] if row.supplemented_on is not None else []
    row.accepted_on, row.rule_set = engine.acceptance_day(today(), supplements, rules), rules.name
    row.registrar, row.reviewer, row.experts_heard = actor.person, None, False
    row.save(update_fields=["accepted_on", "rule_set", "registrar", "reviewer", "experts_heard"])


def _classify(row: Contract, actor: Actor) -> None:
    row.registrar = actor.person
    row.save(update_fields=["registrar"])


def _dispute(row: Contract, _actor: Actor) -> None:
    """Experts are heard before it passes."""
    row.disputed, row.experts_heard = True, False
    row.save(update_fields=["disputed", "experts_heard"])


def _hear(row: Contract, _actor: Actor) -> None:
    row.experts_heard = True
    row.save(update_fields=["experts_heard"])


def _review(row: Contract, actor: Actor) -> None:
    row.reviewer = actor.person
    row.save(update_fields=["reviewer"])


def _take_up(row: Contract, _actor: Actor) -> None:
    """Nobody has looked a second time at what the province ordered, and the term begins anew."""
    row.reviewer, row.ordered_on = None, today()
    row.accepted_on = today() if row.accepted_on is not None else None
    row.save(update_fields=["reviewer", "ordered_on", "accepted_on"])


def _begin_anew(row: Contract, _actor: Actor) -> None:
    """What the province ordered was the form as it stood."""
    row.ordered_on = None
    row.save(update_fields=["ordered_on"])


def _keep_number(row: Contract, _actor: Actor) -> None:
    """What the registry gave is of this very form."""
    row.numbered = True
    row.save(update_fields=["numbered"])


def _unnumber(row: Contract, _actor: Actor) -> None:
    """What the registry gave is of the form as it stood."""
    row.numbered = False
    row.save(update_fields=["numbered"])


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


REVOKED = (
    ("fake", _("invented contract")),
    ("fraud", _("fraud, bribery or infringement")),
    ("annulled", _("the contract was annulled and not cancelled here")),
    ("duplicate", _("registered twice")),
    ("other", _("another reason, named in the note")),
)
"""Why a registration is revoked: cases of 沪科技市〔2025〕31号, the fourth of which was not read."""
CANCELLED = (
    ("terminated", _("the parties ended the contract")),
    ("void", _("the contract is void")),
    ("other", _("another reason, named in the note")),
)
"""Why a registration is cancelled on the parties' word."""

_AT_WORK = frozenset({"submitted", "accepted", "reviewing"})


def _where_it_was_refused(row: Contract, _actor: Actor) -> str:
    """The stage that a refusal ended: what the province orders goes on there, and is looked at twice like any other."""
    if row.reviewer_id is not None:
        return "reviewing"
    return "accepted" if row.accepted_on is not None else "submitted"


CONTRACT = Lifecycle(
    "contract",
    "C",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("supplementing", Phase.SUBMITTED, _("supplement asked for"), aside=True),
        Stage("accepted", Phase.REVIEWING, _("accepted")),
        Stage("reviewing", Phase.REVIEWING, _("under review")),
        Stage("experts", Phase.REVIEWING, _("with experts"), aside=True),
        Stage("passed", Phase.REVIEWING, _("to be registered outside")),
        Stage("registered", Phase.ACTIVE, _("registered")),
        Stage("amending", Phase.ACTIVE, _("being changed"), aside=True),
        Stage("changed", Phase.ACTIVE, _("change handed in"), aside=True),
        Stage("refused", Phase.FAILED, _("not registered")),
        Stage("province", Phase.REVIEWING, _("before the province"), aside=True),
        Stage("cancelled", Phase.WITHDRAWN, _("registration cancelled")),
        Stage("revoked", Phase.FAILED, _("registration revoked")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("void", Phase.VOID, _("void")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Hand in for registration"),
            source=frozenset({"draft"}),
            target="submitted",
            allowed=keeps,
            checks=(check_form, check_in_time),
            then=(_begin, _hand_in),
            hint=_("The registrars of your district and of the city read the form and its papers from now on."),
            primary=True,
        ),
        discarding(keeps),
        Move(
            "ask-supplement",
            _("Ask for a supplement"),
            source=frozenset({"submitted"}),
            target="supplementing",
            allowed=is_officer,
            note="required",
        ),
        Move(
            "supplement",
            _("Hand in again"),
            source=frozenset({"supplementing"}),
            target="submitted",
            allowed=keeps,
            checks=(check_form, check_in_time),
            then=(_supplement, _hand_in),
            hint=_("The term begins when the completed form is accepted."),
            primary=True,
        ),
        Move(
            "accept",
            _("Accept for registration"),
            source=frozenset({"submitted"}),
            target="accepted",
            allowed=is_officer & ~keeps,
            checks=(check_in_time,),
            then=(_accept,),
            primary=True,
        ),
        Move(
            "classify",
            _("Confirm kind and amounts"),
            source=frozenset({"accepted"}),
            target="reviewing",
            allowed=is_officer & ~keeps,
            checks=(check_form,),
            then=(_classify,),
            primary=True,
        ),
        Move(
            "dispute",
            _("Note a dispute"),
            source=frozenset({"accepted", "reviewing"}),
            target=lambda row, _actor: row.record.stage,
            targets=("accepted", "reviewing"),
            allowed=is_officer & ~keeps & ~is_disputed,
            then=(_dispute,),
            note="required",
            hint=_("Nothing passes then before experts were heard."),
        ),
        Move(
            "ask-experts",
            _("Ask experts"),
            source=frozenset({"reviewing"}),
            target="experts",
            allowed=is_officer,
            note="optional",
        ),
        Move(
            "experts-answer",
            _("Enter the experts' opinion"),
            source=frozenset({"experts"}),
            target="reviewing",
            allowed=is_officer,
            then=(_hear,),
            note="required",
            primary=True,
        ),
        Move(
            "pass",
            _("Pass after a second look"),
            source=frozenset({"reviewing"}),
            target="passed",
            allowed=looks_second,
            checks=(check_experts,),
            then=(_review,),
            note="optional",
            primary=True,
        ),
        Move(
            "refuse",
            _("Do not register"),
            source=frozenset({"submitted", "accepted"}),
            target="refused",
            allowed=is_officer & ~keeps & ~is_ordered,
            note="required",
            danger=True,
        ),
        Move(
            "reject",
            _("Do not register after a second look"),
            source=frozenset({"reviewing"}),
            target="refused",
            allowed=looks_second & ~is_ordered,
            then=(_review,),
            note="required",
            danger=True,
        ),
        Move(
            "register",
            _("Registered outside"),
            source=frozenset({"passed"}),
            target="registered",
            allowed=is_officer & is_numbered,
        ),
        Move(
            "amend",
            _("Change the registration"),
            source=frozenset({"registered"}),
            target="amending",
            allowed=keeps,
            then=(_unnumber,),
            note="required",
            hint=_("Change the form afterwards and hand it in; the registration stands as it is until then."),
        ),
        Move(
            "hand-in-change",
            _("Hand in the change"),
            source=frozenset({"amending"}),
            target="changed",
            allowed=keeps,
            checks=(check_form,),
            then=(_hand_in_change,),
            hint=_("Two registrars look at the changed form like at the first one."),
            primary=True,
        ),
        Move(
            "keep-registration",
            _("Leave it as it is"),
            source=frozenset({"amending"}),
            target="registered",
            allowed=keeps,
            checks=(check_unchanged,),
            then=(_keep_number,),
            hint=_("The form is again what was registered."),
        ),
        Move(
            "return-change",
            _("Send the change back"),
            source=frozenset({"changed"}),
            target="amending",
            allowed=is_officer & ~keeps,
            note="required",
        ),
        Move(
            "confirm-change",
            _("Confirm the change"),
            source=frozenset({"changed"}),
            target="changed",
            allowed=is_officer & ~keeps & ~is_classified,
            checks=(check_form,),
            then=(_classify,),
            hint=_("Another registrar reads back what the registry says of it."),
            primary=True,
        ),
        Move(
            "experts-on-change",
            _("Enter the experts' opinion"),
            source=frozenset({"changed"}),
            target="changed",
            allowed=is_officer & ~keeps & is_classified & ~is_heard,
            then=(_hear,),
            note="required",
        ),
        Move(
            "amended",
            _("Change registered outside"),
            source=frozenset({"changed"}),
            target="registered",
            allowed=looks_second & is_numbered,
            checks=(check_experts,),
            then=(_review,),
        ),
        Move(
            "cancel",
            _("Cancel the registration"),
            source=REGISTERED,
            target="cancelled",
            allowed=is_officer,
            reasons=CANCELLED,
            note="required",
            hint=_("The parties ask for it; the registry has cancelled it."),
            danger=True,
        ),
        Move(
            "revoke",
            _("Revoke the registration"),
            source=REGISTERED,
            target="revoked",
            allowed=is_officer & ~keeps,
            reasons=REVOKED,
            note="required",
            hint=_("Whoever granted tax relief or rewards on it is told outside this program."),
            danger=True,
        ),
        Move(
            "object",
            _("Object to the province"),
            source=frozenset({"refused"}),
            target="province",
            allowed=keeps,
            note="required",
        ),
        Move(
            "uphold",
            _("The province upholds the refusal"),
            source=frozenset({"province"}),
            target="refused",
            allowed=is_officer,
            note="required",
        ),
        Move(
            "overturn",
            _("The province has it registered"),
            source=frozenset({"province"}),
            target=_where_it_was_refused,
            targets=("submitted", "accepted", "reviewing"),
            allowed=is_officer,
            then=(_take_up,),
            note="required",
            hint=_("It goes on where it was refused and is not refused again; its term begins anew."),
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=_AT_WORK | {"supplementing", "passed"},
            target="withdrawn",
            allowed=keeps,
            note="required",
            danger=True,
        ),
        Move(
            "reopen",
            _("Back to draft"),
            source=frozenset({"withdrawn", "refused"}),
            target="draft",
            allowed=keeps,
            then=(_begin_anew,),
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"withdrawn", "registered"}),
            target="void",
            allowed=is_officer,
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=contract_audience,
    then=(Term(clocks.bureau, frozenset({"supplementing"})),),
)
