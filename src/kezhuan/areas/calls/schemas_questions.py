"""The questions of a call's form as the API takes them."""

from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import Body, Line, Yes
from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.areas.calls.questions import MOST_COLUMNS, MOST_OPTIONS, MOST_QUESTIONS, Question


class ColumnBody(Body):
    """A column of a table that an applicant fills in."""

    words: Annotated[Line, Field(max_length=100)]
    kind: ColumnKind = ColumnKind.LINE


class OnlyIfBody(Body):
    """An earlier question of the form, counted from one, and the answer to it of those who are asked."""

    question: Annotated[StrictInt, Field(ge=1, le=MOST_QUESTIONS)]
    answer: Line


class QuestionBody(Body):
    """What an application says: at most so many characters, a number up to `most`, or so many rows of a table."""

    words: Annotated[Line, Field(max_length=400)]
    kind: AnswerKind = AnswerKind.TEXT
    required: Yes = True
    most: Annotated[StrictInt, Field(ge=0, le=100_000)] = 2000
    options: list[Line] = Field([], max_length=MOST_OPTIONS, description="of a choice")
    columns: list[ColumnBody] = Field([], max_length=MOST_COLUMNS, description="of a table")
    only_if: OnlyIfBody | None = None

    @property
    def question(self) -> Question:
        """The question as the actions take it."""
        said = self.model_dump(mode="json")
        return Question(**said)


class GrownFormBody(Body):
    """Questions that are added to the form of an open call."""

    questions: list[QuestionBody] = Field(min_length=1, max_length=MOST_QUESTIONS)
