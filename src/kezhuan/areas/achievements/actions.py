"""What is done to achievements: registered by their unit, edited, moved. The only writers of this area."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.checks import (
    check_class_open,
    check_maturity,
    check_owners,
    check_right_number,
    check_rights_states,
    check_shares,
)
from kezhuan.areas.achievements.levels import check_found
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement, AchievementOwner, Completer, IntellectualProperty
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.backfill import Backfill
from kezhuan.kernel.checks import require, require_fits, set_columns
from kezhuan.kernel.errors import NotAllowed, NotNow, Problem, Refused
from kezhuan.kernel.lifecycle import open_record, touch
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.opening import require_may_open
from kezhuan.kernel.text import clean, cleaned, texts_in, today
from kezhuan.kernel.vocabulary import AchievementClass, Mode


@dataclass(frozen=True)
class Right:
    """One intellectual property right as entered."""

    kind: str
    status: str
    number: str = ""
    title: str = ""


@dataclass(frozen=True)
class Contribution:
    """One completer as entered: a name, the person when known, the share in basis points when settled."""

    name: str
    share_bp: int | None = None
    person: Person | None = None


@dataclass(frozen=True)
class AchievementFacts:
    """What a unit says of an achievement; money in 分, shares in basis points."""

    title: str
    summary: str = ""
    title_en: str = ""
    secrecy: str = AchievementClass.PUBLIC
    confidential: str = ""
    advantage: str = ""
    keywords: tuple[str, ...] = ()
    field: str = ""
    chain: str = ""
    discipline: str = ""
    trl: int | None = None
    trl_scale: str = "trl9"
    modes: tuple[str, ...] = ()
    rights_states: tuple[str, ...] = ()
    price_fen: int | None = None
    region: str = ""
    completed_on: date | None = None
    rights: tuple[Right, ...] = ()
    completers: tuple[Contribution, ...] = ()
    co_owners: tuple[tuple[Organisation, int | None], ...] = ()
    contact: Person | None = None
    source: str = ""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


COLUMNS = (
    "secrecy", "confidential", "advantage", "field", "chain", "discipline", "trl", "trl_scale", "price_fen", "region",
    "completed_on", "source",
)  # fmt: skip
LISTS = ("keywords", "modes", "rights_states")


def check_facts(facts: AchievementFacts) -> list[Problem]:
    """Everything that is wrong with what was entered; a state secret is the only answer when there is one."""
    closed = check_class_open(facts.secrecy, *texts_in(facts))
    if any(problem.code == "state-secret" for problem in closed):
        return closed
    problems = [*closed, *check_maturity(facts.trl, facts.trl_scale)]
    title = clean(facts.title)
    if not title:
        problems.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        problems.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.price_fen is not None and facts.price_fen < 0:
        problems.append(Problem("price-negative", _("The price is not negative."), "price"))
    if facts.completed_on is not None and facts.completed_on > today():
        problems.append(Problem("completed-later", _("The day of completion lies in the future."), "completed_on"))
    if not set(facts.modes) <= set(Mode.values):
        problems.append(Problem("mode-unknown", _("Choose the forms of cooperation from the list."), "modes"))
    problems += check_rights_states(facts.rights_states)
    for right in facts.rights:
        problems += check_right_number(right.kind, right.number)
    shares = [one.share_bp or 0 for one in facts.completers]
    if sum(shares) > 10_000 or any(share < 0 for share in shares):
        problems.append(Problem("shares-over", _("The contributions sum to more than 100 %."), "completers"))
    return problems


def register_achievement(
    *,
    actor: Actor,
    owner: Organisation | None,
    facts: AchievementFacts,
    stage: str | None = None,
    why: Backfill | None = None,
) -> Achievement:
    """Start an achievement as a draft of its unit (officers may name another stage, and say why they enter it there);
    raises `Refused`.

    Nothing of a text that carries a state secret is saved, noted or logged.
    """
    problems = [*check_facts(facts), *check_owners(owner, facts.co_owners)]
    if problems:
        raise Refused(problems)
    require_may_open(actor, "achievement", owner, stage)
    if stage == "registered":
        require([one.share_bp for one in facts.completers], [check_shares])
    with journal.writing():
        achievement: Achievement = open_record(
            ACHIEVEMENT,
            lambda record: Achievement(
                record=record,
                **{name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")},
            ),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.summary,
            owner=owner,
            contact=facts.contact,
            stage=stage,
            why=why,
        )
        _write_rows(achievement, facts)
    return achievement


def edit_achievement(
    *, actor: Actor, achievement: Achievement, facts: AchievementFacts, expected_version: int
) -> Achievement:
    """Change an achievement; raises `Refused`, `NotAllowed`, or `Conflict` when somebody changed it meanwhile.

    A registered one keeps contributions that sum to 100.
    """
    if not (represents_owner.test(actor, achievement) or (actor.is_officer and achievement.record.owner_id is None)):
        raise NotAllowed(_("Only the owner's members edit this achievement."))
    if achievement.record.phase == Phase.VOID:
        raise NotNow(_("What was declared void is not edited."), achievement.record)
    problems = [*check_facts(facts), *check_owners(achievement.record.owner, facts.co_owners)]
    problems += check_found(achievement.record, facts.trl, facts.trl_scale)
    if achievement.record.stage == "registered":
        problems += check_shares([one.share_bp for one in facts.completers])
    if problems:
        raise Refused(problems)
    record = achievement.record
    with journal.writing():
        texts = {name: clean(getattr(facts, name)) for name in ("title", "title_en", "summary")}
        changed = set_columns(record, texts)
        columns = [name for name in (*COLUMNS, *LISTS) if name != "source"]
        changed += set_columns(achievement, {name: cleaned(getattr(facts, name)) for name in columns})
        record.contact = facts.contact
        require_fits(record, achievement)
        record.save(update_fields=[*texts, "contact"])
        achievement.save()
        achievement.rights.all().delete()
        achievement.completers.all().delete()
        achievement.owners.all().delete()
        _write_rows(achievement, facts)
        touch(ACHIEVEMENT, achievement, actor=actor, fields=changed, expected_version=expected_version)
    return achievement


def _write_rows(achievement: Achievement, facts: AchievementFacts) -> None:
    rights = [
        IntellectualProperty(
            achievement=achievement,
            kind=right.kind,
            status=right.status,
            number=clean(right.number),
            title=clean(right.title),
        )
        for right in facts.rights
    ]
    completers = _completers(achievement, facts.completers)
    require_fits(*rights, *completers)
    IntellectualProperty.objects.bulk_create(rights)
    Completer.objects.bulk_create(completers)
    AchievementOwner.objects.bulk_create(
        AchievementOwner(achievement=achievement, organisation=organisation, share_bp=share)
        for organisation, share in facts.co_owners
    )


def _completers(achievement: Achievement, contributions: Sequence[Contribution]) -> list[Completer]:
    return [
        Completer(achievement=achievement, order=order, name=clean(one.name), person=one.person, share_bp=one.share_bp)
        for order, one in enumerate(contributions, 1)
    ]
