"""All pairs of a plan introduced at once."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.permissions import decides
from kezhuan.areas.matches.supply import own_rows
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Record

MOST_PAIRS = 100
"""Introductions begun by one request: some seconds of work."""


def introduce_pairs(*, actor: Actor, pairs: Sequence[tuple[str, str]]) -> tuple[list[Introduction], int]:
    """Introduce pairs of codes, need and record, that the actor decides on; returns what was begun, and how many were
    left: introduced by somebody else meanwhile, no longer open, without room left, or not theirs. Raises `Refused` for
    too many."""
    if not pairs:
        raise Refused(Problem("pairs-missing", _("Choose at least one pair."), "pair"))
    if len(pairs) > MOST_PAIRS:
        message = _("Introduce at most %(most)s pairs at a time.")
        raise Refused(Problem("pairs-many", message % {"most": MOST_PAIRS}, "pair"))
    needs = visible_to(actor, Need.objects.select_related("record"), "public")
    asked = {need.record.code: need for need in needs.filter(record__code__in=[need for need, _supply in pairs])}
    records = visible_to(actor, Record.objects.select_related(*own_rows("")), "public")
    offered = {record.code: record for record in records.filter(code__in=[supply for _need, supply in pairs])}
    made = []
    for need, supply in pairs:
        if need in asked and supply in offered and decides(actor, asked[need], offered[supply]):
            try:
                made.append(introduce(actor=actor, need=asked[need], supply=offered[supply], planned=True))
            except (Conflict, Missing, NotAllowed):
                continue
    return made, len(pairs) - len(made)
