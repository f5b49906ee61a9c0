"""An introduction: one side accepted a suggestion, the other agrees, both meet, and it ends in an intent, a contract
or a reason why not."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.models import Introduction, Reason
from kezhuan.areas.matches.permissions import (
    consents,
    may_agree,
    oversees,
    represents_a_side,
)
from kezhuan.kernel import clocks, journal, registry
from kezhuan.kernel.access import (
    OFFICER,
    PUBLIC,
    Actor,
    Audiences,
    grant,
    officer_tokens,
    organisation_token,
    region_of,
)
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today

INTRODUCED = "introduced"


def introduction_audience(row: Introduction) -> Audiences:
    """The officers of both districts, the side that is or was asked, and each side from the moment it may know of the
    other: when the other's record is public, or the other has agreed, or it has agreed itself.

    The record's own title holds codes alone: what the two sides are called is read from them, by whoever may see them.
    """
    if row.record.phase == Phase.VOID:
        return Audiences.nested(inner={OFFICER})
    need, supply = row.need.record, row.supply
    seen = officer_tokens(region_of(row.need)) | officer_tokens(region_of(supply.achievement))
    agreed = row.need_agreed_on is not None or row.supply_agreed_on is not None
    for own, other in ((need, supply), (supply, need)):
        if own.owner_id is not None and (agreed or other.public_to.key == PUBLIC):
            seen |= {organisation_token(own.owner_id)}
    asked = _asked(row)
    if asked is not None:
        seen |= {organisation_token(asked.pk)}
    return Audiences.nested(full=seen)


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


def _after_agreeing(row: Introduction, actor: Actor) -> str:
    if row.need_agreed_on is None and consents(actor, row.need):
        row.need_agreed_on = today()
    if row.supply_agreed_on is None and consents(actor, row.supply.achievement):
        row.supply_agreed_on = today()
    row.save(update_fields=["need_agreed_on", "supply_agreed_on"])
    show_to_other_side(row, actor)
    return "agreed" if row.need_agreed_on and row.supply_agreed_on else "introduced"


def _asked(row: Any) -> Organisation | None:
    """Who is asked to agree, or was when the introduction ended: whoever has not, a closed result's unit first."""
    first_asked_is_supply = row.supply_agreed_on is None and row.supply.public_to.key != PUBLIC
    record: Record = row.supply if row.need_agreed_on is not None or first_asked_is_supply else row.need.record
    return record.owner


def _waits_for(row: Any) -> Organisation | None:
    """Whose turn it is: the side that is asked; after that the need's side reports; the bureau for nobody's."""
    needs_owner: Organisation | None = row.need.record.owner
    return _asked(row) if row.record.stage == "introduced" else needs_owner


_REASONS = tuple((reason.value, reason.label) for reason in Reason)

INTRODUCTION = Lifecycle(
    "introduction",
    "I",
    stages=(
        Stage("introduced", Phase.SUBMITTED, _("introduced")),
        Stage("agreed", Phase.ACTIVE, _("both sides agreed")),
        Stage("met", Phase.ACTIVE, _("met")),
        Stage("intent", Phase.ACTIVE, _("intent")),
        Stage("contract", Phase.DONE, _("contract")),
        Stage("dropped", Phase.FAILED, _("dropped")),
    ),
    moves=(
        Move(
            "agree",
            _("Agree to the introduction"),
            source=frozenset({"introduced"}),
            target=_after_agreeing,
            targets=("introduced", "agreed"),
            allowed=may_agree,
            note="optional",
            primary=True,
        ),
        Move(
            "decline",
            _("Decline"),
            source=frozenset({"introduced"}),
            target="dropped",
            allowed=represents_a_side | oversees,
            note="optional",
            reasons=_REASONS,
            hint=_("The other side may read your words."),
            danger=True,
        ),
        Move(
            "meet",
            _("Record the meeting"),
            source=frozenset({"agreed"}),
            target="met",
            allowed=represents_a_side | oversees,
            note="optional",
            primary=True,
        ),
        Move(
            "intend",
            _("Record the intent"),
            source=frozenset({"met"}),
            target="intent",
            allowed=represents_a_side | oversees,
            note="optional",
            primary=True,
        ),
        Move(
            "contract",
            _("Record the contract"),
            source=frozenset({"met", "intent"}),
            target="contract",
            allowed=represents_a_side | oversees,
            note="required",
        ),
        Move(
            "drop",
            _("End without result"),
            source=frozenset({"agreed", "met", "intent"}),
            target="dropped",
            allowed=represents_a_side | oversees,
            note="optional",
            reasons=_REASONS,
            hint=_("The other side may read your words."),
            danger=True,
        ),
    ),
    audience=introduction_audience,
    then=(clocks.restart(_waits_for),),
)
