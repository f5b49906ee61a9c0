"""What must hold of a grant before each of its moves."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.rights.models import OWNERSHIP, Bar, RightsGrant
from kezhuan.engines.days import months_after
from kezhuan.exchange.models import Signature, Way
from kezhuan.exchange.papers.printing import is_current
from kezhuan.kernel.access import VISITOR, region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import clean, listed, today
from kezhuan.kernel.vocabulary import RightsState

SHARE_FLOOR = "grant.floor.share"
"""Rule value: the least share of ownership that is granted to completers."""
INCOME_FLOOR = "income.floor.pool"
"""Rule value of the income calculator: the least share of net income for the people."""
LEAST_USE = "grant.least-use"
"""Rule value: the least term of a right of use, in months."""
FIRST_MILESTONE = "grant.first-milestone"
"""Rule value: within how many months the first milestone lies."""
STANDING = frozenset({"active", "titled", "converted", "warned"})
"""Stages in which what was granted stands."""
AGAINST = frozenset({RightsState.CO_OWNERS, RightsState.LICENSED, RightsState.PLEDGED, RightsState.DISPUTED})
"""What an achievement says of its rights that is a bar: no declaration to the contrary stands beside it."""
UNDER_WAY = frozenset({"checking", "signing", "decided", "agreeing"})
"""Stages between application and agreement."""


def rule_of(row: Any, code: str) -> RuleValue | None:
    """A rule value as it holds for a grant today; the place is its unit's."""
    return rule_or_none(code, on=today(), jurisdiction=region_of(row))


def rules_used(row: Any) -> list[RuleValue]:
    """The rule values that a grant of this kind is measured by today."""
    own = (SHARE_FLOOR,) if row.kind in OWNERSHIP else (LEAST_USE,)
    found = (rule_of(row, code) for code in (*own, INCOME_FLOOR, FIRST_MILESTONE))
    return [one for one in found if one is not None]


def check_eligible(row: Any) -> Iterable[Problem]:
    """The achievement is listed, of this unit, and no bar stands against it."""
    about = row.achievement
    if about.stage not in SUPPLY_STAGES or about.owner_id != row.record.owner_id:
        message = _("Only an achievement of the unit that is listed or registered is granted.")
        yield Problem("grant-achievement", message, "achievement")
    if missing := [Bar(one).label for one in Bar.values if one not in row.cleared]:
        message = _("Declare for each bar that it does not hold: %(bars)s.") % {"bars": listed(missing)}
        yield Problem("grant-bars", message, "cleared")
    said = {one for one in about.achievement.rights_states if one in AGAINST}
    if told := [RightsState(one).label for one in RightsState.values if one in said]:
        message = _(
            "The achievement itself says that this stands against it: %(what)s. Settle it and say so there first."
        )
        yield Problem("grant-barred", message % {"what": listed(told)}, "cleared")
    yield from check_free(about)
    yield from check_alone(row)


def check_alone(row: Any) -> Iterable[Problem]:
    """An achievement carries one grant at a time."""
    running = RightsGrant.objects.filter(achievement=row.achievement_id, record__stage__in=UNDER_WAY | STANDING)
    if (other := running.exclude(pk=row.pk).select_related("record").first()) is not None:
        message = _("The achievement carries the grant %(code)s already: end that one first.")
        yield Problem("grant-twice", message % {"code": other.record.code}, "achievement")


def check_team(row: Any) -> Iterable[Problem]:
    """The team is that of the achievement, and its parts are the whole."""
    members = list(row.members.all())
    total = sum(one.part_bp for one in members)
    if total != 10_000:
        message = _("The parts of the team sum to %(sum)s %%, not to 100.00 %%.") % {"sum": f"{total / 100:.2f}"}
        yield Problem("grant-split", message, "members")
    completers = list(row.achievement.achievement.completers.all())
    if sorted((clean(one.name), one.person_id or 0) for one in completers) != sorted(
        (one.name, one.person_id or 0) for one in members
    ):
        names = listed([one.name for one in completers])
        message = _("The team is made of the achievement's completers, each once: %(names)s.") % {"names": names}
        yield Problem("grant-team", message, "members")


def check_terms(row: Any) -> Iterable[Problem]:
    """The terms are complete for what is granted, and no floor of the place is broken."""
    yield from _share_problems(row) if row.kind in OWNERSHIP else _use_problems(row)
    yield from _floor(row, INCOME_FLOOR, row.income_bp, "income", _("the team's share of income"))
    if row.holds_equity and not row.interests:
        message = _("A completer holds equity in the firm that uses it: say so in the statement of interests.")
        yield Problem("grant-interests", message, "interests")
    if row.owner_rewarded and not row.reward_clause:
        message = _("Cite the clause by which holders of a share also take part in the unit's reward.")
        yield Problem("grant-reward-clause", message, "reward_clause")
    if row.decision_rule == "veto" and not row.decision_text:
        yield Problem("grant-veto", _("Name the matters on which the unit has a say."), "decision_text")
    yield from _milestone_problems(row)


