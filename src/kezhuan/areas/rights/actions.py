"""What is done with grants of rights: drafted and changed, signed by the team, and followed once they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.achievements.models import Completer
from kezhuan.areas.agreements.models import UseScope
from kezhuan.areas.rights.checks import STANDING, named_contract
from kezhuan.areas.rights.lifecycle import GRANT, count_terms
from kezhuan.areas.rights.models import (
    OWNERSHIP,
    Bar,
    DecisionRule,
    GrantKind,
    GrantMember,
    GrantMilestone,
    RightsGrant,
)
from kezhuan.areas.rights.permissions import is_completer, keeps, keeps_for, writes
from kezhuan.exchange.papers.signing import code_on, require_present
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, check_upload, keep_proof
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked, refuse_marked_texts
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.text import clean, listed, today

MOST_MEMBERS, MOST_MILESTONES = 50, 20


@dataclass(frozen=True)
class Part:
    """A completer and their part of the team's, in basis points."""

    name: str
    part_bp: int | None
    person: Person | None = None


@dataclass(frozen=True)
class Aim:
    """What is to be reached, and by when."""

    text: str
    due_on: date | None


@dataclass(frozen=True)
class GrantFacts:
    """What is entered of a grant; shares in basis points. See `RightsGrant`."""

    title: str
    achievement: Record | None
    kind: str
    starts_on: date | None
    income_bp: int | None
    decision_rule: str
    reclaim_text: str
    exit_text: str
    summary: str = ""
    share_bp: int | None = None
    costs_bp: int = 0
    owner_rewarded: bool = False
    reward_clause: str = ""
    decision_text: str = ""
    use_scope: str = ""
    use_field: str = ""
    use_territory: str = ""
    sublicence: bool = False
    transferable: bool = False
    ends_on: date | None = None
    right_ends_on: date | None = None
    cure_days: int = 30
    interests: str = ""
    holds_equity: bool = False
    cleared: Sequence[str] = ()
    members: Sequence[Part] = ()
    milestones: Sequence[Aim] = ()


_TEXTS = ("reward_clause", "decision_text", "use_field", "use_territory", "reclaim_text", "exit_text", "interests")
_OF_RECORD = frozenset({"title", "summary", "members", "milestones"})


def check_facts(facts: GrantFacts, owner: Organisation | None) -> list[Problem]:
    """What cannot even be kept as a draft; whether it can be handed in is asked by the move."""
    found = []

    def wrong(code: str, message: str, field: str) -> None:
        found.append(Problem(code, message, field))

    title = clean(facts.title)
    if not 2 <= len(title) <= 200:
        wrong("title-length", _("Give a title of 2 to 200 characters."), "title")
    about = facts.achievement
    if about is None or about.kind != "achievement" or owner is None or about.owner_id != owner.pk:
        wrong("grant-achievement", _("Choose an achievement of the unit."), "achievement")
    for name, value, choices in (
        ("kind", facts.kind, GrantKind.values),
        ("decision_rule", facts.decision_rule, DecisionRule.values),
        ("use_scope", facts.use_scope, ["", *UseScope.values]),
    ):
        if value not in choices:
            wrong("choice-unknown", _("Choose from the list."), name)
    if unknown := set(facts.cleared) - set(Bar.values):
        wrong("choice-unknown", _("There is no such bar: %(bars)s.") % {"bars": listed(sorted(unknown))}, "cleared")
    for name, bp in (("share", facts.share_bp), ("income", facts.income_bp), ("costs", facts.costs_bp)):
        if (bp is None and name == "income") or (bp is not None and not 0 <= bp <= 10_000):
            wrong("share-range", _("A share is from 0 to 100 %."), name)
    if facts.kind in OWNERSHIP and facts.use_scope:
        wrong("grant-use", _("Scope belongs to a right of use: leave it empty for a share of ownership."), "use_scope")
    if facts.kind == GrantKind.USE and facts.share_bp:
        wrong("grant-share", _("A right of use gives no share of ownership: leave it empty."), "share")
    if facts.starts_on is None:
        wrong("day-missing", _("Enter the first day."), "starts_on")
    elif facts.ends_on is not None and facts.ends_on <= facts.starts_on:
        wrong("grant-term", _("The last day comes after the first."), "ends_on")
    if not clean(facts.reclaim_text):
        wrong("grant-reclaim", _("Say under which conditions it is reclaimed."), "reclaim_text")
    if not clean(facts.exit_text):
        wrong("grant-exit", _("Say what happens when a completer leaves, retires or dies."), "exit_text")
    if not 1 <= facts.cure_days <= 365:
        wrong("grant-cure", _("The time to put it right is from 1 to 365 days."), "cure_days")
    return [*found, *_row_problems(facts)]


