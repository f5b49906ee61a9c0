"""A contract is prepared inside its unit, checked by a registrar and by another, registered outside, and read back.

The stages are those of `engines.contracts.stages`; where this city is no registration agency, what the second look
passes is registered outside, and `register` is the reading of what the registry gave.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.permissions import keeps
from kezhuan.areas.contracts.answering import ANSWERED_FROM, STEPS
from kezhuan.areas.contracts.checks import (
    check_experts,
    check_form,
    check_in_time,
    check_object_in_time,
    check_unchanged,
)
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.contracts.permissions import (
    files_there,
    is_classified,
    is_disputed,
    is_heard,
    is_numbered,
    is_ordered,
    looks_second,
    registers,
)
from kezhuan.areas.contracts.registering_actions import (
    Term,
    accept,
    begin,
    begin_anew,
    classify,
    dispute,
    hand_in,
    hand_in_change,
    hear,
    keep_number,
    review,
    supplement,
    take_up,
    tell_revoked,
    unnumber,
    where_it_was_refused,
)
from kezhuan.kernel import audiences, clocks
from kezhuan.kernel.access import Audiences, is_system
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import PAPERS, role_tokens
from kezhuan.kernel.text import in_either


def contract_audience(row: Contract) -> Audiences:
    """A draft is its unit's, for the members who keep its contracts; what is handed in, the registrars' too. Nobody
    else reads any of it: of contracts in public there are sums alone."""
    owner = row.record.owner_id
    return audiences.handed_in(row, role_tokens(owner, PAPERS) if owner else frozenset())


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


CONTRACT = Lifecycle(
    "contract",
    "C",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("supplementing", Phase.SUBMITTED, _("supplement asked for"), aside=True),
        Stage("accepted", Phase.REVIEWING, _("accepted")),
        Stage("reviewing", Phase.REVIEWING, _("being examined")),
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
            then=(begin, hand_in),
            hint=_("The registrars of your district and of the city read the form and its papers from now on."),
            primary=True,
        ),
        discarding(keeps),
        Move(
            "ask-supplement",
            _("Ask for a supplement"),
            source=frozenset({"submitted"}),
            target="supplementing",
            allowed=registers,
            note="required",
        ),
        Move(
            "supplement",
            _("Hand in again"),
            source=frozenset({"supplementing"}),
            target="submitted",
            allowed=keeps | is_system,
            checks=(check_form, check_in_time),
            then=(supplement, hand_in),
            hint=_("The term begins when the completed form is accepted."),
            primary=True,
        ),
        Move(
            "accept",
            _("Accept for registration"),
            source=frozenset({"submitted"}),
            target="accepted",
            allowed=registers & ~keeps,
            checks=(check_in_time,),
            then=(accept,),
            primary=True,
        ),
        Move(
            "classify",
            _("Confirm kind and amounts"),
            source=frozenset({"accepted"}),
            target="reviewing",
            allowed=registers & ~keeps,
            checks=(check_form,),
            then=(classify,),
            primary=True,
        ),
        Move(
            "dispute",
            _("Note a dispute"),
            source=frozenset({"accepted", "reviewing"}),
            target=lambda row, _actor: row.record.stage,
            targets=("accepted", "reviewing"),
            allowed=registers & ~keeps & ~is_disputed,
            then=(dispute,),
            note="required",
            hint=_("Nothing passes then before experts were heard."),
        ),
        Move(
            "ask-experts",
            _("Ask experts"),
            source=frozenset({"reviewing"}),
            target="experts",
            allowed=registers,
            note="optional",
        ),
        Move(
            "experts-answer",
            _("Enter the experts' opinion"),
            source=frozenset({"experts"}),
            target="reviewing",
            allowed=registers,
            then=(hear,),
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
            then=(review,),
            note="optional",
            primary=True,
        ),
        Move(
            "refuse",
            _("Do not register"),
            source=frozenset({"submitted", "accepted"}),
            target="refused",
            allowed=registers & ~keeps & ~is_ordered,
            note="required",
            danger=True,
        ),
        Move(
            "reject",
            _("Do not register after a second look"),
            source=frozenset({"reviewing"}),
            target="refused",
            allowed=looks_second & ~is_ordered,
            then=(review,),
            note="required",
            danger=True,
        ),
        Move(
            "register",
            _("Registered outside"),
            source=frozenset({"passed"}),
            target="registered",
            allowed=registers & is_numbered,
        ),
        Move(
            "answered",
            _("Registered by the bureau"),
            source=ANSWERED_FROM,
            target="registered",
            allowed=keeps & is_numbered & files_there,
        ),
        *STEPS,
        Move(
            "amend",
            _("Change the registration"),
            source=frozenset({"registered"}),
            target="amending",
            allowed=keeps,
            then=(unnumber,),
            note="required",
            reasons=tuple((code, in_either(zh, en)) for code, zh, en in settings.CHANGE_REASONS),
            hint=_("Change the form afterwards and hand it in; the registration stands as it is until then."),
        ),
        Move(
            "hand-in-change",
            _("Hand in the change"),
            source=frozenset({"amending"}),
            target="changed",
            allowed=keeps,
            checks=(check_form,),
            then=(hand_in_change,),
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
            then=(keep_number,),
            hint=_("The form is again what was registered."),
        ),
        Move(
            "return-change",
            _("Send the change back"),
            source=frozenset({"changed"}),
            target="amending",
            allowed=registers & ~keeps,
            note="required",
        ),
        Move(
            "confirm-change",
            _("Confirm the change"),
            source=frozenset({"changed"}),
            target="changed",
            allowed=registers & ~keeps & ~is_classified,
            checks=(check_form,),
            then=(classify,),
            hint=_("Another registrar reads back what the registry says of it."),
            primary=True,
        ),
        Move(
            "experts-on-change",
            _("Enter the experts' opinion"),
            source=frozenset({"changed"}),
            target="changed",
            allowed=registers & ~keeps & is_classified & ~is_heard,
            then=(hear,),
            note="required",
        ),
        Move(
            "amended",
            _("Change registered outside"),
            source=frozenset({"changed"}),
            target="registered",
            allowed=looks_second & is_numbered,
            checks=(check_experts,),
            then=(review,),
        ),
        Move(
            "cancel",
            _("Cancel the registration"),
            source=REGISTERED,
            target="cancelled",
            allowed=registers,
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
            allowed=registers & ~keeps,
            reasons=REVOKED,
            then=(tell_revoked,),
            note="required",
            hint=_("The parties known here are written to; whoever granted tax relief or rewards is told outside."),
            danger=True,
        ),
        Move(
            "object",
            _("Object to the province"),
            source=frozenset({"refused"}),
            target="province",
            allowed=keeps,
            checks=(check_object_in_time,),
            note="required",
        ),
        Move(
            "uphold",
            _("The province upholds the refusal"),
            source=frozenset({"province"}),
            target="refused",
            allowed=registers,
            note="required",
        ),
        Move(
            "overturn",
            _("The province has it registered"),
            source=frozenset({"province"}),
            target=where_it_was_refused,
            targets=("submitted", "accepted", "reviewing"),
            allowed=registers,
            then=(take_up,),
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
            then=(begin_anew,),
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"withdrawn", "registered"}),
            target="void",
            allowed=registers,
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=contract_audience,
    then=(Term(clocks.bureau, frozenset({"supplementing"})),),
)
