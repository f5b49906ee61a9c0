"""Answers that a process keeps until the journal grows: whatever they rest on changes with an entry."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class UntilNextEntry(Generic[Answer]):
    """Answers by question, each as of one head of the journal, for what pages ask again and again.

    What also depends on the day names the day in its question. Kept are the last `most` answers; safe for several
    threads, each of which may work out the same answer once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._adding = threading.Lock()
        self._kept: dict[tuple[tuple[int, str], Hashable], Answer] = {}

    def get(self, head: tuple[int, str], question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The answer as of the journal's `head` (read before), asked for when it is not kept."""
        key = (head, question)
        if (kept := self._kept.get(key)) is not None:
            return kept
        found = answer()
        with self._adding:
            self._kept[key] = found
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return found
