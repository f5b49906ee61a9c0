"""The text of a notice as it goes to other places: a Word file, and HTML to paste into a website's editor."""

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kezhuan.engines import papers
from kezhuan.kernel.models import Notice
from kezhuan.kernel.workdays import WORKING


def _days(number: int, kind: str) -> str:
    return f"{number}个工作日" if kind == WORKING else f"{number}日"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def paragraphs(notice: Notice, address: str) -> tuple[list[str], list[str]]:
    """What stands before and after the facts; in Chinese, as an official text is. `address` is the notice's page."""
    before = ["现将下列内容予以公示。"]
    if notice.content["text"]:
        before.append(notice.content["text"])
    length = _days(notice.days, notice.day_kind)
    starts = [one.started_on for one in notice.channels.all() if one.started_on]
    term = f"公示期：自公示次日起{length}"
    if starts and notice.ends_on:
        term = f"公示期：{length}，{_day(min(starts))}发布，至{_day(notice.ends_on)}止"
    after = [f"{term}。"]
    if notice.objection_days:
        tail = _days(notice.objection_days, notice.objection_day_kind)
        until = f"，至{_day(notice.objections_until)}止" if notice.objections_until else ""
        after.append(f"公示期满后{tail}内仍受理异议{until}。")
    after.append("对公示内容有异议的，请在上述期限内实名提出，写明理由、联系方式并附证据；匿名异议不予受理。")
    after.append(f"受理：{notice.reception}")
    after.append(f"网上提出：{address}")
    return before, after


def _signature(notice: Notice, on: date) -> Sequence[str]:
    return (notice.issuer.record.title, _day(on))


def paste_ready(notice: Notice, address: str, on: date) -> SafeString:
    """The text as plain HTML without styles and scripts, which every website's editor takes."""
    before, after = paragraphs(notice, address)
    facts = format_html_join("\n", "<tr><th>{}</th><td>{}</td></tr>", notice.content["facts"])
    return format_html(
        "<h2>{}</h2>\n{}\n<table>\n{}\n</table>\n{}\n{}\n",
        notice.content["heading"],
        format_html_join("\n", "<p>{}</p>", ((one,) for one in _lines(before))),
        facts,
        format_html_join("\n", "<p>{}</p>", ((one,) for one in _lines(after))),
        format_html_join("\n", '<p align="right">{}</p>', ((one,) for one in _signature(notice, on))),
    )


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.split("\n") if line.strip()]


def word_file(notice: Notice, address: str, on: date) -> bytes:
    """The same as a .docx file."""
    before, after = paragraphs(notice, address)
    facts = notice.content["facts"]
    return papers.word_file(notice.content["heading"], _lines(before), facts, _lines(after), _signature(notice, on))
