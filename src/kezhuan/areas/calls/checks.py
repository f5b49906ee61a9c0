"""What must hold of a call before it is published and decided, and of an application before it is submitted."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.answering import asked_among
from kezhuan.areas.calls.attached import with_files
from kezhuan.areas.calls.awarding import rule_problems
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.eligibility import figure_problems
from kezhuan.areas.calls.limiting import limit_problems
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.reviewing import panel_problems
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.calls.staging import shortlist_problems
from kezhuan.areas.calls.wording import moment_in_words
from kezhuan.areas.reviews.queries import unfinished_about
from kezhuan.engines.limits import claim_refusal
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation, RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.sealing import site_seals
from kezhuan.kernel.text import listed, now, today, wan_from_fen

SHORTEST_DAYS = "call.shortest-days"
"""Code of the rule value: for how many calendar days applications are taken at least; none ships."""
WITH_RECOMMENDER = frozenset({"offered", "sent-back"})
"""Stages of applications that wait for their recommending unit, or went back to their unit from it."""
WAITING = frozenset({"submitted", "returned"}) | WITH_RECOMMENDER
"""Stages of applications whose formality check is not over."""
_NUMBER = re.compile(r"\d")


def missing_in(indicators: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """By name the indicators of a challenge that cannot be judged by, each with what it lacks, in words."""
    for row in indicators:
        lacks = {
            _("a figure as its value"): bool(_NUMBER.search(row["value"])),
            _("a unit"): bool(row["unit"]),
            _("a test method"): bool(row["test_method"]),
        }
        if wanting := [words for words, there in lacks.items() if not there]:
            yield row["name"], listed(wanting)


def indicator_problems(title: str, indicators: Sequence[Mapping[str, Any]], field: str = "need") -> Iterator[Problem]:
    """What keeps a challenge from standing on a list: no indicator, or one without value, unit or test method."""
    if not indicators:
        message = _("“%(title)s” has no indicator: what counts as solved? Let its firm give one first.")
        yield Problem("indicator-missing", message % {"title": title}, field)
    for name, wanting in missing_in(indicators):
        message = _("“%(title)s”, indicator “%(name)s”: it lacks %(wanting)s. Let its firm give it first.")
        yield Problem("indicator-incomplete", message % {"title": title, "name": name, "wanting": wanting}, field)


# -- before a call is published ----------------------------------------------------------------------------------------


def wording_of(call: Any) -> str:
    """The hash of what experts read of a call: the challenges of its list in the words of today."""
    posed = call.items.filter(need__isnull=False).order_by("need_id")
    told = [[one.need_id, one.title, one.problem, one.indicators] for one in posed]
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def shortest_rule(call: Any) -> RuleValue | None:
    """The days for which applications are taken at least, as the call's district or city has set them today."""
    return rule_or_none(SHORTEST_DAYS, on=today(), jurisdiction=region_of(call))


def check_dates(call: Any) -> Iterator[Problem]:
    """It opens before it closes, and closes in the future, after the days that a rule value asks for."""
    if call.opens_at is None or call.closes_at is None:
        message = _("Say from when to when applications are taken.")
        yield Problem("call-dates-missing", message, "opens_at" if call.opens_at is None else "closes_at")
        return
    if call.closes_at <= now():
        message = _("Applications would have closed at %(moment)s: choose a later moment.")
        yield Problem("call-closes-past", message % {"moment": moment_in_words(call.closes_at)}, "closes_at")
    rule = shortest_rule(call)
    if rule is not None and (call.closes_at - max(call.opens_at, now())).days < rule.value:
        message = _("Applications are taken for at least %(days)s days: choose a later moment.")
        yield Problem("call-too-short", message % {"days": rule.value}, "closes_at", rule.source)


def check_elsewhere(call: Any) -> Iterator[Problem]:
    """A call that was held elsewhere is over, and nothing of it is sealed here."""
    if call.closes_at is None or call.deadline > now():
        message = _("Say when applications closed there: a day that has passed. What is still open is published here.")
        yield Problem("call-elsewhere-open", message, "closes_at")
    if call.seals:
        message = _("What was applied elsewhere is not sealed here: leave the seal away.")
        yield Problem("call-elsewhere-sealed", message, "seals")


def check_said(call: Any) -> Iterator[Problem]:
    """It says what it is about and who is to own the results."""
    if not call.record.summary:
        yield Problem("summary-missing", _("Say what the call is about."), "summary")
    if not call.ip_terms:
        yield Problem("ip-terms-missing", _("Say who is to own the results."), "ip_terms")


