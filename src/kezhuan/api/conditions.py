"""Conditions of a request: an answer that the asker has already is not sent again, and a change is made to what the
asker has seen only.

The tag of an answer is the hash of its bytes. They follow from the field groups its reader sees and from the language,
and tell what stands elsewhere, such as the owner's name: whatever changes one of these changes the tag. The tag of a
record begins with a mark of its version, by which alone a change is judged: to say the same in another language, or to
another reader, is no change.
"""

import hashlib
import re

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from kezhuan.api.problems import BadKey, StaleTag
from kezhuan.kernel.models import Record

KEY = '^"?[!#-~]{1,200}"?$'
"""An Idempotency-Key, with or without the quotes of a structured field."""
_KEY = re.compile(KEY)


def key_of(request: HttpRequest) -> str | None:
    """The Idempotency-Key of a request, if it has one; raises `BadKey` for what is none."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not _KEY.fullmatch(given):
        raise BadKey
    return given.strip('"') if given is not None else None


MARK = 16
"""Signs of a record's tag that tell its version; as many tell the bytes."""


def mark_of(record: Record) -> str:
    """The beginning of the tags of a record in its present version."""
    return hashlib.sha256(f"{record.uid}:{record.version}".encode()).hexdigest()[:MARK]


def show_version(request: HttpRequest, record: Record) -> None:
    """Say that the answer to this request is this record, or what was done to it, in this version."""
    request.record_mark = mark_of(record)  # type: ignore[attr-defined]  # goes with the request


def tag_of(request: HttpRequest, response: HttpResponse) -> str:
    """The strong entity tag of an answer."""
    mark: str = getattr(request, "record_mark", "")
    return f'"{mark}{hashlib.sha256(response.content).hexdigest()[: 2 * MARK - len(mark)]}"'


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer to a reading request with its tag, or 304 when the asker has it already; others as they are."""
    if request.method != "GET" or response.status_code != 200 or response.streaming:
        return response
    tag = tag_of(request, response)
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in held or tag in {one.removeprefix("W/") for one in held}:
        unchanged = HttpResponse(status=304)
        del unchanged.headers["Content-Type"]
        response = unchanged
    response.headers["ETag"] = tag
    return response


def written(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer to a write with the tag of the version that it made."""
    mark: str = getattr(request, "record_mark", "")
    if mark and request.method != "GET" and response.status_code in {200, 201}:
        response.headers["ETag"] = f'"{mark}{"0" * MARK}"'
    return response


def version_matched(request: HttpRequest, record: Record) -> int | None:
    """The version of the record when the request names it by a tag in `If-Match`; None when it names none.

    Raises `StaleTag` for the tag of another version. What is done with this version afterwards finds out who comes
    between.
    """
    if "If-Match" not in request.headers:
        return None
    held = parse_etags(request.headers.get("If-Match", ""))
    # Compared strongly, as RFC 9110 asks: a weak tag never matches.
    if "*" not in held and not any(one.startswith(f'"{mark_of(record)}') for one in held):
        raise StaleTag
    return record.version
