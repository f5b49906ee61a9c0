"""Inspections as the API shows them."""

from datetime import date

from kezhuan.api.schemas import RecordRef, RecordShown


class InspectionShown(RecordShown):
    """An inspection: by whom, by which letter, when, and its records as far as the reader may see them."""

    body: str = ""
    inspector: str = ""
    letter_no: str = ""
    since: date | None = None
    until: date | None = None
    owner_told: bool = True
    matters: list[RecordRef] = []
