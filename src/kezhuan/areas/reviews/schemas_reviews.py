"""Reviews as the API takes and shows them: what an expert reads, and scores."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from kezhuan.api.schemas import Body, DocumentShown, Passage, RecordShown, Shown, Yes
from kezhuan.areas.reviews.schemas_asking import InquiryShown


class SectionShown(Shown):
    """Words of an item."""

    label: str
    words: str


class OthersShown(Shown):
    """Another expert's scores for the same item, by their number on the panel."""

    number: int
    total: str
    marks: list[str]
    words: list[str]


class SheetShown(Shown):
    """An item as its expert reads it, their marks and words, and once these are in those of the others."""

    item: int
    title: str
    sections: list[SectionShown]
    files: list[DocumentShown]
    marks: list[str]
    words: list[str]
    submitted_at: datetime | None
    recused: str
    questions: list[InquiryShown]
    others: list[OthersShown]


class ReviewShown(RecordShown):
    """A review: for its expert the items to score, for whoever runs the panel whose it is."""

    panel: str = ""
    scheme: str = ""
    criteria: list[dict[str, Any]] = []
    answer_by: date | None = None
    due_on: date | None = None
    expert: str = ""


class ScoreBody(Body):
    """Marks from 0 to 100 with at most two decimals, and words, by criterion in its order; with `submit` for good."""

    marks: list[Annotated[str, Field(max_length=8)]] = Field(max_length=30)
    words: list[Passage] = Field(max_length=30)
    submit: Yes = False


class GiveBackBody(Body):
    """Why an item is given back."""

    reason: Annotated[Passage, Field(max_length=500)]
