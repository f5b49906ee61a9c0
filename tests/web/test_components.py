"""View models draw what they say, and whatever they are given comes out escaped."""

import dataclasses
import math
import re
import typing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.web import components as c
from kezhuan.web.lists import stretches

EVIL = '<script>alert("x")</script>'
DAY = date(2026, 11, 23)
MOMENT = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)
MOVE = c.OpenMove("m", EVIL, "/x/moves/m", EVIL, note="optional", reasons=((EVIL, EVIL),), hint=EVIL)
CLOCK = c.ClockLine(EVIL, DAY, 5)
TAG = c.Tag(EVIL, "ok")
MATCH = c.MatchLine(1, 0.5, EVIL, EVIL, EVIL, (TAG,), (EVIL,), (c.PartBar(EVIL, EVIL, 0.5, EVIL, EVIL),), (MOVE,))
FACETS = (c.Facet(EVIL, EVIL, (c.FacetOption(EVIL, 3, EVIL, on=True),)),)

EVIL_COMPONENTS: dict[str, dict[str, Any]] = {
    "tags": {"tags": (TAG,)},
    "crumbs": {"crumbs": (c.Crumb(EVIL, "/"), c.Crumb(EVIL))},
    "facts": {"facts": (c.Fact(EVIL, EVIL), c.Fact(EVIL, EVIL, EVIL))},
    "stages": {"steps": (c.StageStep(EVIL, "now", DAY),)},
    "moves": {"moves": (MOVE, dataclasses.replace(MOVE, note="none", reasons=(), hint=""))},
    "route": {"steps": (c.RouteStep(EVIL, "returned", EVIL, DAY, EVIL),)},
    "history": {"lines": (c.HistoryLine(MOMENT, EVIL, EVIL, EVIL, EVIL, EVIL),)},
    "documents": {"lines": (c.DocumentLine(EVIL, EVIL, 5, EVIL, DAY, EVIL),)},
    "chain": {"lines": (c.LinkLine(EVIL, EVIL, EVIL, EVIL, EVIL),)},
    "problems": {"problems": (c.ProblemLine(EVIL, EVIL), c.ProblemLine(EVIL))},
    "clocks": {"lines": (CLOCK,)},
    "matches": {
        "lines": (MATCH,),
        "misses": (c.NearMissLine(EVIL, EVIL, EVIL),),
    },
    "results": {"lines": (c.ResultLine(EVIL, EVIL, EVIL, EVIL, (TAG,), (EVIL,), None, DAY),)},
    "facets": {"facets": FACETS},
    "chips": {"facets": FACETS, "chosen": True, "clear_url": EVIL},
    "pager": {"pager": c.Pager(EVIL, EVIL, 1, 2, 3)},
    "table": {"table": c.TableView((c.Column(EVIL), c.Column(EVIL)), ((EVIL, c.Cell(EVIL, EVIL, TAG)),), EVIL)},
    "chart": {"chart": c.Chart(EVIL, EVIL, EVIL, (c.ChartBar(EVIL, 1, EVIL, EVIL),))},
    "figures": {"figures": (c.Figure(EVIL, EVIL, EVIL), c.Figure(EVIL, EVIL))},
    "inbox": {"lines": (c.InboxLine(EVIL, EVIL, EVIL, EVIL, EVIL, MOMENT, CLOCK),)},
    "record_header": {"title": EVIL, "title_en": EVIL, "code": EVIL, "tags": (TAG,), "meta": (EVIL,)},
    "answers": {"groups": (c.Answers(EVIL, (c.Fact(EVIL, EVIL),), EVIL),)},
}  # fmt: skip


@pytest.mark.parametrize("name", EVIL_COMPONENTS)
def test_component_escapes_every_text(name: str) -> None:
    html = render_to_string(f"components/{name}.html", EVIL_COMPONENTS[name])
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("name", ["history", "documents", "chain", "clocks", "inbox", "matches"])
def test_component_without_lines_says_so(name: str) -> None:
    assert 'class="empty"' in render_to_string(f"components/{name}.html", {"lines": ()})


