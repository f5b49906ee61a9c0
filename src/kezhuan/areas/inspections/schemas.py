"""Inspections as the API shows and takes them."""

from datetime import date

from kezhuan.api.schemas import Body, Code, Day, Line, RecordRef, RecordShown, Short, Version, Yes


class InspectionShown(RecordShown):
    """An inspection: by whom, by which letter, when, and its records as far as the reader may see them."""

    body: str = ""
    inspector: str = ""
    letter_no: str = ""
    since: date | None = None
    until: date | None = None
    owner_told: bool = True
    matters: list[RecordRef] = []


class InspectionBody(Body):
    """Who inspects which records, by which letter, from when until when: the inspector is known by the mail address of
    their account, records by their codes; the letter itself is added afterwards."""

    email: Line
    body: Line
    letter_no: Short
    since: Day
    until: Day
    codes: list[Code]
    owner_told: Yes = True


class InspectionChange(Body):
    """What was prepared as it shall be, and the version that the writer had before them (or `If-Match`); who inspects
    stays. It is changed until the inspector is admitted."""

    body: Line
    letter_no: Short
    since: Day
    until: Day
    codes: list[Code]
    owner_told: Yes = True
    version: Version = None
