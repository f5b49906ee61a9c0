"""Filters and tags of the templates: money, days, marked words, addresses of narrowed lists, form fields."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Textarea
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from kezhuan.web.components import Cell, TableView, Tag, Text, Tone
from kezhuan.web.components.bars import Stretch
from kezhuan.web.names import rule_name, source_words
from kezhuan.web.query import changed_query

register = template.Library()
register.filter("rule_name", rule_name)
register.filter("source_words", source_words)

FEN_PER_WAN = 1_000_000
FEN_PER_MILLION = 100_000_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _decimals(amount: Decimal, least: int) -> str:
    """The amount in full, with at least so many decimals and commas between thousands."""
    whole, _, decimals = f"{amount:,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


@register.filter
def wan(fen: int | None) -> str:
    """Money in 分 as “200 万元”, in English “CNY 2.00 million” (under a million “CNY 5,000”); nothing is rounded.

    None gives an empty text, so that ``default`` can stand behind it.
    """
    if fen is None:
        return ""
    amount = Decimal(fen)
    if _in_chinese():
        return f"{_decimals(amount / FEN_PER_WAN, 0)} 万元"
    if abs(fen) >= FEN_PER_MILLION:
        return f"CNY {_decimals(amount / FEN_PER_MILLION, 2)} million"
    return f"CNY {_decimals(amount / 100, 2 if fen % 100 else 0)}"


def wan_in_table(fen: int) -> str:
    """The same in a table of statistics, to two decimals, half a unit away from zero; files have the exact amount."""
    if not _in_chinese() and abs(fen) < FEN_PER_MILLION:
        return f"CNY {_rounded(Decimal(fen) / 100, 0)}"
    if _in_chinese():
        return f"{_rounded(Decimal(fen) / FEN_PER_WAN, 2)} 万元"
    return f"CNY {_rounded(Decimal(fen) / FEN_PER_MILLION, 2)} million"


def _rounded(amount: Decimal, places: int) -> str:
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):,f}"  # nothing has no sign


def _local(value: date | datetime) -> date:
    """The day in Shanghai; a datetime without a zone is taken as it is."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as 2027年6月30日, in English 30 Jun 2027; None gives an empty text."""
    if not value:
        return ""
    when = _local(value)
    if _in_chinese():
        return f"{when.year}年{when.month}月{when.day}日"
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


@register.filter
def moment(value: datetime | None) -> str:
    """Day and time to the minute, in Shanghai time."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}"


@register.filter
def ago(value: datetime | None, now: datetime | None = None) -> str:
    """How long ago, while that helps: just now, minutes, today or yesterday with the time, then the day."""
    if not value:
        return ""
    present = now or timezone.now()
    local = timezone.localtime(value)
    past = present - value
    if timedelta(0) <= past < timedelta(minutes=1):
        return gettext("just now")
    if timedelta(0) <= past < timedelta(hours=1):
        return gettext("%(minutes)s min ago") % {"minutes": past.seconds // 60}
    days = (timezone.localtime(present).date() - local.date()).days
    if days == 0:
        return gettext("today %(time)s") % {"time": f"{local:%H:%M}"}
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": f"{local:%H:%M}"}
    return day(local)


@register.filter
def figure(number: int | None) -> str:
    """A whole number with commas between thousands, the same in both languages; None gives an empty text."""
    return "" if number is None else f"{number:,}"


@register.filter
def highlight(text: str, spans: Iterable[tuple[int, int]] | None) -> SafeString:
    """The text, escaped, with the (start, end) spans in ``<mark>``; spans may overlap, touch or stick out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(len(text), end)) for start, end in spans or ()):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    pieces: list[str] = []
    reached = 0
    for start, end in merged:  # piece by piece by hand: a page of results has hundreds of them
        pieces += [escape(text[reached:start]), "<mark>", escape(text[start:end]), "</mark>"]
        reached = end
    return SafeString("".join([*pieces, escape(text[reached:])]))


