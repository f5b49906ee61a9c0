"""Words that say one value only, and those that may say two."""

from datetime import date, datetime
from functools import partial

import pytest
from django.utils import translation

from kezhuan.engines.matching.rights import STATES
from kezhuan.engines.tables import cells
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.engines.tables.due import is_period, last_day
from kezhuan.engines.tables.figures import in_figures
from kezhuan.engines.tables.fixes import fix_of
from kezhuan.engines.tables.match_columns import FIELD_WORDS, MATCH_COLUMNS, MODE_WORDS, label_in
from kezhuan.engines.tables.plain_words import at_most, ceiling, least_level
from kezhuan.engines.tables.problems import BadCell
from kezhuan.engines.tables.rights_words import RIGHTS_LABELS
from kezhuan.engines.tables.values import value_of
from kezhuan.kernel.vocabulary import Field, Mode, RightsState


@pytest.mark.parametrize(
    ("read", "words", "value"),
    [
        (ceiling, "约200", "200"), (ceiling, "≤200", "200"), (ceiling, "200万以内", "200万"),
        (ceiling, "不超过1,200万元", "1200万元"), (ceiling, "Up to 200", "200"), (ceiling, "200万元左右", "200万元"),
        (ceiling, "100-200", "200"), (ceiling, "100万～200万元", "200万元"), (ceiling, "500万-1亿", "1亿"),
        (ceiling, "200-100", None), (ceiling, "100万-200", None), (ceiling, "≥200", ""), (ceiling, "200万起", ""),
        (ceiling, "200", "200"), (ceiling, "两三百", None), (ceiling, "2026-05-01", None),
        (at_most, "≤200", "200"), (at_most, "100-200", ""),
        (least_level, "6-7", "6"), (least_level, "TRL6-7级", "6"), (least_level, "TRL 6～TRL 8", "6"),
        (least_level, "≥6", "6"), (least_level, "6级以上", "6"), (least_level, "六级及以上", "6"),
        (least_level, "at least TRL 6", "6"), (least_level, "6+", "6"), (least_level, "约六级", "6"),
        (least_level, "≤6", None), (least_level, "7-6", None), (least_level, "≥12", None), (least_level, "6", None),
        (least_level, "6级以下", None), (least_level, "高于6", None),
        (last_day, "31/12/2026", "2026-12-31"), (last_day, "12/31/2026", "2026-12-31"),
        (last_day, "06/06/2026", "2026-06-06"), (last_day, "Dec 31, 2026", "2026-12-31"),
        (last_day, "31 December 2026", "2026-12-31"), (last_day, "2026年底", "2026-12-31"),
        (last_day, "2026年12月31日前", "2026-12-31"), (last_day, "2026年6月底", "2026-06-30"),
        (last_day, "2026年第三季度", "2026-09-30"), (last_day, "六个月", "6个月"), (last_day, "半年内", "6个月"),
        (last_day, "一年", "12个月"), (last_day, "一年半", "18个月"), (last_day, "两年左右", "24个月"),
        (last_day, "2026年", ""), (last_day, "2026", ""), (last_day, "2126", None), (last_day, "18个月半", None),
        (partial(at_most, about=False), "不超过300万元", "300万元"), (partial(at_most, about=False), "约300", None),
        (partial(least_level, about=False), "≥7", "7"), (partial(least_level, about=False), "7级左右", None),
        (last_day, "05/06/2026", None), (last_day, "31/02/2026", None), (last_day, "2026-02-30", None),
        (last_day, "30-Jun-26", "2026-06-30"), (last_day, "30-Jun-2026", "2026-06-30"), (last_day, "31-Jun-26", None),
        (last_day, "签约后12个月", "12个月"), (last_day, "合同签订之日起一年内", "12个月"), (last_day, "签约后", None),
        (last_day, "31/13/2026", None), (last_day, "2026年13月底", None), (last_day, "尽快", ""),
        (last_day, "ASAP", ""), (last_day, "今年底", ""), (last_day, "6月底前", ""), (last_day, "2026-2027", ""),
        (last_day, "June 2026", "2026-06-30"), (last_day, "Q3 2026", "2026-09-30"),
        (last_day, "end of 2026", "2026-12-31"),
        (last_day, "2026年上半年", "2026-06-30"), (last_day, "26年6月30日", "2026-06-30"),
        (last_day, "二〇二六年六月", "2026-06-30"), (last_day, "2026年1月至12月", "2026-12-31"),
        (last_day, "2026-06-30至2027-06-30", "2027-06-30"), (last_day, "2027年6月-2026年6月", None),
        (last_day, "12-18个月", "18个月"), (last_day, "18-12个月", None), (last_day, "1.5年", "18个月"),
        (last_day, "within six months", "6 months"), (last_day, "by March", None), (last_day, "26.6.30", None),
        (ceiling, "三十万元", "300000元"), (ceiling, "贰拾万", "200000元"), (ceiling, "三百", "300"),
        (ceiling, "20w", "20万"),
        (ceiling, "预计300万元人民币", "300万元"), (ceiling, "$200", ""), (ceiling, "USD 50k", ""),
        (ceiling, "60万/年", ""),
        (ceiling, "几十万", ""), (ceiling, "3百万", None), (ceiling, "2 million", None), (at_most, "免费", ""),
        (partial(at_most, about=False), "$200", None), (least_level, "TRL≥6", "6"), (least_level, "6/7级", "6"),
    ],
)  # fmt: skip
def test_words_are_read_where_they_can_mean_one_value_only(read, words, value):
    assert read(words) == value


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("成熟度", "8级（实际系统完成）", 8), ("成熟度", "中试阶段（TRL6）", 6), ("成熟度", "Ⅵ级", 6),
        ("成熟度", "小试/中试", None),
        ("成熟度", "□小试 ☑中试", None), ("成熟度", "6（目标8）", "not-a-number"), ("成熟度", "√", "not-a-number"),
        ("预算(万元)", "500（含税）", 500_000_000), ("预算(万元)", "约300万元，可协商", 300_000_000),
        ("预算(万元)", "200（美元）", "not-a-number"), ("预算(万元)", "价格面议", None),
        ("预算(万元)", "很多", "not-a-number"),
        ("期限", "90天内", date(2026, 4, 1)), ("期限", "10 weeks", date(2026, 3, 12)), ("期限", "30日", "not-a-date"),
        ("合作方式", "□转让 ☑许可", ("许可",)), ("合作方式", "转让（ ） 许可（√）", ("许可",)),
        ("合作方式", "[x] licence [ ] transfer", ("许可",)), ("合作方式", "□转让 □许可", ()),
        ("合作方式", "转让√", ("转让",)), ("合作方式", "非独占许可", ("许可",)), ("合作方式", "非转让", ()),
        ("领域", ["新材料"], "新材料及其应用"), ("领域", ["新材料", "农业"], None), ("TRL", [6], "wrong-type"),
        ("地区", ["广东", "广州"], "440100"), ("领域", "电子信息、农业", None),
        ("合作方式", "意向：☑转让 □许可", ("转让",)), ("合作方式", "技术开发（委托）", ("委托开发",)),
    ],
)  # fmt: skip
def test_remarks_and_ticked_boxes_are_read_as_a_person_reads_them(monkeypatch, header, cell, value):
    monkeypatch.setattr(cells, "datetime", _FirstDay)
    place = Dictionary(MATCH_COLUMNS).place(header)
    if value in ("not-a-number", "not-a-date", "wrong-type"):
        with pytest.raises(BadCell, match=value):
            value_of(cell, place)
    else:
        assert value_of(cell, place)[0] == value


