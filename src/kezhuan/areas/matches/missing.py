"""What those who looked missed in a result or a need: the improvement list (改进清单) of whoever it is of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.queries import RELATED, standing_of
from kezhuan.areas.matches.meanings import ENDED, MEANINGS, TOLD_BY, may_be_missed, reason_of
from kezhuan.areas.matches.models import Introduction, Lack, Mended, Reason, Refusal
from kezhuan.areas.matches.permissions import decides, side_of
from kezhuan.areas.matches.queries import introductions_visible_to
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.areas.matches.wording import language
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching import say_money
from kezhuan.engines.matching.rights import ASKING, STATES, among
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, can_view, is_officer, reading, represents_owner, seen_by
from kezhuan.kernel.models import Entry, Membership, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.present import is_named
from kezhuan.kernel.registry import own_row
from kezhuan.kernel.text import SHANGHAI, listed
from kezhuan.kernel.vocabulary import Mode, RightsState

hears_what_was_missed = (represents_owner | is_officer) & reading("full")
"""An improvement list is open: to those who act for whoever the record is of, and to the officers in charge of it who
may read the whole record."""


@dataclass(frozen=True)
class Missed:
    """One reason why the other side did not take a result or a need: how many needs or results, those of them that the
    reader may know of, what these say of it where the record itself says something else, and when it was last given.

    Of missing information there is one for each `lack`. `parties` are the different organisations that gave it, and
    `officer` says that an officer did.
    """

    reason: Reason
    others: int
    shown: tuple[Need, ...] | tuple[Achievement, ...]
    asked: str
    last: date
    lack: Lack | None
    parties: int
    officer: bool
    of_need: bool

    @property
    def sentence(self) -> str:
        """How many gave the reason, in words; of missing information how many organisations, however often each."""
        if self.lack is None:
            words = {"reason": self.reason.label, "count": self.others}
            if self.of_need:
                return ngettext("%(reason)s: %(count)d result", "%(reason)s: %(count)d results", self.others) % words
            return ngettext("%(reason)s: %(count)d need", "%(reason)s: %(count)d needs", self.others) % words
        said = {"lack": self.lack.label, "count": self.parties}
        if not self.parties:
            return _("An officer missed %(lack)s") % said
        if self.of_need:
            line = ngettext("%(count)d unit missed %(lack)s", "%(count)d units missed %(lack)s", self.parties) % said
        else:
            line = ngettext("%(count)d firm missed %(lack)s", "%(count)d firms missed %(lack)s", self.parties) % said
        return _("%(line)s, an officer too") % {"line": line} if self.officer else line


@dataclass(frozen=True)
class _Said:
    """A reason that was given: about which other record, what was missing, when, and for which organisation; None of
    an officer."""

    other: int
    reason: Reason
    lacks: tuple[str, ...]
    at: datetime
    party: int | None


def missed_in(actor: Actor, row: Achievement | Need) -> list[Missed]:
    """Why the other side and officers refused a result or a need, or ended an introduction to it, the reason of most
    first.

    Each of the others counts once for a reason. What the own side gave as a reason says nothing of it, and what the
    record tells since, or whoever it is of says was added, is missed no more. Empty for whoever may not see the list.
    Six queries at most.
    """
    named = any(is_named(model, _sides(row)[0], row.record_id) for model in (Refusal, Introduction))
    return missed_of(actor, [row])[row.pk] if named else []


def missed_of(actor: Actor, rows: Sequence[Achievement | Need]) -> dict[int, list[Missed]]:
    """The same of several records of one kind, results or needs, by their numbers; as many queries as for one."""
    own = {row.pk: row for row in rows if hears_what_was_missed(actor, row)}
    missed: dict[int, list[Missed]] = {row.pk: [] for row in rows}
    said: dict[int, list[_Said]] = {}
    if own:
        for pk, one in (*_refused(own), *_ended(actor, own)):
            said.setdefault(pk, []).append(one)
    if not said:
        return missed
    texts = [pk for pk, every in said.items() if any(MEANINGS[one.reason].text for one in every)]
    mended = mended_of(texts) if texts else {}
    given: dict[int, dict[tuple[Reason, Lack | None], list[_Said]]] = {pk: {} for pk in said}
    for pk, every in said.items():
        for one, lack in _standing(own[pk], every, mended):
            given[pk].setdefault((one.reason, lack), []).append(one)
    ids = {one.other for groups in given.values() for held in groups.values() for one in held}
    model: type[Need | Achievement] = Need if isinstance(rows[0], Achievement) else Achievement
    known = model._default_manager.filter(seen_by(actor, "record__public_to"), pk__in=ids)
    others = {one.pk: one for one in known.select_related("record__public_to")} if ids else {}
    for pk, groups in given.items():
        found = [_missed(own[pk], reason, lack, held, others) for (reason, lack), held in groups.items()]
        missed[pk] = sorted(found, key=_most_first)
    return missed


def _missed(
    row: Achievement | Need, reason: Reason, lack: Lack | None, held: Sequence[_Said], others: Mapping[int, Any]
) -> Missed:
    newest = dict.fromkeys(one.other for one in sorted(held, key=lambda one: one.at, reverse=True))
    shown: Any = tuple(others[pk] for pk in newest if pk in others)
    of_need = isinstance(row, Need)
    asked = _offered(reason, row, shown) if isinstance(row, Need) else _asked(reason, row, shown)
    parties = {one.party for one in held}
    last, firms = _day(max(one.at for one in held)), len(parties - {None})
    return Missed(reason, len(newest), shown, asked, last, lack, firms, None in parties, of_need)


def _most_first(one: Missed) -> tuple[int, int, int]:
    count = one.others if one.lack is None else one.parties
    return -count, list(Reason).index(one.reason), 0 if one.lack is None else list(Lack).index(one.lack)


def _standing(
    row: Achievement | Need, said: Iterable[_Said], mended: Mapping[tuple[int, str], datetime]
) -> Iterator[tuple[_Said, Lack | None]]:
    """What was said and is not mended since; of missing information once for each lack."""
    untold = may_be_missed(row)
    for one in said:
        if not MEANINGS[one.reason].text:
            yield one, None
        # An officer who refuses a pair for missing information misses it in what is offered.
        elif not isinstance(row, Need) or one.party is not None:
            yield from (
                (one, lack)
                for lack in untold
                if lack in one.lacks and not is_mended(mended, row.record_id, lack, one.at)
            )


def mended_of(records: Collection[int]) -> dict[tuple[int, str], datetime]:
    """When what was missed in some records was last added, by record and lack; one query."""
    rows = Mended.objects.filter(record__in=records)
    return {(record, lack): at for record, lack, at in rows.values_list("record", "lack", "at")}


def is_mended(mended: Mapping[tuple[int, str], datetime], record: int, lack: str, said_at: datetime) -> bool:
    """Whether what was missed in a record at some moment was added after it. `mended` as `mended_of` gives it."""
    at = mended.get((record, lack))
    return at is not None and at >= said_at


def lacks_of(actor: Actor, need: Need, supply: Record) -> tuple[Lack, ...]:
    """What the actor may miss in the other side's record; officers speak of what is offered, a broker of nothing.
    Nothing but of results and of needs to which they are suggested: these alone have improvement lists, on which it is
    told and mended. Whether a column tells something is not said to whoever may not read it."""
    if supply.kind != RESULTS or not decides(actor, need, supply):
        return ()
    of_need = side_of(actor, need, supply) == "supply"
    if can_view(actor, need.record if of_need else supply, "public"):
        return may_be_missed(need if of_need else own_row(supply))
    return tuple(lack for lack in Lack if lack not in TOLD_BY)


_OWNER = {"need": "need__record__owner", "supply": "supply__owner"}
"""Where the organisation of a side stands."""


def _sides(row: Achievement | Need) -> tuple[str, str]:
    """The side of a pair that a record is on, and the other one."""
    return ("supply", "need") if isinstance(row, Achievement) else ("need", "supply")


def _refused(rows: Mapping[int, Achievement | Need]) -> list[tuple[int, _Said]]:
    """By the numbers of the own rows what refusals said."""
    own, other = _sides(next(iter(rows.values())))
    # A need's list tells of results alone: who of a pool was thought of is not for its firm.
    refusals = Refusal.objects.filter(**{f"{own}__in": rows}, supply__kind=RESULTS).exclude(side=own)
    found = refusals.values_list(own, other, "reason", "lacks", "at", "side", _OWNER[other])
    return [
        (mine, _Said(pk, Reason(reason), tuple(lacks), at, owner if side == other else None))
        for mine, pk, reason, lacks, at, side, owner in found
    ]


def _ended(actor: Actor, rows: Mapping[int, Achievement | Need]) -> list[tuple[int, _Said]]:
    """The same of introductions that ended."""
    own, other = _sides(next(iter(rows.values())))
    with_results = introductions_visible_to(actor).filter(**{f"{own}__in": rows}, supply__kind=RESULTS)
    columns = with_results.values_list("pk", own, other, _OWNER[other])
    sides = {pk: (mine, side, owner) for pk, mine, side, owner in columns}
    if not sides:
        return []
    office = Membership.objects.filter(person=OuterRef("actor"), organisation=OuterRef("acting_for"), role=Role.OFFICER)
    entries = Entry.objects.filter(record__in=sides, kind__in=ENDED).annotate(by_officer=Exists(office))
    found = []
    for record, data, at, by, officer in entries.values_list("record", "data", "at", "acting_for", "by_officer"):
        mine, side, owner = sides[record]
        # Of those who speak for no side an officer, or who acts in an officer's place, is heard; a broker is not.
        if by not in {None, rows[mine].record.owner_id} and (by == owner or officer or journal.FOR in data):
            found.append((mine, _Said(side, *reason_of(data["reason"]), at, by if by == owner else None)))
    return found


MOST_RECORDS = 200
"""So many of a unit's results are looked at for what was missed in them, the newest first."""