def _share_problems(row: Any) -> Iterable[Problem]:
    if not row.share_bp:
        yield Problem("grant-share", _("Say which share of ownership is granted."), "share")
        return
    if row.share_bp >= 10_000:
        message = _("The unit keeps a share of its own: the whole is transferred, not granted.")
        yield Problem("grant-share", message, "share")
    yield from _floor(row, SHARE_FLOOR, row.share_bp, "share", _("the share of ownership"))


def _floor(row: Any, code: str, bp: int, field: str, what: str) -> Iterable[Problem]:
    rule = rule_of(row, code)
    if rule is not None and bp < rule.value:
        message = _("%(what)s is %(given)g %%; here it is %(least)g %% at least.")
        words = {"what": what, "given": bp / 100, "least": rule.value / 100}
        yield Problem("grant-floor", message % words, field, rule.source)


def _use_problems(row: Any) -> Iterable[Problem]:
    if not row.use_scope or not row.use_territory:
        message = _("Say how exclusive the right of use is, and where it holds.")
        yield Problem("grant-use", message, "use_scope")
    if row.ends_on is None:
        yield Problem("grant-term", _("Say until when the right of use lasts."), "ends_on")
        return
    rule = rule_of(row, LEAST_USE)
    # Ten years from 1 January end on 31 December: the first day counts.
    if rule is not None and row.ends_on < months_after(row.starts_on, int(rule.value)) - timedelta(days=1):
        message = _("A right of use lasts %(months)s months at least here.") % {"months": rule.value}
        yield Problem("grant-term", message, "ends_on", rule.source)


def _milestone_problems(row: Any) -> Iterable[Problem]:
    days = [one.due_on for one in row.milestones.all()]
    if not days:
        yield Problem("grant-milestones", _("Name at least one milestone of conversion."), "milestones")
        return
    rule = rule_of(row, FIRST_MILESTONE)
    if rule is not None and min(days) > months_after(row.starts_on, int(rule.value)):
        message = _("The first milestone lies within %(months)s months of the first day.") % {"months": rule.value}
        yield Problem("grant-milestones", message, "milestones", rule.source)
    if min(days) <= row.starts_on:
        yield Problem("grant-milestones", _("Milestones come after the first day."), "milestones")


def unsigned(row: Any) -> list[str]:
    """The names of the completers who have not signed the agreement as it was handed in."""
    return [one.name for one in row.members.all() if not row.wording or one.signed != row.wording]


def check_signed_by_all(row: Any) -> Iterable[Problem]:
    """Every completer has signed this text."""
    if missing := unsigned(row):
        message = _("Not signed yet by %(names)s: every completer signs the split.") % {"names": listed(missing)}
        yield Problem("grant-unsigned", message, "members")


def signature_of(row: Any) -> Signature | None:
    """The unit's signature on the agreement as it stands: a scan whose code was read back, a seal, or a confirmation by
    somebody who is not of the team. None while there is none."""
    team = [one.person_id for one in row.members.all() if one.person_id is not None]
    rows = Signature.objects.filter(record=row.record).select_related("printed__printed_by", "document")
    for one in rows.order_by("-pk"):
        theirs = one.way == Way.CONFIRMED and (one.signed_by_id in team or one.party_id != row.record.owner_id)
        if not theirs and is_current(one.printed, row, VISITOR):
            return one
    return None


def check_agreement(row: Any) -> Iterable[Problem]:
    """The agreement on paper was signed, and is that of this text."""
    yield from check_signed_by_all(row)
    if signature_of(row) is None:
        message = _("Print the agreement, have it signed and sealed, and add its scan: its code is read back.")
        yield Problem("grant-agreement", message, "agreement")


def check_title(row: Any) -> Iterable[Problem]:
    """The registry's number and day of the change are there, and follow the agreement."""
    if row.kind not in OWNERSHIP:
        yield Problem("grant-no-title", _("A right of use changes no title."), "title_change_no")
    elif not row.title_change_no or row.title_changed_on is None:
        message = _("Enter number and day of the registry's change of title first.")
        yield Problem("grant-title", message, "title_change_no")


def check_converted(row: Any) -> Iterable[Problem]:
    """It was converted by a registered contract."""
    if row.contract is None or row.contract.stage not in REGISTERED:
        message = _("Enter the technology contract by which it was converted, once it is registered.")
        yield Problem("grant-contract", message, "contract")


def check_cured(row: Any) -> Iterable[Problem]:
    """The time to put it right is over."""
    until = row.warned_on + timedelta(days=row.cure_days) if row.warned_on is not None else today()
    if today() <= until:
        message = _("There is time to put it right until %(day)s.") % {"day": until.isoformat()}
        yield Problem("grant-cure", message, "")


def check_run_out(row: Any) -> Iterable[Problem]:
    """Its last day is over."""
    if row.ends_on is None or row.ends_on >= today():
        yield Problem("grant-runs", _("It has not run out."), "ends_on")


def named_contract(row: Any, code: str) -> Contract | None:
    """A contract of the unit about the achievement, by its code."""
    rows = Contract.objects.filter(record__code=code, record__owner=row.record.owner_id)
    found = rows.exclude(record__phase__in=(Phase.VOID, Phase.DRAFT)).select_related("record").first()
    return found if found is not None and found.achievement_id in {None, row.achievement_id} else None
