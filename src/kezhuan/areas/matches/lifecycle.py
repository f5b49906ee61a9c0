"""An introduction: one side accepted a suggestion, the other agrees, both meet, and it ends in an intent, a contract
or a reason why not."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.meanings import ENDINGS, endings_of
from kezhuan.areas.matches.missing import lacks_of
from kezhuan.areas.matches.models import LAPSED, Introduction
from kezhuan.areas.matches.permissions import (
    consents,
    has_agreed,
    may_agree,
    may_renew,
    oversees,
    plans,
    represents_a_side,
)
from kezhuan.areas.matches.queries import is_open
from kezhuan.kernel import clocks, journal, registry
from kezhuan.kernel.access import (
    OFFICER,
    PUBLIC,
    Actor,
    Audiences,
    is_system,
    officer_tokens,
    organisation_token,
    person_token,
    region_of,
)
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.grants import end_grant, grant
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today

INTRODUCED = "introduced"


def introduction_audience(row: Introduction) -> Audiences:
    """The officers of both districts, its broker, the side that is or was asked, and each side from the moment it may
    know of the other: when the other's record is public, or the other has agreed, or it has agreed itself.

    The record's own title names neither: what the two sides are called is read from them, by whoever may see them.
    """
    if row.record.phase == Phase.VOID:
        return Audiences.nested(inner={OFFICER})
    need, supply = row.need.record, row.supply
    sides = ((row.need, need.kind), (registry.own_row(supply), supply.kind))
    seen = frozenset[str]().union(*(officer_tokens(region_of(side), kind) for side, kind in sides))
    agreed = row.need_agreed_on is not None or row.supply_agreed_on is not None
    for own, other in ((need, supply), (supply, need)):
        if own.owner_id is not None and (agreed or other.public_to.key == PUBLIC):
            seen |= {organisation_token(own.owner_id)}
    asked = _asked(row)
    if asked is not None:
        seen |= {organisation_token(asked.pk)}
    broker = {person_token(row.broker_id)} if row.broker_id is not None else set()
    return Audiences.nested(full=seen | broker)


def show_to_other_side(row: Introduction, actor: Actor) -> None:
    """Whoever agreed shows their record to the other side."""
    need, supply = row.need.record, row.supply
    for agreed, shown, reader in ((row.need_agreed_on, need, supply), (row.supply_agreed_on, supply, need)):
        if agreed is None or not reader.owner_id:
            continue
        # Held from here on: an owner who closes the record at this moment must not be overwritten by what was read.
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=shown.pk)
        if grant(shown, Record.objects.get(pk=reader.owner_id), INTRODUCED):
            registry.kind_of(shown).lifecycle.refresh_audience(registry.row_of(shown))
            journal.note(
                "match.show",
                record=shown,
                actor=actor,
                data={"introduction": str(row.record.uid)},
            )


def hide_again(row: Introduction, actor: Actor) -> None:
    """An introduction that ended before both agreed shows neither side any longer, unless another one does."""
    if row.need_agreed_on is not None and row.supply_agreed_on is not None:
        return
    for own, agreed_on, shown, reader in (
        ("need", row.need_agreed_on, row.need.record, row.supply),
        ("supply", row.supply_agreed_on, row.supply, row.need.record),
    ):
        if agreed_on is None or not reader.owner_id or _is_shown_otherwise(row, own, shown, reader.owner_id):
            continue
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=shown.pk)
        if end_grant(shown, Record.objects.get(pk=reader.owner_id), INTRODUCED):
            registry.kind_of(shown).lifecycle.refresh_audience(registry.row_of(shown))
            journal.note("match.hide", record=shown, actor=actor, data={"introduction": str(row.record.uid)})


def _is_shown_otherwise(row: Introduction, own: str, shown: Record, reader: int) -> bool:
    """Whether another introduction shows the record to the same organisation."""
    side, other = {"need": ("need_id", "supply__owner"), "supply": ("supply_id", "need__record__owner")}[own]
    rows = Introduction.objects.filter(**{side: shown.pk, other: reader, f"{own}_agreed_on__isnull": False})
    both = Q(need_agreed_on__isnull=False, supply_agreed_on__isnull=False)
    return rows.filter(both | Q(record__stage="introduced")).exclude(pk=row.pk).exists()


def _lock_sides(row: Introduction) -> None:
    """Hold both sides until the end of the transaction, and read them anew: one that is withdrawn at this moment
    comes before or after."""
    sides = [row.need_id, row.supply_id]
    # Alone: joined to its audience, PostgreSQL would find no row when whoever held it gave it a new one.
    list(Record.objects.select_for_update(no_key=True).filter(pk__in=sides).order_by("pk"))
    held = Record.objects.select_related("owner__record", "public_to").in_bulk(sides)
    row.need.record, row.supply = held[row.need_id], held[row.supply_id]


def _require_open(row: Introduction) -> None:
    _lock_sides(row)
    if not is_open(row.need, row.supply):
        raise Conflict(_gettext("One of the two is no longer open. Nothing was changed by you."))


def _after_agreeing(row: Introduction, actor: Actor) -> str:
    _require_open(row)
    if row.need_agreed_on is None and consents.test(actor, row.need):
        row.need_agreed_on, row.need_agreed_by = today(), actor.person
    if row.supply_agreed_on is None and consents.test(actor, registry.own_row(row.supply)):
        row.supply_agreed_on, row.supply_agreed_by = today(), actor.person
    row.save(update_fields=["need_agreed_on", "supply_agreed_on", "need_agreed_by", "supply_agreed_by"])
    show_to_other_side(row, actor)
    return "agreed" if row.need_agreed_on and row.supply_agreed_on else "introduced"


def _after_renewing(row: Introduction, actor: Actor) -> str:
    """What was agreed before was agreed to other words: both sides are asked anew."""
    row.need_agreed_on = row.supply_agreed_on = row.need_agreed_by = row.supply_agreed_by = None
    return _after_agreeing(row, actor)


def has_lapsed(row: Introduction) -> bool:
    """Whether a side ended under the introduction: void at any time; closed or withdrawn before both agreed."""
    if Phase.VOID in {row.need.record.phase, row.supply.phase}:
        return row.record.phase in {Phase.SUBMITTED, Phase.ACTIVE}
    return row.record.stage == "introduced" and not is_open(row.need, row.supply)


def _after_lapsing(row: Introduction, actor: Actor) -> str:
    _lock_sides(row)
    if not has_lapsed(row):
        raise Conflict
    return LAPSED


def free_pair(row: Introduction, _actor: Actor) -> None:
    """The two may be introduced again once their introduction is void."""
    if row.record.phase == Phase.VOID:
        row.void_of = row.pk
        Introduction.objects.filter(pk=row.pk).update(void_of=row.pk)


def _asked(row: Any) -> Organisation | None:
    """Who is asked to agree, or was when the introduction ended: whoever has not, a closed result's unit first."""
    first_asked_is_supply = row.supply_agreed_on is None and row.supply.public_to.key != PUBLIC
    record: Record = row.supply if row.need_agreed_on is not None or first_asked_is_supply else row.need.record
    return record.owner


