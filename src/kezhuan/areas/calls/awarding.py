"""By which rule a call chooses, and how long what is proposed is laid open before: terms of the call, said on its page.

Of each item at most as many are chosen as it says, whatever the rule. What a panel found is its last concluded word.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import DECIDABLE, AwardRule
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.queries import concluded_about
from kezhuan.areas.calls.staging import has_final, standing
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.engines.scoring import cut, places
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models.notices import ChannelKind
from kezhuan.kernel.notices import Term, is_shorter, required_days, ruled_days
from kezhuan.kernel.text import listed
from kezhuan.kernel.workdays import CALENDAR, WORKING, days_in_words

BY_SCORE = frozenset({AwardRule.SCORE, AwardRule.RANKED})
"""Rules that ask what a panel found."""
OF_RULE = {"award_most": AwardRule.FIXED, "award_score": AwardRule.SCORE}
"""The rule of each number: under another one it would be kept and never asked."""
PLACES = tuple((kind, label) for kind, label in ChannelKind.choices if kind != ChannelKind.UNIT)
"""Where a notice about a call can stand: it is laid open before the public."""


# -- the terms ---------------------------------------------------------------------------------------------------------


def term_problems(facts: Any) -> list[Problem]:
    """What is wrong with the rule and the notice as an officer typed them."""
    found = []
    if facts.award_rule not in AwardRule.values:
        found.append(Problem("award-rule", _("Choose by which rule is chosen."), "award_rule"))
    if facts.award_rule == AwardRule.FIXED and not (facts.award_most and 1 <= facts.award_most <= 9999):
        found.append(Problem("award-most", _("Say how many are chosen at most, from 1 to 9999."), "award_most"))
    if facts.award_rule == AwardRule.SCORE and not (facts.award_score and 1 <= facts.award_score <= 100):
        found.append(Problem("award-score", _("Say from which score on, from 1 to 100."), "award_score"))
    for name, rule in OF_RULE.items():
        if facts.award_rule != rule and getattr(facts, name) is not None:
            message = _("This number counts by the rule “%(rule)s” alone: choose that, or leave the number empty.")
            found.append(Problem("award-unused", message % {"rule": rule.label}, name))
    if facts.notice_days is not None and not 1 <= facts.notice_days <= 365:
        found.append(Problem("call-notice-days", _("A notice stands from 1 to 365 days."), "notice_days"))
    if facts.notice_day_kind not in {WORKING, CALENDAR}:
        found.append(Problem("call-notice-kind", _("Count working days or calendar days."), "notice_day_kind"))
    if not set(facts.notice_places) <= {kind for kind, _label in PLACES}:
        found.append(Problem("call-notice-places", _("Choose places that the list names."), "notice_places"))
    return found


def notice_term(call: Call) -> Term:
    """What a call says of the notice before its decision; of no day where it leaves that to the rulebook."""
    return Term(call.notice_days or 0, call.notice_day_kind, places=frozenset(call.notice_places))


def check_notice_term(call: Any) -> Iterator[Problem]:
    """A call does not promise a shorter notice than a rule value in force asks for, and one that holds a notice says
    for how long where no rule does."""
    rule = ruled_days(call, "decide")
    if rule is None and call.holds_notice and not call.notice_days:
        message = _(
            "No rule says for how long what is proposed is laid open: enter the days, or leave the notice away."
        )
        yield Problem("call-notice-open", message, "notice_days")
    if rule is not None and call.notice_days and is_shorter(notice_term(call), rule):
        message = _("%(code)s asks for a longer notice (%(days)s): set it, or leave it to the rulebook.")
        words = {"code": rule.rule.code if rule.rule is not None else "", "days": days_in_words(rule.value, rule.kind)}
        yield Problem("call-notice-short", message % words, "notice_days", rule.source)


def rule_in_words(call: Call) -> str:
    """By which rule a call chooses."""
    if call.award_rule == AwardRule.FIXED:
        return _("at most %(most)s over the whole list") % {"most": call.award_most}
    if call.award_rule == AwardRule.SCORE:
        return _("whoever reaches a score of %(score)s") % {"score": call.award_score}
    return str(call.get_award_rule_display())


def notice_in_words(call: Call) -> str:
    """How long and where its notice before the decision stands, as far as the call says so."""
    places = dict(PLACES)
    days = days_in_words(call.notice_days, call.notice_day_kind) if call.notice_days else ""
    if call.holds_notice and required_days(call, "decide") is None:
        days = _("days not entered yet")
    return " · ".join(filter(None, (days, listed(str(places[one]) for one in call.notice_places))))


# -- what is proposed --------------------------------------------------------------------------------------------------


def rule_problems(call: Call, proposed: Iterable[tuple[Application, Any]], *, whole: bool = False) -> Iterator[Problem]:
    """What stands against proposals by the rule of the call; of the `whole` decision also what it passes over without a
    word. Each is an application with what is proposed for it: `awarded`."""
    pairs = list(proposed)
    last = {row.pk for row in standing(call, [row for row, _given in pairs])}
    pairs = [(row, given) for row, given in pairs if row.pk in last]
    chosen = [row for row, given in pairs if given.awarded]
    if call.award_rule == AwardRule.FIXED and len(chosen) > (call.award_most or 0):
        message = _("The call chooses at most %(most)s, these are %(chosen)s.")
        yield Problem("award-fixed", message % {"most": call.award_most, "chosen": len(chosen)}, "proposal")
    elif call.award_rule == AwardRule.FIXED and (codes := _behind_the_cut(call, pairs)):
        message = _("%(codes)s: ranked below place %(most)s, down to which the call chooses: no money goes there.")
        yield Problem("award-behind", message % {"codes": listed(codes[:10]), "most": call.award_most}, "proposal")
    if call.award_rule not in BY_SCORE:
        return
    found = advice_on([row.pk for row, _given in pairs])
    if codes := [row.record.code for row in chosen if row.pk not in found]:
        message = _("The call chooses by scores, and no panel has concluded on %(codes)s.")
        yield Problem("award-unscored", message % {"codes": listed(codes[:10])}, "proposal")
    if call.award_rule == AwardRule.SCORE:
        below = [row.record.code for row in chosen if row.pk in found and not _reaches(call, found[row.pk])]
        if below:
            message = _("%(codes)s: the score stays below %(score)s, from which on the call chooses.")
            words = {"codes": listed(below[:10]), "score": call.award_score}
            yield Problem("award-below", message % words, "proposal")
    passed = _passed_over(call, pairs, found) if whole and not call.award_note else []
    if passed:
        message = _("By the rule of the call %(codes)s would be chosen: say in the proposal why the rule is not kept.")
        yield Problem("award-passed-over", message % {"codes": listed(passed[:10])}, "proposal")


def _behind_the_cut(call: Call, pairs: list[tuple[Application, Any]]) -> list[str]:
    """Codes of those that are to be given money although panels rank them below as many as the call chooses; where some
    are equal across that line people choose between them."""
    rows = Application.objects.filter(item__call=call.pk, record__stage__in=DECIDABLE).select_related("record")
    found = advice_on([row.pk for row in standing(call, rows)])
    ranked = places({str(pk): Decimal(said.result["score"]) for pk, said in found.items()})
    above = {int(pk) for part in cut(ranked, call.award_most or 0) for pk in part}
    paid = [row for row, given in pairs if given.awarded and given.award_fen]
    return [row.record.code for row in paid if row.pk in found and row.pk not in above]


def _score(said: PanelItem) -> float:
    return float(said.result["score"])


def _reaches(call: Call, said: PanelItem) -> bool:
    return _score(said) >= (call.award_score or 0)


def _passed_over(call: Call, pairs: list[tuple[Application, Any]], found: Mapping[int, PanelItem]) -> list[str]:
    """Codes of those that are not chosen although they reach the score, or stand before somebody who is chosen; where
    an item has its number of winners the rule chooses no other of it."""
    full = _full_items(pairs)
    left = [row for row, given in pairs if not given.awarded and row.pk in found and row.item_id not in full]
    if call.award_rule == AwardRule.SCORE:
        return [row.record.code for row in left if _reaches(call, found[row.pk])]
    lowest = min((_score(found[row.pk]) for row, given in pairs if given.awarded and row.pk in found), default=None)
    return [row.record.code for row in left if lowest is not None and _score(found[row.pk]) > lowest]


def _full_items(pairs: list[tuple[Application, Any]]) -> set[int]:
    counts: dict[int, int] = {}
    for row, given in pairs:
        counts[row.item_id] = counts.get(row.item_id, 0) + bool(given.awarded)
    return {row.item_id for row, _given in pairs if counts[row.item_id] >= row.item.winners}


def suggested(call: Call, shown: Iterable[Application]) -> dict[int, bool]:
    """By the id of each application that is shown what the rule of the call says of it, the best score of all first and
    as far as the budget line reaches with what each asks for; none where no panel has concluded or each item is chosen
    from alone. What a shortlist leaves out is not chosen."""
    rows, listing = list(shown), has_final(call)
    said = {row.pk: False for row in rows if listing and row.record.stage != "shortlisted"}
    panels = concluded_about(call) if call.award_rule != AwardRule.ITEM else []
    if not panels:
        return said
    stages = ("shortlisted",) if listing else DECIDABLE
    every = Application.objects.filter(item__call=call.pk, record__stage__in=stages)
    rows_asked = every.values_list("pk", "item", "item__winners", "asked_fen")
    asked = {pk: (item, winners, fen or 0) for pk, item, winners, fen in rows_asked}
    judged = PanelItem.objects.filter(panel__in=panels).order_by("panel")
    scores = judged.values_list("record", KeyTextTransform("score", "result"))
    ranked = {pk: float(score) for pk, score in scores if pk in asked}
    taken: Counter[int] = Counter()
    room, number = call.budget_fen or 0, 0
    for pk in sorted(ranked, key=lambda one: (-ranked[one], one)):
        item, winners, fen = asked[pk]
        fits = taken[item] < winners
        if call.award_rule == AwardRule.FIXED:
            fits = fits and number < (call.award_most or 0)
        elif call.award_rule == AwardRule.SCORE:
            fits = fits and ranked[pk] >= (call.award_score or 0)
        elif fits and fen > room:
            room, fits = -1, False  # the line ends here: whoever stands behind does not pass
        said[pk] = fits
        if fits:
            taken[item], number = taken[item] + 1, number + 1
            room -= fen if call.award_rule == AwardRule.RANKED else 0
    return said
