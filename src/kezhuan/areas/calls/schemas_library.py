"""The project library as the API takes and shows it: money in fen."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import Body, Code, Day, Fen, Line, Passage, Shown
from kezhuan.areas.calls.library_actions import BudgetFacts


class LibraryEntryShown(Shown):
    """A chosen application in the project library; `document` and `funded_fen` once a budget document names it."""

    application: str
    title: str
    applicant: str
    call: str
    place: int
    amount_fen: int
    since: date
    left_on: date | None
    document: str | None
    funded_fen: int | None


class LibraryOrderBody(Body):
    """Applications that wait in the library, by their codes in the order wanted; the others follow."""

    codes: list[Code] = Field(max_length=2000)


class BudgetLineBody(Body):
    """What a budget document gives a project."""

    application: Code
    fen: Fen


class BudgetDocumentBody(Body):
    """A budget document, with what it takes out of the library; `note` where it passes over what stands before."""

    number: Annotated[Line, Field(max_length=120)]
    year: Annotated[StrictInt, Field(ge=2000, le=2100)]
    subject: Annotated[Line, Field(max_length=120)]
    issued_on: Day
    lines: list[BudgetLineBody] = Field(max_length=2000)
    note: Passage = ""

    @property
    def facts(self) -> BudgetFacts:
        """As the action takes it."""
        lines = {one.application: one.fen for one in self.lines}
        return BudgetFacts(self.number, self.year, self.subject, self.issued_on, lines, self.note)


class BudgetDocumentShown(Shown):
    """A budget document and what it names."""

    id: int
    number: str
    year: int
    subject: str
    issued_on: date
    note: str
    withdrawn_on: date | None
    entries: list[LibraryEntryShown]