def check_list(call: Any) -> Iterator[Problem]:
    """There is something on the list; each challenge can be judged, and its need is still published."""
    items = list(call.items.select_related("need"))
    if not items:
        message = _("Put at least one need, or one direction or field, on the list first.")
        yield Problem("call-list-empty", message, "items")
    for one in items:
        if one.need is None:
            continue
        yield from indicator_problems(one.title, one.indicators, "items")
        if one.need.stage != "published":
            message = _("The need %(code)s is not published any more: take it off the list.")
            yield Problem("call-need-gone", message % {"code": one.need.code}, "items")


def check_tested(call: Any) -> Iterator[Problem]:
    """The wording of its challenges was tested as it stands: by enough experts who understood it, or by a demonstration
    with minutes. Of directions and fields nothing counts as solved: there is nothing to test."""
    if call.items.exists() and not call.items.filter(need__isnull=False).exists():
        return
    wording = wording_of(call)
    if call.minutes_no and call.minutes_wording == wording:
        return
    answers = list(call.readings.all())
    if (answers or call.minutes_no) and not any(one.wording == wording for one in answers):
        message = _("The list has changed since its wording was tested: test it again.")
        yield Problem("call-wording-changed", message, "readings")
        return
    understood = sum(one.understood and one.wording == wording for one in answers)
    if understood < call.readers_asked:
        message = _(
            "%(asked)s experts are to understand what counts as solved, so far %(number)s do: record their answers, or"
            " the minutes of a demonstration (论证会)."
        )
        yield Problem("call-untested", message % {"asked": call.readers_asked, "number": understood}, "readings")


def check_seals(call: Any) -> Iterator[Problem]:
    """What seals its applications has an opening code, on a site that has a sealing key."""
    if call.seals and not site_seals():
        message = _("This site seals nothing: its administrators set KEZHUAN_SEALING_KEY first.")
        yield Problem("sealing-unset", message, "seals")
    if call.seals and not call.opening_half:
        message = _("Make the opening code first, and give its halves to two people.")
        yield Problem("opening-code-missing", message, "seals")


# -- before it is closed and decided -----------------------------------------------------------------------------------


def check_over(call: Any) -> Iterator[Problem]:
    """The time for applications, with its grace, is over by the server's clock."""
    if call.deadline is None or now() <= call.deadline:
        message = _("Applications are taken until %(moment)s.")
        yield Problem("call-still-open", message % {"moment": moment_in_words(call.deadline)})


def applications_of(call: Any) -> Any:
    """The applications to a call with what deciding on them needs, item by item."""
    rows = Application.objects.filter(item__call=call.pk)
    return rows.select_related("record", "item__need", "applicant__record", "proposal").order_by("item__number", "pk")


def check_none_left(call: Any) -> Iterator[Problem]:
    """Nobody is left who could be chosen."""
    if codes := _codes(call, WAITING | frozenset(DECIDABLE)):
        message = _("There are applications that can be decided on (%(codes)s).")
        yield Problem("call-claimed", message % {"codes": listed(codes)})


def check_judged(call: Any) -> Iterator[Problem]:
    """No panel judges for it any more: what a panel advises is heard before anybody proposes."""
    if codes := unfinished_about(call.record):
        message = _("The panels %(codes)s have not concluded: wait for what they advise, or withdraw them.")
        yield Problem("call-unjudged", message % {"codes": listed(codes)}, "proposal")


def check_checked(call: Any) -> Iterator[Problem]:
    """The formality check of every application is over."""
    if codes := _codes(call, WAITING):
        message = _("The formality check of %(codes)s is not over.")
        yield Problem("call-unchecked", message % {"codes": listed(codes)})


def _codes(call: Any, stages: frozenset[str]) -> list[str]:
    rows = applications_of(call).filter(record__stage__in=stages)
    return list(rows.values_list("record__code", flat=True)[:10])


