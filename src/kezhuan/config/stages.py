"""What the documents say of kinds, stages, moves and code lists, written from the code itself."""

from collections.abc import Iterable
from pathlib import Path

from django.db.models import TextChoices
from django.utils import translation

from kezhuan.areas.achievements.models import RightKind
from kezhuan.areas.agreements.models import AgreementSort, Binding, Trigger, UseScope
from kezhuan.areas.calls.choices import AnswerKind, CallKind, ListDisclosure, Occasion, PosterPays
from kezhuan.areas.chains.models import BookingState, CapacityUnit, OfferSort, Period, Reach, SelectionMode
from kezhuan.areas.dossiers.models import DossierSort
from kezhuan.areas.evaluations.models import (
    EvaluationMethod,
    EvaluationPurpose,
    EvidenceSort,
    ResultStanding,
    ResultType,
    Value,
)
from kezhuan.areas.exemptions.models import (
    DecisionPart,
    DiligenceDuty,
    DutyState,
    ExemptionBar,
    ExemptionEvent,
    ExemptionFinding,
    ExemptionGround,
)
from kezhuan.areas.ledger.models import AchievementOrigin, ConversionStatus, StocktakeOutcome, WorkStage
from kezhuan.areas.matches.models import Reason
from kezhuan.areas.needs.models import NeedSource, RightsTerm
from kezhuan.areas.prices.models import PriceBasis, PriceMode, PriceWay
from kezhuan.areas.projects.models import (
    Division,
    Eliminated,
    EvidenceKind,
    GateDecision,
    MemberState,
    PaymentState,
    Source,
)
from kezhuan.areas.reviews.models import Choice, ExpertSort, Scheme, TieKind
from kezhuan.areas.rights.models import Bar, DecisionRule, GrantKind, Sharer
from kezhuan.kernel import registry
from kezhuan.kernel.models.approvals import Outcome, StepMode
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.models.parties import OrganisationKind, Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.vocabulary import AchievementClass, Confidentiality, Field, Mode

STAGES = "stages"
WORDS = "words"
LISTS: tuple[type[TextChoices], ...] = (
    Phase,
    Field,
    Mode,
    AchievementClass,
    Confidentiality,
    RightKind,
    RightsTerm,
    NeedSource,
    OrganisationKind,
    Role,
    Reason,
    Unit,
    NoticeAudience,
    ChannelKind,
    StepMode,
    Outcome,
    DossierSort,
    AgreementSort,
    Binding,
    Trigger,
    CallKind,
    ListDisclosure,
    AnswerKind,
    MemberState,
    Division,
    Source,
    PaymentState,
    EvidenceKind,
    Eliminated,
    GateDecision,
    OfferSort,
    CapacityUnit,
    Period,
    Reach,
    BookingState,
    SelectionMode,
    Occasion,
    PosterPays,
    ExpertSort,
    Scheme,
    Choice,
    TieKind,
    GrantKind,
    Bar,
    DecisionRule,
    UseScope,
    Sharer,
    ResultType,
    EvaluationPurpose,
    EvaluationMethod,
    Value,
    EvidenceSort,
    ResultStanding,
    ConversionStatus,
    AchievementOrigin,
    WorkStage,
    PriceWay,
    PriceMode,
    PriceBasis,
    StocktakeOutcome,
    ExemptionEvent,
    DecisionPart,
    DiligenceDuty,
    DutyState,
    ExemptionFinding,
    ExemptionGround,
    ExemptionBar,
)


def _said(label: object, language: str) -> str:
    with translation.override(language):
        return str(label)


def _both(label: object) -> str:
    return f"{_said(label, 'zh-hans')} | {_said(label, 'en')}"


def stages_of(kind: registry.Kind) -> list[str]:
    """One kind's life: a state diagram, its stages and its moves with their words in both languages."""
    life = kind.lifecycle
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(life.stages))}"]
    for move in life.moves.values():
        lines += [f"    {source} --> {target}: {move.name}" for source in sorted(move.source) for target in move.ends]
    leaving = {source for move in life.moves.values() for source in move.source}
    lines += [f"    {name} --> [*]" for name in life.stages if name not in leaving]
    lines += ["```", "", "| stage | phase | 中文 | English |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.phase.value} | {_both(one.label)} |" for one in life.stages.values()]
    lines += ["", "| move | from | to | 中文 | English |", "|---|---|---|---|---|"]
    lines += [
        f"| `{one.name}` | {', '.join(sorted(one.source))} | {', '.join(one.ends)} | {_both(one.label)} |"
        for one in life.moves.values()
    ]
    return lines


def words() -> list[str]:
    """Every kind, stage, move and entry of a code list, in both languages."""
    lines = ["## Kinds, stages and moves", "", "| in code | 中文 | English |", "|---|---|---|"]
    for kind in registry.kinds():
        lines.append(f"| **`{kind.slug}`** | {_both(kind.label)} |")
        lines += [
            f"| `{kind.slug}` stage `{one.name}` | {_both(one.label)} |" for one in kind.lifecycle.stages.values()
        ]
        lines += [f"| `{kind.slug}` move `{one.name}` | {_both(one.label)} |" for one in kind.lifecycle.moves.values()]
    lines += ["", "## Code lists", "", "| in code | 中文 | English |", "|---|---|---|"]
    for choices in LISTS:
        lines += [f"| `{choices.__name__}.{one.name}` | {_both(one.label)} |" for one in choices]
    return lines


def replaced(text: str, mark: str, lines: Iterable[str]) -> str:
    """The text with its generated part renewed."""
    begin, end = f"<!-- {mark}: generated by tools/stages -->", f"<!-- end of {mark} -->"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return "\n".join([f"{head}{begin}", "", *lines, "", f"{end}{tail}"])


def documents(docs: Path) -> dict[Path, str]:
    """Each document with a generated part, as it should read now."""
    glossary = docs / "glossary.md"
    found = {glossary: replaced(glossary.read_text(encoding="utf-8"), WORDS, words())}
    for kind in registry.kinds():
        path = docs / "areas" / f"{kind.slug}.md"
        found[path] = replaced(path.read_text(encoding="utf-8"), STAGES, stages_of(kind))
    return found
