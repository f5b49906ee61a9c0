"""Files that jobs write to be taken along: how one stands, its bytes, and a closed case as an archive folder."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from django.http import FileResponse, HttpRequest
from django.urls import reverse
from ninja import Router, Status

from kezhuan.api.identity import OPEN, actor_of, writes
from kezhuan.api.schemas import Shown
from kezhuan.exchange.exported import export_of, fetch
from kezhuan.exchange.models import Export
from kezhuan.exchange.papers.archive_actions import ask_archive
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import JobState

router = Router(tags=["exports"])


class ExportShown(Shown):
    """A file that a job writes: `file` is its address once it is done; `error` says why it was not."""

    number: int
    name: str
    ending: str
    made_at: datetime
    state: Literal["waiting", "running", "done", "failed"]
    error: str
    href: str
    file: str


def _shown(asked: Export) -> dict[str, Any]:
    href = f"{reverse('api:api-root')}exports/{asked.pk}"
    job = asked.job
    state = JobState.DONE if asked.file else job.state if job is not None else JobState.FAILED
    return {
        "number": asked.pk,
        "name": asked.name,
        "ending": asked.ending,
        "made_at": asked.made_at,
        "state": str(state),
        "error": job.error if job is not None and not asked.file else "",
        "href": href,
        "file": f"{href}/file" if asked.file else "",
    }


def _own(request: HttpRequest, number: int) -> Export:
    actor = actor_of(request)
    asked = export_of(actor, number)
    if not all(actor.scope.lets_read(kind) for kind in asked.kinds):
        raise Missing(str(number))
    return asked


@router.get(
    "/exports/{number}", auth=OPEN, response=ExportShown, operation_id="exports-get", summary="How a file stands"
)
def export(request: HttpRequest, number: int) -> dict[str, Any]:
    """How a file stands that the asking person asked for; it is kept for seven days."""
    return _shown(_own(request, number))


@router.get(
    "/exports/{number}/file",
    auth=OPEN,
    operation_id="exports-file",
    summary="The file",
    openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
)
def file(request: HttpRequest, number: int) -> FileResponse:
    """The bytes, once the job is done; 404 before."""
    _own(request, number)
    asked, path = fetch(actor_of(request), number)
    answer = FileResponse(path.open("rb"), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{asked.name}.{asked.ending}')}"
    return answer


def add_archive(router: Router, slug: str, plural: str, find: Callable[[HttpRequest, str], Any]) -> None:
    """The route by which every kind's closed records are taken along."""

    @router.post(
        "/{code}/archive",
        response={202: ExportShown},
        auth=writes(slug),
        operation_id=f"{plural}-archive",
        summary="Take a closed case along",
    )
    def archive(request: HttpRequest, code: str) -> Status:
        """Ask for the archive folder of a closed case; a job writes it, ask at `href` how it stands."""
        asked, _job = ask_archive(actor=actor_of(request), row=find(request, code))
        return Status(202, _shown(asked))
