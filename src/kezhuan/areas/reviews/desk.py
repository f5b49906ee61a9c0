"""What an expert may read of the items of a review, and when: the same for pages and API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.blinding import as_read, title_as_read
from kezhuan.areas.reviews.judging import Matter
from kezhuan.areas.reviews.models import Review, Sheet
from kezhuan.areas.reviews.permissions import is_own_item, is_themselves
from kezhuan.areas.reviews.results import total_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import documents_among, unsealed
from kezhuan.kernel.models import Document

OPENED = frozenset({"scoring", "scored", "concluded"})


def reads_items(actor: Actor, review: Review) -> bool:
    """Whether the actor reads what a review is about: its expert, once they have accepted and the panel scores."""
    ready = review.record.stage in {"accepted", "handed-in"} and review.panel.record.stage in OPENED
    return ready and bool(is_themselves.test(actor, review))


def items_read_by(actor: Actor, review: Review, number: int | None = None) -> list[tuple[Sheet, Matter]]:
    """The items of a review, or the one of a number, as its expert reads them: never one of a unit that they act
    for."""
    blind = review.panel.is_blind
    return [(one, as_read(one.item, matter, blind=blind)) for one, matter in _told(actor, review, number)]


def titles_read_by(actor: Actor, review: Review) -> list[tuple[Sheet, str]]:
    """The same items by their titles alone: no name is looked for in words that a list does not show."""
    blind = review.panel.is_blind
    return [(one, title_as_read(one.item, matter, blind=blind)) for one, matter in _told(actor, review)]


def _told(actor: Actor, review: Review, number: int | None = None) -> list[tuple[Sheet, Matter]]:
    rows = review.sheets.select_related("item__record", "review")
    rows = rows if number is None else rows.filter(item__number=number)
    sheets = [one for one in rows if not is_own_item(actor, one.item.record)]
    told: Mapping[int, Matter] = judging.told_of(review.programme, [one.item.record_id for one in sheets])
    return [(one, told[one.item.record_id]) for one in sheets]


def files_read_by(review: Review, sheets: Iterable[Sheet]) -> dict[int, list[Document]]:
    """By item the files that its expert reads of these, oldest first: of a blind panel none, because nobody has taken
    names out of them. One query."""
    if review.panel.is_blind:
        return {}
    items = {one.item.record_id: one.item_id for one in sheets if not one.recused}
    found: dict[int, list[Document]] = {item: [] for item in items.values()}
    rows = documents_among(items, judging.judging_of(review.programme).files)
    for one in rows.select_related("record__public_to", "record__full_to").order_by("pk"):
        found[items[one.record_id]].append(unsealed(one))
    return found


@dataclass(frozen=True)
class Others:
    """Another expert's scores for the same item, by the expert's number on the panel."""

    number: int
    total: Decimal
    marks: tuple[str, ...]
    words: tuple[str, ...]


def others_of(review: Review, sheets: Iterable[Sheet]) -> dict[int, list[Others]]:
    """By item what others gave it: nothing before one's own scores are in. One query."""
    own = {one.item_id: one.pk for one in sheets if one.submitted_at is not None}
    rows = Sheet.objects.filter(item__in=own, submitted_at__isnull=False, recused="").exclude(pk__in=own.values())
    found: dict[int, list[Others]] = {item: [] for item in own}
    for one in rows.select_related("review").order_by("review__number"):
        said = Others(one.review.number, total_of(review.panel, one), tuple(one.marks), tuple(one.words))
        found[one.item_id].append(said)
    return found
