"""Pages of filings: the list with its totals, one filing, and filing a record."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.filings.forms import FilingForm
from kezhuan.areas.filings.pages_packages import buttons_for
from kezhuan.areas.filings.queries import TOLD, filings_visible_to, totals_for
from kezhuan.areas.filings.wording import bureau_in_words
from kezhuan.kernel import filings, registry
from kezhuan.kernel.access import GROUPS, Actor, can_view, get_visible
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.history import deputised
from kezhuan.kernel.models import Filing, Record
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Column, Fact, ResultLine, TableView
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import frozen_facts, name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan


def register_face() -> None:
    """How filings stand in lists."""
    faces.register("filing", faces.Face(_rows, _line))


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Filing]:
    return list(filings_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Filing, words: str) -> ResultLine:
    owner = row.record.owner
    return faces.plain_line(
        row.record,
        kind_label=registry.kind_of(row.about_kind).label,
        meta=(name_of(owner.record) if owner is not None else "", bureau_in_words(row)),
        snippet_html=snippet(words, row.content["text"]),
        on=row.record.opened_on,
    )


@takes_a_list
def filing_list(request: Request) -> HttpResponse:
    """The filings that the reader may see: what their unit filed, or what was filed to them, with its totals."""
    return list_page(
        request,
        title=capfirst(_("filings")),
        kinds=("filing",),
        facets=("stage", "region"),
        template="filings/filings.html",
        lead=_("What units filed of their inner records, each as it stood on its day."),
        empty=_("Nothing was filed that you may read.")
        if request.actor.is_signed_in
        else _("Sign in to see what your organisation filed."),
        buttons=buttons_for(request.actor),
        totals=_totals(request.actor),
    )


def _totals(actor: Actor) -> TableView | None:
    """What stands filed, summed."""
    rows = totals_for(actor) if actor.is_signed_in else []
    if not rows:
        return None
    columns = (
        Column(_("Figure")),
        Column(_("Year"), numeric=True),
        Column(_("Sum"), numeric=True),
        Column(_("Filings"), numeric=True),
        Column(_("Units"), numeric=True),
    )
    lines = tuple(
        (
            f"{capfirst(str(registry.kind_of(one.kind).label))} · {one.label}",
            str(one.year),
            wan(one.fen),
            f"{one.filings:,}",
            f"{one.units:,}",
        )
        for one in rows
    )
    return TableView(columns, lines)


@require_safe
def filing_page(request: Request, code: str) -> HttpResponse:
    """A filing: what was filed, to whom, with which hash; for the unit also whether the record has changed since."""
    row = get_visible(request.actor, Filing, code, related=(*TOLD, "about__title_to"))
    about, newer = row.about, Filing.objects.filter(corrects=row).select_related("record").first()
    inside = about is not None and can_view(request.actor, about)
    telling = registry.kind_of(row.about_kind).filing
    words = telling.figures if telling is not None else {}
    facts = [
        Fact(_("Filed to"), bureau_in_words(row)),
        Fact(_("Filed on"), day(row.record.opened_on)),
        Fact(_("Filed by"), deputised(row.filed_by, row.filed_for)),
        Fact(_("Kind of record"), registry.kind_of(row.about_kind).label),
        *([Fact(_("Record filed"), about.code, faces.url_of(about))] if about is not None and inside else []),
        Fact(_("Record at its unit"), row.about_code),
        Fact(_("Taken in from"), row.instance),
        Fact(
            _("Confirmed by receipt"),
            f"{row.confirmed_as} · {day(row.confirmed_on)}" if row.confirmed_on and not row.instance else "",
        ),
        Fact(_("Filing of this record"), _("No. %(number)s") % {"number": row.number}),
        *([Fact(_("Corrects"), row.corrects.record.code, faces.url_of(row.corrects.record))] if row.corrects else []),
        Fact(_("Words to the bureau"), row.note),
        Fact(_("SHA-256 of the content"), row.content_hash),
    ]
    may = about is not None and inside and registry.may_file(request.actor, registry.row_of(about))
    return record_page(
        request,
        row,
        "filings/filing.html",
        meta=(name_of(row.record.owner.record),) if row.record.owner is not None else (),
        facts=facts,
        told=frozen_facts(
            row.content["facts"],
            telling.content if telling is not None and about is not None else None,
            about or row.record,
        ),
        text=row.content["text"],
        figures=[(words.get(name, name), wan(fen), on[:4]) for name, fen, on in row.content["figures"]],
        newer={"code": newer.record.code, "url": faces.url_of(newer.record)} if newer is not None else None,
        changed=about is not None and inside and newer is None and about.version != row.about_version,
        buttons=[ButtonLink(_("File again"), reverse("filing-new", args=[about.code]))]
        if about and may and not newer
        else (),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def filing_new(request: Request, code: str) -> HttpResponseBase:
    """File a record: what it will tell stands above the form."""
    record = get_visible(request.actor, Record, code)
    row = registry.row_of(record)
    row.record = record  # with the audiences, which the fresh row has not read
    telling = registry.kind_of(row.record).filing
    if telling is None:
        raise Missing(code)
    if not registry.may_file(request.actor, row):
        raise NotAllowed
    held = list(documents_of(row.record, GROUPS).order_by("pk"))
    back = faces.url_of(row.record)

    def act(form: FilingForm) -> str:
        given: dict[str, Any] = form.cleaned_data
        made = file_record(
            actor=request.actor,
            row=row,
            region=given["region"],
            programme=given["programme"],
            files=[int(pk) for pk in given.get("attached", ())],
            note=given["note"],
        )
        return faces.url_of(made.record)

    content, title = filings.frozen(telling, row, ()), _("File to the bureau")
    return action_page(
        request,
        lambda posted, _files: FilingForm(posted, row=row, held=held),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=title,
        back=back,
        done=_("The record was filed."),
        crumbs=trail((_("Home"), "/"), (code, back), title),
        template="filings/filing_new.html",
        told=frozen_facts(content["facts"], telling.content, row.record),
        text=content["text"],
        figures=[(telling.figures[name], wan(fen), on[:4]) for name, fen, on in content["figures"]],
    )