@register.simple_tag
def tag(label: Text | Tag, tone: Tone = "neutral", sign: str = "") -> SafeString:
    """Draw a Tag, or make one from label, tone and sign."""
    drawn = label if isinstance(label, Tag) else Tag(label, tone, sign)
    shown = f'<span aria-hidden="true">{_escaped(drawn.shown_sign)}</span>' if drawn.shown_sign else ""
    return SafeString(f'<span class="tag {drawn.tone}">{shown}{_escaped(drawn.label)}</span>')


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The query of this page with some parameters changed (None or empty removes one) and back on the first page."""
    return changed_query(context["request"].GET, **changes)


@register.simple_tag
def table_rows(table: TableView, stacked: bool) -> SafeString:
    """The rows of a table: a template takes ten times as long for them, most of the time of a page of long tables."""
    begins = []
    for column in table.columns:
        number = ' class="number"' if column.numeric else ""
        named = f' data-label="{_escaped(column.label)}"' if stacked else ""
        begins.append(f"<td{number}{named}>")
    written: list[str] = []
    for row in table.rows:
        written.append("<tr>")
        for begin, cell in zip(begins, row, strict=True):
            written += (begin, _cell(cell) if isinstance(cell, Cell) else _escaped(cell), "</td>")
        written.append("</tr>\n")
    return SafeString("".join(written))


def _cell(cell: Cell) -> str:
    words = f"{tag(cell.tag)} " if cell.tag is not None else ""
    text = _escaped(cell.text)
    return words + (f'<a href="{_escaped(cell.url)}">{text}</a>' if cell.url else text)


def _escaped(words: Text) -> str:
    return conditional_escape(words if isinstance(words, str) else str(words))


@register.inclusion_tag("components/field.html")
def render_field(field: BoundField, quiet: bool = False) -> dict[str, Any]:
    """Draw a form field with label, hint and errors; quiet leaves the errors out."""
    return {
        "field": field,
        "errors": [] if quiet else list(field.errors),
        "check": isinstance(field.field.widget, CheckboxInput),
        "long": isinstance(field.field.widget, Textarea),
        "later": field.name in getattr(field.form, "needed_later", ()),
        "describedby": field.aria_describedby,
    }


@register.simple_tag(takes_context=True)
def panel(context: Context, shown: Any) -> SafeString:
    """Draw a panel (its ``template`` with its ``context``) that another area puts on this page."""
    engine = context.template.engine  # type: ignore[union-attr]  # set while a template is rendered
    values = {str(name): value for name, value in context.flatten().items()} | shown.context
    return engine.get_template(shown.template).render(context.new(values))


@register.simple_tag
def rects(stretches: Iterable[Stretch]) -> SafeString:
    """Draw the stretches of a bar; what was lost has an edge below. By hand: a page of matches has a hundred."""
    drawn = []
    for one in stretches:
        drawn.append((one.paint, one.start, 0, one.length, 10))
        if one.paint == "loss":
            drawn.append(("edge", one.start, 7, one.length, 3))
    rect = '<rect class="paint-{}" x="{}" y="{}" width="{}" height="{}"></rect>'
    return format_html_join("", rect, drawn)


@register.simple_tag
def drawn_once(template: str, choices: Iterable[tuple[str, Text]], chosen: str | Sequence[str] = "") -> SafeString:
    """Draw choices with what is chosen among them by a template that needs nothing else. Many rows of a page offer the
    same: what was drawn of it is kept."""
    picked = chosen if isinstance(chosen, str) else tuple(chosen)
    return _drawn(template, tuple((code, str(label)) for code, label in choices), picked)


@lru_cache(64)
def _drawn(template: str, choices: tuple[tuple[str, str], ...], chosen: str | tuple[str, ...]) -> SafeString:
    return render_to_string(template, {"choices": choices, "chosen": chosen})


@register.filter
def percent(points: int | None) -> str:
    """Basis points as percent with up to two decimals; None gives a dash."""
    return "—" if points is None else f"{_decimals(Decimal(points) / 100, 0)} %"