def _row_problems(facts: GrantFacts) -> list[Problem]:
    found = []
    if not 1 <= len(facts.members) <= MOST_MEMBERS:
        message = _("Name 1 to %(most)s completers.") % {"most": MOST_MEMBERS}
        found.append(Problem("grant-team", message, "members"))
    if any(not clean(one.name) or one.part_bp is None or not 0 < one.part_bp <= 10_000 for one in facts.members):
        message = _("Give each completer a name and a part above 0 %.")
        found.append(Problem("grant-split", message, "members"))
    people = [one.person.pk for one in facts.members if one.person is not None]
    if len(people) != len(set(people)):
        found.append(Problem("grant-team", _("Somebody is named twice."), "members"))
    if len(facts.milestones) > MOST_MILESTONES or any(
        not 2 <= len(clean(one.text)) <= 300 or one.due_on is None for one in facts.milestones
    ):
        message = _("At most %(most)s milestones, each with a day and 2 to 300 characters.")
        found.append(Problem("grant-milestones", message % {"most": MOST_MILESTONES}, "milestones"))
    return found


def _columns(facts: GrantFacts) -> dict[str, Any]:
    found = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name not in _OF_RECORD}
    texts = {name: clean(found[name]) for name in _TEXTS}
    return found | texts | {"cleared": [one for one in Bar.values if one in facts.cleared]}


def _write_rows(row: RightsGrant, facts: GrantFacts) -> None:
    """The team and the milestones as entered; who has signed a text keeps that signature."""
    signed = {(one.name, one.person_id): one for one in row.members.all()}
    row.members.all().delete()
    row.milestones.all().delete()
    members = []
    for number, one in enumerate(facts.members, 1):
        name, person = clean(one.name), one.person.pk if one.person is not None else None
        member = GrantMember(grant=row, number=number, name=name, person_id=person, part_bp=one.part_bp or 0)
        if (before := signed.get((name, person))) is not None:
            member.signed, member.signed_on, member.on_paper = before.signed, before.signed_on, before.on_paper
        members.append(member)
    milestones = [
        GrantMilestone(grant=row, number=number, text=clean(one.text), due_on=one.due_on)
        for number, one in enumerate(facts.milestones, 1)
        if one.due_on is not None
    ]
    require_fits(*members, *milestones)
    for written in (*members, *milestones):
        refuse_marked(written)
    GrantMember.objects.bulk_create(members)
    GrantMilestone.objects.bulk_create(milestones)


def _begins_own(actor: Actor, owner: Organisation, facts: GrantFacts) -> bool:
    """Whether the actor is a completer of the achievement and of the team, in their own name and unit."""
    if actor.person is None or actor.represented is not None or actor.organisation != owner or not facts.achievement:
        return False
    named = actor.person.pk in {one.person.pk for one in facts.members if one.person}
    return named and Completer.objects.filter(achievement=facts.achievement.pk, person=actor.person.pk).exists()


