"""What is done to needs: posed by a firm, edited, moved. The only writers of this area."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.needs.checks import poster_problems
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Indicator, Need, NeedSource
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.backfill import Backfill, moves_to
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import NotAllowed, NotNow, Problem, Refused
from kezhuan.kernel.lifecycle import open_record, touch
from kezhuan.kernel.marks import has_classification_mark, is_secret_class, secrets_problem
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.opening import require_may_open
from kezhuan.kernel.text import clean, cleaned, texts_in
from kezhuan.kernel.vocabulary import TRL_SCALES, Confidentiality, Mode


@dataclass(frozen=True)
class Figure:
    """One indicator as entered."""

    name: str
    operator: str
    value: str
    unit: str = ""
    test_method: str = ""


@dataclass(frozen=True)
class NeedFacts:
    """What a firm says of its need; `problem` is 拟解决的主要技术问题, money in 分, R&D ratio in basis points."""

    title: str
    problem: str = ""
    title_en: str = ""
    confidentiality: str = Confidentiality.PUBLIC
    field: str = ""
    chain: str = ""
    keywords: tuple[str, ...] = ()
    background: str = ""
    scenario: str = ""
    expected_benefit: str = ""
    claimant_requirements: str = ""
    ip_terms: str = ""
    ip_note: str = ""
    budget_fen: int | None = None
    benefit_fen: int | None = None
    min_trl: int | None = None
    trl_scale: str = "trl9"
    modes: tuple[str, ...] = ()
    region: str = ""
    deadline: date | None = None
    self_solvable: bool = False
    rd_ratio_bp: int | None = None
    indicators: tuple[Figure, ...] = ()
    contact: Person | None = None
    source: str = NeedSource.SELF
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


COLUMNS = (
    "confidentiality", "field", "chain", "background", "scenario", "expected_benefit", "claimant_requirements",
    "ip_terms", "ip_note", "budget_fen", "benefit_fen", "min_trl", "trl_scale", "region", "deadline", "self_solvable",
    "rd_ratio_bp", "source",
)  # fmt: skip
LISTS = ("keywords", "modes")


def check_facts(facts: NeedFacts) -> list[Problem]:
    """Everything that is wrong with what was entered; a state secret is the only answer when there is one."""
    if is_secret_class(facts.confidentiality) or any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("confidentiality")]
    problems = []
    title = clean(facts.title)
    if not title:
        problems.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        problems.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.confidentiality not in Confidentiality.values:
        problems.append(Problem("confidentiality-unknown", _("Choose who may see the need."), "confidentiality"))
    if facts.budget_fen is not None and facts.budget_fen <= 0:
        problems.append(Problem("budget-not-positive", _("The budget is more than zero."), "budget"))
    if facts.benefit_fen is not None and facts.benefit_fen <= 0:
        problems.append(
            Problem("benefit-not-positive", _("The expected benefit is more than zero, or left empty."), "benefit")
        )
    highest = TRL_SCALES.get(facts.trl_scale, 0)
    if facts.min_trl is not None and not 1 <= facts.min_trl <= highest:
        problems.append(
            Problem(
                "maturity-range",
                _("The maturity level is a whole number from 1 to %(highest)s on this scale.") % {"highest": highest},
                "min_trl",
            )
        )
    if not set(facts.modes) <= set(Mode.values):
        problems.append(Problem("mode-unknown", _("Choose the forms of cooperation from the list."), "modes"))
    for row in facts.indicators:
        if not clean(row.name) or not clean(row.value):
            problems.append(Problem("indicator-empty", _("Each indicator has a name and a value."), "indicators"))
            break
    return problems


def check_entered(owner: Organisation | None, stage: str | None) -> list[Problem]:
    """What publishing asks of whoever poses the need, for one that is entered behind it, typed or from a file."""
    passes = stage is not None and any(move.name == "publish" for move in moves_to(NEED, stage))
    return list(poster_problems(owner)) if passes else []


def register_need(
    *,
    actor: Actor,
    owner: Organisation | None,
    facts: NeedFacts,
    stage: str | None = None,
    why: Backfill | None = None,
) -> Need:
    """Start a need as a draft of its firm (officers may name another stage, and say why they enter it there); raises
    `Refused` or `NotAllowed`."""
    problems = check_facts(facts) + check_entered(owner, stage)
    if problems:
        raise Refused(problems)
    require_may_open(actor, "need", owner, stage)
    with journal.writing():
        need: Need = open_record(
            NEED,
            lambda record: Need(
                record=record,
                **{name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")},
            ),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.problem,
            owner=owner,
            contact=facts.contact,
            stage=stage,
            why=why,
        )
        write_indicators([(need, facts)])
    return need


def edit_need(*, actor: Actor, need: Need, facts: NeedFacts, expected_version: int) -> Need:
    """Change a need that is not public yet; raises `Refused`, `NotAllowed`, or `Conflict` when somebody else did.

    A published need is withdrawn and reopened before it is changed, so that nobody answers words that moved.
    """
    if not represents_owner.test(actor, need):
        raise NotAllowed(_("Only the owner's members edit this need."))
    if need.record.phase != Phase.DRAFT:
        raise NotNow(_("Only a draft is edited. Withdraw the need and bring it back to draft first."), need.record)
    problems = check_facts(facts)
    if problems:
        raise Refused(problems)
    record = need.record
    with journal.writing():
        texts = {"title": clean(facts.title), "title_en": clean(facts.title_en), "summary": clean(facts.problem)}
        changed = set_columns(record, texts)
        changed += set_columns(need, {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS)})
        record.contact = facts.contact
        require_fits(record, need)
        record.save(update_fields=[*texts, "contact"])
        need.save()
        write_indicators([(need, facts)])
        touch(NEED, need, actor=actor, fields=changed, expected_version=expected_version)
    return need


def write_indicators(needs: Sequence[tuple[Need, NeedFacts]]) -> None:
    """Write the indicators of needs in place of those they have; raises `Refused` for one that does not fit."""
    rows = [
        Indicator(
            need=need,
            order=order,
            name=clean(row.name),
            operator=row.operator,
            value=clean(row.value),
            unit=clean(row.unit),
            test_method=clean(row.test_method),
        )
        for need, facts in needs
        for order, row in enumerate(facts.indicators, 1)
    ]
    require_fits(*rows)
    Indicator.objects.filter(need__in=[need.pk for need, _facts in needs]).delete()
    Indicator.objects.bulk_create(rows)
