"""Conditions of a request: an answer that the asker has already is not sent again, and a change is made to what the
asker has seen only.

The tag of an answer is the hash of its bytes. They hold the record's version, follow from the field groups its reader
sees and from the language, and tell what stands elsewhere, such as the owner's name: whatever changes one of these
changes the tag.
"""

import hashlib
import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from kezhuan.api.problems import BadKey, StaleTag

KEY = '^"?[!#-~]{1,200}"?$'
"""An Idempotency-Key, with or without the quotes of a structured field."""
_KEY = re.compile(KEY)


def key_of(request: HttpRequest) -> str | None:
    """The Idempotency-Key of a request, if it has one; raises `BadKey` for what is none."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not _KEY.fullmatch(given):
        raise BadKey
    return given.strip('"') if given is not None else None


def tag_of(response: HttpResponse) -> str:
    """The strong entity tag of an answer."""
    return f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer to a reading request with its tag, or 304 when the asker has it already; others as they are."""
    if request.method != "GET" or response.status_code != 200 or response.streaming:
        return response
    tag = tag_of(response)
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in held or tag in {one.removeprefix("W/") for one in held}:
        unchanged = HttpResponse(status=304)
        del unchanged.headers["Content-Type"]
        response = unchanged
    response.headers["ETag"] = tag
    return response


def require_match(request: HttpRequest, shown: HttpResponseBase) -> None:
    """Raise `StaleTag` when what is shown now is not what the header `If-Match` names."""
    held = parse_etags(request.headers.get("If-Match", ""))
    if not isinstance(shown, HttpResponse) or shown.status_code != 200:
        raise StaleTag
    # Compared strongly, as RFC 9110 asks: a weak tag never matches.
    if "*" not in held and tag_of(shown) not in held:
        raise StaleTag