def check_proposed(call: Any) -> Iterator[Problem]:
    """Something is proposed, with a reason, for every application that passed the formality check."""
    rows = list(applications_of(call).filter(record__stage__in=DECIDABLE))
    if not rows:
        yield Problem("call-nobody", _("Nobody is left to be chosen: declare that nobody applied instead."))
    if codes := [one.record.code for one in rows if not hasattr(one, "proposal")]:
        message = _("Propose something for %(codes)s first: whoever is not chosen is told why.")
        yield Problem("call-unproposed", message % {"codes": listed(codes[:10])})
    pairs = [(one, one.proposal) for one in rows if hasattr(one, "proposal")]
    yield from shortlist_problems(call, pairs)
    yield from award_problems(call, pairs)
    yield from rule_problems(call, pairs, whole=True)
    yield from limit_problems(call, pairs)
    yield from panel_problems(call, pairs)


def award_problems(call: Any, proposed: Iterable[tuple[Any, Any]]) -> Iterator[Problem]:
    """What stands against proposals: more winners or money than an item has, or more than the budget line of the call.

    Each is an application with what is proposed for it: `awarded` and `award_fen`.
    """
    chosen: dict[int, list[tuple[Any, int]]] = {}
    for application, proposal in proposed:
        if proposal.passed_on_fen and proposal.passed_on_fen > (proposal.award_fen or 0):
            message = _("%(code)s: more would be passed on than is awarded.")
            yield Problem("award-passed-on", message % {"code": application.record.code}, "proposal")
        if proposal.awarded:
            chosen.setdefault(application.item_id, []).append((application, proposal.award_fen or 0))
    for pairs in chosen.values():
        item, fen = pairs[0][0].item, sum(amount for _application, amount in pairs)
        words = {"number": item.number, "title": item.title}
        if len(pairs) > item.winners:
            message = _("Item %(number)s “%(title)s”: at most %(most)s are chosen, these are %(chosen)s.")
            yield Problem("award-too-many", message % {**words, "most": item.winners, "chosen": len(pairs)}, "proposal")
        if item.fiscal_fen is not None and fen > item.fiscal_fen:
            message = _("Item %(number)s “%(title)s”: at most %(most)s 万元 are awarded, these are %(fen)s.")
            amounts = {"most": wan_from_fen(item.fiscal_fen), "fen": wan_from_fen(fen)}
            yield Problem("award-above-item", message % {**words, **amounts}, "proposal")
    total = sum(amount for pairs in chosen.values() for _application, amount in pairs)
    if total > (call.budget_fen or 0):
        message = _("The call's budget line has %(room)s 万元, %(fen)s are proposed: lower the awards.")
        amounts = {"room": wan_from_fen(call.budget_fen or 0), "fen": wan_from_fen(total)}
        yield Problem("award-above-budget", message % amounts, "proposal")


# -- before an application is submitted --------------------------------------------------------------------------------


def check_in_time(application: Any) -> Iterator[Problem]:
    """The call takes applications, and its time is not over by the server's clock, whatever the sender's says."""
    call = application.item.call
    moment = now()
    if call.record.stage != "published":
        yield Problem("call-not-open", _("The call takes no applications."))
    elif call.opens_at is not None and moment < call.opens_at:
        message = _("Applications are taken from %(moment)s on.")
        yield Problem("call-not-open-yet", message % {"moment": moment_in_words(call.opens_at)})
    elif call.deadline is None or moment > call.deadline:
        message = _("Applications were taken until %(moment)s; by the server's clock it is %(now)s.")
        words = {"moment": moment_in_words(call.deadline), "now": moment_in_words(moment)}
        yield Problem("call-over", message % words)


def strange_recommender(call: Any, unit: Organisation | None, said: str) -> Problem | None:
    """A unit recommends to the calls that name it: also one that another system, or a file, says."""
    if unit is not None and call.recommenders.filter(pk=unit.pk).exists():
        return None
    message = _("“%(code)s” is no recommending unit of this call.")
    return Problem("recommender-unknown", message % {"code": said[:60]}, "recommender")


def check_recommender(application: Any) -> Iterator[Problem]:
    """Where a call names recommending units the application names one of them, and never its own unit."""
    units = set(application.item.call.recommenders.values_list("pk", flat=True))
    if units and application.recommender_id not in units:
        yield Problem("recommender-missing", _("Choose the unit that recommends your application."), "recommender")
    elif application.recommender_id is not None and application.recommender_id == application.applicant_id:
        yield Problem("recommender-own", _("No unit recommends its own application: choose another."), "recommender")


def check_window(application: Any) -> Iterator[Problem]:
    """Recommending units send back and recommend until a moment of the call, by the server's clock."""
    until = application.item.call.recommend_until
    if until is None or now() > until:
        message = _("Applications were recommended until %(moment)s.")
        yield Problem("recommending-over", message % {"moment": moment_in_words(until)})


