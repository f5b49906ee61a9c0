"""Open data: the page that tells of it, and its files."""

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date, parse_http_date_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.exchange import open_data
from kezhuan.kernel.errors import Missing
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail

TYPES = {"jsonl": "application/jsonl; charset=utf-8", "csv": "text/csv; charset=utf-8", "jsonld": "application/ld+json"}


@require_safe
def open_data_page(request: Request) -> HttpResponse:
    """What is there to be fetched, when it was written, under which licence, and how programs ask for more."""
    edition = open_data.edition()
    labels = {source.name: source.label for source in open_data.sources()}
    lines: list[tuple[Cell | str, ...]] = [
        (
            capfirst(str(labels.get(extract.name, extract.name))),
            f"{extract.count:,}",
            *(Cell(_size(file.size), reverse("open-data-file", args=[file.name])) for file in extract.files),
        )
        for extract in (edition.extracts if edition is not None else ())
    ]
    columns = (
        Column(_("Dataset")),
        Column(_("Records"), numeric=True),
        Column("JSON Lines", numeric=True),
        Column("CSV", numeric=True),
    )
    return page(
        request,
        "open_data.html",
        title=_("Open data"),
        crumbs=trail((_("Home"), reverse("home")), _("Open data")),
        table=TableView(columns, tuple(lines)) if lines else None,
        written_at=edition.written_at if edition is not None else None,
        catalogue_url=reverse("open-data-file", args=[open_data.CATALOGUE]) if edition is not None else "",
        publisher=settings.OPEN_DATA_PUBLISHER,
        licence=settings.OPEN_DATA_LICENCE,
        api_url=reverse("api:start"),
        document_url=reverse("api:openapi-json"),
    )


def _size(number: int) -> str:
    return f"{number / 1_000_000:,.1f} MB" if number >= 100_000 else f"{number / 1000:,.1f} kB"


@require_safe
def open_data_file(request: Request, name: str) -> HttpResponseBase:
    """A file of the last run; nothing of it again for whoever has it already."""
    edition = open_data.edition()
    if edition is None:
        raise Missing(name)
    path = edition.path_of(name)
    written = int(edition.written_at.timestamp())
    tag = f'"{edition.folder}"'
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    has_it = request.headers.get("If-None-Match", "") == tag or (since is not None and since >= written)
    answer: HttpResponseBase
    if has_it:
        answer = HttpResponse(status=304)
    else:
        answer = FileResponse(path.open("rb"), content_type=TYPES[path.suffix[1:]], filename=name, as_attachment=True)
    answer.headers["Last-Modified"] = http_date(written)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
