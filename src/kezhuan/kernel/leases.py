"""What is held for a while and renewed: a thread that renews it, and the word that it is still held before a commit."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections

log = logging.getLogger(__name__)

_confirm: ContextVar[Callable[[], None] | None] = ContextVar("lease_confirm", default=None)


class LeaseLost(Exception):
    """Another worker has taken over: what this one has not committed is taken back."""


@contextmanager
def renewing(renew: Callable[[], object], every: float) -> Iterator[None]:
    """Call `renew` every so many seconds from a thread of its own while the block runs; a failure is tried again."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(every):
                try:
                    renew()
                except Exception:  # noqa: BLE001  the database may be busy or away; the lease lasts for several tries
                    log.warning("a lease could not be renewed; it is tried again")
        finally:
            connections.close_all()  # this thread's own

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def held(confirm: Callable[[], None]) -> Iterator[None]:
    """Inside the block every `journal.writing()` asks `confirm` before it commits."""
    token = _confirm.set(confirm)
    try:
        yield
    finally:
        _confirm.reset(token)


def confirm_held() -> None:
    """Raise `LeaseLost` when this work is done under a lease that somebody else has by now."""
    confirm = _confirm.get()
    if confirm is not None:
        confirm()
