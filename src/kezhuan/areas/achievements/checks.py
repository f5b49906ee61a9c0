"""What must hold of an achievement: class, contributions, maturity, and the numbers of its rights."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.marks import has_classification_mark, is_secret_class, secrets_problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.vocabulary import TRL_SCALES, AchievementClass, RightsState

WHOLE = 10_000
"""All shares together, in basis points."""
_APPLICATION = re.compile(r"^(?:ZL|CN)?(\d{12}|\d{8})\.?([\dX])$")
_PUBLICATION = re.compile(r"^CN\d{7,9}[A-Z]\d?$")
_FOREIGN = re.compile(r"^(?:PCT/?[A-Z]{2}\d{2,4}/?\d{5,6}|(?!CN|ZL)[A-Z]{2}[A-Z]?\d[\dA-Z/.,-]{3,})$")
_SOFTWARE = re.compile(r"^(?:\d{4}SR\d{3,8}|软著\D*\d{3,8}号?|\d{4}R\d{2}[A-Z]\d{5,8})$")
PATENTS = {"invention", "utility", "design"}


def check_class_open(secrecy: str, *texts: str) -> list[Problem]:
    """Refuses the classes of state secrets, and texts that carry their mark; such a thing is never saved."""
    if is_secret_class(secrecy) or any(has_classification_mark(text) for text in texts):
        return [secrets_problem("secrecy")]
    if secrecy not in AchievementClass.values:
        return [Problem("class-unknown", _("Choose the class: public, internal or trade secret."), "secrecy")]
    return []


def patent_check_digit(digits: str) -> str:
    """The check digit of a Chinese application number's 8 or 12 digits: weights 2–9 then 2–5, modulo 11, 10 as X."""
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return "X" if rest == 10 else str(rest)


def check_right_number(kind: str, number: str) -> list[Problem]:
    """Checks the number of a patent or of software; other rights' numbers are free text.

    A publication number and a foreign one, which begins with its country or PCT, have no check digit.
    """
    normal = "".join(unicodedata.normalize("NFKC", number).upper().split())
    if kind == "software" and normal and not _SOFTWARE.match(normal):
        message = _("%(number)s is no registration number of software: write it like 2023SR0123456.")
        return [Problem("software-number", message % {"number": number}, "rights")]
    if kind not in PATENTS or not normal or _PUBLICATION.match(normal) or _FOREIGN.match(normal):
        return []
    found = _APPLICATION.match(normal)
    if found is None:
        return [
            Problem(
                "patent-number",
                _(
                    "%(number)s is no patent number: write a Chinese one like 201710601862.3 or ZL201710601862.3, a"
                    " foreign one like US10123456B2 or PCT/CN2020/123456."
                )
                % {"number": number},
                "rights",
            )
        ]
    digits, check = found.groups()
    if patent_check_digit(digits) != check:
        return [
            Problem(
                "patent-check-digit",
                _("%(number)s: the check digit does not fit (it would be %(digit)s). Compare it with the certificate.")
                % {"number": number, "digit": patent_check_digit(digits)},
                "rights",
            )
        ]
    return []


def check_maturity(level: int | None, scale: str) -> list[Problem]:
    """A maturity level lies on its scale."""
    highest = TRL_SCALES.get(scale)
    if highest is None:
        return [Problem("maturity-scale", _("Choose the scale of the maturity level."), "trl_scale")]
    if level is not None and not 1 <= level <= highest:
        return [
            Problem(
                "maturity-range",
                _("The maturity level is a whole number from 1 to %(highest)s on this scale.") % {"highest": highest},
                "trl",
            )
        ]
    return []


_AGAINST = {
    RightsState.CLEAR: (RightsState.CO_OWNERS, RightsState.LICENSED, RightsState.PLEDGED, RightsState.DISPUTED),
    RightsState.GRANTED: (RightsState.NOT_GRANTED,),
}
"""What a state of rights says is not so."""


def check_rights_states(states: Iterable[str]) -> list[Problem]:
    """How the rights stand is said in words of the list that do not contradict each other."""
    said = set(states)
    if not said <= set(RightsState.values):
        return [Problem("rights-state-unknown", _("Choose how the rights stand from the list."), "rights_states")]
    message = _("“%(one)s” and “%(other)s” cannot both hold: leave one of them out.")
    return [
        Problem("rights-states-contradict", message % {"one": one.label, "other": other.label}, "rights_states")
        for one, others in _AGAINST.items()
        for other in others
        if {one, other} <= said
    ]


def check_shares(shares: Sequence[int | None]) -> list[Problem]:
    """Contributions, in basis points, are all given and sum to exactly 100 percent."""
    if not shares:
        return [Problem("completers-missing", _("Name at least one completer before registration."), "completers")]
    given = [share for share in shares if share is not None]
    if len(given) < len(shares):
        missing = len(shares) - len(given)
        message = _("%(missing)s of %(number)s completers have no contribution: enter it for each, 100 %% in all.")
        return [Problem("share-missing", message % {"missing": missing, "number": len(shares)}, "completers")]
    total = sum(given)
    if total != WHOLE:
        return [
            Problem(
                "shares-sum",
                _("The contributions sum to %(total)s %%, they must sum to 100 %%.") % {"total": f"{total / 100:g}"},
                "completers",
            )
        ]
    return []


def check_owners(owner: Organisation | None, others: Sequence[tuple[Organisation, int | None]]) -> list[Problem]:
    """Every owner is named once, the leading one not again, and the others hold no more than the whole."""
    problems = []
    seen = {owner.pk} if owner is not None else set()
    for one, _share in others:
        if one.pk in seen:
            message = _("“%(name)s” is an owner already: name it once only.") % {"name": one.record.title}
            problems.append(Problem("owner-twice", message, "owners"))
        seen.add(one.pk)
    if sum(share or 0 for _one, share in others) > WHOLE:
        problems.append(
            Problem("owner-shares-over", _("The shares of the further owners sum to more than 100 %."), "owners")
        )
    return problems


def check_registrable(achievement: Any) -> Iterable[Problem]:
    """What must hold from *registered* on: contributions sum to 100."""
    return check_shares(list(achievement.completers.values_list("share_bp", flat=True)))


def check_submittable(achievement: Any) -> Iterable[Problem]:
    """What an officer needs in order to judge: a description and a field."""
    if not achievement.record.summary:
        yield Problem("summary-missing", _("Describe the achievement before you submit it."), "summary")
    if not achievement.field:
        yield Problem("field-missing", _("Choose the technical field before you submit it."), "field")
