"""What was decided about a project, its race and its panels, by whom, and who was barred from it: what is kept with the
project, and what the journal tells of routes and panels."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.decided import BY_ROUTE, LAID_OPEN, Decided, handled_beside, said_of_notice
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Decision, Project, Race
from kezhuan.areas.projects.queries import RIVAL, sides_of
from kezhuan.areas.reviews import decided as of_panels
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Text
from kezhuan.kernel.history import label
from kezhuan.kernel.models import Entry, Organisation, Record

HATS = {
    "leader": gettext_lazy("leader"),
    "poster": gettext_lazy("the poster"),
    "user": gettext_lazy("first user"),
    "member": gettext_lazy("member"),
    RIVAL: gettext_lazy("of another team of the race"),
}
DECIDED: dict[str, Text] = {
    "milestone": gettext_lazy("milestone judged"),
    "pay": gettext_lazy("payment made"),
    "change": gettext_lazy("change of members decided"),
    "user": gettext_lazy("first user named"),
    "landing": gettext_lazy("local entity of a member recorded"),
    "settlement": gettext_lazy("money settled"),
    "test": gettext_lazy("test report recorded"),
    "race": gettext_lazy("let into a race"),
    "gate": gettext_lazy("left the race at gate %(number)s"),
    "gate-on": gettext_lazy("goes on after gate %(number)s of the race"),
    "reserve": gettext_lazy("money reserved in the race"),
    "wind-up": gettext_lazy("race closed"),
    "race-void": gettext_lazy("race declared void"),
}
RACED = ("race", "gate", "gate-on", "reserve", "wind-up")
"""What a race decides about its teams."""


def what_in_words(one: Decision) -> str:
    """What was decided, in words."""
    words = str(DECIDED.get(one.what) or PROJECT.moves[one.what].label)
    if one.about is None:
        return words
    return words % {"number": one.about} if one.what in {"gate", "gate-on"} else f"{words} {one.about}"


def decided_about(actor: Actor, row: Project) -> list[Decided]:
    """Every decision about a project, the first one first, as the actor may know it; a constant number of queries.
    The unit that undertakes it is told neither of the other teams of its race nor of panels, approvals and objections,
    which are not its to read."""
    kept = list(row.decisions.select_related("by__record"))
    panels = of_panels.panels_about(row.pk)
    releases = of_panels.releases_of(panels)
    beside: Iterable[int] = [*panels, *releases, *handled_beside(row.pk)]
    own = actor.organisation is not None and actor.organisation.pk == row.record.owner_id
    if own:
        beside = visible_to(actor, Record.objects.filter(pk__in=beside)).values_list("pk", flat=True)
    about = of_panels.ABOUT_PANELS | Q(kind__in=(*BY_ROUTE, *LAID_OPEN))
    entries = Entry.objects.filter(about, record__in=[row.pk, *beside]).select_related("actor__record")
    now = [list(one) for one in sides_of(row)]
    code = row.record.code
    found = [(one.at, what_in_words(one), code, one.by, one.barred) for one in kept]
    for one in entries.order_by("seq"):
        panel = panels.get(releases.get(one.record_id or 0, one.record_id or 0))
        words = (
            of_panels.in_words(panel.record, one) + f" {panel.record.code}"
            if panel is not None
            else said_of_notice(one)
            if one.kind in LAID_OPEN
            else label(registry.kind_of(row.record), one.kind)
        )
        # Who was of a side then: nobody joins or leaves but by a decision, which kept who was.
        barred = next((later.barred for later in kept if later.at >= one.at), now)
        about_which = panel.record.code if panel is not None else code
        found.append((one.at, words, about_which, one.actor, [pair for pair in barred if pair[1] != RIVAL]))
    units = _units(pair for *_said, barred in found for pair in barred)
    return [
        Decided(
            at, what, which, by,
            tuple((units[unit], part) for unit, part in barred if part != RIVAL or not own),
        )
        for at, what, which, by, barred in sorted(found, key=lambda each: each[0])
    ]  # fmt: skip


def decided_in_race(row: Race) -> list[Decided]:
    """Every decision of a race about each of its teams, the first one first; two queries."""
    rows = Decision.objects.filter(project__race_team__race=row.pk, what__in=RACED).order_by("at", "pk")
    kept = list(rows.select_related("by__record", "project__record"))
    units = _units(pair for one in kept for pair in one.barred)
    return [
        Decided(
            one.at, what_in_words(one), one.project.record.code, one.by,
            tuple((units[unit], part) for unit, part in one.barred),
        )
        for one in kept
    ]  # fmt: skip


def _units(pairs: Iterable[Sequence[Any]]) -> dict[int, Organisation]:
    rows = Organisation.objects.filter(pk__in={unit for unit, _part in pairs})
    return {one.pk: one for one in rows.select_related("record")}
