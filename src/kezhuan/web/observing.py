"""Every request has a number, is measured and logged; probes of machines are answered before anything else."""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kezhuan.kernel import trace
from kezhuan.web import health, metrics

log = logging.getLogger("kezhuan.requests")
HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Answer = Callable[[HttpRequest], HttpResponse]

# Asked by machines that know an address and no name of the site, and when the database is away: no host is checked,
# no session opened.
PROBES: dict[str, Answer] = {"/healthz": health.answer, "/metrics": metrics.answer}


class ObservingMiddleware:
    """Numbers, measures and logs each request: what was asked by the pattern of its address, never by words of it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the request's number in the header."""
        given = request.headers.get(HEADER, "")
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        started, only_head = time.perf_counter(), request.method == "HEAD"
        with trace.marked(number):
            answer = PROBES.get(request.path_info, self.get_response)(request)
            seconds = time.perf_counter() - started
            method, route = request.method if request.method in METHODS else "other", route_of(request)
            metrics.note(method, route, answer.status_code, seconds)
            log.info(
                "%s %s %s",
                method,
                route,
                answer.status_code,
                extra={
                    "method": method,
                    "route": route,
                    "status": answer.status_code,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )
        answer = _without_body(answer) if only_head else answer
        answer.headers[HEADER] = number
        return answer


def _without_body(answer: HttpResponse) -> HttpResponse:
    """The same answer without its body; the length of one that is written while it is sent nobody knows."""
    if answer.streaming:
        answer.close()
        return HttpResponse(status=answer.status_code, headers=answer.headers)
    answer.headers.setdefault("Content-Length", str(len(answer.content)))
    answer.content = b""
    return answer


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, such as `needs/<str:code>/`: few in number, and nobody's name in it."""
    if request.resolver_match is not None:
        return request.resolver_match.route or "/"
    if request.path_info in PROBES:
        return request.path_info.strip("/")
    return "static" if request.path_info.startswith("/static/") else "unknown"