def _waits_for(row: Any) -> Organisation | None:
    """Whose turn it is: the side that is asked; after that the need's side reports; the bureau for nobody's."""
    needs_owner: Organisation | None = row.need.record.owner
    return _asked(row) if row.record.stage == "introduced" else needs_owner


def _endings(row: Introduction, actor: Actor) -> frozenset[str]:
    return endings_of(lacks_of(actor, row.need, row.supply))


INTRODUCTION = Lifecycle(
    "introduction",
    "I",
    stages=(
        # Blind: whom it brings together is not known to both yet.
        Stage("introduced", Phase.SUBMITTED, _("introduced"), sealed=True),
        Stage("agreed", Phase.ACTIVE, _("both sides agreed")),
        Stage("met", Phase.ACTIVE, _("met")),
        Stage("intent", Phase.ACTIVE, _("intent")),
        Stage("contract", Phase.DONE, _("contract")),
        Stage("dropped", Phase.FAILED, _("dropped")),
        Stage(LAPSED, Phase.WITHDRAWN, _("lapsed: a side is no longer open")),
        Stage("void", Phase.VOID, _("void")),
    ),
    moves=(
        Move(
            "agree",
            _("Agree to the introduction"),
            source=frozenset({"introduced"}),
            target=_after_agreeing,
            targets=("introduced", "agreed"),
            allowed=may_agree,
            done=has_agreed,
            note="optional",
            primary=True,
        ),
        Move(
            "decline",
            _("Decline"),
            source=frozenset({"introduced"}),
            target="dropped",
            allowed=represents_a_side | oversees,
            then=(hide_again,),
            note="optional",
            reasons=ENDINGS,
            open_reasons=_endings,
            hint=_("The other side may read your words."),
            danger=True,
        ),
        Move(
            "meet",
            _("Record the meeting"),
            source=frozenset({"agreed"}),
            target="met",
            allowed=plans,
            note="optional",
            primary=True,
        ),
        Move(
            "intend",
            _("Record the intent"),
            source=frozenset({"met"}),
            target="intent",
            allowed=plans,
            note="optional",
            primary=True,
        ),
        Move(
            "contract",
            _("Record the contract"),
            source=frozenset({"met", "intent"}),
            target="contract",
            allowed=plans,
            note="required",
        ),
        Move(
            "drop",
            _("End without result"),
            source=frozenset({"agreed", "met", "intent"}),
            target="dropped",
            allowed=plans,
            note="optional",
            reasons=ENDINGS,
            open_reasons=_endings,
            hint=_("The other side may read your words."),
            danger=True,
        ),
        Move(
            "lapse",
            _("Lapse"),
            source=frozenset({"introduced", "agreed", "met", "intent"}),
            target=_after_lapsing,
            targets=(LAPSED,),
            allowed=is_system,
            then=(hide_again,),
        ),
        Move(
            "renew",
            _("Introduce again"),
            source=frozenset({LAPSED}),
            target=_after_renewing,
            targets=("introduced", "agreed"),
            allowed=may_renew,
            primary=True,
        ),
        Move(
            "void",
            _("Take back with its import"),
            source=frozenset({"met", "intent", "contract", "dropped"}),
            target="void",
            allowed=is_system,
        ),
    ),
    audience=introduction_audience,
    then=(clocks.restart(_waits_for), free_pair),
)
