"""Answers of the index that hold until it changes: what many readers ask of the same record is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
MOST = 256
"""Answers kept at a time."""


class Kept(Generic[Answer]):
    """Answers by all that they rest on: `state` is that of the index, and a question names everything else, the
    audiences of whoever asks among it, so that nobody is given what was worked out for others. Use it under the index's
    lock."""

    def __init__(self) -> None:
        self._state: Hashable = None
        self._answers: dict[Hashable, Answer] = {}

    def answer(self, state: Hashable, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The answer kept for a question, or the one worked out now; of another state nothing is left."""
        if state != self._state or (len(self._answers) >= MOST and question not in self._answers):
            self._state, self._answers = state, {}
        if question not in self._answers:
            self._answers[question] = work_out()
        return self._answers[question]
