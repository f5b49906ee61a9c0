"""Directions and fields (方向、领域) on a call's list: what an office offers to apply for in words of its own, where no
firm poses a challenge. Put on it and changed here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.areas.calls.actions import full_problems, next_number, prepare_call, require_draft, require_terms
from kezhuan.areas.calls.facts import CallFacts
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, texts_in
from kezhuan.kernel.vocabulary import Field


@dataclass(frozen=True)
class Place:
    """A direction or field: what it is, in which technical field where it is of one, how many are chosen in it at most,
    with how much fiscal money together (分), for how many months."""

    title: str
    problem: str = ""
    field: str = ""
    fiscal_fen: int | None = None
    months: int | None = None
    winners: int = 1


def begin_call(*, actor: Actor, facts: CallFacts, places: Sequence[Place] = ()) -> Call:
    """Begin a call, as a draft, with these directions or fields on its list; raises `NotAllowed` or `Refused`."""
    with journal.writing():
        made = prepare_call(actor=actor, facts=facts)
        for place in places:
            put_place(actor=actor, call=made, place=place)
    return Call.objects.select_related("record").get(pk=made.pk)


def put_place(*, actor: Actor, call: Call, place: Place) -> CallItem:
    """Put a direction or field on the list of a call that is prepared; raises `NotAllowed` or `Refused`."""
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        if problems := [*full_problems(row, "title"), *_problems(row, place)]:
            raise Refused(problems)
        require_terms(place.fiscal_fen, place.months, place.winners)
        item = CallItem(call=row, number=next_number(row), **_columns(place))
        require_fits(item)
        item.save()
        touch(CALL, row, actor=actor, fields=["items"])
    return item


def change_place(
    *, actor: Actor, call: Call, number: int, place: Place, expected_version: int | None = None
) -> CallItem:
    """Change a direction or field on the list of a call that is prepared. Raises `NotAllowed`, `Refused`, or `Conflict`
    when it is gone, or somebody changed the call meanwhile."""
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        item: CallItem | None = row.items.filter(number=number, need=None).first()
        if item is None:
            raise Conflict(_("This item is no longer on the list."))
        if problems := _problems(row, place, besides=item):
            raise Refused(problems)
        require_terms(place.fiscal_fen, place.months, place.winners)
        changed = set_columns(item, _columns(place))
        require_fits(item)
        item.save()
        touch(CALL, row, actor=actor, fields=["items"] if changed else [], expected_version=expected_version)
    return item


def _columns(place: Place) -> dict[str, object]:
    return {
        "title": clean(place.title), "problem": clean(place.problem), "field": place.field,
        "fiscal_fen": place.fiscal_fen, "months": place.months, "winners": place.winners,
    }  # fmt: skip


def _problems(call: Call, place: Place, besides: CallItem | None = None) -> list[Problem]:
    title = clean(place.title)
    if any(map(has_classification_mark, texts_in(place))):
        return [secrets_problem("title")]
    if not title:
        return [Problem("place-title", _("Name the direction or field."), "title")]
    if len(title) > 200:
        return [Problem("title-long", _("The title has at most 200 characters."), "title")]
    others = call.items.filter(title=title, need=None)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        message = _("“%(title)s” stands on this list already.")
        return [Problem("place-twice", message % {"title": title}, "title")]
    if place.field and place.field not in Field.values:
        return [Problem("field-unknown", _("Choose a technical field of the list, or none."), "field")]
    return []
