"""The papers for the tax relief of cash rewards: who got what when, what of them is here, and all as an archive."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kezhuan.areas.rights.measures import amount
from kezhuan.areas.rights.models import Distribution, Way
from kezhuan.areas.rights.queries import TOLD_OF_INCOME
from kezhuan.areas.rights.relief import HERE, MISSING, OUTSIDE, Paper, pack_papers, papers_of, rewarded_in, term_of
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, TableView, Tag
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import rule_name, source_words, value_in_words
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


def relieved(actor: Actor, code: str) -> Distribution:
    """The receipt of this code before whoever reads who gets what of it; raises `Missing`."""
    row = get_visible(actor, Distribution, code, related=TOLD_OF_INCOME)
    if row.way != Way.RECEIPT or not can_view(actor, row.record, "inner"):
        raise Missing(code)
    return row


@takes_a_list
def distribution_relief(request: Request, code: str) -> HttpResponse:
    """Everybody's cash reward, also as a file, and the papers."""
    row = relieved(request.actor, code)
    term = term_of(row)
    title = _("Tax relief of cash rewards")
    columns = (
        Column(_("Who")),
        Column(_("Takes part as")),
        Column(_("Cash reward, in yuan"), numeric=True),
        Column(_("Paid on")),
        Column(_("Voucher")),
        Column(_("To be paid for the relief by")),
    )
    people = rewarded_in(row, term)
    if exports.asks_for_file(request):
        rows = [
            (one.member.name, str(one.member.get_role_display()), amount(one.member.fen, None), one.member.paid_on,
             one.member.voucher, one.until)
            for one in people
        ]  # fmt: skip
        heads = [str(one.label) for one in columns]
        return exports.table_file(request, heads, rows, name="relief", title=f"{title} {code}")
    late = Tag(_("after the term"), "no")
    lines = tuple(
        (one.member.name, str(one.member.get_role_display()), amount(one.member.fen, None), day(one.member.paid_on),
         one.member.voucher, Cell(day(one.until), tag=late if one.is_late else None))
        for one in people
    )  # fmt: skip
    back = faces.url_of(row.record)
    income = capfirst(_("distributions of income"))
    return page(
        request,
        "rights/distribution_relief.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (income, reverse("distributions")), (code, back), title),
        row=row,
        people=TableView(columns, lines, _("Everybody's cash reward")),
        term=(rule_name(term.code), value_in_words(term), source_words(term.source)) if term is not None else None,
        papers=papers_table(papers_of(request.actor, row)),
        endings=tuple(exports.MEDIA),
    )


def papers_table(papers: list[Paper]) -> TableView:
    """The papers, each with whether it is here and how many files of it the reader may open."""
    tags = {
        HERE: Tag(_("here"), "ok"), MISSING: Tag(_("missing"), "wait"), OUTSIDE: Tag(_("from outside"), "neutral"),
    }  # fmt: skip
    rows = tuple(
        (one.label, Cell(one.number, tag=tags[one.state]), str(len(one.files)) if one.files else "") for one in papers
    )
    caption = _("Papers for the tax relief of cash rewards (as a university lists seven; the tax office's list counts)")
    return TableView((Column(_("Paper")), Column(_("State")), Column(_("Files"), numeric=True)), rows, caption)


@require_POST
def distribution_papers(request: Request, code: str) -> HttpResponse:
    """The papers that are here as one archive, with an index of what is not."""
    name, content = pack_papers(actor=request.actor, row=relieved(request.actor, code))
    return exports.file_answer(name, content, "application/zip")
