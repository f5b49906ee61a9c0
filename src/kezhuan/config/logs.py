"""How log lines look: for people, or as JSON for programs; never with an exception's own words."""

import json
import logging
import traceback
from datetime import UTC, datetime

from kezhuan.kernel import trace

FIELDS = ("method", "route", "status", "milliseconds")
"""What the line of a request tells beside its words."""


def words_of(record: logging.LogRecord) -> str:
    """The line's words. Django's own line about a request names its path, which may hold a person's secret link: the
    pattern of the address takes its place."""
    request = getattr(record, "request", None)
    if request is None:
        return record.getMessage()
    match = getattr(request, "resolver_match", None)
    reason = record.args[0] if isinstance(record.args, tuple) and len(record.args) > 1 else record.levelname
    return f"{reason}: {request.method} {(match.route or '/') if match else '-'}"


def faults_of(record: logging.LogRecord) -> list[dict[str, object]]:
    """The exceptions of a line, outermost first: kind and places. Their own words are left out, because a database
    quotes people's data in them."""
    found: list[dict[str, object]] = []
    problem = record.exc_info[1] if record.exc_info else None
    while problem is not None and len(found) < 10:
        frames = traceback.extract_tb(problem.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        found.append({"kind": f"{type(problem).__module__}.{type(problem).__qualname__}", "places": places})
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return found


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Lines(logging.Formatter):
    """A line for people: moment, level, logger, mark, words; an exception's places below it."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        parts = [_moment(record), record.levelname, record.name, trace.mark() or "-", words_of(record)]
        below = [
            line
            for fault in faults_of(record)
            for line in (f"  {fault['kind']}", *(f"    {p}" for p in _places(fault)))
        ]
        return "\n".join([" ".join(parts), *below])


def _places(fault: dict[str, object]) -> list[str]:
    places = fault["places"]
    return places if isinstance(places, list) else []


class JsonLines(logging.Formatter):
    """A line for programs: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        said: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": trace.mark(),
            "message": words_of(record),
            **{name: getattr(record, name) for name in FIELDS if hasattr(record, name)},
        }
        faults = faults_of(record)
        return json.dumps(said | ({"faults": faults} if faults else {}), ensure_ascii=False)
