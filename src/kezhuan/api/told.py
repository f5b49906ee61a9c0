"""What the OpenAPI document tells beside shapes: who may ask, conditions, headers, and every refusal of every route."""

from typing import Any

from django.conf import settings

from kezhuan.api.conditions import KEY
from kezhuan.api.identity import Guard
from kezhuan.api.problems import MEDIA_TYPE
from kezhuan.api.schemas import ProblemDocument

SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token made on the account page."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "A signed-in session; writes also carry X-CSRFToken with the value of the cookie csrftoken.",
    },
}
HEADERS = {
    "ETag": "Strong tag of this answer, for If-None-Match and If-Match.",
    "Idempotent-Replayed": "true when this answer was given before to the same Idempotency-Key.",
    "RateLimit-Limit": "Requests a minute.",
    "RateLimit-Remaining": "Requests left now.",
    "RateLimit-Reset": "Seconds until all are there again.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to say who asks.",
    "Location": "Address of what was made.",
}
_NUMBERS = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}
PARAMETERS = {
    "If-None-Match": "ETags of answers that the asker has; when one of them is this one the answer is 304.",
    "If-Match": "ETag of the record as the asker had it; when it is another by now the answer is 412.",
    "Idempotency-Key": "Sent again with this key within 24 hours, a request is done once and answered the same way.",
}
REFUSALS = {
    400: ("BadRequest", "The request cannot be read: no JSON, a broken form, an Idempotency-Key that is none."),
    401: ("Unauthorized", "Nobody is signed in, or the token is not valid."),
    403: ("Forbidden", "The asker, or the token, may not do this."),
    404: ("NotFound", "There is nothing here, or it is not open to the asker."),
    409: ("Conflict", "Someone was faster, or this is not done at the stage of the record; nothing was changed."),
    412: ("PreconditionFailed", "The record is not what If-Match names any more."),
    413: ("TooLarge", "The body is too large."),
    415: ("UnsupportedMedia", "The body is of another type than this address takes."),
    422: ("Refused", "Something has to be put right; nothing was changed."),
    428: ("PreconditionRequired", "Neither the version nor If-Match was given."),
    429: ("TooManyRequests", "Too many requests."),
    500: ("Broken", "A fault of the program."),
    503: ("Busy", "The database is busy or away for a moment."),
}
_EVERYWHERE = (400, 401, 429, 500, 503)
_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _shared() -> dict[str, Any]:
    """The components that all routes refer to."""
    shape = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
    return {
        "securitySchemes": SECURITY,
        "headers": {
            name: {"description": words, "schema": {"type": "integer" if name in _NUMBERS else "string"}}
            for name, words in HEADERS.items()
        },
        "parameters": {
            name: {
                "name": name,
                "in": "header",
                "required": False,
                "description": words,
                "schema": {"type": "string"} | ({"pattern": KEY} if name == "Idempotency-Key" else {}),
            }
            for name, words in PARAMETERS.items()
        },
        "responses": {
            name: {
                "description": words,
                "content": {MEDIA_TYPE: shape},
                "headers": _headers(*(_LIMITS if status < 500 else ()), *more.get(status, ())),
            }
            for status, (name, words) in REFUSALS.items()
        }
        | {
            "NotModified": {"description": "The asker has this answer.", "headers": _headers("ETag", *_LIMITS)},
            "AddressTooLong": {
                "description": "The address, with all that it asks, is longer than the web server takes."
            },
        },
    }


def complete(document: dict[str, Any], guards: dict[str, Any]) -> None:
    """Write into the document what follows from a route's method, path, body and guard."""
    parts = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"].update({**parts.pop("$defs"), "ProblemDocument": parts})
    document["components"] |= _shared()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, guards[operation["operationId"]], method, path)


def _tells_record(answer: dict[str, Any]) -> bool:
    """Whether the answer to a write tells where a record stands, and with it its tag."""
    shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(shape.get("$ref", "").endswith("/Moved"))


def _complete(operation: dict[str, Any], guard: Guard, method: str, path: str) -> None:
    takes, refusals = [], set(_EVERYWHERE)
    for answer in operation["responses"].values():
        answer["headers"] = _headers(*_LIMITS, *(("ETag",) if method == "get" else ()))
    if method == "get":
        takes.append("If-None-Match")
        operation["responses"][304] = {"$ref": "#/components/responses/NotModified"}
    if guard.names or 403 in operation["responses"]:  # or the route itself says that it asks what a token reaches
        refusals.add(403)
    if "{" in path:
        refusals.add(404)
    if operation.get("parameters") or "requestBody" in operation:
        refusals.add(422)
    if "requestBody" in operation:
        refusals |= {413, 415}
    if guard.writes:
        takes.append("Idempotency-Key")
        refusals |= {409, 413, 422}
        for answer in operation["responses"].values():
            answer["headers"] |= _headers("Idempotent-Replayed")
        if 201 in operation["responses"]:
            operation["responses"][201]["headers"] |= _headers("Location")
        for answer in operation["responses"].values():
            answer["headers"] |= _headers("ETag") if _tells_record(answer) else {}
    if guard.writes and (method == "put" or path.endswith("/moves/{move}")):
        takes.append("If-Match")
        refusals |= {412, 428} if method == "put" else {412}
    for status in sorted(refusals):
        operation["responses"][status] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
    if any(one.get("in") == "query" for one in operation.get("parameters", [])):
        operation["responses"][414] = {"$ref": "#/components/responses/AddressTooLong"}
    operation["parameters"] = [
        *operation.get("parameters", []),
        *({"$ref": f"#/components/parameters/{name}"} for name in takes),
    ]
    operation["security"] = [*([{}] if guard.visitors else []), {"token": []}, {"session": []}]
