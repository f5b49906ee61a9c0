"""Answers to writes, kept for programs that send one again because they never heard: done once, answered as often."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kezhuan.kernel import journal
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import KeptAnswer
from kezhuan.kernel.text import now

KEPT = timedelta(hours=24)
REFUSED = 400
"""From this status on nothing was done."""


@dataclass(frozen=True)
class Answer:
    """An answer as it is sent: `repeated` when it was given before."""

    status: int
    headers: dict[str, str]
    body: str
    repeated: bool = False


class _NotDone(Exception):
    """Takes back what a refused write began."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class AnotherQuestion(Exception):
    """The key was used for something else before."""


def hashed(*parts: str | bytes) -> str:
    """One hash of several parts, whatever stands in them."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


def once(asker: str, key: str, question: str, act: Callable[[], Answer]) -> Answer:
    """Do what is asked and keep the answer in the same transaction, or give the answer that was kept.

    A refusal (status 400 or more) is not kept and takes back whatever was written. Of two that come at once one acts,
    and the other waits for its answer. Raises `AnotherQuestion` when the key was given with another question.
    """
    try:
        with journal.writing():
            return _once(asker, key, question, act)
    except _NotDone as refused:
        return refused.answer


def _once(asker: str, key: str, question: str, act: Callable[[], Answer]) -> Answer:
    KeptAnswer.objects.filter(asker=asker, key=key, made_at__lt=now() - KEPT).delete()
    row, is_new = KeptAnswer.objects.get_or_create(
        asker=asker, key=key, defaults={"question": question, "status": 0, "body": "", "made_at": now()}
    )
    if not is_new:
        if row.question != question:
            raise AnotherQuestion
        return Answer(row.status, row.headers, row.body, repeated=True)
    answer = act()
    if answer.status >= REFUSED:
        raise _NotDone(answer)
    row.status, row.headers, row.body = answer.status, answer.headers, answer.body
    row.save(update_fields=["status", "headers", "body"])
    return answer


def forget_old(_running: Running) -> None:
    """Remove the answers that are kept no longer."""
    KeptAnswer.objects.filter(made_at__lt=now() - KEPT).delete()