def draft_grant(*, actor: Actor, owner: Organisation, facts: GrantFacts) -> RightsGrant:
    """Begin the case of a grant: by the members who keep the unit's papers of rights, or in their own name by somebody
    of the unit whom the achievement names among its completers and the grant in its team. Naming oneself in the team is
    not enough. Raises `NotAllowed` or `Refused`."""
    if not keeps_for(actor, owner.pk) and not _begins_own(actor, owner, facts):
        raise NotAllowed(_("Only the completers, and members in charge of the unit's papers of rights, begin this."))
    problems = check_facts(facts, owner)
    if problems := problems or [*(check_free(facts.achievement) if facts.achievement is not None else ())]:
        raise Refused(problems)
    with journal.writing():
        row: RightsGrant = open_record(
            GRANT,
            lambda record: RightsGrant(record=record, **_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=owner,
            contact=actor.person,
        )
        _write_rows(row, facts)
        GRANT.refresh_audience(row)
    return row


def edit_grant(*, actor: Actor, grant: RightsGrant, facts: GrantFacts, expected_version: int) -> RightsGrant:
    """Change a draft. Raises `NotAllowed`, `Refused`, or `Conflict` when somebody changed it meanwhile."""
    record, owner = grant.record, grant.record.owner
    must_allow(
        writes, actor, grant, _("A grant is changed while it is a draft, by its team and the unit."), stages={"draft"}
    )
    if problems := check_facts(facts, owner):
        raise Refused(problems)
    with journal.writing():
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(record, texts), *set_columns(grant, _columns(facts))]
        require_fits(record, grant)
        record.save(update_fields=list(texts))
        grant.save()
        _write_rows(grant, facts)
        fresh = RightsGrant.objects.select_related("record__owner").get(pk=grant.pk)
        touch(GRANT, fresh, actor=actor, fields=[*changed, "members"], expected_version=expected_version)
    return fresh


# -- the team signs ----------------------------------------------------------------------------------------------------


def _held_for_signing(grant: RightsGrant) -> RightsGrant:
    row: RightsGrant = held(grant)
    if row.record.stage != "signing":
        raise Conflict(_("The agreement is not before the team now."))
    return row


def sign_split(*, actor: Actor, grant: RightsGrant, wording: str) -> RightsGrant:
    """A completer signs the split and the terms in their own name: the text of this hash.

    Raises `NotAllowed`, or `Conflict` when the text is another by now or is signed already.
    """
    with journal.writing():
        if not is_completer.test(actor, grant):
            raise NotAllowed(_("Only the completers of the team sign."))
        row = _held_for_signing(grant)
        member = row.members.get(person=actor.person)
        if wording != row.wording:
            raise Conflict(_("The text was changed meanwhile. Read it again, then sign."))
        if member.signed == row.wording:
            raise Conflict(_("You have signed this text already."))
        _sign(row, [member], on_paper=False)
        journal.note("grant.signed", record=row.record, actor=actor, data={"wording": row.wording})
    return row


def sign_on_paper(*, actor: Actor, grant: RightsGrant, numbers: Sequence[int], sheet: Upload | None) -> RightsGrant:
    """Enter that completers without an account here have signed on paper: the scan of the printed agreement, whose code
    is read back and is of this text. Raises `NotAllowed`, `Refused` or `Conflict`."""
    code = ""
    if sheet is not None:
        check_upload(sheet, SCANS)
        code = code_on(sheet.content)
    with journal.writing():
        if not keeps.test(actor, grant):
            raise NotAllowed(_("Only members in charge of the unit's papers of rights enter a signed sheet."))
        row = _held_for_signing(grant)
        members = list(row.members.filter(number__in=numbers, person=None).exclude(signed=row.wording))
        problems = []
        if not members or len(members) != len(set(numbers)):
            message = _("Choose who signed: completers without an account who have not signed this text.")
            problems.append(Problem("grant-signers", message, "members"))
        if sheet is None or not code:
            message = _("Add the scan of the printed agreement with its version code.")
            problems.append(Problem("scan-unread", message, "file"))
        if sheet is None or problems:
            raise Refused(problems)
        require_present(row, actor, code)
        proof = keep_proof(actor=actor, record=row.record, upload=sheet, kind="signed-sheet", types=SCANS)
        _sign(row, members, on_paper=True)
        data = {"wording": row.wording, "code": code, "document": proof.pk, "members": [one.number for one in members]}
        journal.note("grant.signed-on-paper", record=row.record, actor=actor, data=data)
    return row


