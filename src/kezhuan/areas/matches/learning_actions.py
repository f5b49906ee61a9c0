"""The city's own decisions weigh the parts of a score: learnt from the earlier ones, judged by the later ones."""

from datetime import datetime

from django.utils.translation import gettext as _

from kezhuan.areas.matches.decisions import Decided, decisions_of_city, pools_of
from kezhuan.areas.matches.models import Weighting
from kezhuan.areas.matches.nightly_actions import MATCH_ALL
from kezhuan.areas.matches.permissions import weighs
from kezhuan.areas.matches.queries import weighting_in_force
from kezhuan.engines.matching import SHIPPED
from kezhuan.engines.matching.learning import Decision, learn, replay, split
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed
from kezhuan.kernel.search import live_index
from kezhuan.kernel.text import SHANGHAI, now

_LOCK = "weightings"


def train_weighting() -> Weighting:
    """Learn from the earlier decisions, judge by the later ones against what is in force, keep the outcome, and switch
    it on when the whole interval of the gain lies above zero. Raises `TooFewDecisions`, or `Conflict` where other
    weights came in force meanwhile: it was not judged against them."""
    live_index().catch_up(wait=True)
    decided = decisions_of_city()
    earlier, later = split(decided.decisions)
    factors = learn(earlier)
    before = weighting_in_force()
    than = SHIPPED if before is None else before.factors
    pools = list(pools_of({(int(one.need), one.among) for one in later if one.grade > 0}))
    found = replay(earlier, later, pools, factors, than)
    with journal.writing():
        journal.one_at_a_time(_LOCK)
        if weighting_in_force() != before:
            raise Conflict(_("Somebody was quicker: other weights are in force now. Nothing was changed; train again."))
        made = Weighting.objects.create(
            factors=factors,
            trained_on=_told(decided, earlier, later, before),
            made_at=now(),
            judged=found.needs,
            before=found.before,
            after=found.after,
            low=found.low,
            high=found.high,
        )
        journal.note("match.learn", actor=SYSTEM, data={"weighting": made.pk, "better": found.is_better})
        if found.is_better:
            _switch(made, SYSTEM, on=True)
    return made


def _told(
    decided: Decided, earlier: list[Decision], later: list[Decision], before: Weighting | None
) -> dict[str, object]:
    return {
        "decisions": len(decided.decisions),
        "earlier": len(earlier),
        "needs": len({one.need for one in earlier}),
        "first": _day(earlier[0]),
        "parted": _day(later[0]),
        "last": _day(later[-1]),
        "told": decided.told,
        "with_present_parts": decided.with_present_parts,
        "without": decided.without,
        "than": None if before is None else before.pk,
    }


def _day(one: Decision) -> str:
    return datetime.fromtimestamp(one.at, SHANGHAI).date().isoformat()


def switch_weighting(*, actor: Actor, weighting: Weighting, on: bool) -> Weighting:
    """Put a weighting that was shown to be better in force, or go back to the shipped weights; all needs are matched
    anew. Raises `NotAllowed`, or `Conflict` where somebody was faster or it was not shown to be better."""
    if not weighs.test(actor, None):
        raise NotAllowed(_("Only the city's officers switch a weighting on or off."))
    with journal.writing():
        journal.one_at_a_time(_LOCK)
        held = Weighting.objects.filter(pk=weighting.pk).first()
        if held is None:
            raise Missing
        if held.in_force == on:
            raise Conflict(_("Somebody was faster: it is so already. Nothing was changed by you."))
        if on and not held.is_better:
            raise Conflict(_("The replay did not show it to be better, so it cannot be switched on."))
        _switch(held, actor, on=on)
    return held


def _switch(weighting: Weighting, actor: Actor, *, on: bool) -> None:
    moment = {"switched_at": now(), "switched_by": actor.person}
    if on:
        Weighting.objects.filter(in_force=True).update(in_force=False, **moment)
    Weighting.objects.filter(pk=weighting.pk).update(in_force=on, **moment)
    weighting.refresh_from_db()
    journal.note("match.weigh", actor=actor, data={"weighting": weighting.pk, "on": on})
    jobs.enqueue(MATCH_ALL, key="weighting", actor=actor if actor.person else None)
