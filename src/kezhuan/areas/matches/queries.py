"""What is asked of matches: suggestions and introductions as an actor may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.matches.apart import Apart, apart_of, decided_pairs, not_apart, set_apart_from
from kezhuan.areas.matches.models import LAPSED, Introduction, Refusal, Suggestion, Weighting
from kezhuan.areas.matches.permissions import mediates
from kezhuan.areas.matches.supply import RESULTS, is_offered, offered, own_rows, profiles
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching import SHIPPED, Factors
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, predicate, seen_by, visible_to
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.present import is_named, is_there
from kezhuan.kernel.search import Position, Supply, audience_mask
from kezhuan.kernel.text import now

MEETING_STAGES = ("agreed", "met", "intent", "contract")
"""In these a planned meeting is still to come, or took place."""
PAIR = "pair"
"""Scheme of the number by which two sides that a list introduced are known again."""
_LEARNT = "SELECT 1 FROM matches_weighting WHERE in_force LIMIT 1"
_PASSED_OVER = "SELECT 1 FROM matches_suggestion WHERE need_id = %s AND passed_over <> '' LIMIT 1"


def suggestions_visible_to(actor: Actor) -> QuerySet[Suggestion]:
    """Suggestions between two open records of which the actor may read both public parts."""
    rows = Suggestion.objects.filter(seen_by(actor, "need__record__public_to"), need__record__phase=Phase.PUBLIC)
    return _offered_to(actor, rows.select_related("need__record__owner__record", "need__record__public_to"))


def _offered_to(actor: Actor, rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Those of records on offer of which the actor may read the public part."""
    return _with_supply(rows.filter(offered("supply__"), seen_by(actor, "supply__public_to")))


