"""Questions between an expert and an applicant as the API takes and shows them."""

from datetime import datetime

from kezhuan.api.schemas import Body, Passage, Shown


class InquiryShown(Shown):
    """A question of an expert and its answer, as either side reads them: neither learns who the other is."""

    number: int
    words: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    is_open: bool


class InquiryBody(Body):
    """A question, or its answer."""

    words: Passage
