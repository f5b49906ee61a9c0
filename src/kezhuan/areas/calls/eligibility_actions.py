"""Officers say of each condition of a call whether an application meets it: the only writer of that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.choices import ConditionRule, Outcome
from kezhuan.areas.calls.eligibility import FILE, bases_of
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.permissions import judges_criteria
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean


@dataclass(frozen=True)
class Check:
    """What is said of a condition: its `Outcome`, what of the application that rests on (see `bases_of`), a note."""

    outcome: str
    basis: str = ""
    words: str = ""


def judge_criteria(
    *, actor: Actor, application: Application, checks: Sequence[Check | None], expected_version: int | None = None
) -> Application:
    """Say of the conditions of its call, in their order, whether an application that waits for its formality check
    meets them; None where nothing is said yet. Raises `NotAllowed`, `Refused`, or `Conflict` when it was changed
    meanwhile."""
    must_allow(
        judges_criteria,
        actor,
        application,
        _("The officers in charge say whether conditions are met, while an application is checked."),
    )
    with journal.writing():
        row: Application = held(application)
        must_allow(judges_criteria, actor, row, _("The application is not being checked any more."))
        if any(one is not None and has_classification_mark(one.words) for one in checks):
            raise Refused(secrets_problem("checks"))
        bases = bases_of(row)
        if problems := list(_problems(row, checks, bases)):
            raise Refused(problems)
        row.checks = [_kept(one, bases) if one is not None else {} for one in checks]
        row.save(update_fields=["checks"])
        touch(APPLICATION, row, actor=actor, fields=["checks"], expected_version=expected_version)
    return row


def _kept(one: Check, bases: dict[str, str]) -> dict[str, str]:
    file = bases[one.basis] if one.basis.startswith(FILE) else ""
    return {"outcome": str(one.outcome), "basis": one.basis, "file": file, "words": clean(one.words)}


def _problems(row: Application, checks: Sequence[Check | None], bases: dict[str, str]) -> Iterator[Problem]:
    conditions = row.item.call.conditions
    if len(checks) > len(conditions):
        message = _("There are more answers than are asked for: %(most)s at most.")
        yield Problem("checks-many", message % {"most": len(conditions)}, "checks")
    for place, (condition, one) in enumerate(zip(conditions, checks, strict=False)):
        if one is None:
            continue
        words = {"words": condition["words"]}
        if condition.get("rule") == ConditionRule.RND:
            message = _("“%(words)s” is worked out from the applicant's figures: leave it away.")
            yield Problem("check-worked-out", message % words, f"outcome_{place}")
        elif one.outcome not in Outcome.values:
            message = _("“%(words)s”: say whether it is met, not met or noted.")
            yield Problem("check-outcome", message % words, f"outcome_{place}")
        elif one.basis and one.basis not in bases:
            message = _("“%(words)s”: choose a field or a file of this application.")
            yield Problem("check-basis", message % words, f"basis_{place}")
        elif one.outcome == Outcome.MET and not one.basis:
            message = _("“%(words)s”: say on which field or file that rests.")
            yield Problem("check-basis", message % words, f"basis_{place}")
        elif one.outcome != Outcome.MET and not clean(one.words):
            message = _("“%(words)s”: say what is missing, or what is noted: the applicant reads it.")
            yield Problem("check-words", message % words, f"words_{place}")
