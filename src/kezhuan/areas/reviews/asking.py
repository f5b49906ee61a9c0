"""Who asks and who answers while a panel scores, and as what each reads the words of the other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.blinding import without_names
from kezhuan.areas.reviews.models import Inquiry, Panel, Review, Sheet
from kezhuan.areas.reviews.permissions import is_own_item, is_themselves
from kezhuan.kernel import followers
from kezhuan.kernel.access import WRITERS, Actor
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.kernel.models import Record

MOST_ASKED = 10
"""Questions of an expert about an item."""


@dataclass(frozen=True)
class Exchanged:
    """A question as one side reads it: its number among those about the record, both words, and whether an answer is
    still taken."""

    number: int
    words: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    is_open: bool


def answer_closed(panel: Panel) -> bool:
    """Whether questions and answers are over: they close with the phase in which the panel scores."""
    return panel.record.stage != "scoring"


def asks_about(actor: Actor, review: Review, number: int) -> Sheet | None:
    """The sheet of an item about which the actor may ask: its expert, who scores now and has not handed it in."""
    scoring = review.record.stage == "accepted" and not answer_closed(review.panel)
    if not scoring or not is_themselves.test(actor, review):
        return None
    rows = review.sheets.select_related("item__record").filter(item__number=number, recused="", submitted_at=None)
    sheet: Sheet | None = rows.first()
    return sheet if sheet is not None and not is_own_item(actor, sheet.item.record) else None


def asked_by(sheets: Sequence[Sheet]) -> dict[int, list[Exchanged]]:
    """By sheet of one review the expert's own questions about its item; of a blind panel the answers without names,
    numbers and addresses. As many queries for many sheets as for one."""
    rows = list(Inquiry.objects.filter(sheet__in=sheets).order_by("number"))
    if not rows:
        return {}
    panel = sheets[0].review.panel
    of = {one.pk: one for one in sheets}
    asked = {of[one.sheet_id].item.record_id for one in rows}
    told = judging.told_of(panel.programme, sorted(asked)) if panel.is_blind else {}
    found: dict[int, list[Exchanged]] = {}
    for one in rows:
        item = of[one.sheet_id].item
        answer = without_names(one.answer, (*told[item.record_id].names, *item.hidden)) if told else one.answer
        is_open = one.answered_at is None and not answer_closed(panel)
        said = Exchanged(one.number, one.words, one.asked_at, answer, one.answered_at, is_open)
        found.setdefault(one.sheet_id, []).append(said)
    return found


def _about(record: Record) -> QuerySet[Inquiry]:
    rows = Inquiry.objects.filter(sheet__item__record=record).exclude(sheet__item__panel__record__stage="withdrawn")
    return rows.select_related("sheet__item__panel__record").order_by("number")


def is_asked(actor: Actor, record: Record) -> bool:
    """Whether questions about a record are put to the actor: they write for its organisation."""
    own = actor.organisation is not None and record.owner_id == actor.organisation.pk
    return own and bool(actor.roles & WRITERS) and actor.acts_in(record.kind)


def asked_of(actor: Actor, record: Record) -> list[Exchanged]:
    """The questions about a record as its organisation reads them: never by whom, whatever the panel's scheme, and
    without an expert's own name in them."""
    if not is_asked(actor, record):
        return []
    rows = list(_about(record))
    names = _names_on({one.sheet.item.panel_id for one in rows})
    return [
        Exchanged(
            one.number, without_names(one.words, names[one.sheet.item.panel_id]), one.asked_at, one.answer,
            one.answered_at, not answer_closed(one.sheet.item.panel) and one.answered_at is None,
        )
        for one in rows
    ]  # fmt: skip


def _names_on(panels: Collection[int]) -> dict[int, set[str]]:
    """By panel the names of its experts and of those who employ them, in both languages; one query."""
    whose = ("expert__person__record", "expert__employer__record")
    columns = [f"{one}__{name}" for one in whose for name in ("title", "title_en")]
    found: dict[int, set[str]] = {}
    for panel, *names in Review.objects.filter(panel__in=panels).values_list("panel", *columns):
        found.setdefault(panel, set()).update(filter(None, names))
    return found


def answers_question(actor: Actor, record: Record, number: int) -> Inquiry | None:
    """The question of a number that the actor may answer or has answered."""
    return _about(record).filter(number=number).first() if is_asked(actor, record) else None


def open_questions(actor: Actor) -> QuerySet[Record]:
    """What of the actor's organisation is asked about and waits for an answer."""
    unit = actor.organisation
    if unit is None or not actor.roles & WRITERS:
        return Record.objects.none()
    waiting = Inquiry.objects.filter(answered_at=None, sheet__item__panel__record__stage="scoring")
    rows = Record.objects.filter(owner=unit, pk__in=waiting.values("sheet__item__record"))
    return rows.filter(kind=actor.programme) if actor.programme else rows


_exchanged: UntilNextEntry[list[int]] = UntilNextEntry(128)
"""By panel the ids of its questions: few among the sheets of all its items, through which a database looks for them."""


def exchanged_in(panel: Panel) -> QuerySet[Inquiry]:
    """All questions of a panel with their answers, for whoever runs it and for the case's folder."""
    asked = Inquiry.objects.filter(sheet__item__panel=panel).order_by().values_list("pk", flat=True)
    found = _exchanged.get(followers.head(), panel.pk, lambda: list(asked))
    rows = Inquiry.objects.filter(pk__in=found).select_related(
        "sheet__item__record", "sheet__review__expert__person__record"
    )
    return rows.order_by("sheet__item__number", "asked_at")