def _sign(row: RightsGrant, members: Sequence[GrantMember], *, on_paper: bool) -> None:
    for one in members:
        one.signed, one.signed_on, one.on_paper = row.wording, today(), on_paper
        one.save(update_fields=["signed", "signed_on", "on_paper"])


# -- while it stands ---------------------------------------------------------------------------------------------------


def note_title(
    *, actor: Actor, grant: RightsGrant, number: str, on: date | None, expected_version: int | None = None
) -> RightsGrant:
    """Enter the registry's number and day of the change of title; it follows the agreement. Raises `NotAllowed`,
    `Refused` or `Conflict`."""
    with journal.writing():
        row = _standing(grant, actor, {"active"})
        problems = []
        if row.kind not in OWNERSHIP:
            problems.append(Problem("grant-no-title", _("A right of use changes no title."), "number"))
        if not 2 <= len(clean(number)) <= 80:
            problems.append(
                Problem("grant-title", _("Give the number of the change, at most 80 characters."), "number")
            )
        if on is None or not (row.agreed_on or today()) <= on <= today():
            message = _("Give the day of the change: from the agreement until today.")
            problems.append(Problem("grant-title-day", message, "on"))
        if problems:
            raise Refused(problems)
        changed = set_columns(row, {"title_change_no": clean(number), "title_changed_on": on})
        row.save(update_fields=["title_change_no", "title_changed_on"])
        touch(GRANT, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def note_contract(*, actor: Actor, grant: RightsGrant, code: str, expected_version: int | None = None) -> RightsGrant:
    """Enter the technology contract by which it is converted: one of the unit, of this achievement or of none. Raises
    `NotAllowed`, `Refused` or `Conflict`."""
    with journal.writing():
        row = _standing(grant, actor, {"active", "titled"})
        found = named_contract(row, clean(code).upper())
        if found is None or not can_view(actor, found.record):
            message = _("Name a technology contract of the unit by its platform code, one about this achievement.")
            raise Refused(Problem("grant-contract", message, "contract"))
        row.contract = found.record
        row.save(update_fields=["contract"])
        touch(GRANT, row, actor=actor, fields=["contract"], expected_version=expected_version)
    return row


def reach_milestone(*, actor: Actor, grant: RightsGrant, number: int, on: date | None, evidence: str) -> RightsGrant:
    """Enter that a milestone was reached and how that is shown: by the team, or by the unit. Raises `Missing`,
    `NotAllowed`, `Refused` or `Conflict`."""
    refuse_marked_texts([evidence], "evidence")
    with journal.writing():
        row: RightsGrant = held(grant)
        if not writes.test(actor, row):
            raise NotAllowed(_("Only the team and the unit say what was reached."))
        if row.record.stage not in STANDING:
            raise Conflict(_("The grant does not stand: there is nothing to reach."))
        milestone = row.milestones.filter(number=number).first()
        if milestone is None:
            raise Missing(str(number))
        if milestone.reached_on is not None:
            raise Conflict(_("This milestone was entered as reached before."))
        problems = []
        if on is None or not (row.agreed_on or today()) <= on <= today():
            problems.append(Problem("milestone-day", _("Give a day from the agreement until today."), "on"))
        if len(clean(evidence)) < 2:
            message = _("Say how it is shown that it was reached: report, contract, test.")
            problems.append(Problem("milestone-evidence", message, "evidence"))
        if problems:
            raise Refused(problems)
        milestone.reached_on, milestone.evidence = on, clean(evidence)
        milestone.save(update_fields=["reached_on", "evidence"])
        count_terms(row)
        touch(GRANT, row, actor=actor, fields=["milestones"])
    return row


def _standing(grant: RightsGrant, actor: Actor, stages: set[str]) -> RightsGrant:
    row: RightsGrant = held(grant)
    if not keeps.test(actor, row):
        raise NotAllowed(_("Only members in charge of the unit's papers of rights enter this."))
    if row.record.stage not in stages:
        raise Conflict(_("The grant does not stand where this is entered."))
    return row
