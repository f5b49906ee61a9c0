"""What is done to matches: suggestions refreshed, refused or accepted. The only writers of this area."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from kezhuan.areas.matches.apart import is_own, set_apart
from kezhuan.areas.matches.asking_on import AllLists, ask_on, first_asked
from kezhuan.areas.matches.choosing import Chooser, chooser_for
from kezhuan.areas.matches.lifecycle import INTRODUCTION, has_lapsed, show_to_other_side
from kezhuan.areas.matches.lifting_actions import lift_refusals
from kezhuan.areas.matches.meanings import MEANINGS, ROOM, stood
from kezhuan.areas.matches.missing import lacks_of
from kezhuan.areas.matches.models import (
    LAPSED,
    WORTH,
    Introduction,
    Lack,
    Reason,
    Refusal,
    Suggestion,
    Weighting,
)
from kezhuan.areas.matches.permissions import consents, side_of
from kezhuan.areas.matches.queries import factors_in_force, is_open, needs_after, undecided, weighting_in_force
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.matches.supply import (
    Room,
    audiences,
    facts_of,
    is_introduced,
    offered,
    profiles,
    public_mask,
    rooms,
)
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_facts, matching_item
from kezhuan.engines.matching import SHIPPED, Factors, Match
from kezhuan.engines.matching.learning import parts_of
from kezhuan.engines.matching.reasons import as_plain
from kezhuan.kernel import journal
from kezhuan.kernel.access import PUBLIC, SYSTEM, Actor, can_view
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, open_record
from kezhuan.kernel.links import link_records
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Link, Person, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.registry import own_row
from kezhuan.kernel.search import LiveIndex, Supply, live_index
from kezhuan.kernel.text import batches, clean, now, today

MODEL = "words-and-meaning-3"
"""Version of the ranking that made a suggestion; with a learnt weighting its number stands behind."""
TITLE, TITLE_EN = "对接", "Introduction"
"""What the record of every introduction is called: who meets is read from the two sides, by whoever may see them. Even
the code of a hidden one would tell who it was, on the day when it is laid open."""
INTRODUCES = "introduces"
"""Role of the links from an introduction to its two sides."""
FEW = 200
"""More changed records than this, and every need is matched anew."""
STEP = 16
"""So many needs are matched at a time when all are: a few seconds in a large city, for which new entries wait."""


def refresh_suggestions(changed: Sequence[int], anew: bool = False) -> int:
    """Match again whatever the changed needs and results touch; returns how many needs were matched.

    A changed result touches the needs it was suggested for, and those of whose best it would now be one.
    """
    index = live_index()
    index.catch_up(wait=True)
    lift_refusals(changed, anew=anew)
    if anew or len(changed) > FEW:
        needs: Iterable[int] = needs_after(0).values_list("pk", flat=True)
    else:
        needs = sorted(_touched(index, changed))
    done = 0
    for batch in batches(needs, 64):
        match_needs(index, batch)
        done += len(batch)
    return done


def match_after(number: int) -> int | None:
    """Match the next few needs after a record's number anew; returns the last one's, None when there was none left."""
    index = live_index()
    index.catch_up(wait=True)
    if not number:
        lift_refusals((), anew=True)
    ids = list(needs_after(number).values_list("pk", flat=True)[:STEP])
    if ids:
        match_needs(index, ids)
    return ids[-1] if ids else None


def _touched(index: LiveIndex, changed: Sequence[int]) -> set[int]:
    touched = set(Need.objects.filter(pk__in=changed).values_list("pk", flat=True))
    supplies = [pk for pk in changed if pk not in touched]
    touched |= set(Suggestion.objects.filter(supply__in=supplies).values_list("need_id", flat=True))
    everybody, factors = Supply("need", ("published",), np.ones(audiences() + 1, np.bool_)), factors_in_force()
    for supply in Record.objects.filter(offered(), pk__in=supplies).select_related("public_to"):
        asking = [pk for pk in index.may_ask(supply.pk, WORTH, everybody, factors) if pk not in touched]
        for batch in batches(asking, 500):
            touched |= _taken_up(index, batch, supply, factors)
    return touched


def _taken_up(index: LiveIndex, needs: Sequence[int], supply: Record, factors: Factors) -> set[int]:
    """Those of the needs for which a record may be suggested, is worth it and better than the last of the best kept of
    its kind."""
    inside = supply.public_to.key != PUBLIC
    room = next((one for one in rooms() if one.kind == supply.kind and one.inside == inside), None)
    if room is None:
        return set()
    beside = ~Q(supply__public_to__key=PUBLIC) if inside else Q(supply__public_to__key=PUBLIC)
    kept = undecided(Suggestion.objects.filter(beside, need__in=needs, supply__kind=supply.kind))
    held = kept.values("need").order_by("need").annotate(held=Count("pk"), last=Min("score"))
    least = dict(held.filter(held__gte=room.size).values_list("need", "last"))
    asked = list(Need.objects.filter(pk__in=needs).select_related("record").prefetch_related("indicators"))
    apart = set_apart({need.record.owner_id for need in asked if need.record.owner_id is not None})
    return {
        need.pk
        for need in asked
        if supply.owner_id not in apart.get(need.record.owner_id or 0, ())
        and (match := index.explain(matching_item(need), supply.pk, factors)) is not None
        and match.score >= max(WORTH, least.get(need.pk, 0.0))
    }


def asking_needs(ids: Sequence[int]) -> list[Need]:
    """Those of some needs that ask now, with what matching compares."""
    needs = Need.objects.filter(pk__in=ids, record__phase=Phase.PUBLIC)
    return list(needs.select_related("record").prefetch_related("indicators"))


def match_needs(index: LiveIndex, ids: Sequence[int]) -> int:
    """Put new suggestions in the place of those of some needs; returns how many."""
    needs, public = asking_needs(ids), public_mask()
    items = [matching_item(need) for need in needs]
    weighting = weighting_in_force()
    factors = SHIPPED if weighting is None else weighting.factors
    found = [index.nearest(items, room.looked_at, room.supply(public), factors) for room in rooms()]
    lists = {need.pk: dict(zip(rooms(), held, strict=True)) for need, *held in zip(needs, *found, strict=True)}
    asking, chooser = dict(zip(lists, items, strict=True)), chooser_for(list(lists))

    def nearest(room: Room, wanted: Sequence[int], k: int) -> list[list[Match]]:
        return index.nearest([asking[need] for need in wanted], k, room.supply(public), factors)

    ask_on(lists, chooser, first_asked(), nearest)
    rows = chosen_rows(lists, chooser, version_of(weighting), now())
    keep(ids, rows)
    return len(rows)


def version_of(weighting: Weighting | None) -> str:
    """The version of a ranking with this weighting."""
    return MODEL if weighting is None else f"{MODEL}-w{weighting.pk}"


def chosen_rows(lists: AllLists, chooser: Chooser, version: str, made_at: datetime) -> list[Suggestion]:
    """The rows of needs, chosen from the lists of each."""
    chooser.learn({int(one.supply) for held in lists.values() for matches in held.values() for one in matches})
    return [
        Suggestion(
            need_id=need,
            supply_id=int(match.supply),
            score=match.score,
            parts=parts_as_data(match),
            model_version=version,
            made_at=made_at,
            passed_over=why,
        )
        for need, held in lists.items()
        for match, why in chooser.choose(need, held)
    ]


def keep(ids: Sequence[int], rows: Sequence[Suggestion]) -> None:
    """Put rows in the place of all suggestions of some needs."""
    with journal.writing():
        # Two refreshes of one need take turns.
        locked = Record.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
        asking = {record.pk for record in locked if record.phase == Phase.PUBLIC}
        Suggestion.objects.filter(need__in=ids).delete()
        # A record that was withdrawn between reading and writing is left out by the database's own word.
        supplies = Record.objects.filter(offered(), pk__in={row.supply_id for row in rows})
        standing = set(supplies.values_list("pk", flat=True))
        Suggestion.objects.bulk_create(
            (row for row in rows if row.need_id in asking and row.supply_id in standing), batch_size=500
        )


def parts_as_data(match: Match) -> list[dict[str, Any]]:
    """A match's parts as they are kept: figures and reason codes, worded in the reader's language when shown."""
    kept = []
    for part in match.parts:
        code, params = as_plain(part.because)
        kept.append({"name": part.name, "value": part.value, "code": code, "params": params})
    return kept


def _pair(actor: Actor, need: Need, supply: Record) -> None:
    if not (can_view(actor, need.record, "public") and can_view(actor, supply, "public")):
        raise Missing
    if supply.kind not in profiles():
        raise Missing
    if not is_open(need, supply):
        raise Conflict(_("One of the two is no longer open. Nothing was changed by you."))


def own_pair() -> str:
    """Why a need and what its own unit offers are not introduced."""
    return _("Both are of one organisation; an introduction brings two together.")


def parts_now(need: Need, supply: Record) -> dict[str, float]:
    """The parts of a pair as they are now, by the shipped weights: what is learnt from a decision, however much is
    changed afterwards. Empty where the index holds no such result yet."""
    index = live_index()
    index.catch_up()
    match = index.explain(matching_item(need), supply.pk)
    return {} if match is None else parts_of(match)


def _check_reason(reason: str, lacks: Sequence[str], open_to: Sequence[str]) -> None:
    """Raise `Refused` unless a reason of the list is given, with what is missing where and only where it asks that."""
    if reason not in Reason.values:
        raise Refused(Problem("reason-missing", _("Choose one of the reasons."), "reason"))
    if MEANINGS[reason].text and not lacks:
        raise Refused(Problem("lacks-missing", _("Tick what information is missing."), "lacks"))
    if lacks and not MEANINGS[reason].text:
        message = _("Say what is missing only with the reason “%(reason)s”.") % {"reason": Reason.INFORMATION.label}
        raise Refused(Problem("lacks-unasked", message, "lacks"))
    if not set(lacks) <= set(open_to):
        message = _("Something ticked as missing is not on the list for this record, or is told in it: tick again.")
        raise Refused(Problem("lacks-unknown", message, "lacks"))


def refuse_suggestion(
    *, actor: Actor, need: Need, supply: Record, reason: str, words: str = "", lacks: Sequence[str] = ()
) -> Refusal:
    """Say that a suggested pair does not fit, with a reason from the list and words, and what is missing (`Lack`) where
    information is.

    The words stand on the refuser's own record; the refused side learns the reason alone. An officer speaks to both;
    of whom nobody offers, as experts, to nobody: the refusal keeps the words, the expert's record the reason.
    """
    side = side_of(actor, need, supply)
    _pair(actor, need, supply)
    if has_classification_mark(words):
        raise Refused(secrets_problem("words"))
    _check_reason(reason, lacks, lacks_of(actor, need, supply))
    assert actor.person is not None
    missing = [lack for lack in Lack.values if lack in lacks]
    named = {"lacks": missing} if missing else {}
    said = {"reason": reason, "lacks": missing, "words": clean(words), "by": actor.person, "at": now()}
    said["parts"] = parts_now(need, supply)
    with journal.writing():
        kept: dict[str, Any] = stood(reason, matching_facts(need), facts_of(supply))
        if MEANINGS[reason].room:
            kept[ROOM] = room_left([supply]).get(supply.pk)
        refusal, made = Refusal.objects.get_or_create(
            need=need, supply=supply, side=side, lifted_at=None, defaults=said | {"stood": kept}
        )
        if not made:
            raise Conflict(_("Someone was faster: this suggestion was refused already. Nothing was changed by you."))
        sides = [("need", need.record, supply), ("supply", supply, need.record)]
        # Whom an office thought of, and why not them, is not told to the firm that asks.
        for own, record, other in sides if is_introduced(supply) else sides[1:]:
            journal.note(
                "match.refuse",
                record=record,
                actor=actor,
                data={"other": str(other.uid), "side": side, "reason": reason} | named,
                texts={"note": clean(words)}
                if clean(words) and is_introduced(supply) and side in {own, "bureau"}
                else None,
            )
    return refusal


def introduce(
    *, actor: Actor, need: Need, supply: Record, broker: Person | None = None, planned: bool = False
) -> Introduction:
    """Accept a suggestion: it becomes an introduction; the side that the actor speaks for has agreed by this.

    One that lapsed begins anew. `broker` takes the pair up from their queue, speaks for neither side and follows it;
    whoever calls with one has asked whether it is theirs. One that is `planned` takes room that is still there, while
    two who want each other decide for themselves. Raises `NotAllowed`, `Missing`, or `Conflict` when the two were
    introduced before.
    """
    if broker is None:
        side_of(actor, need, supply)
    _pair(actor, need, supply)
    if not is_introduced(supply):
        raise NotAllowed(_("Only what somebody offers is introduced; ask an expert on a panel."))
    if is_own(need.record, supply):
        raise NotAllowed(own_pair())
    parts = parts_now(need, supply)
    with journal.writing():
        locked = Record.objects.select_for_update(of=("self",), no_key=True)
        need.record, supply = locked.get(pk=need.pk), locked.get(pk=supply.pk)
        _pair(actor, need, supply)
        if planned and room_left([supply], but=need.pk).get(supply.pk) == 0:
            raise Conflict(_("All that it can take at once is taken by now. Nothing was changed by you."))
        held = Introduction.objects.filter(need=need, supply=supply, void_of=0).select_related("record").first()
        if held is not None and held.record.stage == LAPSED:
            if held.broker_id != (broker and broker.pk):  # who brought it about then has no part in it now
                Introduction.objects.filter(pk=held.pk).update(broker=broker)
            renewed: Introduction = advance(INTRODUCTION, held, "renew", actor=actor)
            return renewed
        if held is not None:
            raise Conflict(
                _("These two were introduced already: %(code)s. Nothing was changed by you.")
                % {"code": held.record.code}
            )
        found = Suggestion.objects.filter(need=need, supply=supply).first()
        agrees = {side for side, row in (("need", need), ("supply", own_row(supply))) if consents.test(actor, row)}
        introduction: Introduction = open_record(
            INTRODUCTION,
            lambda record: Introduction(
                record=record,
                need=need,
                supply=supply,
                score=found.score if found else None,
                parts=parts,
                broker=broker,
                need_agreed_on=today() if "need" in agrees else None,
                supply_agreed_on=today() if "supply" in agrees else None,
                need_agreed_by=actor.person if "need" in agrees else None,
                supply_agreed_by=actor.person if "supply" in agrees else None,
            ),
            actor=actor,
            title=TITLE,
            title_en=TITLE_EN,
            stage="agreed" if len(agrees) == 2 else "introduced",
        )
        show_to_other_side(introduction, actor)
        _tell_sides(introduction, (need.record, supply), actor)
    return introduction


def _tell_sides(introduction: Introduction, sides: Sequence[Record], actor: Actor) -> None:
    """Tie a new introduction to both its sides, and note it on them."""
    for record in sides:
        link_records(introduction.record, record, INTRODUCES)
        told = {"introduction": str(introduction.record.uid)}
        journal.note("match.introduce", record=record, actor=actor, data=told)


def tie_sides(rows: Sequence[Introduction]) -> None:
    """Tie introductions that a file brought to their two sides, as those that are begun here are."""
    for row in rows:
        for side in (row.need_id, row.supply_id):
            Link.objects.get_or_create(source=row.record, target_id=side, role=INTRODUCES)


def part_from_broker(rows: Sequence[Introduction]) -> None:
    """The broker of these introductions is none any more: they go on without, and the broker reads them no longer."""
    with journal.writing():
        uids = []
        for row in rows:
            kept: Introduction = held(row)
            kept.broker = None
            kept.save(update_fields=["broker"])
            if INTRODUCTION.refresh_audience(kept):
                uids.append(str(kept.record.uid))
        if uids:
            journal.note("introduction.readers", actor=SYSTEM, data={"uids": uids})


def follow_sides(changed: Sequence[int], anew: bool) -> None:
    """What became of needs and results goes on in their introductions: those of which a side is no longer open lapse,
    the others are seen by whom the changed districts and classes let see them."""
    standing = Introduction.objects.exclude(record__phase__in=(Phase.DONE, Phase.VOID)).values_list("pk", flat=True)
    ids = set(standing) if anew else {*standing.filter(need__in=changed), *standing.filter(supply__in=changed)}
    for pk in sorted(ids):
        # Whoever is faster with a side makes an entry that is followed in its turn.
        with suppress(Conflict), journal.writing():
            record = Record.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
            row = Introduction.objects.get(pk=pk)
            row.record = record
            if has_lapsed(row):
                advance(INTRODUCTION, row, "lapse", actor=SYSTEM)
            elif INTRODUCTION.refresh_audience(row):
                # Without an entry the index would go on as before.
                journal.note("introduction.readers", actor=SYSTEM, data={"uids": [str(record.uid)]})
