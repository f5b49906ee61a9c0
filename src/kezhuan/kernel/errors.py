"""The ways in which the business code says no; two small modules turn them into pages and problem documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Text = Any  # str, or a lazy translation of one


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a stable kebab-case code, a sentence with the way out, the field, the clause."""

    code: str
    message: Text
    field: str = ""
    clause: str = ""


class KezhuanError(Exception):
    """Base of everything that is the user's business to hear about."""


class NotAllowed(KezhuanError):
    """The actor may see the thing but may not do this to it (403)."""


class NotNow(NotAllowed):
    """The actor may do this, but not where the record stands now (409 for programs)."""

    def __init__(self, said: Text, record: Any) -> None:
        super().__init__(said)
        self.record = record


class Missing(KezhuanError):
    """The thing does not exist, or the actor may not know that it does (404)."""


class Ended(Missing):
    """An address that somebody was sent opens nothing, or nothing more; the sentence says so to whoever holds it."""


class Conflict(KezhuanError):
    """Someone was faster: the thing is no longer as the actor saw it (409)."""


class Refused(KezhuanError):
    """The request breaks rules; `problems` say which, where and how to mend it (422)."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(str(problem.message) for problem in self.problems))
