"""A notice on paper: its text as it goes to other places (a Word file, HTML to paste into a website's editor), and what
is printed for the case's folder of it and of objections to it."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kezhuan.engines import papers
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel import registry
from kezhuan.kernel.models import Entry, Notice, NoticeChannel, Objection
from kezhuan.kernel.models.notices import ChannelKind
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


def printed_notice(notice: Notice) -> Content:
    """What was laid open, where it stood from which day to which and by which proof, and what came of it."""
    before, after = paragraphs(notice, f"{settings.SITE_URL}/notices/{notice.record.code}/")
    held = registry.kind_of(notice.about).lifecycle.moves[notice.move]
    channels = notice.channels.select_related("start_proof", "end_proof")
    return Content(
        notice.content["heading"],
        f"公示 {notice.record.code}",
        (
            ("公示内容", "\n".join(before)),
            *((label, value) for label, value in notice.content["facts"]),
            ("公示说明", "\n".join(after)),
            ("公示事项", f"{held.label}：{notice.about.title}（{notice.about.code}）"),
            ("公示单位", notice.issuer.record.title),
            *((f"公示渠道：{ChannelKind(one.kind).label}", _stood(one)) for one in channels),
            ("公示结果", _stage(notice)),
            ("收到异议", f"{notice.objections.count()}件"),
            ("内容哈希（SHA-256）", notice.content_hash),
        ),
    )


def _stood(channel: NoticeChannel) -> str:
    """One place: address, first and last day, and the files that prove them."""
    ends = (("首日", channel.started_on, channel.start_proof), ("末日", channel.ended_on, channel.end_proof))
    lines = [f"{label}：{_day(on)}" + (f"，凭证 {proof.name}" if proof else "") for label, on, proof in ends if on]
    return "\n".join(filter(None, (channel.address, *lines))) or "未发布"


def _stage(row: Notice | Objection) -> str:
    return str(registry.kind_of(row.record).lifecycle.stages[row.record.stage].label)


def printed_objection(objection: Objection) -> Content:
    """Who objected to what in which words, and what was decided with which."""
    record, notice = objection.record, objection.notice.record
    kinds = [f"{record.kind}.{name}" for name in registry.kind_of(record).lifecycle.moves]
    decided = Entry.objects.filter(record=record, kind__in=kinds).select_related("text").order_by("-seq").first()
    text = getattr(decided, "text", None)
    return Content(
        "异议",
        f"{notice.title} {record.code}",
        (
            ("公示", f"{notice.title}（{notice.code}）"),
            ("异议人", objection.name),
            ("异议人单位", objection.unit),
            ("联系方式", objection.contact),
            ("收到日期", _day(objection.received_on)),
            ("异议内容", record.summary),
            ("处理结果", _stage(objection)),
            ("处理意见", text.content.get("note", "") if text is not None else ""),
        ),
    )


NOTICE_PAPER = OnPaper("公示", "about", lambda row: str(row.issuer.record.title), printed_notice)
OBJECTION_PAPER = OnPaper("异议", "notice", lambda row: str(row.unit or row.name), printed_objection)