@pytest.mark.parametrize("wide", [False, True])
def test_wide_table_names_each_cell_where_a_narrow_screen_stacks_its_rows(wide: bool) -> None:
    labels = ("Code", "Unit", "Due on", "Amount", "State")[: 5 if wide else 4]
    table = c.TableView(tuple(c.Column(one, numeric=one == "Amount") for one in labels), (labels,))
    html = render_to_string("components/table.html", {"table": table})
    assert ('<table class="stacked">' in html) is wide
    assert ('<td class="number" data-label="Amount">Amount</td>' in html) is wide
    assert ("data-label" in html) is wide
    crossed = render_to_string("components/table.html", {"table": replace(table, crossed=True)})
    assert ('<table class="named">' in crossed, "data-label" in crossed, "stacked" in crossed) == (True, False, False)


@pytest.mark.parametrize(
    ("row", "stacked"),
    [
        (("合同签订后三十日内付", "1,200,000.00", "到账"), False),
        (("合同签订后三十日内付", "1,200,000.00", "凭发票，三十日内"), True),
        (("合同签订后三十日内付", "1,200,000.00", "凭发票，三十日"), False),
        (("fifteen letters", c.Cell("noted", tag=c.Tag("heard in writing")), "x"), True),
        (("fifteen letters", c.Cell("noted", tag=c.Tag("heard")), "x"), False),
    ],
)
def test_table_whose_long_words_a_narrow_screen_would_cut_is_stacked_there(row: Any, stacked: bool) -> None:
    table = c.TableView(tuple(c.Column(one) for one in ("What", "Yuan", "How")), (("–", "–", "–"), row))
    assert table.stacked is stacked
    assert replace(table, columns=table.columns[:2], rows=(row[:2],)).stacked is False
    # A head that is as long takes the room as well.
    heads = tuple(c.Column(label) for label in ("Person", "Part in the project", "Share of the time"))
    assert replace(table, columns=heads, rows=()).stacked is True
    assert replace(table, columns=heads[:2] + table.columns[:1], rows=()).stacked is False


def test_a_long_table_is_measured_once_and_not_for_each_of_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(c.TableView, "stacked", property(lambda self: asked.append(len(self.rows)) or True))
    table = c.TableView(tuple(c.Column(one) for one in "ABC"), (("a", "b", "c"),) * 30)
    assert render_to_string("components/table.html", {"table": table}).count("data-label") == 90
    assert asked == [30]


def test_view_models_are_frozen_dataclasses() -> None:
    for name in c.__all__:
        model = getattr(c, name)
        if isinstance(model, type) and typing.get_origin(model) is None:
            assert dataclasses.is_dataclass(model), name
            assert model.__dataclass_params__.frozen, name


@given(st.lists(st.floats(min_value=-1, max_value=1).filter(lambda value: abs(value) > 0.001), max_size=8))
def test_match_bar_shows_gains_side_by_side_and_the_loss_over_their_end(values: list[float]) -> None:
    line = c.MatchLine(1, sum(values), "t", "/", parts=tuple(c.PartBar("words", "w", value) for value in values))
    gains = [stretch for stretch in line.stretches if stretch.paint != "loss"]
    reached = 0
    for stretch in gains:
        assert stretch.start == reached
        reached += stretch.length
    assert reached <= 1000
    losses = [stretch for stretch in line.stretches if stretch.paint == "loss"]
    for stretch in losses:
        assert stretch.start >= 0
        assert stretch.start + stretch.length == reached


@given(st.lists(st.floats(min_value=-1, max_value=1), max_size=9))
def test_match_parts_as_shown_add_up_to_the_score_as_shown(values: list[float]) -> None:
    line = c.MatchLine(1, sum(values), "t", "/", parts=tuple(c.PartBar("words", "w", value) for value in values))
    shown = [Decimal(words.replace("−", "-")) for _part, words in line.legend]
    assert abs(sum(shown) - Decimal(f"{math.fsum(values):.2f}")) == 0
    assert all(abs(one - Decimal(value)) < Decimal("0.01") for one, value in zip(shown, values, strict=True))
    assert all(one * Decimal(value) >= 0 for one, value in zip(shown, values, strict=True))


