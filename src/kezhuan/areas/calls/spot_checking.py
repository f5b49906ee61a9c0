"""Spot checks (抽查) of a call: who looked at what of an application, and what they found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import SpotFinding
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, texts_in, today

MOST = 100
"""Spot checks of one application at most."""


@dataclass(frozen=True)
class SpotCheck:
    """Who looked, on which day, at what; what they found, and in words."""

    who: str
    on: date
    looked_at: str
    finding: str
    words: str = ""


def spot_problems(application: Any, said: SpotCheck) -> Iterator[Problem]:
    """What is wrong with what is said of a spot check."""
    if any(map(has_classification_mark, texts_in(said))):
        yield secrets_problem("looked_at")
        return
    if not clean(said.who) or not clean(said.looked_at):
        message = _("Say who looked, and at what.")
        yield Problem("spot-missing", message, "who" if not clean(said.who) else "looked_at")
    if said.finding not in SpotFinding.values:
        yield Problem("spot-finding", _("Say what was found of what stands there."), "finding")
    elif said.finding != SpotFinding.IN_ORDER and not clean(said.words):
        yield Problem("spot-words", _("Say what is to be put right: the applicant reads it."), "words")
    if said.on > today():
        yield Problem("day-later", _("This day lies in the future."), "on")
    if len(application.spot_checks) >= MOST:
        message = _("At most %(most)s spot checks of one application are kept.")
        yield Problem("spot-many", message % {"most": MOST}, "who")


def finding_in_words(said: dict[str, str]) -> str:
    """What a spot check found, in a word."""
    return str(SpotFinding(said["finding"]).label)
