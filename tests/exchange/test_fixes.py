"""What is suggested instead of a cell that cannot be read; nothing where two readings are possible."""

from datetime import date

import pytest

from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.needs.cells import term_in
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.engines.tables import Column, open_table
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.engines.tables.figures import in_figures
from kezhuan.engines.tables.fixes import Fix, day_in, fix_of, fixes_of
from kezhuan.engines.tables.problems import BadCell
from tests.factories.imports import take_in

TRL, PRICE, DAY = (
    next(column for column in ACHIEVEMENTS.columns if column.name == name) for name in ("trl", "price", "completed_on")
)
LEAST_TRL = next(column for column in NEEDS.columns if column.name == "trl")
TERM = Column("deadline", ("期限",), kind="date", month_end=True)
OPENNESS = next(column for column in NEEDS.columns if column.name == "confidentiality")


@pytest.mark.parametrize(
    ("column", "raw", "wanted"),
    [
        (TRL, "约六级", "6"),
        (TRL, "约6级", "6"),
        (TRL, "TRL6(小试)", "6"),
        (TRL, "5-6级", None),
        (TRL, "6.5", None),
        (TRL, "较高", None),
        (TRL, 99, None),
        (TRL, date(2026, 4, 6), None),
        (LEAST_TRL, date(2026, 4, 6), "4"),
        (LEAST_TRL, "6-Apr", "4"),
        (LEAST_TRL, "4月6日", "4"),
        (LEAST_TRL, date(2026, 6, 4), None),
        (PRICE, "约300万", "300万"),
        (PRICE, "三百二十万元", "3200000元"),
        (PRICE, "三十万", "300000元"),
        (PRICE, "3百万", None),
        (PRICE, "20w", "20万"),
        (PRICE, "300-500万", None),
        (PRICE, "300万到500万", None),
        (PRICE, "3OO", "300"),
        (PRICE, "30千", None),
        (PRICE, "不低于1,200万元", "1200万元"),
        (PRICE, "-12", None),
        (PRICE, -1, None),
        (PRICE, "12.34567891", "12.345679"),
        (PRICE, "100.005元", "100.01元"),
        (PRICE, "面议后定", None),
        (DAY, "2027-06-31", "2027-06-30"),
        (DAY, "2025年6月3O日", "2025-06-30"),
        (DAY, "二〇二五年六月三十日", "2025-06-30"),
        (DAY, "截至2025-06-30前", "2025-06-30"),
        (DAY, "30/06/2025", "2025-06-30"),
        (DAY, "06/30/2025", "2025-06-30"),
        (DAY, "05/06/2025", None),
        (DAY, "06/06/2025", "2025-06-06"),
        (DAY, "30 June 2025", "2025-06-30"),
        (DAY, "June 30th, 2025", "2025-06-30"),
        (DAY, "45838", "2025-06-30"),
        (DAY, 45838, "2025-06-30"),
        (DAY, "25年6月30日", "2025-06-30"),
        (DAY, "2025年", None),
        (DAY, "2025年底", "2025-12-31"),
        (DAY, "2025年第三季度", "2025-09-30"),
        (DAY, "2025-06-01至2025-06-30", None),
        (DAY, "明年", None),
        (TERM, "2027年6月前", "2027-06-30"),
        (DAY, "2027年6月前", None),
        (TERM, "2027年6月底", "2027-06-30"),
        (TERM, "2027年1月至12月", None),
        (TERM, "30-Jun-27", "2027-06-30"),
        (OPENNESS, "仅公开名字", "仅公开名称"),
        (OPENNESS, "closed-door", "closed_door"),
        (OPENNESS, "xyz", None),
    ],
)
def test_suggestion_is_the_only_reading_and_can_be_read(column, raw, wanted):
    with pytest.raises(BadCell) as bad:
        read_cell(raw, column)
    assert fix_of(bad.value.code, raw, column) == wanted


@pytest.mark.parametrize(
    ("words", "figures"),
    [("三百二十", "320"), ("十二", "12"), ("一千零五", "1005"), ("二〇二七", "2027"), ("两万三千", "23000"),
     ("300万", "300万"), ("1O0", "100"), ("一亿", "100000000")],
)  # fmt: skip
def test_chinese_numbers_become_figures(words, figures):
    assert in_figures(words) == figures


@pytest.mark.parametrize(
    ("words", "term"),
    [("合同签订后18个月", "18个月"), ("签约后一年内", "1年"), ("6个月至12个月", None), ("尽快", None)],
)
def test_term_among_words_is_found(words, term):
    assert term_in(words) == term


def test_day_is_never_made_up():
    assert day_in("第2027号6月") is None


@pytest.mark.django_db
def test_columns_named_in_problems_have_their_fix_in_the_workbook(write):
    rows = [{"需求名称": "t", "期限": "合同签订后18个月"}, {"需求名称": "u", "期限": "尽快", "预算(万元)": "约300万"}]
    rows += [{"需求名称": "v", "期限": "30-Jun-27"}]
    done = take_in(NEEDS, write(rows))
    assert [reject.suggestion for reject in done.rejects.rows] == [
        "期限 → 18个月",
        "预算(万元) → 300万",
        "期限 → 2027-06-30",
    ]
    assert "Suggested: 期限 → 18个月." in done.rejects.rows[0].say()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"uscc": "9I350100M0001OOY43"}, ("uscc", "91350100M000100Y43")),
        # Of a check digit that does not fit nobody knows which character is wrong.
        ({"uscc": "91350100M000100Y44"}, None),
        ({"name": "乙公司", "uscc": "91350100M000100Y44"}, ("uscc", "91350100M000100Y43")),
        ({"国别": "德国慕尼黑", "类型": "境外机构"}, ("国别", "德国")),
        ({"国别": "火星", "类型": "境外机构"}, None),
    ],
)
def test_codes_are_reread_or_looked_up_by_name(write, cells, wanted):
    take_in(ORGANISATIONS, write([{"name": "乙公司", "uscc": "91350100M000100Y43"}], "known.jsonl"))
    done = take_in(ORGANISATIONS, write([{"name": "甲公司"} | cells]))
    (reject,) = done.rejects.rows
    assert [(fix.column, fix.value) for fix in reject.fixes] == ([wanted] if wanted else [])


def test_the_bound_that_a_need_asks_for_is_its_value(tmp_path):
    (tmp_path / "a.csv").write_text("名称,成熟度,预算(万元)\n甲,≥7,不超过300万元\n乙,约7级,约300\n", "utf-8")
    need, about = open_table(tmp_path / "a.csv", NEEDS.columns)
    assert (need.values["trl"], need.values["budget"]) == (7, 300_000_000)
    assert need.extra == {"成熟度": "≥7", "预算(万元)": "不超过300万元"}
    assert [one.column for one in (about, *about.rest)] == ["成熟度", "预算(万元)"]
    (tmp_path / "b.csv").write_text("名称,成熟度\n甲,7级以上\n", "utf-8")
    (result,) = open_table(tmp_path / "b.csv", ACHIEVEMENTS.columns)
    assert fixes_of(result, Dictionary(ACHIEVEMENTS.columns)) == (Fix("成熟度", "7"),)
