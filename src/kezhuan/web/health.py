"""Whether this process can do its work: the database, the index, a worker, room on the disk."""

import shutil
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from kezhuan.kernel import search, workers
from kezhuan.web.probing import may_see_figures

LEAST_FREE = 512 * 1024 * 1024
"""Bytes that must be free where the data lies: the index is written beside the old one."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, whether it is well, and the figures behind it."""

    name: str
    is_well: bool
    figures: dict[str, Any]


def checks() -> list[Check]:
    """Everything that is looked at; when the database is away nothing that needs it."""
    free = shutil.disk_usage(settings.DATA).free
    disk = Check("disk", free >= LEAST_FREE, {"free_megabytes": free // 1_000_000})
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        behind = search.live_index().catch_up().behind
        ago = workers.last_seen()
    except Error:
        return [Check("database", False, {}), disk]
    return [
        Check("database", True, {"milliseconds": milliseconds}),
        Check("index", behind == 0, {"entries_behind": behind}),
        Check("worker", ago is not None and ago <= workers.SILENCE, {"seen_seconds_ago": ago}),
        disk,
    ]


def answer(request: HttpRequest) -> JsonResponse:
    """200 while pages can be answered, though something may be amiss; 503 when the database is away.

    Everybody may learn which part is not well; figures are for this machine and for whoever knows the token.
    """
    found = checks()
    is_up = all(check.is_well for check in found if check.name == "database")
    status = "ok" if all(check.is_well for check in found) else "degraded" if is_up else "down"
    said: dict[str, Any] = {"status": status, "checks": {c.name: "ok" if c.is_well else "failed" for c in found}}
    if may_see_figures(request):
        said["figures"] = {check.name: check.figures for check in found}
    response = JsonResponse(said, status=200 if is_up else 503)
    response.headers["Cache-Control"] = "no-store"
    return response