def _with_supply(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    return rows.select_related("supply__owner__record", "supply__public_to", *own_rows("supply__"))


def _of_need(actor: Actor, need: Need) -> QuerySet[Suggestion]:
    """The suggestions of one need that the actor may see, asked of its own rows: it is at hand with its record."""
    if need.record.phase != Phase.PUBLIC or not can_view(actor, need.record, "public"):
        return Suggestion.objects.none()
    return _offered_to(actor, need.suggestions.all()).order_by("-score", "pk")


def suggestions_for_need(actor: Actor, need: Need, kind: str = RESULTS) -> QuerySet[Suggestion]:
    """The best results for a need, or the best of another kind, best first; refused and introduced ones left out,
    unless that lapsed.

    Rows of one need are kept in the order of its matches, so equal scores stand as the engine has them.
    """
    rows = _of_need(actor, need).filter(passed_over="", supply__kind=kind)
    if apart := set_apart_from(need).owners:
        rows = rows.exclude(supply__owner__in=apart)
    return _of_undecided_pairs(rows) if is_decided_on(need) else rows


def every_suggestion(actor: Actor, need: Need, apart: Apart) -> list[Suggestion]:
    """The same of all kinds that answer needs, for a page: of a need's few rows, fetched with all that tells whether
    the actor may see them, the database need not be asked. `apart` as `set_apart_from` gives it."""
    if need.record.phase != Phase.PUBLIC or not can_view(actor, need.record, "public"):
        return []
    rows = _with_supply(need.suggestions.filter(passed_over="")).order_by("-score", "pk")
    return [
        row
        for row in (_of_undecided_pairs(rows) if is_decided_on(need) else rows)
        if is_offered(row.supply) and row.supply.owner_id not in apart.owners and can_view(actor, row.supply, "public")
    ]


def is_decided_on(need: Need) -> bool:
    """Whether anything of a need was ever refused or introduced: of nearly none is it."""
    return any(is_named(model, "need", need.pk) for model in (Refusal, Introduction))


def suggestions_for_supply(actor: Actor, supply: Record, after: Position | None = None) -> QuerySet[Suggestion]:
    """The needs that a record may meet, best first; those behind a need's place, where one is given."""
    rows = undecided(suggestions_visible_to(actor).filter(supply=supply)).order_by("-score", "need_id")
    if after is not None:
        rows = rows.filter(Q(score__lt=after.score) | Q(score=after.score, need_id__gt=after.record))
    return rows


def passed_over(actor: Actor, need: Need) -> QuerySet[Suggestion]:
    """What would be suggested for a need, did not so much of one supplier stand there already."""
    return _of_need(actor, need).exclude(passed_over="")


def any_passed_over(need: Need) -> bool:
    """Whether anything is: of most needs nothing."""
    return is_there(_PASSED_OVER, need.pk)


def undecided(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Those suggested that nobody has decided on, of two organisations that may be suggested to each other."""
    return _of_undecided_pairs(rows).filter(*not_apart(), passed_over="")


def _of_undecided_pairs(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    pair = {"need": OuterRef("need"), "supply": OuterRef("supply")}
    return rows.filter(*(~Exists(said.filter(**pair)) for said in decided_pairs()))


def weighting_in_force() -> Weighting | None:
    """The learnt weighting in force; None while it is the shipped one. One query, two with a learnt one."""
    return Weighting.objects.filter(in_force=True).first() if is_there(_LEARNT) else None


def factors_in_force() -> Factors:
    """By what the shipped weights of the parts are multiplied now; as many."""
    found = weighting_in_force()
    return SHIPPED if found is None else found.factors


def needs_after(number: int) -> QuerySet[Need]:
    """The needs after a record's number, in the order in which all are matched anew."""
    return Need.objects.filter(pk__gt=number).order_by("pk")


def is_open(need: Need, supply: Record) -> bool:
    """Whether both sides of a pair still ask and offer."""
    return need.record.phase == Phase.PUBLIC and is_offered(supply)


def open_supply(actor: Actor, kind: str = RESULTS) -> Supply:
    """Every record of a kind on offer whose public part the actor may read."""
    return Supply(kind, profiles()[kind].stages, audience_mask(actor))


def supplies_for_typed(actor: Actor, kinds: Iterable[str]) -> dict[str, Supply]:
    """The same of some kinds for a need that the actor types: it is taken for one of their own unit, where they act for
    one."""
    own = frozenset[int]() if actor.organisation is None else apart_of(actor.organisation.pk).records
    return {kind: replace(open_supply(actor, kind), but=own) for kind in kinds}


def introductions_visible_to(actor: Actor) -> QuerySet[Introduction]:
    """Introductions the actor may see, newest first."""
    sides = [
        f"{side}__{what}" for side in ("need__record", "supply") for what in ("owner__record", "title_to", "public_to")
    ]
    rows = Introduction.objects.select_related("record", *sides).order_by("-record_id")
    return visible_to(actor, rows)


PAST_MEETINGS = timedelta(days=30)
"""A meeting stays in calendars for so long after it was."""


def meetings_of(actor: Actor) -> QuerySet[Introduction]:
    """Introductions with a planned meeting of the organisation that the actor acts for, as calendars hold them."""
    if actor.organisation is None:
        return Introduction.objects.none()
    own = Q(need__record__owner=actor.organisation.pk) | Q(supply__owner=actor.organisation.pk)
    held = introductions_visible_to(actor).filter(own, meets_at__gte=now() - PAST_MEETINGS)
    return held.filter(record__stage__in=MEETING_STAGES).order_by("meets_at", "pk")


def introductions_of(actor: Actor, record: Record) -> QuerySet[Introduction]:
    """The introductions of a need or of a result that the actor may see."""
    # Asked of the one column that it can stand in: "or" would leave the database without an index.
    side = "need" if record.kind == NEED.kind else "supply"
    if not is_named(Introduction, side, record.pk):
        return Introduction.objects.none()
    return introductions_visible_to(actor).filter(**{side: record.pk})


@dataclass(frozen=True)
class Side:
    """One side of an introduction as an actor may know it; None for what they may not."""

    record: Record | None
    owner: Organisation | None
    agreed_on: date | None


def sides_of(actor: Actor, row: Introduction) -> tuple[Side, Side]:
    """The need's side and the result's side, each as far as the actor may see it."""
    need, supply = (
        Side(
            record if can_view(actor, record) else None,
            record.owner if can_view(actor, record, "public") else None,
            agreed_on,
        )
        for record, agreed_on in ((row.need.record, row.need_agreed_on), (row.supply, row.supply_agreed_on))
    )
    return need, supply


def was_brought(row: Introduction) -> bool:
    """Whether an office's own list brought the introduction; nobody agreed to it here."""
    return row.record.identifiers.filter(scheme=PAIR).exists()


def hidden_sides(actor: Actor, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """By introduction the organisations on a side that the actor may not know of; one query.

    A clock that waits for them and an entry of theirs must not name them: a side shows itself by agreeing.
    """
    rows = Introduction.objects.filter(pk__in=ids).select_related("need__record__public_to", "supply__public_to")
    found = {}
    for row in rows:
        seen: dict[bool, set[int | None]] = {True: set(), False: set()}
        for record in (row.need.record, row.supply):
            seen[can_view(actor, record, "public")].add(record.owner_id)
        found[row.pk] = frozenset(pk for pk in seen[False] - seen[True] if pk is not None)
    return found


def unnamed_sides(actor: Actor, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """By introduction the organisations whose people the actor may not know by name; one query.

    Each side shows itself by agreeing, its people only when the other side has agreed too; to a broker as to a side.
    """
    found = {pk: frozenset[int]() for pk in ids}
    if actor.organisation is None:
        return found
    agreed = Q(need_agreed_on__isnull=False, supply_agreed_on__isnull=False)
    rows = Introduction.objects.filter(pk__in=ids).exclude(agreed)
    mine = actor.person.pk if actor.person is not None else 0
    for pk, broker, *owners in rows.values_list("pk", "broker", "need__record__owner", "supply__owner"):
        if actor.organisation.pk in owners or broker == mine:
            found[pk] = frozenset(owner for owner in owners if owner is not None)
    return found


@dataclass(frozen=True)
class Contact:
    """Whom to call on a side: shown to both sides once both have agreed."""

    side: str
    organisation: str
    name: str
    post: str
    email: str
    phone: str


@predicate
def shows_contacts(actor: Actor, row: Introduction) -> bool:
    """Both have agreed and the actor acts for one of the two, or is the broker to whose introduction they agreed."""
    if not (row.need_agreed_on and row.supply_agreed_on) or row.record.stage == LAPSED or actor.organisation is None:
        return False
    return actor.organisation.pk in {row.need.record.owner_id, row.supply.owner_id} or bool(mediates.test(actor, row))


@shows_contacts.beside
def _contacts_shown(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None:
        return rows.none
    own = rows.where(need__record__owner=actor.organisation.pk) | rows.where(supply__owner=actor.organisation.pk)
    agreed = rows.where(need_agreed_on__isnull=False, supply_agreed_on__isnull=False)
    return (own | mediates.where(actor, rows)) & agreed & ~rows.records.where(stage=LAPSED)


def contacts_of(actor: Actor, row: Introduction) -> list[Contact]:
    """Both sides' contact details, once both have agreed, only to the two sides and their broker; otherwise nothing.

    A side's contact is the one that its record names, else whoever agreed for it.
    """
    if not shows_contacts(actor, row):
        return []
    sides = (("need", row.need.record, row.need_agreed_by), ("supply", row.supply, row.supply_agreed_by))
    return [_contact(side, record, record.contact or agreed_by) for side, record, agreed_by in sides]


def _contact(side: str, record: Record, person: Person | None) -> Contact:
    organisation = str(record.owner) if record.owner else _("the bureau")
    if person is None:
        return Contact(side, organisation, "", "", "", "")
    return Contact(side, organisation, person.record.title, person.post, person.email, person.phone)


def concerned_in_introduction(row: Introduction) -> Iterable[int]:
    """Whose own matter an introduction is: those of both its sides."""
    sides = (row.need, registry.row_of(row.supply))
    return frozenset().union(*(registry.concerned_in(side) for side in sides))
