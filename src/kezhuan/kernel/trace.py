"""By which mark the log lines of one request or one job are found together."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_mark: ContextVar[str] = ContextVar("mark", default="")


@contextmanager
def marked(name: str) -> Iterator[None]:
    """Whatever is logged inside the block carries this mark."""
    token = _mark.set(name)
    try:
        yield
    finally:
        _mark.reset(token)


def mark() -> str:
    """The mark of what is being done now; empty outside requests and jobs."""
    return _mark.get()