def check_letter(application: Any) -> Iterator[Problem]:
    """A recommendation goes by a letter with number and day."""
    if not application.letter_no or application.letter_on is None:
        message = _("Give number and day of the letter: recommend on the page of the call.")
        yield Problem("letter-missing", message, "letter_no")


def check_not_with_recommender(application: Any) -> Iterator[Problem]:
    """What waits for its recommending unit is refused only once nobody can recommend it any more."""
    until = application.item.call.recommend_until
    if application.record.stage in WITH_RECOMMENDER and until is not None and now() <= until:
        message = _("Its unit can have it recommended until %(moment)s.")
        yield Problem("recommending-open", message % {"moment": moment_in_words(until)})


def check_recommending(call: Any) -> Iterator[Problem]:
    """Where units recommend they are named, and have until a moment that is not before the last one of applications."""
    named = call.recommenders.exists()
    if call.asks_recommending and not named and call.recommend_until is None:
        message = _("Name the units that recommend and until when they do, or leave that step away.")
        yield Problem("recommending-unnamed", message, "recommenders")
    elif named != (call.recommend_until is not None):
        message = _("Name the recommending units and until when they recommend: both, or neither.")
        yield Problem("recommending-incomplete", message, "recommend_until" if named else "recommenders")
    elif named and call.deadline is not None and call.recommend_until < call.deadline:
        message = _("Units recommend at least as long as applications are taken.")
        yield Problem("recommending-early", message, "recommend_until")


def check_not_poster(application: Any) -> Iterator[Problem]:
    """Whoever posed the challenge does not lead its solution (§9.4 vector 1)."""
    if own_challenge(application.item, application.applicant_id):
        yield own_challenge_problem()


def own_challenge(item: Any, applicant: int | None) -> bool:
    """Whether an organisation posed this challenge itself."""
    return item.poster_id is not None and claim_refusal(str(item.poster_id), str(applicant)) is not None


def own_challenge_problem() -> Problem:
    """The sentence for whoever would claim their own challenge."""
    message = _("Your unit posed this challenge: whoever poses one does not lead its solution. Others apply, and you"
                " are its first user.")  # fmt: skip
    return Problem("poster-claims-own-list", message, "item")


def check_complete(application: Any) -> Iterator[Problem]:
    """Every indicator is answered, every condition shown, every required question said, and integrity promised."""
    application = revealed(application)
    item, call = application.item, application.item.call
    if not application.record.summary:
        message = _("Say in a few sentences what you offer: everybody reads them if you are chosen.")
        yield Problem("summary-missing", message, "summary")
    if not application.leader:
        yield Problem("leader-missing", _("Say who leads the work."), "leader")
    for place, row in enumerate(item.indicators):
        if not _at(application.commitments, place):
            message = _("Say what you commit to for the indicator “%(name)s”.")
            yield Problem("commitment-missing", message % {"name": row["name"]}, f"commitment_{place}")
    for place, row in enumerate(call.conditions):
        if row["evidence"] and not _at(application.evidence, place):
            message = _("Show how you meet the condition “%(words)s”.")
            yield Problem("evidence-missing", message % {"words": row["words"]}, f"evidence_{place}")
    asked = asked_among(call.questions, application.answers)
    _answers, unattached = with_files(application, tuple(application.answers))
    for place, row in enumerate(call.questions):
        if row["required"] and asked[place] and (place in unattached or not _at(application.answers, place)):
            message = _("Answer: %(words)s.")
            yield Problem("answer-missing", message % {"words": row["words"]}, f"answer_{place}")
    yield from figure_problems(application)
    yield from _figure_problems(application, item)
    if not application.promised:
        message = _("Promise that what you say is true.")
        yield Problem("promise-missing", message, "promised")


def _figure_problems(application: Any, item: Any) -> Iterator[Problem]:
    if item.months is not None and (application.months is None or application.months > item.months):
        missing = _("Say how long you take: at most %(months)s months.")
        message = missing if application.months is None else _("The work takes at most %(months)s months: shorten it.")
        yield Problem("months-range", message % {"months": item.months}, "months")
    if item.fiscal_fen is not None and application.asked_fen is not None and application.asked_fen > item.fiscal_fen:
        message = _("At most %(most)s 万元 of fiscal money are given for this item.")
        yield Problem("asked-above-item", message % {"most": wan_from_fen(item.fiscal_fen)}, "asked")


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else ""
