"""Whole example pages, and everything the style guide shows."""

from collections.abc import Callable
from typing import Any

from kezhuan.web import components as c
from kezhuan.web.examples.forms import form_page
from kezhuan.web.examples.lists import chart, facets, failures, figures, inbox_lines, message_lines, results, table
from kezhuan.web.examples.matches import matches, misses
from kezhuan.web.examples.record import clocks, documents, facts, history, links, moves, route, steps, tags
from kezhuan.web.examples.words import at, say


def record_page() -> dict[str, Any]:
    """A whole record page."""
    return {
        "title": results()[0].title,
        "title_en": say("Low-damage polishing of large silicon carbide substrates", ""),
        "code": "N-2026-0042",
        "tags": tags()[:1],
        "meta": (*results()[0].meta, say("要求成熟度 ≥ 6", "TRL ≥ 6")),
        "steps": steps(),
        "moves": moves(),
        "buttons": (c.ButtonLink(say("修改", "Edit"), "#"),),
        "facts": facts(),
        "clocks": clocks(),
        "route": route(),
        "documents": documents(),
        "links": links(),
        "history": history(),
        "matches": matches(),
        "misses": misses(),
        "table": table(),
    }


def list_page() -> dict[str, Any]:
    """A whole list page."""
    return {
        "title": say("需求", "Needs"),
        "q": say("抛光", "polishing"),
        "lines": results() * 4,
        "endings": ("xlsx", "csv"),
        "facets": facets(),
        "chosen": True,
        "clear_url": "?",
        "sorts": (c.SortChoice(say("相关", "relevance"), "#", on=True), c.SortChoice(say("最新", "newest"), "#")),
        "pager": c.Pager("?page=1", "?page=3", 21, 40, 1284),
        "buttons": (c.ButtonLink(say("提出需求", "Post a need"), "#", primary=True),),
    }


def empty_page() -> dict[str, Any]:
    """A list that found nothing."""
    return {**list_page(), "lines": (), "pager": None}


def home_page() -> dict[str, Any]:
    """The front page with something on it."""
    return {
        "figures": figures(),
        "newest_needs": results(),
        "newest_achievements": results()[::-1],
        "needs_url": "#",
        "achievements_url": "#",
    }


def check_page() -> dict[str, Any]:
    """Answers to check before sending."""
    groups = (
        c.Answers(say("需求", "The need"), facts()[:5], "#"),
        c.Answers(say("条件", "Conditions"), facts()[5:], "#"),
    )
    return {"groups": groups, "carried": (("title", "x"),), "submit_label": say("提交", "Submit")}


def confirm_page() -> dict[str, Any]:
    """A question before something grave."""
    return {
        "title": say("撤回需求 N-2026-0042？", "Withdraw need N-2026-0042?"),
        "sentence": say("撤回后不再公开，已有的对接照常进行。", "It is no longer public; introductions go on."),
        "submit_label": say("撤回", "Withdraw"),
        "danger": True,
        "cancel_url": "/styleguide/",
    }


def error_page() -> dict[str, Any]:
    """An error page."""
    return {
        "title": say("有人先一步操作", "Someone was faster"),
        "sentence": say(
            "记录在您打开期间已变更，本次未做任何改动。", "The record changed while you had it open; nothing was done."
        ),
        "ways": (c.Crumb(say("回到该页", "Back to the page"), "#"), c.Crumb(say("首页", "Home"), "/")),
    }


def inbox_page() -> dict[str, Any]:
    """The inbox with two things in it."""
    return {"title": say("待办", "To do"), "lines": inbox_lines()}


def components() -> dict[str, Any]:
    """Everything the style guide shows."""
    return {
        **form_page(bound=True),
        **record_page(),
        "title": say("样式指南", "Style guide"),
        "record_title": results()[0].title,
        "all_tags": tags(),
        "results": results(),
        "endings": ("xlsx", "csv"),
        "facets": facets(),
        "pager": c.Pager("?page=1", "?page=3", 21, 40, 10_000, total_exact=False),
        "chart": chart(),
        "figures": figures(),
        "inbox_lines": inbox_lines(),
        "groups": (c.Answers(say("需求", "The need"), facts()[:3], "#"),),
        "page_names": tuple(PAGES),
        "progress": c.Progress(3120, 5000, say("已校验第三张表", "third sheet checked")),
        "failures": failures(),
        "message_lines": message_lines(),
        "empty_table": c.TableView(table().columns, ()),
        "money": (0, 500_00, 1_234_567, 200_000_000, 25_508_200_000_000),
        "moment_now": at(11, 22),
    }


PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "home": ("home.html", home_page),
    "list": ("list.html", list_page),
    "empty": ("list.html", empty_page),
    "record": ("styleguide_record.html", record_page),
    "form": ("form.html", form_page),
    "form-with-problems": ("form.html", lambda: form_page(bound=True)),
    "check": ("check.html", check_page),
    "confirm": ("confirm.html", confirm_page),
    "error": ("error.html", error_page),
    "inbox": ("inbox.html", inbox_page),
}