class _FirstDay(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 1, tzinfo=tz)


def test_english_reasons_of_files_name_fields_and_modes_as_pages_do():
    words = FIELD_WORDS | MODE_WORDS
    with translation.override("en"):
        named = {code: str(label) for code, label in (*Field.choices, *Mode.choices)}
        rights = {code: str(label) for code, label in RightsState.choices}
    assert {codes[0]: label_in("en", label) for label, codes in words.items()} == named
    assert {code: label_in("en", code) for code in STATES} == rights
    with translation.override("zh-hans"):
        assert {code: label_in("zh", code) for code in STATES} == {code: str(one) for code, one in RightsState.choices}


@pytest.mark.parametrize(
    ("cell", "states"),
    [
        ("已授权；共有人未同意", ("right_granted", "co_owners_open")),
        ("权属清晰、无纠纷", ("clear_title",)),
        ("发明专利已授权3项", ("right_granted",)),
        ("独家授权/质押", ("exclusively_licensed", "pledged")),
        ("专利未质押", ()),
        ("学校所有", ()),
        ("无", ()),
        ("granted, pledged", ("right_granted", "pledged")),
        ("not yet granted", ("not_granted",)),
        ("widely applied", ()),
    ],
)  # fmt: skip
def test_states_of_rights_are_read_and_what_denies_one_says_nothing(cell, states):
    column = next(one for one in MATCH_COLUMNS if one.name == "rights")
    assert read_cell(cell, column) == states


def test_the_states_that_files_name_are_those_that_count():
    assert list(RIGHTS_LABELS) == list(STATES)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("技术需求概述", "text"), ("科技成果名称", "title"), ("拟投入研发经费（万元）", "budget"),
        ("转让报价（万元）", "price"), ("所在区县", "region"), ("TRL Level", "trl"), ("期望合作方式", "mode"),
        ("项目周期（月）", "deadline"), ("专利法律状态", "rights"),
        ("need_id", "id"), ("完成单位", None), ("联系地址", None), ("所属行业", None),
    ],
)  # fmt: skip
def test_headers_of_the_forms_that_offices_send_are_known(header, name):
    place = Dictionary(MATCH_COLUMNS).place(header)
    assert (place and place.column.name) == name


@pytest.mark.parametrize(
    "cell",
    ["~" * 3000, "2026年至" * 1000, "一" + "亿" * 600, "9" * 5000 + "个月"],
    ids=["dashes", "periods", "number in words", "number"],
)
def test_a_cell_without_end_is_refused_like_any_other(cell):
    """Each of these once led to so many readings, or to so great a number, that Python gave up."""
    for header in ("deadline", "budget", "price", "trl"):
        place = Dictionary(MATCH_COLUMNS).place(header)
        with pytest.raises(BadCell) as refused:
            value_of(cell, place)
        assert fix_of(refused.value.code, cell, place.column) is None
    assert (last_day(cell), is_period(cell), in_figures(cell)) == (None, False, cell)
