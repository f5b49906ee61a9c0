"""The button that asks for a closed case as an archive folder."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kezhuan.exchange.papers.archive_actions import ask_archive
from kezhuan.kernel import access, registry
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Record
from kezhuan.web.middleware import Request


@require_POST
def archive(request: Request, code: str) -> HttpResponse:
    """Ask for the folder; its job's page leads to it."""
    record = access.get_visible(request.actor, Record, code)
    note_views(request.actor, [record.pk], "document")
    row = registry.row_of(record)
    row.record = record
    _asked, job = ask_archive(actor=request.actor, row=row)
    return redirect("job", number=job.pk)
