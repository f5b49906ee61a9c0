"""What must hold of a research team, as entered and before it is published."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.checks import check_maturity
from kezhuan.areas.achievements.models import Achievement, AchievementOwner
from kezhuan.areas.teams.models import MOST_AT_ONCE, MOST_MEMBERS, OFFERED
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase

_ADDRESS = URLValidator(schemes=["http", "https"])


def check_website(address: str) -> Iterable[Problem]:
    """A web page is a whole address that a browser opens, and holds no password."""
    try:
        if address:
            _ADDRESS(address)
    except ValidationError:
        pass
    else:
        if "@" not in address:
            return
    message = _("Give the whole address of the web page, such as https://www.example.com, without a password.")
    yield Problem("website-address", message, "website")


def check_levels(lowest: int | None, highest: int | None, scale: str) -> Iterable[Problem]:
    """Both levels lie on the scale, and the lower one is not above the higher."""
    wrong = [
        Problem(one.code, one.message, field if one.field == "trl" else one.field)
        for field, level in (("trl_from", lowest), ("trl_to", highest))
        for one in check_maturity(level, scale)
    ]
    if any(one.code == "maturity-scale" for one in wrong):
        return wrong[:1]
    if not wrong and lowest is not None and highest is not None and lowest > highest:
        message = _("The maturity goes from the lower level to the higher: %(lowest)s is above %(highest)s.")
        wrong.append(Problem("maturity-order", message % {"lowest": lowest, "highest": highest}, "trl_from"))
    return wrong


def check_counts(size: int | None, capacity: int | None) -> Iterable[Problem]:
    """How many they are, and how many needs they take at once."""
    counts = (
        ("size", _("People in the team"), size, MOST_MEMBERS),
        ("capacity", _("Needs at once"), capacity, MOST_AT_ONCE),
    )
    for field, what, count, most in counts:
        if count is not None and not 1 <= count <= most:
            message = _("%(what)s: enter a whole number from 1 to %(most)s, or nothing where it is not known.")
            yield Problem("count-range", message % {"what": what, "most": f"{most:,}"}, field)


def check_modes(modes: Iterable[str]) -> Iterable[Problem]:
    """What a team offers is of the list."""
    if not set(modes) <= set(OFFERED):
        yield Problem("mode-unknown", _("Choose the forms of cooperation from the list."), "modes")


def check_results(owner: Organisation | None, results: Sequence[Achievement]) -> Iterable[Problem]:
    """A team points to achievements that its unit owns, alone or with others; one query where it points to others."""
    foreign = {one.pk: one for one in results if owner is None or one.record.owner_id != owner.pk}
    if foreign and owner is not None:
        shared = AchievementOwner.objects.filter(organisation=owner.pk, achievement__in=foreign)
        for achievement in shared.values_list("achievement", flat=True):
            foreign.pop(achievement, None)
    for one in foreign.values():
        message = _("%(code)s is no achievement of the team's unit.") % {"code": one.record.code}
        yield Problem("result-foreign", message, "achievements")


def check_unit_known(owner: Organisation | None) -> Iterable[Problem]:
    """Whoever shows a team to everybody is a unit that is verified or in the public list."""
    if owner is None:
        message = _("A team belongs to a unit: name one that is registered here, in full or by its credit code.")
        yield Problem("owner-missing", message, "owner")
    elif owner.record.phase not in {Phase.PUBLIC, Phase.ACTIVE}:
        message = _("“%(name)s” is not a verified organisation yet: its teams can be published once it is.")
        yield Problem("unit-unverified", message % {"name": owner.record.title}, "owner")


def told_problems(summary: str, field: str) -> Iterable[Problem]:
    """What a firm needs in order to judge a team that everybody sees."""
    if not summary:
        yield Problem("summary-missing", _("Describe what the team works on before you publish it."), "summary")
    if not field:
        yield Problem("field-missing", _("Choose the technical field before you publish the team."), "field")


def check_publishable(team: Any) -> Iterable[Problem]:
    """A known unit stands behind it, and firms are told enough."""
    yield from check_unit_known(team.record.owner)
    yield from told_problems(team.record.summary, team.field)
