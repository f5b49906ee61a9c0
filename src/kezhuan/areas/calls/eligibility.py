"""Criteria of the formality check: the call's conditions, each met, not met or noted with what that rests on, and
what is worked out from an application's own figures."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.answering import counted
from kezhuan.areas.calls.choices import ConditionRule, Outcome
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import is_concerned
from kezhuan.engines.limits import RndTier, rnd_refusal
from kezhuan.kernel.access import Actor, is_officer, region_of
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document, RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import SHANGHAI, listed, today, wan_from_fen

SMALL_BELOW, MIDDLE_UP_TO = "call.rnd.small-below", "call.rnd.middle-up-to"
"""Codes of the rule values: the revenue (分) below which a unit is small, and up to which it is of middle size."""
LEAST = {"small": "call.rnd.small-least", "middle": "call.rnd.middle-least", "large": "call.rnd.large-least"}
"""By size the code of the rule value: the least share of R&D in revenue, in basis points."""
TIER_CODES = (SMALL_BELOW, MIDDLE_UP_TO, *LEAST.values())
OPEN = frozenset({"submitted", "offered", "checking", "draft"})
"""Stages in which an applicant does not read yet what the officers say: they have not said it."""
FILE = "file-"
_WORSE: dict[str, Callable[[Decimal, Decimal], bool]] = {"≥": lt, "≤": gt, ">": le, "<": ge}
"""By the sign of an indicator when what is given is worse than what is asked."""
_FIRST_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Criterion:
    """A criterion of the check: what is asked, what came of it (empty while nobody has said), what that rests on and a
    note, in words. `worked_out` where nobody says it."""

    words: str
    outcome: str = ""
    basis: str = ""
    note: str = ""
    worked_out: bool = False

    @property
    def label(self) -> str:
        """What came of it, in a word."""
        return str(Outcome(self.outcome).label) if self.outcome else ""


def asks_figures(call: Any) -> bool:
    """Whether applicants say their revenue and R&D of the year before."""
    return any(one.get("rule") == ConditionRule.RND for one in call.conditions)


def tiers_of(call: Any) -> tuple[RuleValue, ...]:
    """The rule values of R&D by revenue that were in force on the day on which the call opened, in the order of
    `TIER_CODES`; empty where one of them is missing."""
    on = call.opens_at.astimezone(SHANGHAI).date() if call.opens_at is not None else today()
    found = [rule_or_none(code, on=on, jurisdiction=region_of(call)) for code in TIER_CODES]
    there = tuple(one for one in found if one is not None)
    return there if len(there) == len(TIER_CODES) else ()


def check_tiers(call: Any) -> Iterator[Problem]:
    """A condition that is worked out has the rule values it is worked out by."""
    if asks_figures(call) and not tiers_of(call):
        message = _("No shares of R&D by revenue are in force here: add the rule values %(codes)s first.")
        yield Problem("call-rnd-unset", message % {"codes": listed(TIER_CODES)}, "conditions")


def figure_problems(application: Any) -> Iterator[Problem]:
    """Where a condition is worked out from them, an application says its figures."""
    if asks_figures(application.item.call) and None in (application.revenue_fen, application.rnd_fen):
        message = _("Say your revenue and your R&D spending of the year before.")
        yield Problem("rnd-missing", message, "revenue" if application.revenue_fen is None else "rnd")


def _rnd(row: Any, words: str) -> Criterion:
    rules = tiers_of(row.item.call)
    if not rules or row.revenue_fen is None or row.rnd_fen is None:
        return Criterion(words, worked_out=True)
    small, middle, *least = (int(one.value) for one in rules)
    tiers = (RndTier(small, least[0]), RndTier(middle, least[1], inclusive=True), RndTier(None, least[2]))
    refusal = rnd_refusal(row.revenue_fen, row.rnd_fen, tiers)
    basis = _("revenue %(revenue)s 万元, R&D %(rnd)s 万元: %(share)s percent") % {
        "revenue": wan_from_fen(row.revenue_fen),
        "rnd": wan_from_fen(row.rnd_fen),
        "share": _percent(row.rnd_fen * 10_000 // row.revenue_fen),
    }
    if refusal is None:
        return Criterion(words, Outcome.MET, basis, worked_out=True)
    note = _("at least %(least)s percent are asked of this revenue") % {"least": _percent(refusal.limit)}
    return Criterion(words, Outcome.UNMET, basis, note, worked_out=True)


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


def _indicators(row: Any) -> Iterator[Criterion]:
    """Whether each indicator is answered, as good as asked where both are figures: a hint, which the officers weigh.
    Where none is, as in a list of another system, nothing is said."""
    if not any(row.commitments):
        return
    asked = row.item.indicators
    pairs = list(zip(asked, [*row.commitments, *[""] * len(asked)], strict=False))
    words, basis = _("Every indicator is answered, none worse than asked"), _("answers to the indicators")
    if left := [one["name"] for one, said in pairs if not said]:
        note = _("not answered: %(names)s") % {"names": listed(left)}
        yield Criterion(words, Outcome.UNMET, basis, note, worked_out=True)
        return
    short = [one["name"] for one, said in pairs if falls_short(one, said)]
    unread = [one["name"] for one, said in pairs if _compared(one, said) is None]
    notes = [_("worse than asked: %(names)s") % {"names": listed(short)}] if short else []
    notes += [_("no figures that compare, to be read: %(names)s") % {"names": listed(unread)}] if unread else []
    outcome = Outcome.NOTED if notes else Outcome.MET
    yield Criterion(words, outcome, basis, " · ".join(notes), worked_out=True)


def falls_short(row: dict[str, str], committed: str) -> bool:
    """Whether what is committed to is worse than an indicator asks, where both are figures that compare: a hint for
    the formality check, which decides."""
    return _compared(row, committed) or False


def _compared(row: dict[str, str], committed: str) -> bool | None:
    """Whether what is committed to is worse than asked; None where the two are not one figure each that compare."""
    asked, given = _figure(row["value"]), _figure(committed)
    if asked is None or given is None:
        return None
    if row["operator"] not in _WORSE:  # another figure than the one asked for may be as good
        return False if row["operator"] == "=" and given == asked else None
    return _WORSE[row["operator"]](given, asked)


def _figure(text: str) -> Decimal | None:
    found = _FIRST_NUMBER.findall(text.replace(",", ""))
    if len(found) != 1:
        return None
    try:
        return Decimal(found[0])
    except InvalidOperation:  # more digits than a number has
        return None


def _letter(row: Any) -> Iterator[Criterion]:
    if row.recommender_id is not None and row.letter_on is not None:
        words, basis = _("Recommended by a letter"), f"{row.letter_no} {row.letter_on:%Y-%m-%d}".strip()
        yield Criterion(words, Outcome.MET, basis, worked_out=True)


def bases_of(row: Any) -> dict[str, str]:
    """By its name in words what of an application a check can rest on: fields that say something, and its files."""
    found = {"promise": _("promise")} if row.promised else {}
    fields = (("summary", row.record.summary, _("what is offered")), ("leader", row.leader, _("who leads the work")))
    found |= {name: str(words) for name, said, words in fields if said}
    found |= {"commitments": _("answers to the indicators")} if any(row.commitments) else {}
    found |= {"evidence": _("what it says of the condition")} if any(row.evidence) else {}
    asked = row.item.call.questions
    questions = zip(asked, counted(asked, row.answers), strict=True)
    found |= {f"answer-{place}": one["words"] for place, (one, said) in enumerate(questions, 1) if said}
    return found | {FILE + one.sha256: one.name for one in _files(row)}


def _files(row: Any) -> list[Document]:
    return list(documents_of(row.record, ("public", "full")))


def criteria_of(row: Any, *, whole: bool = True) -> list[Criterion]:
    """The criteria of an application: the call's conditions in their order, then what is worked out; without the
    `whole` no word of the officers."""
    call, found = row.item.call, []
    for place, one in enumerate(call.conditions):
        said = row.checks[place] if whole and place < len(row.checks) else None
        if one.get("rule") == ConditionRule.RND:
            found.append(_rnd(row, one["words"]))
        elif said:
            found.append(Criterion(one["words"], said["outcome"], _basis(row, said), said["words"]))
        else:
            found.append(Criterion(one["words"]))
    return [*found, *_indicators(row), *_letter(row)]


def _basis(row: Any, said: dict[str, str]) -> str:
    """What a check rests on, in words that hold also after the file was taken back."""
    name = said["basis"]
    if name.startswith(FILE):
        return said["file"]
    if name.startswith("answer-"):
        return str(row.item.call.questions[int(name.removeprefix("answer-")) - 1]["words"])
    told = {
        "promise": _("promise"),
        "summary": _("what is offered"),
        "leader": _("who leads the work"),
        "commitments": _("answers to the indicators"),
        "evidence": _("what it says of the condition"),
    }
    return str(told.get(name, ""))


def mark_concerned(actor: Actor, rows: Sequence[Any]) -> None:
    """Let applications know whether their reader, who decides on others, stands on a side of their call; one query for
    all of them."""
    calls = {row.item.call_id for row in rows if is_officer.test(actor, row)}
    found = set(is_concerned.among(actor, Call.objects.filter(pk__in=calls)).values_list("pk", flat=True))
    for row in rows:
        row.concerns_reader = row.item.call_id in found


def criteria_for(actor: Actor, row: Any) -> list[Criterion]:
    """The same as a reader of the inner part may read it, to whom `mark_concerned` let it be known: its unit what was
    said once a step has followed, an officer of a side of the call what nobody said."""
    if is_officer.test(actor, row):
        return criteria_of(row, whole=not row.concerns_reader)
    return criteria_of(row, whole=row.record.stage not in OPEN)


def check_eligible(application: Any) -> Iterator[Problem]:
    """What passes the formality check meets every criterion, each of which was looked at."""
    found = criteria_of(application)
    if left := [one.words for one in found if not one.outcome]:
        message = _("Say first whether it meets: %(words)s.")
        yield Problem("criteria-open", message % {"words": listed(left)}, "checks")
    if unmet := [one.words for one in found if one.outcome == Outcome.UNMET]:
        message = _("It does not meet: %(words)s. Ask for a supplement, or refuse it.")
        yield Problem("criteria-unmet", message % {"words": listed(unmet)}, "checks")