def test_match_part_that_lowers_the_score_is_told_by_sign_and_paint() -> None:
    part = c.PartBar("trl", "maturity", -0.05, "TRL 4 < 6")
    assert (part.paint, part.shown_value) == ("loss", "−0.05")
    assert c.PartBar("trl", "maturity", 0.05).paint == "fit"
    assert c.PartBar("new", "new", 0.05).paint == "other"


def test_move_that_asks_nothing_is_one_button() -> None:
    html = render_to_string(
        "components/move.html", {"move": c.OpenMove("publish", "Publish", "/n/1/moves/publish", "submitted")}
    )
    assert "<details" not in html
    assert 'name="expected_stage" value="submitted"' in html


def test_move_fields_have_ids_of_their_own() -> None:
    moves = [c.OpenMove("refuse", "Refuse", f"/m/{n}/moves/refuse", "s", note="required") for n in (1, 2)]
    assert moves[0].key != moves[1].key
    html = render_to_string("components/moves.html", {"moves": moves})
    assert html.count("<textarea") == html.count(" required></textarea>") == 2


def test_what_is_grave_stands_last_behind_the_links() -> None:
    moves = [c.OpenMove(key, key, f"/m/{key}", "s", danger=key == "discard") for key in ("discard", "file")]
    html = render_to_string("components/moves.html", {"moves": moves, "buttons": [c.ButtonLink("edit", "/m/edit")]})
    assert re.findall(r'(?:action|href)="/m/(\w+)"', html) == ["file", "edit", "discard"]


def test_clock_hurries_in_its_last_days() -> None:
    tones = [c.ClockLine("x", DAY, left, overdue=left < 0).tone for left in (10, 3, 0, -2)]
    assert tones == ["neutral", "wait", "wait", "no"]


def test_facet_keeps_chosen_options_in_sight() -> None:
    facet = c.Facet("f", "F", tuple(c.FacetOption(str(n), n, "?", on=n == 11) for n in range(12)))
    assert [option.label for option in facet.first_options] == [*"01234567", "11"]
    assert [option.label for option in facet.more_options] == ["8", "9", "10"]
    assert [option.label for option in facet.chosen] == ["11"]


def test_chart_draws_the_longest_bar_in_full() -> None:
    rates = c.Chart("c", "l", "v", (c.ChartBar("a", 30, "30 %"), c.ChartBar("b", 120, "120 %")), whole=100)
    assert [length for _bar, length in rates.lines] == [250, 1000]
    rates = c.Chart("c", "l", "v", (c.ChartBar("a", 30, "30 %"), c.ChartBar("b", 0, "0 %")), whole=100)
    assert [length for _bar, length in rates.lines] == [300, 0]
    assert c.Chart("c", "l", "v").lines == []
    chart = c.Chart("c", "l", "v", (c.ChartBar("a", 5, "5"), c.ChartBar("b", 2.5, "2.5"), c.ChartBar("c", 0, "0")))
    assert [length for _bar, length in chart.lines] == [1000, 500, 0]


def test_table_refuses_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = c.TableView((c.Column("a"),), (("1", "2"),)).lines


def test_stretches_mark_words_where_they_stand_and_leave_out_what_is_between() -> None:
    text = "前" * 40 + "碳化硅衬底<b>抛光" + "中" * 60 + "衬底清洗" + "后" * 40
    shown = stretches("碳化硅衬底\n抛光", text, around=4)
    assert shown == (
        "…前前前前<mark>碳化硅衬底</mark>&lt;b&gt;<mark>抛光</mark>中中中中…中中中中<mark>衬底</mark>清洗后后…"
    )
    assert stretches("水稻", text) == ""