def missed_by_unit(actor: Actor) -> list[tuple[Achievement, list[Missed]]]:
    """What was missed in the results of the actor's unit, those with the most to mend first; a few queries."""
    if actor.organisation is None:
        return []
    names = [model.objects.filter(supply=OuterRef("pk")).order_by() for model in (Refusal, Introduction)]
    own = Achievement.objects.filter(seen_by(actor, "record__full_to"), record__owner=actor.organisation.pk)
    rows = own.filter(Exists(names[0]) | Exists(names[1])).prefetch_related(*RELATED).order_by("-pk")
    listed = list(rows.select_related("record__public_to", "record__full_to", "record__owner")[:MOST_RECORDS])
    missed = missed_of(actor, listed) if listed else {}
    found = [(row, missed[row.pk]) for row in listed if missed[row.pk]]
    return sorted(found, key=lambda one: (-sum(each.others for each in one[1]), one[0].record.code))


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _asked(reason: Reason, row: Achievement, needs: tuple[Need, ...]) -> str:
    """What the needs ask of that which they missed, beside what the result's record says."""
    if reason == Reason.TRL:
        levels = sorted(
            {need.min_trl for need in needs if need.min_trl is not None and need.trl_scale == row.trl_scale}
        )
        if levels:
            own = _("not told") if row.trl is None else f"TRL {row.trl}"
            asked = listed(f"TRL {one}" for one in levels)
            return _("Your record says %(own)s; asked: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.PRICE:
        budgets = sorted({need.budget_fen for need in needs if need.budget_fen is not None})
        if budgets:
            own = _("no price") if row.price_fen is None else _money(row.price_fen)
            asked = listed(_money(one) for one in budgets)
            return _("Your record says %(own)s; budgets: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.RIGHTS:
        wanted = {mode for need in needs for mode in ASKING.intersection(need.modes)}
        if wanted:
            own = listed(RightsState(one).label for one in among(STATES, standing_of(row))) or _("nothing of rights")
            asked = listed(mode.label for mode in Mode if mode in wanted)
            return _("Your record says %(own)s; asked: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.TIMING:
        days = sorted({need.deadline for need in needs if need.deadline is not None})
        if days:
            return _("Wanted by: %(days)s.") % {"days": listed(one.isoformat() for one in days)}
    return ""


def _offered(reason: Reason, row: Need, results: tuple[Achievement, ...]) -> str:
    """What results offer of that for which they did not suit a need, beside what the need says."""
    if reason == Reason.TRL:
        levels = sorted({one.trl for one in results if one.trl is not None and one.trl_scale == row.trl_scale})
        if levels and row.min_trl is not None:
            offered = listed(f"TRL {one}" for one in levels)
            return _("Your need asks TRL %(own)s; offered: %(offered)s.") % {"own": row.min_trl, "offered": offered}
    if reason == Reason.PRICE:
        prices = sorted({one.price_fen for one in results if one.price_fen is not None})
        if prices:
            own = _("no budget") if row.budget_fen is None else _money(row.budget_fen)
            offered = listed(_money(one) for one in prices)
            return _("Your need says %(own)s; prices: %(offered)s.") % {"own": own, "offered": offered}
    if reason == Reason.TIMING and row.deadline is not None:
        return _("Your need is wanted by %(day)s.") % {"day": row.deadline.isoformat()}
    return ""


def _money(fen: int) -> str:
    return say_money(fen, language())
